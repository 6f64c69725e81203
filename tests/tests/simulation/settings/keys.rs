//! The keys that seal secrets and the log.

use sidekick_tests::simulation::switching::switches;

fn key(table: &str, digit: u8) -> String {
    let id = format!("{digit}b9c54ea-0d57-4dd0-8ab0-4b4ea2a2e6c9");
    format!("[{table}]\nkms_key_id = \"arn:aws:kms:us-west-2:123456789012:key/{id}\"\n")
}

/// The three secrets are sealed anew, and the execution role may decrypt with the key: else no task would start.
#[tokio::test(start_paused = true)]
async fn secrets_are_sealed_with_another_key_where_they_are() {
    let calls = ["iam PutRolePolicy", "secretsmanager UpdateSecret", "secretsmanager UpdateSecret"];
    let calls: Vec<_> = calls.into_iter().chain(["secretsmanager UpdateSecret"]).collect();
    for from in [String::new(), key("secrets", 1)] {
        let switched = switches(&from, &key("secrets", 2)).await;
        assert_eq!(switched.there, calls);
        assert_eq!(switched.back, calls);
    }
}

#[tokio::test(start_paused = true)]
async fn the_log_is_sealed_with_another_key_where_it_is() {
    let switched = switches("", &key("logs", 2)).await;
    assert_eq!(switched.there, ["logs AssociateKmsKey"]);
    assert_eq!(switched.back, ["logs DisassociateKmsKey"]);
    let switched = switches(&key("logs", 1), &key("logs", 2)).await;
    assert_eq!(switched.there, ["logs AssociateKmsKey"]);
}
