//! The secrets: another name, and values that change under running tasks.

use serde_json::{Value, json};
use sidekick_engine::Address;
use sidekick_tests::simulation::configuration::Configuration;
use sidekick_tests::simulation::estate::{Command, Estate, Fortune, Outcome};
use sidekick_tests::simulation::goal::an_age;
use sidekick_tests::simulation::switching::{brought, changes};

fn up(file: &str) -> Command {
    Command::Up(Configuration::own(file))
}

/// What changes the database's password, and then has the tasks read it.
const PASSED_ON: [&str; 2] = ["rds ModifyDBInstance", "ecs UpdateService"];

/// Whether these calls are among all of them, in this order.
fn has_in_order(calls: &[String], expected: &[&str]) -> bool {
    let mut calls = calls.iter();
    expected.iter().all(|expected| calls.any(|call| call == expected))
}

#[tokio::test(start_paused = true)]
async fn another_name_is_a_replacement_that_needs_agreement_and_leaves_nobody_with_the_old_password() {
    let mut estate = Estate::new(1);
    brought(&estate, up("")).await;
    let renamed = up("[secrets]\npostgres = \"{name}/database\"\n");
    let outcome = estate.run(renamed, Fortune::kind()).await;
    assert!(matches!(&outcome, Outcome::Refused(why) if why.contains("data.postgres-secret")), "{outcome}");
    estate.consent = [Address::from("data.postgres-secret")].into();
    let before = estate.sandbox.logged();
    brought(&estate, renamed).await;
    let changes = changes(&estate.sandbox.log_since(before));
    let last = "secretsmanager DeleteSecret";
    assert!(
        has_in_order(&changes, &["secretsmanager CreateSecret", PASSED_ON[0], PASSED_ON[1], last]),
        "{changes:?}"
    );
    assert!(!changes.iter().any(|call| call == "ecs DeleteService"), "{changes:?}");
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_somebody_deleted_gets_another_password_and_so_does_the_database() {
    let estate = Estate::new(2);
    brought(&estate, up("")).await;
    let gone = json!({ "SecretId": "sidekick/postgres/credentials", "ForceDeleteWithoutRecovery": true });
    estate.sandbox.call("secretsmanager", "DeleteSecret", gone).expect("the secret can be deleted");
    an_age().await;
    let before = estate.sandbox.logged();
    brought(&estate, up("")).await;
    let changes = changes(&estate.sandbox.log_since(before));
    let all = ["secretsmanager CreateSecret", PASSED_ON[0], "secretsmanager PutSecretValue", PASSED_ON[1]];
    assert!(has_in_order(&changes, &all), "{changes:?}");
}

#[tokio::test(start_paused = true)]
async fn tasks_are_replaced_when_what_they_read_at_their_start_is_another() {
    let estate = Estate::new(3);
    brought(&estate, up("")).await;
    let before = estate.sandbox.logged();
    brought(&estate, up("[database]\nport = 5433\n")).await;
    let made = changes(&estate.sandbox.log_since(before));
    let passed_on = ["rds ModifyDBInstance", "secretsmanager PutSecretValue", "ecs UpdateService"];
    assert!(has_in_order(&made, &passed_on), "{made:?}");

    // Somebody stores another key in the application's secret.
    let secret = json!({ "SecretId": "sidekick/app/credentials" });
    let read = estate.sandbox.call("secretsmanager", "GetSecretValue", secret.clone());
    let read = read.expect("the secret has a value");
    let mut value: Value =
        serde_json::from_str(read["SecretString"].as_str().expect("a text")).expect("JSON");
    value["ANOTHER"] = json!("value");
    let stored = json!({ "SecretId": secret["SecretId"], "SecretString": value.to_string() });
    estate.sandbox.call("secretsmanager", "PutSecretValue", stored).expect("the value can be stored");
    let same = up("[database]\nport = 5433\n");
    assert_eq!(brought(&estate, same).await, ["ecs UpdateService"]);
}
