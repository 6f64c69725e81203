//! The database: its size, its upkeep, its parameters, and what becomes of it at the end.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use sidekick_engine::{Address, What};
use sidekick_tests::simulation::configuration::Configuration;
use sidekick_tests::simulation::estate::{Command, Estate, Fortune, Outcome};
use sidekick_tests::simulation::goal::{an_age, idles};
use sidekick_tests::simulation::switching::{brought, switches};

const MODIFY: [&str; 1] = ["rds ModifyDBInstance"];
const NOTHING: [&str; 0] = [];

fn up(file: &str) -> Command {
    Command::Up(Configuration::own(file))
}

/// A file with this in its table of the database.
fn database(lines: &str) -> String {
    format!("[database]\n{lines}\n")
}

#[tokio::test(start_paused = true)]
async fn what_is_changed_in_place_is_changed_by_one_call() {
    for (from, to) in [
        ("", "instance_class = \"db.t4g.small\""),
        ("", "max_allocated_storage_gib = 200"),
        ("", "max_allocated_storage_gib = 20"),
        ("", "multi_az = true"),
        ("", "backup_retention_days = 7"),
        ("", "backup_retention_days = 0"),
        ("backup_window = \"03:00-03:30\"", "backup_window = \"04:00-05:00\""),
        ("maintenance_window = \"sun:05:00-sun:05:30\"", "maintenance_window = \"mon:23:30-tue:00:30\""),
        ("", "auto_minor_version_upgrade = false"),
        ("", "copy_tags_to_snapshot = false"),
        ("", "performance_insights = false"),
        ("", "performance_insights_retention_days = 31"),
        ("performance_insights = false", "performance_insights_retention_days = 731"),
    ] {
        let switched = switches(&database(from), &database(to)).await;
        assert_eq!(
            (switched.there, switched.back),
            (MODIFY.map(str::to_owned).into(), MODIFY.map(str::to_owned).into()),
            "{to}"
        );
    }
}

/// The class that the instance runs on.
fn class(estate: &Estate) -> String {
    let answer = estate.sandbox.call("rds", "DescribeDBInstances", json!({})).expect("instances are told");
    answer["DBInstances"][0]["DBInstanceClass"].as_str().expect("it has a class").to_owned()
}

#[tokio::test(start_paused = true)]
async fn an_up_is_over_once_another_class_is_in_force() {
    let estate = Estate::new(1);
    brought(&estate, up("")).await;
    let outcome = estate.run(up(&database("instance_class = \"db.t4g.small\"")), Fortune::kind()).await;
    assert!(outcome.is_success(), "{outcome}");
    assert_eq!(class(&estate), "db.t4g.small");
}

