//! The verdict on a rollout: when a run waits for it, when not, and what it tells of a failure.

use std::time::Duration;

use serde_json::{Value, json};
use sidekick_tests::simulation::configuration::Configuration;
use sidekick_tests::simulation::estate::{Command, Estate, Fortune, Outcome, SUPPLIED};
use sidekick_tests::simulation::goal::{an_age, idles};
use tokio::time::Instant;

/// An `up` with this configuration of the service.
fn up(service: &str) -> Command {
    Command::Up(Configuration::own(&format!("[service]\n{service}\n")))
}

fn call(estate: &Estate, service: &str, operation: &str, params: Value) -> Value {
    estate
        .sandbox
        .call(service, operation, params)
        .unwrap_or_else(|refusal| panic!("{operation}: {refusal:?}"))
}

/// ECS calls it complete as soon as the new tasks run.
#[tokio::test(start_paused = true)]
async fn more_tasks_are_there_when_the_load_balancer_finds_them_healthy() {
    let estate = Estate::new(21);
    assert!(estate.run(up("desired_count = 1"), Fortune::kind()).await.is_success());
    assert!(estate.run(up("desired_count = 3"), Fortune::kind()).await.is_success());
    let group = call(&estate, "elasticloadbalancing", "DescribeTargetGroups", json!({}));
    let group = json!({ "TargetGroupArn": group["TargetGroups"][0]["TargetGroupArn"] });
    let health = call(&estate, "elasticloadbalancing", "DescribeTargetHealth", group);
    let states: Vec<_> = health["TargetHealthDescriptions"].as_array().into_iter().flatten().collect();
    let states: Vec<_> = states.iter().map(|one| one["TargetHealth"]["State"].as_str()).collect();
    assert_eq!(states, [Some("healthy"); 3]);
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_rollout_that_the_configuration_has_given_up() {
    let estate = Estate::new(22);
    let hopeless = "circuit_breaker = \"off\"\nimage = \"ghcr.io/0xsequence/sidekick:does-not-exist\"";
    let begun = Instant::now();
    assert!(!estate.run(up(hopeless), Fortune::kind()).await.is_success(), "it can never come up");
    assert!(begun.elapsed() > Duration::from_secs(20 * 60), "it was given all the time there is");
    let begun = Instant::now();
    let mended = up("circuit_breaker = \"off\"");
    assert!(estate.run(mended, Fortune::kind()).await.is_success());
    assert!(begun.elapsed() < Duration::from_secs(6 * 60), "{:?}", begun.elapsed());
    an_age().await;
    assert_eq!(idles(&estate, mended).await, [""; 0]);
    assert_eq!(estate.audit(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn the_last_words_of_a_task_are_told_without_its_secrets() {
    let estate = Estate::new(23);
    let crashing = up("image = \"ghcr.io/0xsequence/sidekick:crashes\"");
    assert!(!estate.run(crashing, Fortune::kind()).await.is_success());
    let secret = call(
        &estate,
        "secretsmanager",
        "GetSecretValue",
        json!({ "SecretId": "sidekick/postgres/credentials" }),
    );
    let secret: Value =
        serde_json::from_str(secret["SecretString"].as_str().expect("it is a text")).expect("it is JSON");
    let [url, password] = ["DATABASE_URL", "password"].map(|key| secret[key].as_str().expect("it is there"));
    let world = estate.sandbox.world().expect("a world in memory can be read");
    for (stream, _) in
        world["logs"]["groups"]["/ecs/sidekick-task"]["streams"].as_object().into_iter().flatten()
    {
        for line in [url, password, &format!("key {SUPPLIED}!"), "the database is away"] {
            let events = json!([{ "timestamp": 1, "message": line }]);
            let params =
                json!({ "logGroupName": "/ecs/sidekick-task", "logStreamName": stream, "logEvents": events });
            call(&estate, "logs", "PutLogEvents", params);
        }
    }
    let again = estate.run(crashing, Fortune::kind()).await;
    let Outcome::Ended(plan, _) = again else { panic!("{again}") };
    let told = format!("{:?}", plan.changes().map(|step| &step.reason).collect::<Vec<_>>());
    assert!(told.contains("sidekick-container| the database is away"), "{told}");
    assert_eq!(told.matches("(a line that repeats a secret)").count(), 3, "{told}");
    for secret in [url, password, SUPPLIED] {
        assert!(!told.contains(secret), "it repeats a secret");
    }
}
