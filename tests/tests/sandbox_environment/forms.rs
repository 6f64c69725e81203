//! The forms of output: lines for programs, text for logs.

use serde_json::Value;
use sidekick_tests::binary::Outcome;

use crate::desk::Desk;
use crate::{Shown, trials};

trials![
    json_is_one_value_a_line_whatever_happens,
    plain_text_has_no_escape_codes,
    json_tells_a_run_event_by_event
];

const ESCAPE: char = '\u{1b}';

fn parsed(outcome: &Outcome) -> Result<Vec<Value>, Box<dyn std::error::Error>> {
    assert!(outcome.stderr.is_empty(), "a program reads one stream:\n{outcome}");
    assert!(!outcome.stdout.is_empty(), "something is said:\n{outcome}");
    outcome.stdout.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

fn json_is_one_value_a_line_whatever_happens() -> Shown {
    let desk = Desk::new()?;
    for (command, code) in [
        ("validate", 0),
        ("status", 0),
        ("plan", 0),
        ("up", 2),
        ("up --yes", 0),
        ("up --yes", 0),
        ("plan --detailed-exitcode", 0),
        ("status", 0),
        ("outputs", 0),
        ("outputs vpc_id", 0),
        ("outputs nonsense", 2),
        ("state list", 0),
        ("state show network.vpc", 0),
        ("state show nonsense", 2),
        ("--config-dir nowhere validate", 2),
        ("down --yes", 0),
        ("down --yes", 0),
    ] {
        let outcome = desk.run(&format!("--output json {command}")).ends_with(code)?;
        let lines = parsed(&outcome)?;
        if code != 0 {
            let error = lines.last().ok_or("an error")?;
            assert_eq!((error["error"].is_string(), &error["exit_code"]), (true, &code.into()), "{outcome}");
        }
    }
    Ok(())
}

fn json_tells_a_run_event_by_event() -> Shown {
    let desk = Desk::new()?;
    let lines = parsed(&desk.run("up --yes --output json").ends_with(0)?)?;
    let of = |address: &str| -> Vec<&str> {
        let own = lines.iter().filter(|line| line["address"] == address);
        own.filter_map(|line| line["event"].as_str()).collect()
    };
    assert_eq!(of("network.vpc").first(), Some(&"started"));
    assert_eq!(of("network.vpc").last(), Some(&"ready"));
    let place = |address: &str, event: &str| {
        lines.iter().position(|line| line["address"] == address && line["event"] == event)
    };
    // Whoever reads outputs waits until they are ready; whoever reads an identity waits for that alone.
    assert!(place("data.redis", "ready") < place("compute.task-definition", "started"));
    assert!(place("network.vpc", "accepted") < place("security.alb", "started"));
    let finished = lines.iter().find(|line| line["event"] == "run_finished").ok_or("the end of the run")?;
    assert_eq!((&finished["success"], &finished["failed"]), (&true.into(), &Value::Array(Vec::new())));
    Ok(())
}

fn plain_text_has_no_escape_codes() -> Shown {
    let desk = Desk::new()?;
    for command in [
        "plan",
        "up --yes",
        "status",
        "outputs",
        "state list",
        "outputs nonsense",
        "--config-dir nowhere plan",
        "down --yes",
    ] {
        for form in ["", "--output plain "] {
            let outcome = desk.run(&format!("{form}{command}")).end()?;
            assert!(!outcome.text().contains(ESCAPE), "{outcome}");
        }
    }
    let coloured = desk.run("--output human plan").with("CLICOLOR_FORCE", "1").ends_with(0)?;
    assert!(coloured.stdout.contains(ESCAPE), "colour is there for those who want it:\n{coloured}");
    Ok(())
}
