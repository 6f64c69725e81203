//! The end of task definitions: deregistered first, deleted when nothing uses them any more.

use serde_json::json;

use super::task_definition::{Status, named};
use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::tags;
use crate::world::World;

/// The most task definitions in one call.
const LIMIT: usize = 10;

/// Makes a revision inactive. Services that run it go on.
pub(super) fn deregister(world: &mut World, params: &Params) -> Answer {
    let name = params.text("taskDefinition")?;
    let refuse = |words: &str| Refusal::illegal("ClientException", words);
    if !super::last_part(name).contains(':') {
        return Err(refuse("The task definition must be specified with its revision."));
    }
    let arn = named(world, name).map(|one| one.arn.clone());
    let gone = || Refusal::absent("ClientException", "The specified task definition does not exist.");
    let arn = arn.ok_or_else(gone)?;
    let now = world.now;
    let definition = world.ecs.task_definitions.get_mut(&arn).ok_or_else(gone)?;
    match definition.status {
        Status::Active => {
            definition.status = Status::Inactive;
            definition.deregistered = Some(now);
        }
        Status::Inactive => (),
        Status::Deleting => return Err(refuse("The specified task definition is being deleted.")),
    }
    Ok(json!({ "taskDefinition": world.ecs.task_definitions.get(&arn).map(|one| one.view(world)) }))
}

/// Deletes inactive revisions, as soon as nothing uses them. Their numbers are never used again.
pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let names = params.texts("taskDefinitions")?;
    if !(1..=LIMIT).contains(&names.len()) {
        return Err(params.invalid("taskDefinitions", names.len(), "It takes one to ten of them."));
    }
    let (mut deleting, mut failures) = (Vec::new(), Vec::new());
    for name in names {
        let arn = named(world, &name).map(|one| one.arn.clone()).unwrap_or(name);
        let failure = |reason: &str| json!({ "arn": arn, "reason": reason });
        match world.ecs.task_definitions.get_mut(&arn) {
            None => failures.push(failure("The specified task definition does not exist.")),
            Some(definition) if definition.status == Status::Active => failures.push(failure(
                "The specified task definition is still in ACTIVE status. Please deregister the target and try again.",
            )),
            Some(definition) => {
                definition.status = Status::Deleting;
                deleting.push(arn);
            }
        }
    }
    let known = deleting.iter().filter_map(|arn| world.ecs.task_definitions.get(arn));
    let views = known.map(|one| {
        let mut view = one.view(world);
        view["tags"] = tags::lower(&one.tags);
        view
    });
    Ok(json!({ "taskDefinitions": views.collect::<Vec<_>>(), "failures": failures }))
}

/// Drops the revisions that are being deleted and that nothing uses any more.
pub(super) fn settle(world: &mut World) {
    let ecs = &mut *world.ecs;
    let (services, tasks) = (&ecs.services, &ecs.tasks);
    ecs.task_definitions.retain(|arn, definition| {
        definition.status != Status::Deleting
            || services.values().any(|service| !service.is_inactive() && service.uses(arn))
            || tasks.values().any(|task| task.task_definition == *arn && task.last_status() != "STOPPED")
    });
}
