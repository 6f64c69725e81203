//! The cache: its nodes, its upkeep, its parameters, and who may connect.

use std::sync::{Arc, Mutex};

use serde_json::json;
use sidekick_engine::Address;
use sidekick_sandbox::{Phase, Reason};
use sidekick_tests::simulation::configuration::Configuration;
use sidekick_tests::simulation::estate::{Command, Estate, Fortune, Outcome};
use sidekick_tests::simulation::fuse::Fuse;
use sidekick_tests::simulation::goal::an_age;
use sidekick_tests::simulation::switching::{brought, switches};

const MODIFY: [&str; 1] = ["elasticache ModifyReplicationGroup"];
const NOTHING: [&str; 0] = [];

/// What another endpoint, or another token, means for the service.
const REDEPLOYED: [&str; 2] = ["ecs RegisterTaskDefinition", "ecs UpdateService"];

fn up(file: &str) -> Command {
    Command::Up(Configuration::own(file))
}

/// A file with this in its table of the cache.
fn cache(lines: &str) -> String {
    format!("[cache]\n{lines}\n")
}

fn with_token(rotation: u16) -> String {
    cache(&format!("transit_encryption = true\nauth_token = true\nauth_token_rotation = {rotation}"))
}

/// Calls, sorted.
fn calls(some: &[&[&str]]) -> Vec<String> {
    let mut all: Vec<String> = some.concat().into_iter().map(str::to_owned).collect();
    all.sort_unstable();
    all
}

