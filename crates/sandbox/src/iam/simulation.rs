//! What a principal may do, without doing it.

use serde_json::json;

use super::authorization::{Decision, role};
use super::{absent, page};
use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::world::World;

pub(super) fn simulate(world: &World, params: &Params) -> Answer {
    // Conditions in policies count as met.
    params.ignore(&["ContextEntries"]);
    let principal = params.text("PolicySourceArn")?;
    let actions = params.texts("ActionNames")?;
    let resources = params.texts("ResourceArns")?;
    let resources = if resources.is_empty() { vec!["*".to_owned()] } else { resources };
    if actions.is_empty() {
        return Err(params.missing("ActionNames"));
    }
    let mut results = Vec::new();
    for action in actions {
        if !action.contains(':') {
            let words = format!("Invalid Action: {action}");
            return Err(Refusal::illegal("InvalidInput", words));
        }
        for resource in &resources {
            let result = json!({
                "EvalActionName": action,
                "EvalResourceName": resource,
                "EvalDecision": decision(world, principal, &action, resource)?,
                "MatchedStatements": [],
                "MissingContextValues": [],
            });
            results.push((format!("{action} {resource}"), result));
        }
    }
    page(params, "EvaluationResults", results)
}

/// The account's own user may do whatever it is not denied; a role, what its policies say.
fn decision(world: &World, principal: &str, action: &str, resource: &str) -> Result<Decision, Refusal> {
    if principal == world.user() {
        let is_denied = world.faults.denies(action);
        return Ok(if is_denied { Decision::ExplicitDeny } else { Decision::Allowed });
    }
    let role = role(world, principal).ok_or_else(|| absent(format!("{principal} cannot be found.")))?;
    Ok(role.decides(action, resource))
}
