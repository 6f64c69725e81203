//! Secrets as the execution role of a task reads them for its containers.

use serde_json::{Value, json};

use super::task_definition::TaskDefinition;
use crate::iam::authorization;
use crate::service::ask;
use crate::world::World;

/// The value behind `ARN` or `ARN:key:stage:version`, as the execution role may read it.
pub(super) fn read(world: &World, definition: &TaskDefinition, from: &str) -> Result<String, String> {
    let parts: Vec<&str> = from.split(':').collect();
    let arn = parts.get(..7).map(|parts| parts.join(":")).unwrap_or_default();
    let part = |n: usize| parts.get(n).copied().filter(|part| !part.is_empty());
    let failed = |why: &str| {
        format!(
            "unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret \
             {arn} from secrets manager: {why}"
        )
    };
    let role = definition.execution_role.as_ref().and_then(|arn| authorization::role(world, arn));
    if !role.is_some_and(|role| role.may("secretsmanager:GetSecretValue", &arn)) {
        let role = definition.execution_role.as_deref().unwrap_or_default();
        return Err(failed(&format!(
            "AccessDeniedException: {role} is not authorized to perform: secretsmanager:GetSecretValue on resource: \
             {arn} because no identity-based policy allows the secretsmanager:GetSecretValue action"
        )));
    }
    let described = ask(world, "secretsmanager", "DescribeSecret", json!({ "SecretId": arn }));
    let key = described.ok().and_then(|secret| secret["KmsKeyId"].as_str().map(str::to_owned));
    if key.is_some_and(|key| !role.is_some_and(|role| role.may("kms:Decrypt", &key))) {
        return Err(failed("AccessDeniedException: Access to KMS is not allowed"));
    }
    let mut request = json!({ "SecretId": arn });
    for (name, value) in [("VersionStage", part(8)), ("VersionId", part(9))] {
        if let Some(value) = value {
            request[name] = json!(value);
        }
    }
    let answer = ask(world, "secretsmanager", "GetSecretValue", request);
    let answer = answer.map_err(|refusal| failed(&format!("{}: {}", refusal.code, refusal.message)))?;
    let value = answer["SecretString"].as_str().unwrap_or_default();
    let Some(key) = part(7) else { return Ok(value.to_owned()) };
    let fields: Value = serde_json::from_str(value).unwrap_or_default();
    match fields.get(key) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(other) => Ok(other.to_string()),
        None => Err(format!("retrieved secret from Secrets Manager did not contain json key {key}")),
    }
}
