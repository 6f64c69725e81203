//! How many of its things load balancing lets an account have in a region.

use serde_json::{Value, json};

use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::world::World;

const LOAD_BALANCERS: usize = 50;
const TARGET_GROUPS: usize = 3000;

pub(super) fn describe(_: &World, params: &Params) -> Answer {
    // All of them are one page.
    params.ignore(&["PageSize"]);
    let limits = [
        ("application-load-balancers", LOAD_BALANCERS),
        ("target-groups", TARGET_GROUPS),
        ("targets-per-application-load-balancer", 1000),
        ("listeners-per-application-load-balancer", 50),
        ("rules-per-application-load-balancer", 100),
        ("certificates-per-application-load-balancer", 25),
    ];
    let view = |(name, most): (&str, usize)| json!({ "Name": name, "Max": most.to_string() });
    Ok(json!({ "Limits": limits.map(view).into_iter().collect::<Vec<Value>>() }))
}

/// Refuses one more load balancer when there are as many as there may be.
pub(super) fn check_load_balancers(world: &World) -> Result<(), Refusal> {
    if world.elbv2.load_balancers.len() < LOAD_BALANCERS {
        return Ok(());
    }
    Err(Refusal::illegal("TooManyLoadBalancers", "The limit of load balancers has been reached"))
}

/// Refuses one more target group when there are as many as there may be.
pub(super) fn check_target_groups(world: &World) -> Result<(), Refusal> {
    if world.elbv2.target_groups.len() < TARGET_GROUPS {
        return Ok(());
    }
    Err(Refusal::illegal("TooManyTargetGroups", "The limit of target groups has been reached"))
}
