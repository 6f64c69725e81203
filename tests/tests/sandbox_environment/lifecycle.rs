//! The main job: up from nothing, up again, look at it, down.

use std::collections::BTreeSet;

use sidekick_tests::binary::Outcome;

use crate::desk::Desk;
use crate::{Shown, trials};

trials![
    up_from_nothing_makes_the_whole_environment,
    a_second_up_does_nothing,
    down_leaves_nothing,
    what_the_sandbox_assumes_is_announced,
    plan_tells_by_its_exit_code_whether_there_are_changes,
    plan_changes_nothing,
    status_shows_resources_and_who_reaches_whom,
    status_tells_programs_the_same,
    what_was_deleted_behind_our_back_is_shown_and_made_again,
    an_output_is_printed_bare_by_its_name,
    state_shows_what_is_on_record,
    a_lost_state_file_is_rebuilt_from_the_tags,
];

/// Every resource of the reference environment.
#[rustfmt::skip]
const ADDRESSES: [&str; 37] = [
    "compute.app-credentials", "compute.app-secret", "compute.cluster", "compute.execution-role",
    "compute.log-group", "compute.service", "compute.task-definition", "compute.task-role",
    "data.postgres", "data.postgres-credentials", "data.postgres-password", "data.postgres-secret",
    "data.postgres-subnet-group", "data.redis", "data.redis-credentials", "data.redis-secret",
    "data.redis-subnet-group",
    "edge.alb", "edge.http-listener", "edge.target-group", "edge.waf", "edge.waf-association",
    "network.alb-subnet.10.0.3.0/24", "network.alb-subnet.10.0.4.0/24", "network.elastic-ip.us-west-2a",
    "network.internet-gateway", "network.nat-gateway.us-west-2a", "network.nat-subnet.10.0.5.0/24",
    "network.private-routes.us-west-2a", "network.private-subnet.10.0.1.0/24",
    "network.private-subnet.10.0.2.0/24", "network.public-routes", "network.vpc",
    "security.alb", "security.postgres", "security.redis", "security.service",
];

/// What `outputs` knows, with a part of each value.
const OUTPUTS: [(&str, &str); 10] = [
    ("alb_dns_name", "internal-sidekick-alb-"),
    ("app_secret_arn", ":secret:sidekick/app/credentials-"),
    ("cluster", "sidekick-cluster"),
    ("database_endpoint", "sidekick-postgres."),
    ("log_group", "/ecs/sidekick-task"),
    ("postgres_secret_arn", ":secret:sidekick/postgres/credentials-"),
    ("redis_endpoint", "sidekick-redis."),
    ("redis_secret_arn", ":secret:sidekick/redis/credentials-"),
    ("service", "sidekick-service"),
    ("vpc_id", "vpc-"),
];

fn up_from_nothing_makes_the_whole_environment() -> Shown {
    let desk = Desk::new()?;
    let up = desk.brings("up")?.says(&["37 to create", "The environment is as configured"])?;
    assert_eq!(desk.recorded()?, ADDRESSES);
    for address in ADDRESSES {
        let told = |word: &str| {
            up.stdout.lines().any(|line| line.contains(&format!(" {address} ")) && line.contains(word))
        };
        assert!(
            told("creating") || address == "data.postgres-credentials",
            "{address} is created:\n{}",
            up.stdout
        );
        assert!(told("ed in "), "{address} is ready:\n{}", up.stdout);
    }
    for (name, part) in OUTPUTS {
        // The access that the plan opens is told before, and begins with names as well.
        let line = up.stdout.lines().rfind(|line| line.trim_start().starts_with(&format!("{name} ")));
        assert!(
            line.is_some_and(|line| line.contains(part)),
            "the output {name} with {part}:\n{}",
            up.stdout
        );
    }
    let tasks = desk.world()?;
    let [task] = tasks.living("ecs", "tasks")[..] else { return Err("exactly one task lives".into()) };
    assert_eq!((&task["step"], &task["healthy"]), (&"Serving".into(), &true.into()));
    Ok(())
}

fn a_second_up_does_nothing() -> Shown {
    let desk = Desk::up()?;
    let before = desk.snapshot()?;
    desk.brings("up")?.says(&["No changes", "alb_dns_name"])?;
    desk.is_unchanged_since(&before)?;
    Ok(())
}

