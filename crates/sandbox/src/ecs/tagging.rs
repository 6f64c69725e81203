//! Tags of clusters, task definitions and services.

use serde_json::{Value, json};

use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::tags::{self, Tags};
use crate::world::World;

fn of_mut<'a>(world: &'a mut World, params: &Params) -> Result<&'a mut Tags, Refusal> {
    let arn = params.text("resourceArn")?;
    let ecs = &mut world.ecs;
    let words = format!("The specified resource '{arn}' could not be found.");
    let found = if arn.contains(":cluster/") {
        ecs.clusters.get_mut(arn).map(|cluster| &mut cluster.tags)
    } else if arn.contains(":service/") {
        ecs.services.get_mut(arn).map(|service| &mut service.tags)
    } else {
        ecs.task_definitions.get_mut(arn).map(|definition| &mut definition.tags)
    };
    found.ok_or_else(|| Refusal::absent("InvalidParameterException", words))
}

pub(super) fn add(world: &mut World, params: &Params) -> Answer {
    let added = tags::read(params, "tags", "key", "value")?;
    of_mut(world, params)?.extend(added);
    Ok(Value::Null)
}

pub(super) fn remove(world: &mut World, params: &Params) -> Answer {
    let keys = params.texts("tagKeys")?;
    of_mut(world, params)?.retain(|key, _| !keys.contains(key));
    Ok(Value::Null)
}

pub(super) fn list(world: &World, params: &Params) -> Answer {
    let arn = params.text("resourceArn")?;
    let ecs = &world.ecs;
    let cluster = || ecs.clusters.get(arn).map(|cluster| &cluster.tags);
    let service = || ecs.services.get(arn).map(|service| &service.tags);
    let definition = || ecs.task_definitions.get(arn).map(|definition| &definition.tags);
    let words = format!("The specified resource '{arn}' could not be found.");
    let found = cluster().or_else(service).or_else(definition);
    let found = found.ok_or_else(|| Refusal::absent("InvalidParameterException", words))?;
    Ok(json!({ "tags": tags::lower(found) }))
}
