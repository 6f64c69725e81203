//! What an undisturbed environment promises, from nothing to nothing.

use std::time::Duration;

use serde_json::json;
use sidekick_engine::Planned;
use sidekick_tests::simulation::audit::{illegal_calls, mutating_calls};
use sidekick_tests::simulation::configuration::Configuration;
use sidekick_tests::simulation::estate::{Command, Estate, Fortune, Outcome};
use sidekick_tests::simulation::goal::an_age;
use tokio::time::Instant;

const UP: Command = Command::Up(Configuration::Shipped);

#[tokio::test(start_paused = true)]
async fn up_again_and_down_leave_what_they_promise_and_break_no_rule_of_aws() {
    let estate = Estate::new(1);
    let up = estate.run(UP, Fortune::kind()).await;
    let Outcome::Ended(plan, report) = &up else { panic!("{up:?}") };
    assert!(report.is_success(), "{report:#?}");
    assert_eq!(plan.changes().count(), estate.rows().len(), "every planned resource is on record");
    assert_eq!(estate.audit(), [""; 0]);
    let calls = mutating_calls(&estate.sandbox.log());
    let again = estate.run(UP, Fortune::kind()).await;
    assert!(matches!(&again, Outcome::Ended(plan, _) if plan.is_empty()), "{again:?}");
    assert_eq!(mutating_calls(&estate.sandbox.log()), calls, "a second up mutates nothing");
    assert!(estate.run(Command::Down, Fortune::kind()).await.is_success());
    an_age().await;
    assert_eq!(estate.rows().len(), 0);
    assert_eq!(estate.audit(), [""; 0]);
    assert_eq!(estate.world().census(), [].into(), "nothing is left");
    assert_eq!(illegal_calls(&estate.sandbox.log(), false), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_run_takes_as_long_as_its_longest_path_and_not_as_all_resources_together() {
    let estate = Estate::new(2);
    let begun = Instant::now();
    assert!(estate.run(UP, Fortune::kind()).await.is_success());
    let up = begun.elapsed();
    // The cache and then the service's tasks are the longest path: 5 to 9 minutes and 1 to 3. The load balancer,
    // the NAT gateway and the database alone would add 8 minutes to that if they were waited for in turn.
    assert!(up < Duration::from_secs(13 * 60), "up took {up:?} of AWS's time");
    let begun = Instant::now();
    assert!(estate.run(Command::Down, Fortune::kind()).await.is_success());
    let down = begun.elapsed();
    assert!(down < Duration::from_secs(8 * 60), "down took {down:?} of AWS's time");
}

#[tokio::test(start_paused = true)]
async fn a_run_repeats_call_by_call_from_its_seed() {
    async fn calls(seed: u64) -> Vec<(u64, String)> {
        let estate = Estate::new(seed);
        assert!(estate.run(UP, Fortune::kind()).await.is_success());
        let log = estate.sandbox.log();
        log.0.into_iter().map(|call| ((call.at * 1e6) as u64, call.operation)).collect()
    }
    let first = calls(3).await;
    assert_eq!(first, calls(3).await);
    assert_ne!(first, calls(4).await);
}

#[tokio::test(start_paused = true)]
async fn a_family_whose_revisions_somebody_deregistered_is_still_ours() {
    let estate = Estate::new(5);
    assert!(estate.run(UP, Fortune::kind()).await.is_success());
    let deregister = || {
        let world = estate.sandbox.world().expect("a world in memory can be read");
        let family = world["ecs"]["task_definitions"].as_object().expect("there are revisions").clone();
        for (arn, _) in family.iter().filter(|(_, revision)| revision["status"] == "Active") {
            let done =
                estate.sandbox.call("ecs", "DeregisterTaskDefinition", json!({ "taskDefinition": arn }));
            done.expect("a revision can be deregistered");
        }
    };
    deregister();
    // Once it was forgotten, a run that died before it was made anew left its inactive revisions behind.
    let Outcome::Ended(plan, report) = estate.run(UP, Fortune::kind()).await else { panic!("it runs") };
    assert!(report.is_success(), "{report:#?}");
    let step = plan.changes().find(|step| step.address.to_string() == "compute.task-definition");
    let step = step.expect("it is in the plan");
    assert_eq!(step.action, Planned::Update, "it was not taken for gone");
    assert_eq!(step.changes.iter().map(|change| change.field.as_str()).collect::<Vec<_>>(), ["deregistered"]);
    deregister();
    assert!(estate.run(Command::Down, Fortune::kind()).await.is_success());
    an_age().await;
    assert_eq!(estate.world().census(), [].into(), "nothing is left");
}
