//! The keys that seal what is logged.

use serde_json::Value;

use super::group::find_mut;
use crate::call::{Answer, Refusal};
use crate::kms;
use crate::params::Params;
use crate::world::World;

/// The key that a call names for a group.
pub(super) fn read(world: &World, params: &Params, group: &str) -> Result<Option<String>, Refusal> {
    let Some(key) = params.text_if("kmsKeyId")? else { return Ok(None) };
    if kms::is_usable(world, key) {
        return Ok(Some(key.to_owned()));
    }
    let group = world.arn("logs", &format!("log-group:{group}"));
    let words =
        format!("The specified KMS key does not exist or is not allowed to be used with Arn '{group}'");
    Err(Refusal::illegal("InvalidParameterException", words))
}

pub(super) fn associate(world: &mut World, params: &Params) -> Answer {
    let key = read(world, params, params.text("logGroupName")?)?;
    let key = key.ok_or_else(|| params.missing("kmsKeyId"))?;
    find_mut(world, params)?.key = Some(key);
    Ok(Value::Null)
}

pub(super) fn disassociate(world: &mut World, params: &Params) -> Answer {
    find_mut(world, params)?.key = None;
    Ok(Value::Null)
}
