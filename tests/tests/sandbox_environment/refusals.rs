//! What is refused before anything happens, and in which words.

use crate::desk::Desk;
use crate::endpoint::Endpoint;
use crate::{Shown, trials};

trials![
    all_problems_of_a_configuration_are_told_with_their_lines,
    an_unknown_environment_names_those_that_exist,
    without_a_terminal_nothing_happens_unbidden,
    another_region_is_refused_before_any_call,
    a_missing_secret_is_told_with_all_else_before_anything_is_made,
    an_endpoint_that_answers_nothing_is_a_clear_error,
];

fn all_problems_of_a_configuration_are_told_with_their_lines() -> Shown {
    let desk = Desk::new()?;
    let broken = [
        ("retention_days = 3\n", "retention_days = 8\n"),
        ("cidr = \"10.0.2.0/24\"", "cidr = \"10.0.1.0/24\""),
        ("cpu = 1024\n", "cpu = 1000\n"),
        ("desired_count = 1\n", "desired_cuont = 1\n"),
        ("timeout_seconds = 5\n", "timeout_seconds = \"5\"\n"),
    ];
    for (old, new) in broken {
        desk.place.edit("default.toml", old, new)?;
    }
    desk.place.append("dev.toml", "[alb]\nname = \"a-name-that-is-much-too-long-for-a-load-balancer\"")?;
    let text = std::fs::read_to_string(desk.place.path("config/default.toml"))?;
    let line = |part: &str| text.lines().position(|line| line.contains(part)).map(|index| index + 1);
    let wrong = [
        "retention_days = 8",
        "10.0.1.0/24\", zone = \"us-west-2b",
        "cpu = 1000",
        "desired_cuont",
        "timeout_seconds = \"5",
    ];
    let places: Vec<String> = wrong
        .iter()
        .filter_map(|part| line(part))
        .map(|line| format!("config/default.toml:{line}:"))
        .collect();
    for command in ["validate", "plan", "up --yes"] {
        let refused = desk.run(command).ends_with(2)?;
        let places: Vec<&str> = places.iter().map(String::as_str).collect();
        let refused = refused.says(&places)?;
        refused.says(&["config/dev.toml:", "much-too-long", "desired_count", "has 7 problems"])?;
    }
    assert!(!desk.beside_state("json").exists() && !desk.beside_state("sandbox.json").exists());
    Ok(())
}

fn an_unknown_environment_names_those_that_exist() -> Shown {
    let desk = Desk::of("prd")?;
    for command in ["validate", "plan", "up --yes"] {
        desk.run(command).ends_with(2)?.says(&[
            "no environment `prd`",
            "dev, prod",
            "did you mean `prod`",
        ])?;
    }
    Ok(())
}

fn without_a_terminal_nothing_happens_unbidden() -> Shown {
    let desk = Desk::new()?;
    let refusal = ["no terminal", "--yes"];
    desk.run("up").ends_with(2)?.says(&refusal)?.says(&["37 to create"])?;
    assert_eq!(desk.world()?.census(), [].into());
    desk.brings("up")?;
    let before = desk.snapshot()?;
    desk.run("down").ends_with(2)?.says(&refusal)?.says(&["37 to delete"])?;
    desk.is_unchanged_since(&before)?;
    Ok(())
}

fn another_region_is_refused_before_any_call() -> Shown {
    let desk = Desk::new()?;
    let endpoint = Endpoint::new()?;
    for command in [&["plan"][..], &["up", "--yes"]] {
        let run = desk.place.sidekick(command).with("AWS_REGION", "eu-central-1");
        let refused = endpoint.given_to(run)?.ends_with(1)?;
        refused.says(&["eu-central-1", "us-west-2", "set AWS_REGION=us-west-2"])?;
    }
    assert!(!endpoint.was_called());
    assert!(!desk.beside_state("json").exists());
    Ok(())
}

fn a_missing_secret_is_told_with_all_else_before_anything_is_made() -> Shown {
    // The sandbox stands in for missing secrets, but for nothing else.
    let desk = Desk::new()?;
    desk.place.edit(
        "dev.toml",
        "cidr = \"10.102.0.0/16\"",
        "cidr = \"10.102.0.0/16\"\nconnection_id = \"pcx-0123456789abcdef0\"",
    )?;
    desk.place.edit(
        "dev.toml",
        "cidr = \"10.101.0.0/16\"",
        "cidr = \"10.101.0.0/16\"\nconnection_id = \"pcx-0123456789abcdef1\"",
    )?;
    let reasons = [
        "pcx-0123456789abcdef0",
        "peer `pragma`",
        "pcx-0123456789abcdef1",
        "peer `peer-101`",
        "config/dev.toml",
    ];
    for command in ["plan", "up --yes"] {
        desk.run(command).ends_with(2)?.says(&reasons)?;
    }
    assert_eq!(desk.world()?.census(), [].into());
    Ok(())
}

fn an_endpoint_that_answers_nothing_is_a_clear_error() -> Shown {
    let desk = Desk::new()?;
    let endpoint = Endpoint::new()?;
    let run = endpoint.given_to(desk.place.sidekick(&["up", "--yes"]))?;
    // Nobody listens any more.
    drop(endpoint);
    run.ends_with(1)?.says(&["sts GetCallerIdentity", "AWS_ENDPOINT_URL"])?;
    assert!(!desk.beside_state("json").exists());
    Ok(())
}
