//! Tags of log groups, which come as maps and by ARN.

use serde_json::{Value, json};

use super::group::{LogGroup, absent};
use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::tags::{check_count, read_map};
use crate::world::World;

/// The name of the group that a name or an ARN stands for. `:*` after the ARN names the group's streams.
pub(super) fn name_of(world: &World, identifier: &str) -> String {
    let all = world.arn("logs", "log-group:");
    identifier.strip_prefix(&all).unwrap_or(identifier).to_owned()
}

fn find_mut<'a>(world: &'a mut World, params: &Params) -> Result<&'a mut LogGroup, Refusal> {
    let name = name_of(world, params.text("resourceArn")?);
    world.logs.groups.get_mut(&name).ok_or_else(absent)
}

pub(super) fn tag(world: &mut World, params: &Params) -> Answer {
    let tags = read_map(params, "tags")?;
    let group = find_mut(world, params)?;
    group.tags.extend(tags);
    check_count(&group.tags)?;
    Ok(Value::Null)
}

pub(super) fn untag(world: &mut World, params: &Params) -> Answer {
    let keys = params.texts("tagKeys")?;
    find_mut(world, params)?.tags.retain(|key, _| !keys.contains(key));
    Ok(Value::Null)
}

pub(super) fn list(world: &World, params: &Params) -> Answer {
    let name = name_of(world, params.text("resourceArn")?);
    let group = world.logs.groups.get(&name).ok_or_else(absent)?;
    Ok(json!({ "tags": group.tags }))
}
