//! The keys by which secrets and logs are sealed, and the options of the log driver.

use serde_json::{Value, json};

use crate::data::Service;
use crate::illegal;
use crate::stage::Stage;

const KEY: &str = "arn:aws:kms:us-west-2:123456789012:key/1b9c54ea-0d57-4dd0-8ab0-4b4ea2a2e6c9";
/// Not there, in another region, and no ARN.
const UNUSABLE: [&str; 3] = [
    "arn:aws:kms:us-west-2:123456789012:key/00000000-0d57-4dd0-8ab0-4b4ea2a2e6c9",
    "arn:aws:kms:eu-west-1:123456789012:key/1b9c54ea-0d57-4dd0-8ab0-4b4ea2a2e6c9",
    "alias/nobody",
];

#[tokio::test(start_paused = true)]
async fn a_log_group_is_sealed_with_a_key_that_there_is() {
    let logs = Service::new("logs");
    let with = |key: &str| json!({ "logGroupName": "/ecs/app", "kmsKeyId": key });
    let key = || logs.call("DescribeLogGroups", json!({}))["logGroups"][0]["kmsKeyId"].clone();
    for unusable in UNUSABLE {
        assert_eq!(logs.refused("CreateLogGroup", with(unusable)), illegal("InvalidParameterException"));
    }
    logs.call("CreateLogGroup", with(KEY));
    assert_eq!(key(), KEY);
    assert_eq!(logs.refused("AssociateKmsKey", with(UNUSABLE[0])), illegal("InvalidParameterException"));
    logs.call("DisassociateKmsKey", json!({ "logGroupName": "/ecs/app" }));
    assert_eq!(key(), Value::Null);
    logs.call("AssociateKmsKey", with(KEY));
    assert_eq!(key(), KEY);
}

#[tokio::test(start_paused = true)]
async fn a_secret_is_sealed_with_a_key_that_there_is() {
    let secrets = Service::new("secretsmanager");
    let key = || secrets.call("DescribeSecret", json!({ "SecretId": "app" }))["KmsKeyId"].clone();
    for unusable in UNUSABLE {
        let params = json!({ "Name": "app", "KmsKeyId": unusable });
        assert_eq!(secrets.refused("CreateSecret", params), illegal("EncryptionFailure"));
    }
    secrets.call("CreateSecret", json!({ "Name": "app", "KmsKeyId": KEY }));
    assert_eq!(key(), KEY);
    secrets.call("UpdateSecret", json!({ "SecretId": "app", "Description": "what it is for" }));
    assert_eq!(key(), KEY);
    secrets.call("UpdateSecret", json!({ "SecretId": "app", "KmsKeyId": "" }));
    assert_eq!(key(), Value::Null, "AWS's own key is left out");
    secrets.call("UpdateSecret", json!({ "SecretId": "app", "KmsKeyId": KEY }));
    assert_eq!(key(), KEY);
}

#[tokio::test(start_paused = true)]
async fn tasks_read_a_sealed_secret_only_if_they_may_decrypt() {
    let stage = Stage::ready().await;
    stage.site.call("secretsmanager", "UpdateSecret", json!({ "SecretId": stage.secret, "KmsKeyId": KEY }));
    stage.create();
    assert!(stage.obstacle().await.contains("Access to KMS is not allowed"));
    let decrypt = json!({ "Effect": "Allow", "Action": "kms:Decrypt", "Resource": KEY });
    let document = json!({ "Version": "2012-10-17", "Statement": [decrypt] }).to_string();
    let params = json!({ "RoleName": "exec", "PolicyName": "decrypt", "PolicyDocument": document });
    stage.site.call("iam", "PutRolePolicy", params);
    stage.update(json!({ "forceNewDeployment": true }));
    stage.until("COMPLETED").await;
}

#[tokio::test(start_paused = true)]
async fn the_log_driver_takes_the_options_that_it_knows_and_one_way_to_part_events() {
    let stage = Stage::ready().await;
    let definition = |options: Value| {
        let mut params = stage.definition("app:1", json!([]));
        let own = &mut params["containerDefinitions"][0]["logConfiguration"]["options"];
        own.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
        params
    };
    let unknown =
        stage.site.sandbox.call("ecs", "RegisterTaskDefinition", definition(json!({ "awslogs-x": "y" })));
    assert_eq!(unknown.unwrap_err().code, "ClientException");
    let pattern = json!({ "awslogs-multiline-pattern": "^INFO" });
    let both = json!({ "awslogs-multiline-pattern": "^INFO", "awslogs-datetime-format": "%H:%M" });
    let register = |options| {
        let made = stage.site.ecs("RegisterTaskDefinition", definition(options));
        crate::text(&made, "/taskDefinition/taskDefinitionArn")
    };
    stage.site.ecs("CreateService", stage.service(&register(both)));
    let reason = stage.obstacle().await;
    assert!(
        reason.contains("failed to validate logger args") && reason.contains("at the same time"),
        "{reason}"
    );
    stage.update(json!({ "taskDefinition": register(pattern) }));
    stage.until("COMPLETED").await;
}
