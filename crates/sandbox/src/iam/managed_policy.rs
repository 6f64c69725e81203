//! Managed policies on roles. Only AWS's own exist here; of those every name is taken, because nobody lists
//! them all.

use serde_json::{Value, json};

use super::{absent, find, find_mut, page};
use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::world::World;

/// The quota of managed policies on one role.
const LIMIT: usize = 10;
const OF_AWS: &str = "arn:aws:iam::aws:policy/";

pub(super) fn attach(world: &mut World, params: &Params) -> Answer {
    let policy = params.text("PolicyArn")?;
    let role = find_mut(world, params)?;
    if !policy.starts_with("arn:") {
        return Err(Refusal::illegal("InvalidInput", format!("ARN {policy} is not valid.")));
    }
    if policy.strip_prefix(OF_AWS).is_none_or(str::is_empty) {
        return Err(absent(format!("Policy {policy} does not exist or is not attachable.")));
    }
    role.attached.insert(policy.to_owned());
    if role.attached.len() > LIMIT {
        let words = format!("Cannot exceed quota for PoliciesPerRole: {LIMIT}");
        return Err(Refusal::illegal("LimitExceeded", words).status(409));
    }
    Ok(Value::Null)
}

pub(super) fn detach(world: &mut World, params: &Params) -> Answer {
    let policy = params.text("PolicyArn")?;
    if !find_mut(world, params)?.attached.remove(policy) {
        return Err(absent(format!("Policy {policy} was not found.")));
    }
    Ok(Value::Null)
}

pub(super) fn list(world: &World, params: &Params) -> Answer {
    let prefix = params.text_if("PathPrefix")?.unwrap_or("/");
    let view = |arn: &String| {
        let (path, name) =
            arn.strip_prefix(OF_AWS)?.rsplit_once('/').unwrap_or(("", arn.get(OF_AWS.len()..)?));
        let path = if path.is_empty() { "/".to_owned() } else { format!("/{path}/") };
        path.starts_with(prefix).then(|| (arn.clone(), json!({ "PolicyName": name, "PolicyArn": arn })))
    };
    page(params, "AttachedPolicies", find(world, params)?.attached.iter().filter_map(view).collect())
}
