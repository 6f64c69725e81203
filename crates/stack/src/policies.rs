//! The IAM documents of the two roles: who may take them, and the least that they need.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sidekick_aws::SecretArn;

use crate::config::{Config, Signer};

/// Roles of one environment share a path, by which they are found together.
pub(crate) fn path(config: &Config) -> String {
    format!("/{}-{}/", config.name, config.environment_name)
}

/// Only ECS tasks may take the roles.
pub(crate) fn trust_in_tasks() -> Value {
    document(&json!({
        "Effect": "Allow",
        "Principal": { "Service": "ecs-tasks.amazonaws.com" },
        "Action": "sts:AssumeRole",
    }))
}

/// Reads exactly these secrets.
pub(crate) fn read_secrets(secrets: &[SecretArn]) -> Value {
    let mut arns: Vec<_> = secrets.iter().map(SecretArn::as_str).collect();
    arns.sort_unstable();
    document(&json!({ "Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": arns }))
}

/// Writes exactly this log group.
pub(crate) fn write_logs(log_group: &str) -> Value {
    let actions = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"];
    document(
        &json!({ "Effect": "Allow", "Action": actions, "Resource": [log_group, format!("{log_group}:*")] }),
    )
}

/// Pulls from the registry that the image comes from, if it is one of ECR; other registries need no permission.
pub(crate) fn registry(image: &str) -> Option<(String, Value)> {
    let (registry, repository) = image.split_once('/')?;
    let [account, "dkr", "ecr", region, ..] = registry.split('.').collect::<Vec<_>>()[..] else {
        return None;
    };
    let repository = repository.split(['@', ':']).next().unwrap_or(repository);
    let pull = ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"];
    let statements = json!([
        { "Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*" },
        { "Effect": "Allow", "Action": pull, "Resource": format!("arn:aws:ecr:{region}:{account}:repository/{repository}") },
    ]);
    Some(("image-pull".to_owned(), json!({ "Version": "2012-10-17", "Statement": statements })))
}

/// What the application does with AWS: sign with its key, if its signer is AWS KMS; ECS Exec, if it is allowed.
pub(crate) fn of_the_application(config: &Config) -> BTreeMap<String, Value> {
    let mut policies = BTreeMap::new();
    if let Signer::AwsKms { key_id } = &config.app.signer {
        let key = if key_id.starts_with("arn:") {
            key_id.clone()
        } else {
            format!("arn:aws:kms:{}:*:key/{key_id}", config.region)
        };
        let sign = json!({ "Effect": "Allow", "Action": ["kms:Sign", "kms:GetPublicKey"], "Resource": key });
        policies.insert(config.roles.signing_policy.clone(), document(&sign));
    }
    if config.service.enable_execute_command {
        let channels = ["CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel"];
        let actions = channels.map(|channel| format!("ssmmessages:{channel}"));
        let exec = json!({ "Effect": "Allow", "Action": actions, "Resource": "*" });
        policies.insert("execute-command".to_owned(), document(&exec));
    }
    policies
}

fn document(statement: &Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_image_of_ecr_needs_permission_to_be_pulled() {
        assert!(registry("ghcr.io/0xsequence/sidekick:v1").is_none());
        let (_, policy) =
            registry("123456789012.dkr.ecr.us-west-2.amazonaws.com/sidekick/deployment:v1").unwrap();
        let resource = &policy["Statement"][1]["Resource"];
        assert_eq!(resource, "arn:aws:ecr:us-west-2:123456789012:repository/sidekick/deployment");
    }

    #[test]
    fn the_execution_role_reads_the_named_secrets_and_no_others() {
        let policy = read_secrets(&[SecretArn::new("arn:b"), SecretArn::new("arn:a")]);
        assert_eq!(policy["Statement"][0]["Resource"], json!(["arn:a", "arn:b"]));
    }
}
