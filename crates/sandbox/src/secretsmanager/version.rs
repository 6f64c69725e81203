//! Versions of a secret's value and their staging labels. A version's id is the client token that made it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Secret, find_living};
use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::sealed::SealedText;
use crate::world::World;

const CURRENT: &str = "AWSCURRENT";
const PREVIOUS: &str = "AWSPREVIOUS";
/// The quota of versions of one secret; the oldest without a label go first.
const LIMIT: usize = 100;
/// The quota of bytes in one value.
const LONGEST: usize = 65_536;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Version {
    pub(super) created: f64,
    pub(super) stages: BTreeSet<String>,
    /// Whether the value came as bytes, which are kept in their base64 form.
    pub(super) is_binary: bool,
    value: SealedText,
}

/// A value on its way between the caller and its seal. It has neither `Debug` nor `Serialize`.
pub(super) struct ClearValue {
    pub(super) text: String,
    pub(super) is_binary: bool,
}

/// Reads `SecretString` or `SecretBinary`; no refusal repeats what was sent.
pub(super) fn read_value(params: &Params) -> Result<Option<ClearValue>, Refusal> {
    let (text, binary) = (params.text_if("SecretString")?, params.text_if("SecretBinary")?);
    if text.is_some() && binary.is_some() {
        let words =
            "You can't specify both a binary secret value and a string secret value in the same secret.";
        return Err(Refusal::illegal("InvalidParameterException", words));
    }
    let Some(value) = text.or(binary) else { return Ok(None) };
    if value.len() > LONGEST {
        return Err(params.invalid("SecretString", "given", "It has more than 65536 bytes."));
    }
    Ok(Some(ClearValue { text: value.to_owned(), is_binary: binary.is_some() }))
}

/// Reads `ClientRequestToken`.
pub(super) fn read_token(params: &Params) -> Result<Option<String>, Refusal> {
    match params.text_if("ClientRequestToken")? {
        Some(token) if !(32..=64).contains(&token.len()) => {
            let words = "ClientRequestToken must be 32-64 characters long.";
            Err(Refusal::illegal("InvalidParameterException", words))
        }
        token => Ok(token.map(str::to_owned)),
    }
}

/// Adds a version, which becomes the current one, and gives its id. The same version with the same value is no
/// change.
pub(super) fn add(
    world: &mut World,
    secret: &mut Secret,
    token: Option<String>,
    value: &ClearValue,
) -> Result<String, Refusal> {
    add_staged(world, secret, token, value, &[CURRENT.to_owned()])
}

/// The same with labels of the caller's choice.
pub(super) fn add_staged(
    world: &mut World,
    secret: &mut Secret,
    token: Option<String>,
    value: &ClearValue,
    stages: &[String],
) -> Result<String, Refusal> {
    let id = token.unwrap_or_else(|| world.uuid());
    if secret.versions.contains_key(&id) {
        if holds(world, secret, &id, value)? {
            return Ok(id);
        }
        let words = format!(
            "You can't use ClientRequestToken {id} because that value is already in use for a version of secret {}.",
            secret.arn
        );
        // Whoever lost the answer to the first request and made a new value could not know.
        return Err(Refusal::blocked("ResourceExistsException", words));
    }
    let version = Version {
        created: world.now,
        stages: BTreeSet::new(),
        is_binary: value.is_binary,
        value: world.sealing_key.seal(&value.text, &about(secret, &id)),
    };
    let is_first = secret.versions.is_empty();
    secret.versions.insert(id.clone(), version);
    for stage in stages {
        move_stage(secret, stage, &id);
    }
    // A secret with a value always has a current one.
    if is_first {
        move_stage(secret, CURRENT, &id);
    }
    secret.changed = world.now;
    forget_oldest(secret);
    Ok(id)
}

/// Whether a version has this value.
pub(super) fn holds(world: &World, secret: &Secret, id: &str, value: &ClearValue) -> Result<bool, Refusal> {
    let stored = open(world, secret, id)?;
    Ok(stored.text == value.text && stored.is_binary == value.is_binary)
}

