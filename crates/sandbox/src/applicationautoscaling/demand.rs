//! Scaling itself: the load needs so many tasks, and the policies follow it within their target's limits.

use crate::ecs;
use crate::world::World;

/// Sets how many tasks a service runs as its policies would; gives that number, or nothing if there is nobody to do it.
pub(crate) fn demand(world: &mut World, resource: &str, tasks: i64) -> Option<i64> {
    let state = &world.applicationautoscaling;
    let target = state.targets.get(resource)?;
    let is_followed = state.policies.values().any(|policy| policy.resource == resource);
    let tasks = tasks.clamp(target.min, target.max);
    let service = world.arn("ecs", resource);
    ecs::desired_count(world, &service).filter(|_| is_followed)?;
    ecs::set_desired_count(world, &service, tasks);
    Some(tasks)
}
