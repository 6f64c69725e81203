//! Tags of roles.

use serde_json::{Value, json};

use super::{find, find_mut, page};
use crate::call::Answer;
use crate::params::Params;
use crate::tags;
use crate::world::World;

pub(super) fn tag(world: &mut World, params: &Params) -> Answer {
    let tags = tags::read(params, "Tags", "Key", "Value")?;
    let role = find_mut(world, params)?;
    role.tags.extend(tags);
    tags::check_count(&role.tags)?;
    Ok(Value::Null)
}

pub(super) fn untag(world: &mut World, params: &Params) -> Answer {
    let keys = params.texts("TagKeys")?;
    find_mut(world, params)?.tags.retain(|key, _| !keys.contains(key));
    Ok(Value::Null)
}

pub(super) fn list(world: &World, params: &Params) -> Answer {
    let tags = find(world, params)?.tags.iter();
    page(
        params,
        "Tags",
        tags.map(|(key, value)| (key.clone(), json!({ "Key": key, "Value": value }))).collect(),
    )
}
