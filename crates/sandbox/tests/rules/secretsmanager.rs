//! Secrets Manager: secrets, versions, deletion, and where values are not.

use serde_json::{Value, json};
use sidekick_sandbox::Sandbox;

use crate::data::{Service, assert_hidden, with};
use crate::{absent, blocked, illegal, seconds, text};

const VALUE: &str = "correct-horse-battery";

fn token(digit: char) -> String {
    digit.to_string().repeat(32)
}

fn secrets() -> Service {
    let secrets = Service::new("secretsmanager");
    secrets.call("CreateSecret", json!({ "Name": "app" }));
    secrets
}

fn put(token: &str, value: &str) -> Value {
    json!({ "SecretId": "app", "ClientRequestToken": token, "SecretString": value })
}

fn value_of(secrets: &Service, which: Value) -> String {
    let params = with(&json!({ "SecretId": "app" }), which);
    text(&secrets.call("GetSecretValue", params), "/SecretString")
}

#[tokio::test(start_paused = true)]
async fn a_secret_without_a_value_is_there_and_has_none() {
    let secrets = secrets();
    let described = secrets.call("DescribeSecret", json!({ "SecretId": "app" }));
    assert_eq!(described["VersionIdsToStages"], Value::Null);
    let get = json!({ "SecretId": "app" });
    assert_eq!(secrets.refused("GetSecretValue", get), absent("ResourceNotFoundException"));
    assert_eq!(secrets.refused("CreateSecret", json!({ "Name": "app" })), illegal("ResourceExistsException"));
    assert_eq!(
        secrets.refused("PutSecretValue", json!({ "SecretId": "app" })),
        illegal("InvalidParameterException")
    );
}

#[tokio::test(start_paused = true)]
async fn a_token_is_the_version_and_stands_for_one_value_for_ever() {
    let secrets = secrets();
    let first = secrets.call("PutSecretValue", put(&token('1'), VALUE));
    assert_eq!(first["VersionId"], token('1'));
    secrets.call("PutSecretValue", put(&token('2'), "second"));
    // The repetition changes nothing: the second value stays current.
    let repeated = secrets.call("PutSecretValue", put(&token('1'), VALUE));
    assert_eq!(
        (&repeated["VersionId"], &repeated["VersionStages"]),
        (&json!(token('1')), &json!(["AWSPREVIOUS"]))
    );
    assert_eq!(value_of(&secrets, json!({})), "second");
    let other = put(&token('1'), "another value");
    assert_eq!(secrets.refused("PutSecretValue", other), blocked("ResourceExistsException"));
    assert_eq!(secrets.refused("PutSecretValue", put("short", VALUE)), illegal("InvalidParameterException"));
}

#[tokio::test(start_paused = true)]
async fn creating_again_with_the_same_token_and_value_is_no_error() {
    let secrets = Service::new("secretsmanager");
    let create =
        |value: &str| json!({ "Name": "app", "ClientRequestToken": token('1'), "SecretString": value });
    let first = secrets.call("CreateSecret", create(VALUE));
    assert_eq!(secrets.call("CreateSecret", create(VALUE)), first);
    assert_eq!(secrets.refused("CreateSecret", create("other")), illegal("ResourceExistsException"));
}

#[tokio::test(start_paused = true)]
async fn labels_follow_the_values() {
    let secrets = secrets();
    for (digit, value) in [('1', "one"), ('2', "two"), ('3', "three")] {
        secrets.call("PutSecretValue", put(&token(digit), value));
    }
    let stages =
        || secrets.call("DescribeSecret", json!({ "SecretId": "app" }))["VersionIdsToStages"].clone();
    assert_eq!(stages(), json!({ token('2'): ["AWSPREVIOUS"], token('3'): ["AWSCURRENT"] }));
    assert_eq!(value_of(&secrets, json!({ "VersionStage": "AWSPREVIOUS" })), "two");
    assert_eq!(value_of(&secrets, json!({ "VersionId": token('1') })), "one");
    let back = json!({ "SecretId": "app", "VersionStage": "AWSCURRENT", "MoveToVersionId": token('1') });
    assert_eq!(
        secrets.refused("UpdateSecretVersionStage", back.clone()),
        illegal("InvalidParameterException")
    );
    let mut named = back;
    named["RemoveFromVersionId"] = json!(token('3'));
    secrets.call("UpdateSecretVersionStage", named);
    assert_eq!(stages(), json!({ token('1'): ["AWSCURRENT"], token('3'): ["AWSPREVIOUS"] }));
}

