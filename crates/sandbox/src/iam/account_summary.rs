//! How many of its things IAM lets an account have, and how many it has.

use serde_json::{Value, json};

use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::world::World;

const ROLES: usize = 1000;

pub(super) fn get(world: &World, _: &Params) -> Answer {
    let figures = [("Roles", world.iam.roles.len()), ("RolesQuota", ROLES), ("RolePolicySizeQuota", 10_240)];
    let entry = |(key, value): (&str, usize)| json!({ "key": key, "value": value });
    Ok(json!({ "SummaryMap": figures.map(entry).into_iter().collect::<Vec<Value>>() }))
}

/// Refuses one more role when there are as many as there may be.
pub(super) fn check_roles(world: &World) -> Result<(), Refusal> {
    if world.iam.roles.len() < ROLES {
        return Ok(());
    }
    let words = format!("Cannot exceed quota for RolesPerAccount: {ROLES}");
    Err(Refusal::illegal("LimitExceeded", words).status(409))
}
