//! The command line by itself: what it refuses, and with which exit code.

use std::path::Path;
use std::process::{Command, Output};

/// Runs the binary in the workspace's root, where the shipped configuration is.
fn sidekick(arguments: &[&str]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let binary = env!("CARGO_BIN_EXE_sidekick");
    Command::new(binary)
        .args(arguments)
        .current_dir(root)
        .output()
        .expect("the binary was built for this test")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_shipped_configurations_are_valid() {
    for environment in ["dev", "prod"] {
        let output = sidekick(&["-e", environment, "validate"]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let told = text(&output.stdout);
        assert!(told.starts_with(&format!("the configuration of {environment} is valid\n")), "{told}");
        assert_eq!(told.contains("advice: requests are not encrypted"), environment == "prod", "{told}");
    }
}

#[test]
fn every_value_is_shown_with_where_it_came_from() {
    let output = sidekick(&["-e", "prod", "config", "show"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let told = text(&output.stdout);
    for (value, origin) in [
        ("database.identifier = \"sidekick-postgres\"", "default.toml:"),
        ("database.multi_az = true", "profile production:"),
        ("tags.Env = \"prod\"", "prod.toml:"),
        ("peers = [{ cidr = \"10.104.0.0/16\", name = \"peer-104\" }]", "prod.toml:"),
    ] {
        let shown = |line: &str| line.ends_with(&format!(" {value}")) && line.contains(origin);
        assert!(told.lines().any(shown), "{value} of {origin} is missing in\n{told}");
    }
    // What nobody sets is there to be set.
    for path in ["alb.certificate_arn", "database.kms_key_id", "cache.snapshot_window", "service.autoscaling"]
    {
        let shown = |line: &str| line.starts_with("unset ") && line.ends_with(&format!(" {path}"));
        assert!(told.lines().any(shown), "{path} is missing in\n{told}");
    }
    let output = sidekick(&["-e", "prod", "--output", "json", "config", "show"]);
    let told = text(&output.stdout);
    let line = told.lines().find(|line| line.contains("\"cache.multi_az\"")).expect("it is a setting");
    assert!(line.contains("\"value\":true") && line.contains("\"origin\":\"profile production\""), "{line}");
}

#[test]
fn what_is_not_a_command_ends_with_2() {
    for arguments in [&["raise"][..], &["up", "--nonsense"], &["--output", "xml", "validate"], &[]] {
        assert_eq!(sidekick(arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn an_environment_that_does_not_exist_names_those_that_do() {
    let output = sidekick(&["-e", "staging", "validate"]);
    assert_eq!(output.status.code(), Some(2));
    let told = text(&output.stderr);
    assert!(told.contains("dev") && told.contains("prod"), "{told}");
}

#[test]
fn help_names_every_command_and_the_sources_of_settings() {
    let output = sidekick(&["--help"]);
    assert_eq!(output.status.code(), Some(0));
    let told = text(&output.stdout);
    let commands = [
        "validate", "config", "plan", "up", "down", "status", "outputs", "state", "runs", "graph", "report",
        "sandbox",
    ];
    for word in commands.into_iter().chain(["AWS_ENDPOINT_URL", "--sandbox", "--secrets-file", "--state"]) {
        assert!(told.contains(word), "{word} is missing in\n{told}");
    }
}

#[test]
fn help_of_state_names_what_can_be_done_with_it() {
    let told = text(&sidekick(&["state", "--help"]).stdout);
    for word in ["list", "show", "history", "restore"] {
        assert!(told.lines().any(|line| line.trim_start().starts_with(word)), "{word} is missing in\n{told}");
    }
}

/// What was recorded is told as it was then: the plan, each change, how it ended, and what to do about it.
#[test]
fn a_recorded_run_is_listed_shown_and_told_again() {
    for name in ["up", "change", "down"] {
        let file = format!("crates/sidekick/tests/recordings/{name}.ndjson");
        for command in ["replay", "show"] {
            let output = sidekick(&["runs", command, &file]);
            assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
            insta::assert_snapshot!(format!("{command}_{name}"), text(&output.stdout));
        }
    }
    let output = sidekick(&["runs", "show", "nonsense"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("there is no run nonsense"), "{}", text(&output.stderr));
    let output = sidekick(&["runs", "show", "Cargo.toml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("Cargo.toml is not a recording"), "{}", text(&output.stderr));
}

#[test]
fn a_first_configuration_is_written_once_and_is_valid() {
    let folder = tempfile::tempdir().expect("a folder");
    let configuration = folder.path().join("config");
    let configuration = configuration.to_str().expect("a name in UTF-8");
    let run = |more: &[&str]| sidekick(&[&["--config-dir", configuration, "-e", "live"], more].concat());
    let answers = ["--region", "eu-west-1", "--profile", "production", "--vpc-cidr", "10.9.0.0/20", "--yes"];
    let written = run(&[&["init"][..], &answers].concat());
    assert_eq!(written.status.code(), Some(0), "{}", text(&written.stderr));
    assert_eq!(text(&written.stdout).matches("wrote ").count(), 3, "{}", text(&written.stdout));
    let shown = text(&run(&["config", "show"]).stdout);
    for value in ["region = \"eu-west-1\"", "vpc_cidr = \"10.9.0.0/20\"", "deletion_protection = true"] {
        assert!(shown.contains(value), "{value}: {shown}");
    }
    // Two environments of one name in one place are told of, unless their accounts tell them apart.
    let beside = |environment: &str, more: &[&str]| {
        let own =
            ["--config-dir", configuration, "-e", environment, "init", "--region", "eu-west-1", "--yes"];
        let written = sidekick(&[&own[..], more].concat());
        assert_eq!(written.status.code(), Some(0), "{}", text(&written.stderr));
        text(&written.stdout)
    };
    let told = beside("twin", &["--account", "123456789012"]);
    assert!(told.contains("caution: `live` has the name `sidekick` in eu-west-1 as well"), "{told}");
    let told = beside("apart", &["--account", "210987654321"]);
    assert!(told.contains("`live` has") && !told.contains("`twin` has"), "{told}");
    assert!(!beside("other", &["--name", "other"]).contains("caution"));
    let again = run(&["init", "--yes"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(text(&again.stderr).contains("live.toml exists already"), "{}", text(&again.stderr));
    let refused = sidekick(&[
        "--config-dir",
        configuration,
        "-e",
        "small",
        "init",
        "--vpc-cidr",
        "10.9.0.0/28",
        "--yes",
    ]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("from /16 to /24"), "{}", text(&refused.stderr));
    let refused =
        sidekick(&["--config-dir", configuration, "-e", "odd", "init", "--profile", "odd", "--yes"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(!folder.path().join("config/odd.toml").exists(), "what is not valid is not written");
}

#[test]
fn shells_and_man_are_told_of_every_command() {
    let completions = text(&sidekick(&["completions", "bash"]).stdout);
    let pages = tempfile::tempdir().expect("a folder");
    let written = sidekick(&["man", "--out", pages.path().to_str().expect("a name in UTF-8")]);
    assert_eq!(written.status.code(), Some(0), "{}", text(&written.stderr));
    for command in ["init", "plan", "up", "down", "status", "runs-replay", "state-restore"] {
        assert!(completions.contains(command.split('-').next().unwrap_or_default()), "{command}");
        assert!(pages.path().join(format!("sidekick-{command}.1")).exists(), "{command}");
    }
    assert!(text(&sidekick(&["man"]).stdout).starts_with(".ie"), "a page in roff");
}
