//! What containers write, where their log configuration sends it.

use super::last_part;
use super::task::Task;
use crate::logs;
use crate::world::World;

/// What the application says once it listens.
pub(super) const LISTENING: &str = "Server listening at http://0.0.0.0:7500";
/// What it says before it gives up.
pub(super) const CRASHING: &[&str] =
    &["Error: the application cannot start", "    at start (/app/src/server.ts:1:1)", "exiting with code 1"];
/// What it says of a request that it cannot serve.
pub(super) const ERRING: &str = "GET / 500 Internal Server Error";

/// Writes a line to the log of each container of a task.
pub(super) fn say(world: &mut World, task: &Task, line: &str) {
    let definition = world.ecs.task_definitions.get(&task.task_definition);
    let containers = definition.map(|definition| definition.containers.clone()).unwrap_or_default();
    for container in containers {
        if let (Some(group), Some(prefix)) = (&container.log_group, container.log_prefix()) {
            let stream = format!("{prefix}/{}/{}", container.name, last_part(&task.arn));
            logs::write(world, group, &stream, line);
        }
    }
}
