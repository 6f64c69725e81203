//! Lifecycle policies: kept and shown as they came. ECR takes up to a day to act on one; here nothing expires.

use serde_json::{Value, json};

use super::repository::{find, find_mut};
use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::world::World;

fn absent() -> Refusal {
    Refusal::absent("LifecyclePolicyNotFoundException", "Lifecycle policy does not exist for the repository")
}

/// Whether a text is a policy: rules with a priority each, of what to let expire.
fn is_policy(text: &str) -> bool {
    let policy: Value = serde_json::from_str(text).unwrap_or_default();
    let is_rule = |rule: &Value| {
        let selection = &rule["selection"];
        rule["rulePriority"].as_u64().is_some_and(|priority| priority > 0)
            && rule["action"]["type"] == "expire"
            && ["tagged", "untagged", "any"].iter().any(|status| selection["tagStatus"] == *status)
            && ["imageCountMoreThan", "sinceImagePushed"].iter().any(|count| selection["countType"] == *count)
            && selection["countNumber"].as_u64().is_some_and(|number| number > 0)
    };
    policy["rules"].as_array().is_some_and(|rules| !rules.is_empty() && rules.iter().all(is_rule))
}

pub(super) fn put(world: &mut World, params: &Params) -> Answer {
    let text = params.text("lifecyclePolicyText")?.to_owned();
    if !is_policy(&text) {
        let why = "Lifecycle policy validation failure.";
        return Err(params.invalid("lifecyclePolicyText", "the given text", why));
    }
    find_mut(world, params)?.lifecycle = Some(text);
    Ok(Value::Null)
}

pub(super) fn get(world: &World, params: &Params) -> Answer {
    let repository = find(world, params)?;
    let text = repository.lifecycle.as_ref().ok_or_else(absent)?;
    Ok(json!({ "repositoryName": repository.name, "lifecyclePolicyText": text }))
}

pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let repository = find_mut(world, params)?;
    let text = repository.lifecycle.take().ok_or_else(absent)?;
    Ok(json!({ "repositoryName": repository.name, "lifecyclePolicyText": text }))
}