fn down_leaves_nothing() -> Shown {
    let desk = Desk::up()?;
    desk.brings("down")?.says(&["37 to delete", "Nothing of the environment is left"])?;
    assert_eq!(desk.world()?.census(), [].into());
    assert_eq!(desk.recorded()?, [""; 0]);
    desk.brings("down")?.says(&["Nothing is on record"])?;
    // The same desk works again, although the names of its secrets and task definitions were used before.
    desk.brings("up")?;
    assert_eq!(desk.recorded()?, ADDRESSES);
    Ok(())
}

fn what_the_sandbox_assumes_is_announced() -> Shown {
    let desk = Desk::new()?;
    let note = ["placeholders", "SEQUENCE_PROJECT_ACCESS_KEY"];
    desk.run("plan").ends_with(0)?.says(&note)?;
    desk.brings("up")?.says(&note)?;
    // They are stored now, and need no stand-in any more.
    let again = desk.brings("up")?;
    assert!(!again.text().contains("placeholder"), "{again}");
    Ok(())
}

fn plan_tells_by_its_exit_code_whether_there_are_changes() -> Shown {
    let desk = Desk::new()?;
    desk.run("plan").ends_with(0)?;
    desk.run("plan --detailed-exitcode").ends_with(2)?.says(&["37 to create"])?;
    desk.brings("up")?;
    desk.run("plan --detailed-exitcode").ends_with(0)?.says(&["No changes"])?;
    desk.place.edit("default.toml", "retention_days = 3\n", "retention_days = 7\n")?;
    desk.run("plan").ends_with(0)?;
    desk.run("plan --detailed-exitcode")
        .ends_with(2)?
        .says(&["retention_days: 3 → 7", "Plan: 1 to update"])?;
    desk.place.edit("default.toml", "\nretention_days = 7\n", "\nretention_days = 8\n")?;
    // A configuration that cannot be is 2 without the flag; with it, 2 would say that there are changes.
    desk.run("plan --detailed-exitcode").ends_with(1)?.says(&["retention_days"])?;
    Ok(())
}

fn plan_changes_nothing() -> Shown {
    let desk = Desk::up()?;
    desk.place.edit("default.toml", "desired_count = 1\n", "desired_count = 2\n")?;
    let before = desk.snapshot()?;
    desk.run("plan").ends_with(0)?.says(&["desired_count: 1 → 2"])?;
    desk.is_unchanged_since(&before)?;
    Ok(())
}

fn status_shows_resources_and_who_reaches_whom() -> Shown {
    let desk = Desk::new()?;
    desk.run("status").ends_with(0)?.says(&["Nothing is on record"])?;
    desk.brings("up")?;
    desk.lets_the_first_backup_end()?;
    let status = desk.run("status").ends_with(0)?;
    for (layer, count) in [("network", 11), ("security", 4), ("data", 9), ("edge", 5), ("compute", 8)] {
        assert!(has_line(&status, layer, &format!("all {count} ready")), "{layer} is ready:\n{status}");
    }
    for (what, words) in [
        (
            "service",
            "1 of 1 tasks running; deployment of sidekick-task:1 completed; targets in sidekick-tg: 1 healthy",
        ),
        ("database", "available; PostgreSQL 17."),
        ("cache", "available; Redis 7.1."),
    ] {
        assert!(has_line(&status, what, words), "{what} is {words}:\n{status}");
    }
    for (path, state) in [
        ("internet → load balancer, 80/tcp", "BLOCKED"),
        ("internet → service, 7500/tcp", "BLOCKED"),
        ("internet → database, 5432/tcp", "BLOCKED"),
        ("internet → cache, 6379/tcp", "BLOCKED"),
        ("peer pragma (10.102.0.0/16) → load balancer, 80/tcp", "PENDING"),
        ("service → database, 5432/tcp", "ACTIVE"),
        ("service → cache, 6379/tcp", "ACTIVE"),
        ("load balancer → service, 7500/tcp", "ACTIVE"),
        ("service → internet, 443/tcp", "ACTIVE"),
    ] {
        assert!(has_line(&status, path, state), "{path} is {state}:\n{status}");
    }
    Ok(())
}

