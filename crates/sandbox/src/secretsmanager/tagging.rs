//! Tags of secrets.

use serde_json::Value;

use super::find_living;
use crate::call::Answer;
use crate::params::Params;
use crate::tags;
use crate::world::World;

pub(super) fn tag(world: &mut World, params: &Params) -> Answer {
    let tags = tags::read(params, "Tags", "Key", "Value")?;
    let secret = find_living(world, params)?;
    secret.tags.extend(tags);
    tags::check_count(&secret.tags)?;
    Ok(Value::Null)
}

pub(super) fn untag(world: &mut World, params: &Params) -> Answer {
    let keys = params.texts("TagKeys")?;
    find_living(world, params)?.tags.retain(|key, _| !keys.contains(key));
    Ok(Value::Null)
}
