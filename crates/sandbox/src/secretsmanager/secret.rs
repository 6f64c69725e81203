//! Secrets: names with a description, tags and versions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::deletion::Deletion;
use super::version::{self, Version};
use super::{find, find_living};
use crate::call::{Answer, Refusal};
use crate::kms;
use crate::params::Params;
use crate::tags::{self, Tags};
use crate::world::World;

/// The key of AWS that seals what has no key of its own.
const DEFAULT_KEY: &str = "alias/aws/secretsmanager";

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Secret {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) tags: Tags,
    /// Versions by id.
    pub(super) versions: BTreeMap<String, Version>,
    pub(super) deletion: Option<Deletion>,
    pub(super) created: f64,
    pub(super) changed: f64,
    description: Option<String>,
    /// The ARN of the key that seals its values, if it is not AWS's own.
    key: Option<String>,
}

impl Secret {
    /// Refuses to work on a secret that waits for its deletion.
    pub(super) fn refuse_if_deleted(&self) -> Result<(), Refusal> {
        match self.deletion {
            None => Ok(()),
            Some(_) => Err(Refusal::absent(
                "InvalidRequestException",
                "You can't perform this operation on the secret because it was marked for deletion.",
            )),
        }
    }

    pub(super) fn is_gone(&self, now: f64) -> bool {
        self.deletion.as_ref().is_some_and(|deletion| deletion.ends <= now)
    }

    /// The secret without its values; `stages` is what the answer calls the labels of its versions.
    pub(super) fn view(&self, stages: &str) -> Value {
        let labelled = self.versions.iter().filter(|(_, version)| !version.stages.is_empty());
        let labels: BTreeMap<&String, _> = labelled.map(|(id, version)| (id, &version.stages)).collect();
        json!({
            "ARN": self.arn,
            "Name": self.name,
            "Description": self.description,
            "KmsKeyId": self.key,
            "CreatedDate": self.created,
            "LastChangedDate": self.changed,
            "DeletedDate": self.deletion.as_ref().map(|deletion| deletion.requested),
            "Tags": tags::upper(&self.tags),
            stages: if labels.is_empty() { Value::Null } else { json!(labels) },
        })
    }
}

pub(super) fn create(world: &mut World, params: &Params) -> Answer {
    let name = params.text("Name")?.to_owned();
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-/_+=.@!".contains(c);
    if name.is_empty() || name.len() > 512 || !name.chars().all(allowed) {
        let why = "It must contain alphanumeric characters, or any of the following: -/_+=.@!";
        return Err(params.invalid("Name", name, why));
    }
    let tags = tags::read(params, "Tags", "Key", "Value")?;
    let (token, value) = (version::read_token(params)?, version::read_value(params)?);
    let (description, key) = (read_description(params)?, read_key(world, params)?);
    if let Some(secret) = world.secretsmanager.secrets.get(&name) {
        return created_before(world, secret, token.as_deref(), value.as_ref());
    }
    let suffix = world.hex();
    let mut secret = Secret {
        arn: world.arn("secretsmanager", &format!("secret:{name}-{}", &suffix[..6])),
        name,
        tags,
        versions: BTreeMap::new(),
        deletion: None,
        created: world.now,
        changed: world.now,
        description: description.filter(|text| !text.is_empty()),
        key: key.flatten(),
    };
    let added = match value {
        Some(value) => Some(version::add(world, &mut secret, token, &value)?),
        None => None,
    };
    let answer = json!({ "ARN": secret.arn, "Name": secret.name, "VersionId": added });
    world.secretsmanager.secrets.insert(secret.name.clone(), secret);
    Ok(answer)
}

/// The name is taken; only the same version with the same value makes that no error.
fn created_before(
    world: &World,
    secret: &Secret,
    token: Option<&str>,
    value: Option<&version::ClearValue>,
) -> Answer {
    if secret.deletion.is_some() {
        let words =
            "You can't create this secret because a secret with this name is already scheduled for deletion.";
        return Err(Refusal::blocked("InvalidRequestException", words));
    }
    match (token.filter(|token| secret.versions.contains_key(*token)), value) {
        (Some(token), Some(value)) if version::holds(world, secret, token, value)? => {
            Ok(json!({ "ARN": secret.arn, "Name": secret.name, "VersionId": token }))
        }
        _ => {
            let words = format!("The operation failed because the secret {} already exists.", secret.name);
            Err(Refusal::illegal("ResourceExistsException", words))
        }
    }
}

fn read_description(params: &Params) -> Result<Option<String>, Refusal> {
    let description = params.text_if("Description")?;
    if description.is_some_and(|text| text.chars().count() > 2048) {
        return Err(params.invalid("Description", "given", "It has more than 2048 characters."));
    }
    Ok(description.map(str::to_owned))
}

/// The key that a call names, if it names one; AWS's own is nothing.
fn read_key(world: &World, params: &Params) -> Result<Option<Option<String>>, Refusal> {
    match params.text_if("KmsKeyId")? {
        None => Ok(None),
        Some("" | DEFAULT_KEY) => Ok(Some(None)),
        Some(key) if kms::is_usable(world, key) => Ok(Some(Some(key.to_owned()))),
        Some(_) => Err(Refusal::illegal(
            "EncryptionFailure",
            "Secrets Manager can't encrypt the protected secret text using the provided KMS key. Check that the KMS \
             key is available, enabled, and not in an invalid state.",
        )),
    }
}

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    Ok(find(world, params)?.view("VersionIdsToStages"))
}

pub(super) fn update(world: &mut World, params: &Params) -> Answer {
    let (token, value) = (version::read_token(params)?, version::read_value(params)?);
    let (description, key) = (read_description(params)?, read_key(world, params)?);
    let mut secret = find_living(world, params)?.clone();
    if let Some(description) = description {
        secret.description = Some(description).filter(|text| !text.is_empty());
    }
    if let Some(key) = key {
        secret.key = key;
    }
    let added = match value {
        Some(value) => Some(version::add(world, &mut secret, token, &value)?),
        None => None,
    };
    secret.changed = world.now;
    let answer = json!({ "ARN": secret.arn, "Name": secret.name, "VersionId": added });
    world.secretsmanager.secrets.insert(secret.name.clone(), secret);
    Ok(answer)
}
