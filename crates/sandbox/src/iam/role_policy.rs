//! Policies that stand in a role itself.

use serde_json::{Value, json};

use super::role::check_name;
use super::{absent, document, find, find_mut, page};
use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::world::World;

/// The quota of characters in all inline policies of one role; whitespace does not count.
const LIMIT: usize = 10_240;

pub(super) fn put(world: &mut World, params: &Params) -> Answer {
    let name = params.text("PolicyName")?;
    check_name(params, "PolicyName", name, 128)?;
    let policy = params.text("PolicyDocument")?;
    document::check_permissions(policy)?;
    let role = find_mut(world, params)?;
    role.policies.insert(name.to_owned(), policy.to_owned());
    let length = |policy: &String| policy.chars().filter(|c| !c.is_whitespace()).count();
    if role.policies.values().map(length).sum::<usize>() > LIMIT {
        let words = format!("Maximum policy size of {LIMIT} bytes exceeded for role {}", role.name);
        return Err(Refusal::illegal("LimitExceeded", words).status(409));
    }
    Ok(Value::Null)
}

pub(super) fn get(world: &World, params: &Params) -> Answer {
    let role = find(world, params)?;
    let name = params.text("PolicyName")?;
    let policy = role.policies.get(name).ok_or_else(|| absent_policy(name))?;
    Ok(json!({ "RoleName": role.name, "PolicyName": name, "PolicyDocument": document::encoded(policy) }))
}

pub(super) fn list(world: &World, params: &Params) -> Answer {
    let names = find(world, params)?.policies.keys();
    page(params, "PolicyNames", names.map(|name| (name.clone(), json!(name))).collect())
}

pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let name = params.text("PolicyName")?;
    match find_mut(world, params)?.policies.remove(name) {
        Some(_) => Ok(Value::Null),
        None => Err(absent_policy(name)),
    }
}

fn absent_policy(name: &str) -> Refusal {
    absent(format!("The role policy with name {name} cannot be found."))
}