#[tokio::test(start_paused = true)]
async fn a_change_that_somebody_left_to_the_maintenance_window_is_made_at_once_by_one_call() {
    let estate = Estate::new(1);
    brought(&estate, up("")).await;
    let left = json!({
        "DBInstanceIdentifier": "sidekick-postgres", "DBInstanceClass": "db.t4g.small", "ApplyImmediately": false,
    });
    estate.sandbox.call("rds", "ModifyDBInstance", left).expect("the instance can be changed");
    an_age().await;
    assert_eq!(class(&estate), "db.t4g.micro", "the window never comes");
    let before = estate.sandbox.logged();
    let outcome = estate.run(up(&database("instance_class = \"db.t4g.small\"")), Fortune::kind()).await;
    assert!(outcome.is_success(), "{outcome}");
    assert_eq!(class(&estate), "db.t4g.small");
    let log = estate.sandbox.log_since(before);
    assert_eq!(log.0.iter().filter(|call| call.mutating && call.over_wire).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_window_that_is_left_out_again_stays_as_it_is() {
    let windows = "backup_window = \"23:30-00:00\"\nmaintenance_window = \"mon:00:00-mon:00:30\"";
    let switched = switches("", &database(windows)).await;
    assert_eq!(switched.there, MODIFY);
    assert_eq!(switched.back, NOTHING);
}

#[tokio::test(start_paused = true)]
async fn a_minor_version_is_raised_and_never_taken_back() {
    let switched =
        switches(&database("engine_version = \"17.4\""), &database("engine_version = \"17.6\"")).await;
    assert_eq!(switched.there, MODIFY);
    assert_eq!(switched.back, NOTHING);
}

#[tokio::test(start_paused = true)]
async fn what_aws_raises_by_itself_is_no_drift() {
    let estate = Estate::new(1);
    let command = up(&database("engine_version = \"17.4\""));
    brought(&estate, command).await;
    let raised = json!({
        "DBInstanceIdentifier": "sidekick-postgres", "EngineVersion": "17.6", "AllocatedStorage": 40,
        "ApplyImmediately": true,
    });
    estate.sandbox.call("rds", "ModifyDBInstance", raised).expect("the instance can be changed");
    an_age().await;
    assert_eq!(idles(&estate, command).await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn storage_grows_and_changes_its_sort_hours_apart() {
    let estate = Estate::new(1);
    brought(&estate, up("")).await;
    for lines in ["allocated_storage_gib = 40", "allocated_storage_gib = 40\nstorage_type = \"gp2\""] {
        assert_eq!(brought(&estate, up(&database(lines))).await, MODIFY, "{lines}");
        tokio::time::sleep(Duration::from_secs(6 * 3600)).await;
    }
    assert_eq!(brought(&estate, up(&database("allocated_storage_gib = 40"))).await, MODIFY);
}

#[tokio::test(start_paused = true)]
async fn deletion_protection_stops_down_until_it_is_switched_off() {
    let estate = Estate::new(1);
    brought(&estate, up("")).await;
    assert_eq!(brought(&estate, up(&database("deletion_protection = true"))).await, MODIFY);
    let outcome = estate.run(Command::Down, Fortune::kind()).await;
    assert!(matches!(&outcome, Outcome::Refused(why) if why.contains("deletion_protection")), "{outcome}");
    assert_eq!(brought(&estate, up("")).await, MODIFY);
    assert!(estate.run(Command::Down, Fortune::kind()).await.is_success());
}

#[tokio::test(start_paused = true)]
async fn a_final_snapshot_is_taken_if_it_was_asked_for_last() {
    for (first, last, left) in [("false", "true", 1), ("true", "false", 0)] {
        let estate = Estate::new(1);
        brought(&estate, up(&database(&format!("final_snapshot = {first}")))).await;
        assert_eq!(brought(&estate, up(&database(&format!("final_snapshot = {last}")))).await, NOTHING);
        assert!(estate.run(Command::Down, Fortune::kind()).await.is_success());
        an_age().await;
        let snapshots = estate.world().living("rds", "snapshots").len();
        assert_eq!((snapshots, estate.world().census().len()), (left, left), "from {first} to {last}");
    }
}

#[tokio::test(start_paused = true)]
async fn parameters_lie_in_a_group_of_their_own_as_long_as_there_are_some() {
    let switched = switches("", "[database.parameters]\nwork_mem = 8192\nmax_connections = 200\n").await;
    let made = ["rds CreateDBParameterGroup", "rds ModifyDBInstance", "rds ModifyDBParameterGroup"];
    assert_eq!(switched.there, made);
    assert_eq!(switched.back, ["rds DeleteDBParameterGroup", "rds ModifyDBInstance"]);
}

#[tokio::test(start_paused = true)]
async fn a_parameter_that_is_no_longer_overridden_is_reset() {
    let both = "[database.parameters]\nwork_mem = 8192\nmax_connections = 200\n";
    let switched = switches(both, "[database.parameters]\nwork_mem = 4096\n").await;
    assert_eq!(switched.there, ["rds ModifyDBParameterGroup", "rds ResetDBParameterGroup"]);
    assert_eq!(switched.back, ["rds ModifyDBParameterGroup"]);
}

#[tokio::test(start_paused = true)]
async fn many_parameters_are_set_some_with_each_call() {
    let names = [
        "autovacuum_max_workers",
        "checkpoint_timeout",
        "deadlock_timeout",
        "default_statistics_target",
        "effective_cache_size",
        "idle_in_transaction_session_timeout",
        "lock_timeout",
        "log_min_duration_statement",
        "log_temp_files",
        "maintenance_work_mem",
        "max_connections",
        "max_locks_per_transaction",
        "max_wal_size",
        "max_worker_processes",
        "random_page_cost",
        "shared_buffers",
        "statement_timeout",
        "timezone",
        "track_activity_query_size",
        "work_mem",
        "shared_preload_libraries",
    ];
    let lines: String = names.iter().map(|name| format!("{name} = 64\n")).collect();
    let switched = switches(
        "[database.parameters]\nlog_connections = true\n",
        &format!("[database.parameters]\n{lines}log_connections = true\n"),
    )
    .await;
    assert_eq!(switched.there, ["rds ModifyDBParameterGroup", "rds ModifyDBParameterGroup"]);
    assert_eq!(switched.back, ["rds ResetDBParameterGroup", "rds ResetDBParameterGroup"]);
}

#[tokio::test(start_paused = true)]
async fn another_major_version_takes_a_parameter_group_of_its_own() {
    let file = |major: u8| {
        format!(
            "[database]\nengine_version = \"{major}\"\nparameter_group = \"default.postgres{major}\"\n\
             [database.parameters]\nwork_mem = 8192\n"
        )
    };
    let estate = Estate::new(1);
    brought(&estate, up(&file(16))).await;
    let calls = [
        "rds CreateDBParameterGroup",
        "rds DeleteDBParameterGroup",
        "rds ModifyDBInstance",
        "rds ModifyDBParameterGroup",
    ];
    assert_eq!(brought(&estate, up(&file(17))).await, calls);
    assert_eq!(estate.world().living("rds", "parameter_groups").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_major_version_is_not_taken_back_and_that_is_told_before_anything_is_changed() {
    let estate = Estate::new(1);
    brought(&estate, up("")).await;
    let before = estate.sandbox.logged();
    let older = "engine_version = \"16\"\nparameter_group = \"default.postgres16\"";
    let outcome = estate.run(up(&database(older)), Fortune::kind()).await;
    let Outcome::Refused(why) = outcome else { panic!("it is not refused: {outcome}") };
    assert!(why.contains("PostgreSQL 17.6 runs, and AWS does not go back to 16"), "{why}");
    assert_eq!(estate.sandbox.log_since(before).mutating(), 0);
}

#[tokio::test(start_paused = true)]
async fn parameters_that_wait_for_a_reboot_are_told_of_until_somebody_reboots() {
    let mut estate = Estate::new(1);
    let told: Arc<Mutex<Vec<String>>> = Arc::default();
    let heard = Arc::clone(&told);
    estate.audience = Some(Arc::new(move |event| {
        if let What::Notice { words } = &event.what {
            heard.lock().expect("nobody panicked").push(format!("{}: {words}", event.address));
        }
    }));
    let dynamic = up("[database.parameters]\nwork_mem = 8192\n");
    let fixed = up("[database.parameters]\nwork_mem = 8192\nmax_connections = 200\n");
    brought(&estate, dynamic).await;
    brought(&estate, up("[database.parameters]\nwork_mem = 4096\n")).await;
    assert_eq!(*told.lock().expect("nobody panicked"), NOTHING, "dynamic ones need none");
    brought(&estate, fixed).await;
    let notice = |outcome: &Outcome| {
        let Outcome::Ended(plan, _) = outcome else { panic!("it ended with {outcome}") };
        let step = plan.steps.iter().find(|step| step.address == Address::from("data.postgres"));
        step.and_then(|step| step.notice.clone())
    };
    let planned = notice(&estate.run(fixed, Fortune::kind()).await);
    assert!(planned.is_some_and(|words| words.contains("reboot-db-instance")), "the next plan says so");
    let reboot = json!({ "DBInstanceIdentifier": "sidekick-postgres" });
    estate.sandbox.call("rds", "RebootDBInstance", reboot).expect("the instance can be rebooted");
    an_age().await;
    assert_eq!(notice(&estate.run(fixed, Fortune::kind()).await), None);
}

#[tokio::test(start_paused = true)]
async fn another_group_is_told_to_wait_for_a_reboot_by_the_run_itself() {
    let mut estate = Estate::new(1);
    let told: Arc<Mutex<Vec<String>>> = Arc::default();
    let heard = Arc::clone(&told);
    estate.audience = Some(Arc::new(move |event| {
        if let What::Notice { .. } = &event.what {
            heard.lock().expect("nobody panicked").push(event.address.to_string());
        }
    }));
    brought(&estate, up("")).await;
    brought(&estate, up("[database.parameters]\nwork_mem = 8192\n")).await;
    assert_eq!(*told.lock().expect("nobody panicked"), ["data.postgres"]);
}

#[tokio::test(start_paused = true)]
async fn another_key_takes_a_replacement_that_was_agreed_to() {
    let mut estate = Estate::new(1);
    let key =
        |id: &str| up(&database(&format!("kms_key_id = \"arn:aws:kms:us-west-2:123456789012:key/{id}\"")));
    brought(&estate, key("one")).await;
    assert_eq!(brought(&estate, up("")).await, NOTHING, "left out, it is whichever it has");
    let refused = estate.run(key("two"), Fortune::kind()).await;
    assert!(matches!(&refused, Outcome::Refused(why) if why.contains("data would be lost")), "{refused}");
    estate.consent = [Address::from("data.postgres")].into();
    let calls = brought(&estate, key("two")).await;
    assert!(calls.contains(&"rds CreateDBInstance".to_owned()), "{calls:?}");
}