#[tokio::test(start_paused = true)]
async fn what_is_changed_in_place_is_changed_by_one_call() {
    for (from, to) in [
        ("", "node_type = \"cache.t4g.small\""),
        ("", "description = \"Another one\""),
        ("", "multi_az = true"),
        ("", "automatic_failover = false"),
        ("", "snapshot_retention_days = 3"),
        ("snapshot_retention_days = 1", "snapshot_retention_days = 3"),
        ("snapshot_window = \"03:00-04:00\"", "snapshot_window = \"23:30-00:30\""),
        ("maintenance_window = \"sun:05:00-sun:06:00\"", "maintenance_window = \"mon:05:00-mon:07:00\""),
        ("", "auto_minor_version_upgrade = false"),
    ] {
        let switched = switches(&cache(from), &cache(to)).await;
        assert_eq!((switched.there, switched.back), (calls(&[&MODIFY]), calls(&[&MODIFY])), "{to}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_window_that_is_left_out_again_stays_as_it_is() {
    let windows = "snapshot_window = \"23:00-00:00\"\nmaintenance_window = \"mon:00:00-mon:01:00\"";
    let switched = switches("", &cache(windows)).await;
    assert_eq!((switched.there, switched.back), (calls(&[&MODIFY]), vec![]));
}

#[tokio::test(start_paused = true)]
async fn a_minor_version_is_raised_and_never_taken_back() {
    let switched = switches(&cache("engine_version = \"7.0\""), "").await;
    assert_eq!((switched.there, switched.back), (calls(&[&MODIFY]), vec![]));
}

#[tokio::test(start_paused = true)]
async fn replicas_come_before_the_failover_that_needs_them_and_go_after_it() {
    let switched = switches("", &cache("replicas = 3")).await;
    assert_eq!(switched.there, ["elasticache IncreaseReplicaCount"]);
    assert_eq!(switched.back, ["elasticache DecreaseReplicaCount"]);
    let switched = switches("", &cache("replicas = 0\nautomatic_failover = false")).await;
    assert_eq!(switched.there, calls(&[&MODIFY, &["elasticache DecreaseReplicaCount"]]));
    assert_eq!(switched.back, calls(&[&MODIFY, &["elasticache IncreaseReplicaCount"]]));
}

#[tokio::test(start_paused = true)]
async fn many_changes_are_made_one_after_the_other() {
    let estate = Estate::new(1);
    brought(&estate, up("")).await;
    let many = "replicas = 2\nmulti_az = true\nnode_type = \"cache.t4g.small\"\ntransit_encryption = true";
    let before = estate.sandbox.logged();
    brought(&estate, up(&cache(many))).await;
    let log = estate.sandbox.log_since(before);
    let busy = log.0.iter().filter(|call| {
        call.service == "elasticache" && call.refused.as_ref().is_some_and(|why| why.2 == Reason::Blocked)
    });
    assert_eq!(busy.count(), 0, "nothing was asked of a group at work");
}

#[tokio::test(start_paused = true)]
async fn parameters_lie_in_a_group_of_their_own_as_long_as_there_are_some() {
    let one = "[cache.parameters]\nmaxmemory-policy = \"allkeys-lru\"\n";
    let switched = switches("", one).await;
    let made = ["elasticache CreateCacheParameterGroup", "elasticache ModifyCacheParameterGroup"];
    assert_eq!(switched.there, calls(&[&MODIFY, &made]));
    assert_eq!(switched.back, calls(&[&MODIFY, &["elasticache DeleteCacheParameterGroup"]]));
    let switched = switches(one, "[cache.parameters]\nactivedefrag = true\n").await;
    let changed = ["elasticache ModifyCacheParameterGroup", "elasticache ResetCacheParameterGroup"];
    assert_eq!((switched.there, switched.back), (calls(&[&changed]), calls(&[&changed])));
}

#[tokio::test(start_paused = true)]
async fn parameters_that_wait_for_a_reboot_are_told_of() {
    let estate = Estate::new(1);
    brought(&estate, up("[cache.parameters]\ntimeout = 30\n")).await;
    let notice = |outcome: &Outcome| {
        let Outcome::Ended(plan, _) = outcome else { panic!("it ended with {outcome}") };
        let step = plan.steps.iter().find(|step| step.address == Address::from("data.redis"));
        step.and_then(|step| step.notice.clone())
    };
    let fixed = up("[cache.parameters]\ndatabases = 32\n");
    assert_eq!(notice(&estate.run(fixed, Fortune::kind()).await), None);
    an_age().await;
    let planned = notice(&estate.run(fixed, Fortune::kind()).await);
    assert!(planned.is_some_and(|words| words.contains("reboot-cache-cluster")));
    for node in ["sidekick-redis-001", "sidekick-redis-002"] {
        let reboot = json!({ "CacheClusterId": node, "CacheNodeIdsToReboot": ["0001"] });
        estate.sandbox.call("elasticache", "RebootCacheCluster", reboot).expect("a node can be rebooted");
        an_age().await;
    }
    assert_eq!(notice(&estate.run(fixed, Fortune::kind()).await), None);
}

#[tokio::test(start_paused = true)]
async fn transit_encryption_comes_and_goes_in_two_steps() {
    let switched = switches("", &cache("transit_encryption = true")).await;
    // The endpoint has another name, which the secret and the tasks are told.
    let both = calls(&[&MODIFY, &MODIFY, &REDEPLOYED, &["secretsmanager PutSecretValue"]]);
    assert_eq!((&switched.there, &switched.back), (&both, &both));
}

#[tokio::test(start_paused = true)]
async fn connections_without_encryption_are_refused_once_the_service_has_encrypted_ones() {
    let command = up(&cache("transit_encryption = true"));
    let mut estate = Estate::new(1);
    brought(&estate, up("")).await;
    let seen = watch(&mut estate);
    brought(&estate, command).await;
    assert_eq!(*seen.lock().expect("nobody panicked"), ["preferred", "UpdateService", "required"]);
}

/// What a run is refused for before it changes anything.
async fn refused(estate: &Estate, command: Command) -> String {
    let before = estate.sandbox.logged();
    let outcome = estate.run(command, Fortune::kind()).await;
    let Outcome::Refused(why) = outcome else { panic!("it is not refused: {outcome}") };
    assert_eq!(estate.sandbox.log_since(before).mutating(), 0);
    why
}

#[tokio::test(start_paused = true)]
async fn what_the_version_does_not_allow_is_refused_before_anything_is_changed() {
    let estate = Estate::new(1);
    let old = "engine_version = \"6.2\"\nparameter_group = \"default.redis6.x\"";
    brought(&estate, up(&cache(old))).await;
    let why = refused(&estate, up(&cache(&format!("{old}\ntransit_encryption = true")))).await;
    assert!(why.contains("Redis 6.2 does not change the encryption of connections"), "{why}");
    brought(&estate, up("")).await;
    let why = refused(&estate, up(&cache(old))).await;
    assert!(why.contains("Redis 7.1.0 runs, and AWS does not go back to 6.2"), "{why}");
}

/// What is asked about the token and the encryption, and when the service is told.
fn watch(estate: &mut Estate) -> Arc<Mutex<Vec<String>>> {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let told = Arc::clone(&seen);
    estate.witness = Some(Arc::new(move |call, phase| {
        let asked = |name: &str| call.params.get(name).and_then(|value| value.as_str());
        let strategy = asked("AuthTokenUpdateStrategy").or(asked("TransitEncryptionMode"));
        let service = (call.operation == "UpdateService").then_some("UpdateService");
        if let (Phase::BeforeEffect, Some(word)) = (phase, strategy.or(service)) {
            told.lock().expect("nobody panicked").push(word.to_owned());
        }
    }));
    seen
}

#[tokio::test(start_paused = true)]
async fn a_token_is_rotated_and_the_old_one_counts_until_the_service_has_the_new_one() {
    let switched = switches(&with_token(0), &with_token(1)).await;
    let tag = "elasticache AddTagsToResource";
    let rotated = [MODIFY[0], MODIFY[0], tag, tag];
    assert_eq!(switched.there, calls(&[&rotated, &REDEPLOYED, &["secretsmanager PutSecretValue"]]));
    // The secret holds the first token still.
    assert_eq!(switched.back, calls(&[&rotated, &REDEPLOYED]));
    let mut estate = Estate::new(1);
    brought(&estate, up(&with_token(0))).await;
    let seen = watch(&mut estate);
    brought(&estate, up(&with_token(1))).await;
    assert_eq!(*seen.lock().expect("nobody panicked"), ["ROTATE", "UpdateService", "SET"]);
}

#[tokio::test(start_paused = true)]
async fn a_token_can_come_to_a_cache_without_one_and_leaves_only_with_it() {
    let mut estate = Estate::new(1);
    let encrypted = up(&cache("transit_encryption = true"));
    brought(&estate, encrypted).await;
    let seen = watch(&mut estate);
    brought(&estate, up(&with_token(0))).await;
    assert_eq!(*seen.lock().expect("nobody panicked"), ["ROTATE", "UpdateService", "SET"]);
    let refused = estate.run(encrypted, Fortune::kind()).await;
    assert!(matches!(&refused, Outcome::Refused(why) if why.contains("data would be lost")), "{refused}");
    estate.consent = [Address::from("data.redis")].into();
    brought(&estate, encrypted).await;
}

#[tokio::test(start_paused = true)]
async fn encryption_and_a_token_can_come_together() {
    let estate = Estate::new(1);
    brought(&estate, up("")).await;
    brought(&estate, up(&with_token(0))).await;
    assert_eq!(brought(&estate, up(&with_token(0))).await, NOTHING);
}

#[tokio::test(start_paused = true)]
async fn a_rotation_that_is_interrupted_anywhere_is_finished_by_the_next_run() {
    let standing = Estate::new(1);
    brought(&standing, up(&with_token(0))).await;
    let whole = standing.fork();
    let count = Fuse::none();
    assert!(whole.run(up(&with_token(1)), Fortune::dies(count.clone())).await.is_success());
    assert!(count.met() > 20, "{}", count.met());
    let command = up(&with_token(1));
    for boundary in 1..=count.met() {
        let mut estate = standing.fork();
        let seen = watch(&mut estate);
        estate.run(command, Fortune::dies(Fuse::at(boundary))).await;
        brought(&estate, command).await;
        let mut seen = seen.lock().expect("nobody panicked").clone();
        seen.dedup();
        assert_eq!(seen, ["ROTATE", "UpdateService", "SET"], "at boundary {boundary}");
    }
}

#[tokio::test(start_paused = true)]
async fn another_key_takes_a_replacement_that_was_agreed_to() {
    let mut estate = Estate::new(1);
    let key = |id: &str| up(&cache(&format!("kms_key_id = \"arn:aws:kms:us-west-2:123456789012:key/{id}\"")));
    brought(&estate, key("one")).await;
    assert_eq!(brought(&estate, up("")).await, NOTHING, "left out, it is whichever it has");
    let refused = estate.run(key("two"), Fortune::kind()).await;
    assert!(matches!(&refused, Outcome::Refused(why) if why.contains("data would be lost")), "{refused}");
    estate.consent = [Address::from("data.redis")].into();
    let calls = brought(&estate, key("two")).await;
    assert!(calls.contains(&"elasticache CreateReplicationGroup".to_owned()), "{calls:?}");
}