/// The value of a version.
pub(super) fn open(world: &World, secret: &Secret, id: &str) -> Result<ClearValue, Refusal> {
    let opened = secret.versions.get(id).and_then(|version| {
        let text = world.sealing_key.open(&version.value, &about(secret, id))?;
        Some(ClearValue { text, is_binary: version.is_binary })
    });
    opened.ok_or_else(|| {
        let words = "Secrets Manager can't decrypt the protected secret text using the provided KMS key.";
        Refusal::illegal("DecryptionFailure", words)
    })
}

fn about(secret: &Secret, id: &str) -> String {
    format!("{}/{id}", secret.arn)
}

/// The version that carries a label.
pub(super) fn staged<'a>(secret: &'a Secret, stage: &str) -> Option<&'a String> {
    secret.versions.iter().find(|(_, version)| version.stages.contains(stage)).map(|(id, _)| id)
}

/// Moves a label to a version. What was current becomes the previous one.
fn move_stage(secret: &mut Secret, stage: &str, id: &str) {
    let before = staged(secret, stage).cloned().filter(|before| before != id);
    drop_stage(secret, stage);
    if let Some(version) = secret.versions.get_mut(id) {
        version.stages.insert(stage.to_owned());
    }
    if let (CURRENT, Some(before)) = (stage, before) {
        move_stage(secret, PREVIOUS, &before);
    }
}

fn drop_stage(secret: &mut Secret, stage: &str) {
    for version in secret.versions.values_mut() {
        version.stages.remove(stage);
    }
}

fn forget_oldest(secret: &mut Secret) {
    while secret.versions.len() > LIMIT {
        let unlabelled = secret.versions.iter().filter(|(_, version)| version.stages.is_empty());
        let oldest = unlabelled.min_by(|(_, one), (_, other)| one.created.total_cmp(&other.created));
        let Some(oldest) = oldest.map(|(id, _)| id.clone()) else { return };
        secret.versions.remove(&oldest);
    }
}

pub(super) fn update_stage(world: &mut World, params: &Params) -> Answer {
    let now = world.now;
    let secret = find_living(world, params)?;
    let stage = params.text("VersionStage")?;
    let (from, to) = (params.text_if("RemoveFromVersionId")?, params.text_if("MoveToVersionId")?);
    let refuse = |words: String| Err(Refusal::illegal("InvalidParameterException", words));
    let before = staged(secret, stage).cloned();
    if let Some(unknown) = [from, to].into_iter().flatten().find(|id| !secret.versions.contains_key(*id)) {
        let words = format!("Secrets Manager can't find the specified secret version: {unknown}.");
        return Err(Refusal::absent("ResourceNotFoundException", words));
    }
    match (before.as_deref(), from) {
        (Some(before), from) if from != Some(before) && to != Some(before) => {
            return refuse(format!(
                "The parameter RemoveFromVersionId can't be empty. Staging label {stage} is currently attached to \
                 version {before}, so you must explicitly reference that version in RemoveFromVersionId."
            ));
        }
        (None, Some(from)) => {
            return refuse(format!("The staging label {stage} isn't attached to version {from}."));
        }
        _ => (),
    }
    match (to, stage) {
        (Some(to), _) => move_stage(secret, stage, to),
        (None, CURRENT) => {
            return refuse(format!(
                "You can only move staging label {CURRENT} to a different secret version. It can't be completely \
                 removed."
            ));
        }
        (None, _) => drop_stage(secret, stage),
    }
    secret.changed = now;
    Ok(json!({ "ARN": secret.arn, "Name": secret.name }))
}

/// A version's labels as answers list them.
pub(super) fn stages_of(secret: &Secret, id: &str) -> Value {
    secret.versions.get(id).map_or(Value::Null, |version| json!(version.stages))
}
