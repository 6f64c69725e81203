//! The IAM documents of the two roles: who may take them, and the least that they need.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use sidekick_aws::SecretArn;

use crate::config::{Config, Signer};

/// The version of the policies' language.
pub(crate) const VERSION: &str = "2012-10-17";

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

/// Reads exactly these secrets, and decrypts with the key that seals them, if it is not AWS's own.
pub(crate) fn read_secrets(secrets: &[SecretArn], key: Option<&str>) -> Value {
    let mut arns: Vec<_> = secrets.iter().map(SecretArn::as_str).collect();
    arns.sort_unstable();
    let read = json!({ "Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": arns });
    let Some(key) = key else { return document(&read) };
    let decrypt = json!({ "Effect": "Allow", "Action": "kms:Decrypt", "Resource": key });
    json!({ "Version": VERSION, "Statement": [read, decrypt] })
}

/// Writes exactly this log group.
pub(crate) fn write_logs(log_group: &str) -> Value {
    let actions = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"];
    document(
        &json!({ "Effect": "Allow", "Action": actions, "Resource": [log_group, format!("{log_group}:*")] }),
    )
}

/// Lets no more images stay than so many, the newest.
pub(crate) fn newest_images(kept: u32) -> Option<Value> {
    let selection = json!({ "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": kept });
    let rule = json!({
        "rulePriority": 1,
        "description": "Keeps the newest images",
        "selection": selection,
        "action": { "type": "expire" },
    });
    (kept > 0).then(|| json!({ "rules": [rule] }))
}

/// Pulls from the repository that the image comes from, if it is one of ECR, and from the environment's own; other
/// registries need no permission.
pub(crate) fn pull(image: &str, own: Option<String>) -> Option<(String, Value)> {
    let repositories: BTreeSet<_> = repository_of(image).into_iter().chain(own).collect();
    if repositories.is_empty() {
        return None;
    }
    let pull = ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"];
    let statements = json!([
        { "Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*" },
        { "Effect": "Allow", "Action": pull, "Resource": repositories },
    ]);
    Some(("image-pull".to_owned(), json!({ "Version": VERSION, "Statement": statements })))
}

/// The ARN of the ECR repository that an image comes from.
fn repository_of(image: &str) -> Option<String> {
    let (registry, repository) = image.split_once('/')?;
    let [account, "dkr", "ecr", region, ..] = registry.split('.').collect::<Vec<_>>()[..] else {
        return None;
    };
    let repository = repository.split(['@', ':']).next().unwrap_or(repository);
    Some(format!("arn:aws:ecr:{region}:{account}:repository/{repository}"))
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
    json!({ "Version": VERSION, "Statement": [statement] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_image_of_ecr_needs_permission_to_be_pulled() {
        assert!(pull("ghcr.io/0xsequence/sidekick:v1", None).is_none());
        let image = "123456789012.dkr.ecr.us-west-2.amazonaws.com/sidekick/deployment:v1";
        let arn = "arn:aws:ecr:us-west-2:123456789012:repository/sidekick/deployment";
        for own in [None, Some(arn.to_owned())] {
            let (_, policy) = pull(image, own).unwrap();
            assert_eq!(policy["Statement"][1]["Resource"], json!([arn]));
        }
        let (_, policy) = pull(image, Some("arn:other".to_owned())).unwrap();
        assert_eq!(policy["Statement"][1]["Resource"], json!([arn, "arn:other"]));
    }

    #[test]
    fn the_execution_role_reads_the_named_secrets_and_no_others() {
        let policy = read_secrets(&[SecretArn::new("arn:b"), SecretArn::new("arn:a")], Some("arn:key"));
        assert_eq!(policy["Statement"][0]["Resource"], json!(["arn:a", "arn:b"]));
        assert_eq!(policy["Statement"][1]["Resource"], "arn:key");
    }
}