fn status_tells_programs_the_same() -> Shown {
    let desk = Desk::up()?;
    desk.lets_the_first_backup_end()?;
    let status = desk.run("status --output json").ends_with(0)?;
    assert_eq!(status.json("well")?, true);
    let resources = status.json("resources")?;
    let resources = resources.as_array().ok_or("a list of resources")?;
    let shown: BTreeSet<_> = resources.iter().filter_map(|it| it["address"].as_str()).collect();
    assert_eq!(shown, BTreeSet::from(ADDRESSES));
    let access = status.json("access")?;
    let access = access.as_array().ok_or("a list of paths")?;
    let states: Vec<_> = access.iter().filter_map(|path| path["state"].as_str()).collect();
    let expected = [["BLOCKED"; 4].as_slice(), &["PENDING"; 3], &["ACTIVE"; 4]].concat();
    assert_eq!(states, expected);
    let [service, database, cache] = ["service", "database", "cache"].map(|what| status.json(what));
    assert_eq!((&service?["running"], &database?["status"]), (&1.into(), &"available".into()));
    assert_eq!(cache?["nodes"], 2);
    let promises = status.json("promises")?;
    let promises = promises.as_array().ok_or("a list of promises")?;
    assert!(promises.len() == 6 && promises.iter().all(|it| it["kept"] == true), "{promises:#?}");
    Ok(())
}

fn what_was_deleted_behind_our_back_is_shown_and_made_again() -> Shown {
    let desk = Desk::up()?;
    desk.call("logs", "DeleteLogGroup", serde_json::json!({ "logGroupName": "/ecs/sidekick-task" }))?;
    let status = desk.run("status").ends_with(1)?;
    assert!(has_line(&status, "compute", "7 of 8 ready"), "{status}");
    assert!(has_line(&status, "compute.log-group", "/ecs/sidekick-task"), "{status}");
    assert!(has_line(&status, "missing", "`sidekick up` makes it again"), "{status}");
    desk.run("plan").ends_with(0)?.says(&["create   compute.log-group", "deleted outside of sidekick"])?;
    desk.brings("up")?;
    desk.is_settled()?;
    assert_eq!(desk.world()?.census()["logs groups"], 1);
    Ok(())
}

fn an_output_is_printed_bare_by_its_name() -> Shown {
    let desk = Desk::new()?;
    desk.run("outputs vpc_id")
        .ends_with(2)?
        .says(&["the output vpc_id is not known", "if the configuration has its resource"])?;
    desk.brings("up")?;
    let vpc = desk.run("outputs vpc_id").ends_with(0)?;
    let id = vpc.stdout.trim_end();
    let world = desk.world()?;
    assert_eq!(
        world.living("ec2", "vpcs").iter().filter_map(|vpc| vpc["id"].as_str()).collect::<Vec<_>>(),
        [id]
    );
    assert_eq!((vpc.stdout.lines().count(), vpc.stderr.as_str()), (1, ""));
    let all = desk.run("outputs --output json").ends_with(0)?.json("outputs")?;
    let names: Vec<_> = all.as_object().ok_or("an object")?.keys().map(String::as_str).collect();
    assert_eq!(names, OUTPUTS.map(|(name, _)| name));
    desk.run("outputs nonsense").ends_with(2)?.says(&["no output nonsense", "redis_endpoint"])?;
    Ok(())
}

fn state_shows_what_is_on_record() -> Shown {
    let desk = Desk::up()?;
    let listed = desk.run("state list").ends_with(0)?;
    assert!(has_line(&listed, "network.vpc", "ec2.vpc"), "{listed}");
    let shown = desk.run("state show network.vpc").ends_with(0)?;
    let row: serde_json::Value = serde_json::from_str(&shown.stdout)?;
    assert_eq!((&row["kind"], &row["spec"]["cidr"]), (&"ec2.vpc".into(), &"10.0.0.0/16".into()));
    desk.run("state show network.moon").ends_with(2)?.says(&["no record of network.moon", "state list"])?;
    Ok(())
}

fn a_lost_state_file_is_rebuilt_from_the_tags() -> Shown {
    let desk = Desk::up()?;
    let census = desk.world()?.census();
    std::fs::remove_file(desk.beside_state("json"))?;
    desk.run("plan").ends_with(0)?.says(&["adopt"])?;
    desk.brings("up")?;
    assert_eq!(desk.recorded()?, ADDRESSES);
    assert_eq!(desk.world()?.census(), census, "nothing was made twice");
    desk.is_settled()?;
    Ok(())
}

fn has_line(outcome: &Outcome, first: &str, then: &str) -> bool {
    let holds = |line: &str| line.trim_start().strip_prefix(first).is_some_and(|rest| rest.contains(then));
    outcome.stdout.lines().any(holds)
}
