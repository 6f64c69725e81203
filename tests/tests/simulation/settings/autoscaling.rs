//! The number of tasks, while it follows the load.

use sidekick_tests::simulation::configuration::Configuration;
use sidekick_tests::simulation::estate::{Command, Estate, Fortune, Mischief};
use sidekick_tests::simulation::goal::{an_age, idles};
use sidekick_tests::simulation::switching::{brought, switches};

const RESOURCE: &str = "service/sidekick-cluster/sidekick-service";
const SCALED: &str = "[service]\nautoscaling = { min = 1, max = 6, cpu_percent = 60 }\n";

fn up(file: &str) -> Command {
    Command::Up(Configuration::own(file))
}

/// How many tasks the service shall run, as ECS sees it.
fn desired(estate: &Estate) -> i64 {
    let world = estate.world();
    let service = world.living("ecs", "services").into_iter().next().expect("a service");
    service["desired"].as_i64().expect("a number of tasks")
}

/// Lets the load of the standing service need so many tasks, which it gets.
fn load(estate: &Estate, tasks: i64) {
    let set = estate.sandbox.demand(RESOURCE, tasks).expect("a world in memory can be changed");
    assert_eq!(set, Some(tasks));
}

#[tokio::test(start_paused = true)]
async fn autoscaling_is_switched_on_and_off_around_a_running_service() {
    let switched = switches("", SCALED).await;
    assert_eq!(
        switched.there,
        ["application-autoscaling PutScalingPolicy", "application-autoscaling RegisterScalableTarget"]
    );
    assert_eq!(
        switched.back,
        ["application-autoscaling DeleteScalingPolicy", "application-autoscaling DeregisterScalableTarget"]
    );
}

#[tokio::test(start_paused = true)]
async fn limits_and_targets_are_changed_where_they_are() {
    let other =
        "[service]\nautoscaling = { min = 2, max = 8, memory_percent = 70, requests_per_target = 500 }\n";
    let switched = switches(SCALED, other).await;
    let [put, delete, register] = ["PutScalingPolicy", "DeleteScalingPolicy", "RegisterScalableTarget"]
        .map(|operation| format!("application-autoscaling {operation}"));
    assert_eq!(switched.there, [&delete, &put, &put, &register].map(String::as_str));
    assert_eq!(switched.back, [&delete, &delete, &put, &register].map(String::as_str));
    let value = switches(SCALED, &SCALED.replace("cpu_percent = 60", "cpu_percent = 75")).await;
    assert_eq!((value.there, value.back), (vec![put.clone()], vec![put]));
}

/// What the load made of the number is no drift, and no deployment sets it back.
#[tokio::test(start_paused = true)]
async fn the_number_of_tasks_is_the_loads_and_survives_a_deployment() {
    let estate = Estate::new(7);
    brought(&estate, up(SCALED)).await;
    assert_eq!(desired(&estate), 1);
    load(&estate, 4);
    assert_eq!(brought(&estate, up(SCALED)).await, [""; 0]);
    let next = format!("{SCALED}image = \"ghcr.io/0xsequence/sidekick:next\"\ndesired_count = 2\n");
    assert_eq!(brought(&estate, up(&next)).await, ["ecs RegisterTaskDefinition", "ecs UpdateService"]);
    assert_eq!(desired(&estate), 4);
    load(&estate, 1);
    assert_eq!(brought(&estate, up(&next)).await, [""; 0]);
    assert_eq!(desired(&estate), 1);
}

/// A deployment that the load scales while it is under way still comes to its end.
#[tokio::test(start_paused = true)]
async fn a_service_is_waited_for_while_it_is_scaled() {
    let estate = Estate::new(7);
    brought(&estate, up(SCALED)).await;
    let next = format!("{SCALED}image = \"ghcr.io/0xsequence/sidekick:next\"\n");
    let trial = estate.fork();
    brought(&trial, up(&next)).await;
    let deployed = trial.sandbox.log().0.iter().position(|call| call.operation == "UpdateService");
    let scale: Mischief = Box::new(|sandbox| {
        sandbox.demand(RESOURCE, 3).expect("a world in memory can be changed");
    });
    // A few looks after the deployment began.
    let at = deployed.expect("a deployment") as u64 + 5;
    let outcome = estate.run(up(&next), Fortune { mischief: Some((at, scale)), ..Fortune::kind() }).await;
    assert!(outcome.is_success(), "{outcome}");
    assert_eq!(desired(&estate), 3);
}

#[tokio::test(start_paused = true)]
async fn without_autoscaling_the_configured_number_counts_again() {
    let estate = Estate::new(7);
    brought(&estate, up(SCALED)).await;
    load(&estate, 5);
    let calls = brought(&estate, up("")).await;
    assert_eq!(
        calls,
        [
            "application-autoscaling DeleteScalingPolicy",
            "application-autoscaling DeregisterScalableTarget",
            "ecs UpdateService",
        ]
    );
    assert_eq!(desired(&estate), 1);
}

/// Switched on, nothing but the limits changes the number: what is within them stays.
#[tokio::test(start_paused = true)]
async fn the_number_that_runs_is_kept_when_autoscaling_begins() {
    let estate = Estate::new(7);
    brought(&estate, up("[service]\ndesired_count = 3\n")).await;
    let scaled = format!("{SCALED}desired_count = 1\n");
    brought(&estate, up(&scaled)).await;
    assert_eq!(desired(&estate), 3);
    let more = scaled.replace("min = 1", "min = 5");
    brought(&estate, up(&more)).await;
    assert_eq!(desired(&estate), 5);
}

/// The plan right after it has nothing to do, which it would not if tasks were still being started.
#[tokio::test(start_paused = true)]
async fn an_up_is_over_once_the_fewest_tasks_run() {
    let estate = Estate::new(7);
    brought(&estate, up("")).await;
    let scaled = up(&SCALED.replace("min = 1", "min = 3"));
    let outcome = estate.run(scaled, Fortune::kind()).await;
    assert!(outcome.is_success(), "{outcome}");
    assert_eq!(idles(&estate, scaled).await, [""; 0]);
}

/// Two calls switch autoscaling on, each of which can be lost on its way there and back.
#[tokio::test(start_paused = true)]
async fn no_lost_call_makes_a_second_target_or_a_policy_of_nobody() {
    let standing = Estate::new(7);
    brought(&standing, up("")).await;
    for boundary in 1..=4 {
        let estate = standing.fork();
        estate.run(up(SCALED), Fortune::loses(boundary)).await;
        an_age().await;
        let outcome = estate.run(up(SCALED), Fortune::kind()).await;
        assert!(outcome.is_success(), "boundary {boundary}: {outcome}");
        assert_eq!(estate.audit(), [""; 0], "boundary {boundary}");
        assert_eq!(idles(&estate, up(SCALED)).await, [""; 0], "boundary {boundary}");
    }
}
