//! Reading and writing the value of a secret.

use serde_json::{Value, json};

use super::{absent, find, find_living, version};
use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::world::World;

const CURRENT: &str = "AWSCURRENT";

pub(super) fn get(world: &World, params: &Params) -> Answer {
    let secret = find(world, params)?;
    secret.refuse_if_deleted()?;
    let (id, stage) = (params.text_if("VersionId")?, params.text_if("VersionStage")?);
    let label = stage.unwrap_or(CURRENT);
    let none = |what: &str| {
        let words = format!("Secrets Manager can't find the specified secret value for {what}");
        Refusal::absent("ResourceNotFoundException", words)
    };
    let id = match id {
        Some(id) => secret.versions.get(id).map(|_| id).ok_or_else(|| none(&format!("VersionId: {id}")))?,
        None => version::staged(secret, label).ok_or_else(|| none(&format!("staging label: {label}")))?,
    };
    let found = secret.versions.get(id).ok_or_else(absent)?;
    if stage.is_some_and(|stage| !found.stages.contains(stage)) {
        let words = "You provided a VersionStage that is not associated to the provided VersionId.";
        return Err(Refusal::illegal("InvalidRequestException", words));
    }
    let value = version::open(world, secret, id)?;
    let name = if value.is_binary { "SecretBinary" } else { "SecretString" };
    Ok(json!({
        "ARN": secret.arn,
        "Name": secret.name,
        "VersionId": id,
        "VersionStages": found.stages,
        "CreatedDate": found.created,
        name: value.text,
    }))
}

pub(super) fn put(world: &mut World, params: &Params) -> Answer {
    let token = version::read_token(params)?;
    let value = version::read_value(params)?.ok_or_else(|| {
        Refusal::illegal("InvalidParameterException", "You must provide either SecretString or SecretBinary.")
    })?;
    let stages = params.texts("VersionStages")?;
    let stages = if stages.is_empty() { vec![CURRENT.to_owned()] } else { stages };
    let mut secret = find_living(world, params)?.clone();
    let id = version::add_staged(world, &mut secret, token, &value, &stages)?;
    let answer: Value = json!({
        "ARN": secret.arn,
        "Name": secret.name,
        "VersionId": id,
        "VersionStages": version::stages_of(&secret, &id),
    });
    world.secretsmanager.secrets.insert(secret.name.clone(), secret);
    Ok(answer)
}
