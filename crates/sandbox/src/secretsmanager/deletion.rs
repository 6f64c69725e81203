//! The end of a secret: after a recovery window that keeps its name taken, or at once.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{absent, find_name};
use crate::call::{Answer, Reason, Refusal};
use crate::duration;
use crate::params::Params;
use crate::world::World;

const DAY: f64 = 86_400.0;

/// A deletion under way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Deletion {
    pub(super) requested: f64,
    /// When the secret vanishes and its name becomes free.
    pub(super) ends: f64,
    /// Whether there is no way back.
    is_forced: bool,
}

pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let is_forced = params.flag("ForceDeleteWithoutRecovery")?.unwrap_or_default();
    let window = params.number("RecoveryWindowInDays")?;
    let refuse = |words: &str| Err(Refusal::illegal("InvalidParameterException", words));
    match window {
        Some(_) if is_forced => {
            return refuse(
                "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
            );
        }
        Some(days) if !(7..=30).contains(&days) => {
            return refuse("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).");
        }
        _ => (),
    }
    let name = match find_name(world, params) {
        // Deleting by force what is not there is no error.
        Err(refusal) if is_forced && refusal.reason == Reason::Absent => {
            let id = params.text("SecretId")?;
            return Ok(json!({ "ARN": id, "Name": id, "DeletionDate": world.now }));
        }
        found => found?,
    };
    let (now, purge) = (world.now, world.takes(duration::SECRET_PURGE));
    let secret = world.secretsmanager.secrets.get_mut(&name).ok_or_else(absent)?;
    if !is_forced {
        secret.refuse_if_deleted()?;
    }
    let wait = if is_forced { purge } else { window.unwrap_or(30) as f64 * DAY };
    secret.deletion = Some(Deletion { requested: now, ends: now + wait, is_forced });
    let due = if is_forced { now } else { now + wait };
    Ok(json!({ "ARN": secret.arn, "Name": secret.name, "DeletionDate": due }))
}

pub(super) fn restore(world: &mut World, params: &Params) -> Answer {
    let name = find_name(world, params)?;
    let secret = world.secretsmanager.secrets.get_mut(&name).ok_or_else(absent)?;
    if secret.deletion.as_ref().is_some_and(|deletion| deletion.is_forced) {
        return Err(absent());
    }
    secret.deletion = None;
    Ok(json!({ "ARN": secret.arn, "Name": secret.name }))
}
