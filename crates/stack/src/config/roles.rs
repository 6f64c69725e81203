//! The names of the IAM roles and policies.

use super::names::{POLICY, Project, ROLE};
use super::value::{Value, refuse_repeated};

/// The names of the IAM roles and policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles {
    /// The role by which ECS starts a task: it pulls the image, reads the secrets and writes the log.
    pub execution: String,
    /// The role that the application itself has.
    pub task: String,
    /// The execution role's policy for the log group.
    pub logs_policy: String,
    /// The execution role's policy for the three secrets.
    pub secrets_policy: String,
    /// The task role's policy for signing with AWS KMS.
    pub signing_policy: String,
}

pub(super) fn read(table: &Value<'_>, project: &Project<'_>) -> Roles {
    let policy = |key| table.at(key).name(project, &POLICY);
    let roles = Roles {
        execution: table.at("execution").name(project, &ROLE),
        task: table.at("task").name(project, &ROLE),
        logs_policy: policy("logs_policy"),
        secrets_policy: policy("secrets_policy"),
        signing_policy: policy("signing_policy"),
    };
    refuse_repeated(&[(table.at("execution"), &roles.execution), (table.at("task"), &roles.task)], "name");
    refuse_repeated(
        &[
            (table.at("logs_policy"), &roles.logs_policy),
            (table.at("secrets_policy"), &roles.secrets_policy),
            (table.at("signing_policy"), &roles.signing_policy),
        ],
        "name",
    );
    roles
}
