//! Whether a role may do something: what a service asks that acts in the role's name.
//!
//! Conditions in policies count as met, and AWS's managed policies allow what their names promise.

use serde::Serialize;
use serde_json::Value;

use super::Role;
use super::document::texts;
use crate::call::Refusal;
use crate::filter::matches;
use crate::service::{Protocol, Service};
use crate::world::World;

/// The statements of the managed policies that tasks are usually given: actions, all on every resource.
static MANAGED: &[(&str, &[&str])] = &[
    ("AdministratorAccess", &["*"]),
    ("CloudWatchLogsFullAccess", &["logs:*"]),
    ("SecretsManagerReadWrite", &["secretsmanager:*"]),
    (
        "service-role/AmazonECSTaskExecutionRolePolicy",
        &["ecr:BatchGetImage", "ecr:Get*", "logs:CreateLogStream", "logs:PutLogEvents"],
    ),
];

/// What policies say of an action, in IAM's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Decision {
    /// One allows it, and none denies it.
    Allowed,
    /// One denies it.
    ExplicitDeny,
    /// None says anything of it.
    ImplicitDeny,
}

/// The role with this ARN.
pub(crate) fn role<'a>(world: &'a World, arn: &str) -> Option<&'a Role> {
    let mut roles = world.iam.roles.values();
    roles.find(|role| role.arn(world) == arn)
}

impl Role {
    /// Whether a service, such as `ecs-tasks.amazonaws.com`, may act in the role's name.
    pub(crate) fn trusts(&self, service: &str) -> bool {
        let statements = statements(&self.trust);
        statements.iter().any(|statement| {
            statement["Effect"] == "Allow"
                && texts(&statement["Principal"]["Service"]).iter().any(|trusted| trusted == service)
        })
    }

    /// Whether the role's policies allow an action on a resource.
    pub(crate) fn may(&self, action: &str, resource: &str) -> bool {
        self.decides(action, resource) == Decision::Allowed
    }

    /// What the role's policies say of an action on a resource. A denial beats everything.
    pub(super) fn decides(&self, action: &str, resource: &str) -> Decision {
        let inline: Vec<Value> = self.policies.values().flat_map(|policy| statements(policy)).collect();
        let says = |effect: &str| {
            let mut inline = inline.iter();
            inline.any(|one| {
                one["Effect"] == effect
                    && covers(one, "Action", action, true)
                    && covers(one, "Resource", resource, false)
            })
        };
        let is_managed = self.attached.iter().any(|arn| {
            let known = MANAGED.iter().find(|(name, _)| arn.ends_with(&format!(":policy/{name}")));
            known.is_some_and(|(_, actions)| actions.iter().any(|pattern| matches(pattern, action)))
        });
        match (says("Deny"), is_managed || says("Allow")) {
            (true, _) => Decision::ExplicitDeny,
            (false, true) => Decision::Allowed,
            (false, false) => Decision::ImplicitDeny,
        }
    }
}

/// What EC2 names when a policy denies a create: the kind of the thing that would be made.
const MADE: &[(&str, &str)] = &[
    ("ec2:AllocateAddress", "elastic-ip"),
    ("ec2:CreateInternetGateway", "internet-gateway"),
    ("ec2:CreateNatGateway", "natgateway"),
    ("ec2:CreateVpc", "vpc"),
];

impl World {
    /// Refuses what a policy denies to the caller. Who one is, AWS tells everybody.
    pub(crate) fn refuse_if_denied(&self, service: &Service, operation: &str) -> Result<(), Refusal> {
        let action = format!("{}:{operation}", service.name);
        if service.name == "sts" || !self.faults.denies(&action) {
            return Ok(());
        }
        let user = self.user();
        let made = MADE.iter().find(|(call, _)| *call == action);
        let resource = made.map_or(String::new(), |(_, kind)| {
            format!(" on resource: {}", self.arn(service.name, &format!("{kind}/*")))
        });
        let words = format!(
            "User: {user} is not authorized to perform: {action}{resource} with an explicit deny in an identity-based \
             policy"
        );
        Err(match service.protocol {
            Protocol::Ec2Query { .. } => {
                let words = format!("You are not authorized to perform this operation. {words}");
                Refusal::illegal("UnauthorizedOperation", words).status(403)
            }
            Protocol::AwsQuery { .. } => Refusal::illegal("AccessDenied", words).status(403),
            Protocol::AwsJson => Refusal::illegal("AccessDeniedException", words),
        })
    }
}

/// Whether a statement's actions or resources cover `wanted`; it may also name what it does not cover.
fn covers(statement: &Value, field: &str, wanted: &str, ignores_case: bool) -> bool {
    let fold = |text: &str| if ignores_case { text.to_lowercase() } else { text.to_owned() };
    let wanted = fold(wanted);
    let names = |patterns: &Value| texts(patterns).iter().any(|pattern| matches(&fold(pattern), &wanted));
    match statement.get(format!("Not{field}")) {
        Some(excluded) => !names(excluded),
        None => names(&statement[field]),
    }
}

fn statements(document: &str) -> Vec<Value> {
    // Documents were checked when they came in.
    let policy: Value = serde_json::from_str(document).unwrap_or_default();
    match &policy["Statement"] {
        Value::Array(statements) => statements.clone(),
        statement => vec![statement.clone()],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::covers;

    #[test]
    fn statements_cover_by_pattern_and_by_exception() {
        let covers = |statement: Value, action: &str| covers(&statement, "Action", action, true);
        assert!(covers(json!({ "Action": "SecretsManager:Get*" }), "secretsmanager:GetSecretValue"));
        assert!(covers(json!({ "Action": ["logs:*", "ecr:*"] }), "logs:CreateLogStream"));
        assert!(!covers(json!({ "Action": "logs:Put*" }), "logs:CreateLogStream"));
        assert!(covers(json!({ "NotAction": "iam:*" }), "logs:CreateLogStream"));
        assert!(!covers(json!({ "NotAction": "*" }), "logs:CreateLogStream"));
    }
}