#[tokio::test(start_paused = true)]
async fn a_recovery_window_keeps_the_name_and_the_way_back() {
    let secrets = secrets();
    secrets.call("PutSecretValue", put(&token('1'), VALUE));
    let id = json!({ "SecretId": "app" });
    let window = |days: i64| json!({ "SecretId": "app", "RecoveryWindowInDays": days });
    assert_eq!(secrets.refused("DeleteSecret", window(6)), illegal("InvalidParameterException"));
    secrets.call("DeleteSecret", window(7));
    assert_eq!(secrets.refused("CreateSecret", json!({ "Name": "app" })), blocked("InvalidRequestException"));
    assert_eq!(secrets.refused("GetSecretValue", id.clone()), absent("InvalidRequestException"));
    assert_eq!(secrets.refused("DeleteSecret", window(7)), absent("InvalidRequestException"));
    assert!(secrets.call("DescribeSecret", id.clone())["DeletedDate"].is_number());
    assert_eq!(secrets.call("ListSecrets", json!({}))["SecretList"], json!([]));
    secrets.call("RestoreSecret", id.clone());
    assert_eq!(value_of(&secrets, json!({})), VALUE);
    secrets.call("DeleteSecret", window(7));
    seconds(7 * 86_400).await;
    assert_eq!(secrets.refused("DescribeSecret", id), absent("ResourceNotFoundException"));
    secrets.call("CreateSecret", json!({ "Name": "app" }));
}

#[tokio::test(start_paused = true)]
async fn deletion_by_force_keeps_the_name_for_seconds_and_does_not_mind_absence() {
    let secrets = secrets();
    let arn = text(&secrets.call("DescribeSecret", json!({ "SecretId": "app" })), "/ARN");
    let force = json!({ "SecretId": "app", "ForceDeleteWithoutRecovery": true });
    secrets.call("DeleteSecret", force.clone());
    assert_eq!(secrets.refused("CreateSecret", json!({ "Name": "app" })), blocked("InvalidRequestException"));
    assert_eq!(
        secrets.refused("RestoreSecret", json!({ "SecretId": "app" })),
        absent("ResourceNotFoundException")
    );
    seconds(5).await;
    secrets.call("DeleteSecret", force);
    let again = secrets.call("CreateSecret", json!({ "Name": "app" }));
    assert_ne!(text(&again, "/ARN"), arn);
}

#[tokio::test(start_paused = true)]
async fn a_secret_is_found_by_name_arn_and_arn_without_its_end() {
    let secrets = secrets();
    let arn = text(&secrets.call("DescribeSecret", json!({ "SecretId": "app" })), "/ARN");
    for id in [arn.as_str(), &arn[..arn.len() - 7]] {
        assert_eq!(text(&secrets.call("DescribeSecret", json!({ "SecretId": id })), "/Name"), "app");
    }
    let cut = json!({ "SecretId": &arn[..arn.len() - 1] });
    assert_eq!(secrets.refused("DescribeSecret", cut), absent("ResourceNotFoundException"));
}

#[tokio::test(start_paused = true)]
async fn values_are_shown_to_nobody_who_does_not_ask_for_them() {
    let secrets = secrets();
    secrets.call("PutSecretValue", put(&token('1'), VALUE));
    let wrong = json!({ "SecretId": "app", "SecretString": { "password": VALUE } });
    let refusal = secrets.attempt("PutSecretValue", wrong).unwrap_err();
    let clash = secrets.attempt("PutSecretValue", put(&token('1'), "other-secret")).unwrap_err();
    for refusal in [refusal, clash] {
        let shown = format!("{refusal:?}");
        assert!(!shown.contains(VALUE) && !shown.contains("other-secret"), "{shown}");
    }
    assert_hidden(&secrets.sandbox, VALUE);
    let seen = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let shown = seen.clone();
    secrets.sandbox.on_call(move |call, _| {
        shown.lock().unwrap().push_str(&format!("{call:?}"));
        sidekick_sandbox::Verdict::Proceed
    });
    assert_eq!(value_of(&secrets, json!({})), VALUE);
    assert!(!seen.lock().unwrap().contains(VALUE));
}

#[tokio::test(start_paused = true)]
async fn a_file_holds_values_sealed_and_only_its_key_opens_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("world.json");
    let open = || Service { sandbox: Sandbox::open(&path, 1.0).unwrap(), name: "secretsmanager" };
    let first = open();
    first.call("CreateSecret", json!({ "Name": "app" }));
    first.call("PutSecretValue", put(&token('1'), VALUE));
    assert_eq!(value_of(&open(), json!({})), VALUE);
    // The same value repeated by another process is recognised.
    open().call("PutSecretValue", put(&token('1'), VALUE));
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains(VALUE));
    }
    std::fs::remove_file(folder.path().join("world.json.key")).unwrap();
    let get = json!({ "SecretId": "app" });
    assert_eq!(open().refused("GetSecretValue", get), illegal("DecryptionFailure"));
}
