//! Secrets Manager: secrets, the versions of their values, and the labels that say which version is which.
//!
//! Values are sealed as soon as they arrive; no error, tag, log or describe answer carries one.

mod deletion;
mod listing;
mod secret;
mod tagging;
mod value;
mod version;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::call::Refusal;
use crate::params::Params;
use crate::service::{Dialect, Operation, Protocol, Service, mutates, reads};
use crate::world::World;

pub(crate) use secret::Secret;

pub(crate) static SERVICE: Service = Service {
    name: "secretsmanager",
    protocol: Protocol::AwsJson,
    dialect: &Dialect {
        missing: "InvalidParameterException",
        invalid: "InvalidParameterException",
        unknown_operation: "UnknownOperationException",
        throttled: "ThrottlingException",
        internal: "InternalServiceError",
        ..Dialect::QUERY
    },
    operations: OPERATIONS,
    settle,
    references: |_| Vec::new(),
};

// Client tokens are the ids of versions here and handled by the operations themselves: the dispatcher would keep
// the parameters, and with them the values.
static OPERATIONS: &[Operation] = &[
    mutates("CreateSecret", secret::create),
    reads("DescribeSecret", secret::describe),
    mutates("UpdateSecret", secret::update),
    reads("ListSecrets", listing::list),
    mutates("DeleteSecret", deletion::delete),
    mutates("RestoreSecret", deletion::restore),
    reads("GetSecretValue", value::get),
    mutates("PutSecretValue", value::put),
    mutates("UpdateSecretVersionStage", version::update_stage),
    mutates("TagResource", tagging::tag),
    mutates("UntagResource", tagging::untag),
];

/// Everything of Secrets Manager.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SecretsManager {
    /// Secrets by name.
    pub(crate) secrets: BTreeMap<String, Secret>,
}

fn settle(world: &mut World) {
    let now = world.now;
    world.secretsmanager.secrets.retain(|_, secret| !secret.is_gone(now));
}

/// The name of the secret that `SecretId` stands for: a name, an ARN, or an ARN without its six last characters.
fn find_name(world: &World, params: &Params) -> Result<String, Refusal> {
    let id = params.text("SecretId")?;
    let names = |secret: &&Secret| {
        secret.name == id || secret.arn == id || secret.arn.get(..secret.arn.len() - 7) == Some(id)
    };
    let visible = world.secretsmanager.secrets.values().filter(|secret| !world.hides(secret.created));
    visible.into_iter().find(names).map(|secret| secret.name.clone()).ok_or_else(absent)
}

/// The secret that `SecretId` stands for.
fn find<'a>(world: &'a World, params: &Params) -> Result<&'a Secret, Refusal> {
    let name = find_name(world, params)?;
    world.secretsmanager.secrets.get(&name).ok_or_else(absent)
}

/// The secret that `SecretId` stands for, to change it, unless it is on its way out.
fn find_living<'a>(world: &'a mut World, params: &Params) -> Result<&'a mut Secret, Refusal> {
    let name = find_name(world, params)?;
    let secret = world.secretsmanager.secrets.get_mut(&name).ok_or_else(absent)?;
    secret.refuse_if_deleted()?;
    Ok(secret)
}

fn absent() -> Refusal {
    Refusal::absent("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
}
