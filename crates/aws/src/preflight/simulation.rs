//! What IAM thinks of actions before they are tried.

use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum, PolicyEvaluationDecisionType};
use sidekick_engine::Result;

use crate::Aws;
use crate::fault::{Answer, missing};

/// What IAM thinks of one action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simulated {
    /// Such as `ec2:CreateVpc`.
    pub action: String,
    /// Whether it is allowed. If not, some policy denies it, or none says anything of it.
    pub is_allowed: bool,
    /// Whether some policy denies it, whatever may be known of the call when it is made.
    pub is_denied: bool,
}

/// Whose policies count for a caller: the user, or the role of a session. `None` where IAM cannot simulate: for the
/// account's root, and for federated users.
///
/// # Errors
/// When the role may not be looked at, whose ARN has a path that the session's does not tell.
pub async fn principal(aws: &Aws, caller: &str) -> Result<Option<String>> {
    let Some((_, resource)) = caller.rsplit_once(':') else { return Ok(None) };
    let parts: Vec<_> = resource.split('/').collect();
    match parts[..] {
        ["user", ..] => Ok(Some(caller.to_owned())),
        ["assumed-role", role, _] => {
            let operation = "iam GetRole";
            let found = aws.iam.get_role().role_name(role).send().await.or_fault(operation)?;
            let role = found.role().ok_or_else(|| missing(operation, "Role"))?;
            Ok(Some(role.arn().to_owned()))
        }
        _ => Ok(None),
    }
}

/// Asks IAM whether the principal may do these actions in a region, on any resource.
///
/// # Errors
/// When the simulation is not allowed.
pub async fn simulate(
    aws: &Aws,
    (principal, region): (&str, &str),
    actions: &[&str],
) -> Result<Vec<Simulated>> {
    let call = aws.iam.simulate_principal_policy().policy_source_arn(principal);
    let names = actions.iter().map(|action| (*action).to_owned()).collect();
    // What is known of every call. A policy that denies all other regions would deny everything without it.
    let known = |key: &str, kind, value: &str| {
        let entry = ContextEntry::builder().context_key_name(key).context_key_type(kind);
        entry.context_key_values(value).build()
    };
    let call = call.context_entries(known("aws:RequestedRegion", ContextKeyTypeEnum::String, region));
    let call = call.context_entries(known("aws:SecureTransport", ContextKeyTypeEnum::Boolean, "true"));
    let mut pages = call.set_action_names(Some(names)).into_paginator().items().send();
    let mut simulated = Vec::new();
    while let Some(result) = pages.next().await {
        let result = result.or_fault("iam SimulatePrincipalPolicy")?;
        let decision = result.eval_decision();
        // A denial may hang on a key of the call that only the call itself has.
        let is_certain = result.missing_context_values().is_empty();
        simulated.push(Simulated {
            action: result.eval_action_name().to_owned(),
            is_allowed: *decision == PolicyEvaluationDecisionType::Allowed,
            is_denied: *decision == PolicyEvaluationDecisionType::ExplicitDeny && is_certain,
        });
    }
    Ok(simulated)
}
