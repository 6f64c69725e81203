//! What is asked of any key, and that everything is reported together.

use super::{SHIPPED_DEFAULT, all, check};
use crate::config::load::load_texts;

#[test]
fn unknown_keys_and_wrong_types_are_refused() {
    check(&[
        ("\nregoin = \"us-west-2\"", 2, "regoin", "did you mean `region`?"),
        ("[alb]\nfoo = 1", 2, "alb.foo", "known here: `certificate_arn`, "),
        ("[blah]\nfoo = 1", 1, "blah", "unknown key `blah`"),
        ("\"alb.name\" = \"x\"", 1, "\"alb.name\"", "unknown key"),
        ("[database]\npassword = \"hunter2\"", 2, "database.password", "secrets never live"),
        ("[app.signer]\nkey_id = \"x\"", 2, "app.signer.key_id", "known here: `type`"),
        ("alb = 3", 1, "alb", "a number stands where a table is needed"),
        ("[tags]\nTeam = 3", 2, "tags.Team", "a number stands where a string is needed"),
        ("[service]\ncpu = \"1024\"", 2, "service.cpu", "a string stands where a whole number is needed"),
        ("[service]\ncpu = 0.5", 2, "service.cpu", "a fraction stands"),
        ("[service]\ncpu = 99999999999999999999", 2, "service.cpu", "a number beyond 64 bits"),
        ("[database]\nmulti_az = \"no\"", 2, "database.multi_az", "true or false is needed"),
        ("[network]\nnat_subnets = \"10.0.5.0/24\"", 2, "network.nat_subnets", "a list is needed"),
        ("[network]\nnat_subnets = [\"10.0.5.0/24\"]", 2, "network.nat_subnets[0]", "a table is needed"),
        ("[[peers]]\nname = \"a\"", 1, "peers[0].cidr", "the key `peers[0].cidr` is missing"),
        ("[alb]\nsubnet_routing = \"pubic\"", 2, "alb.subnet_routing", "use one of \"public\", \"private\""),
        ("[app.environment]\nA = [1]", 2, "app.environment.A", "a list stands"),
    ]);
}

#[test]
fn ten_problems_of_two_files_are_reported_together() {
    let default = SHIPPED_DEFAULT.replace("engine_version = \"17\"", "engine_version = \"seventeen\"");
    let default_line = 1 + default.lines().position(|line| line.contains("seventeen")).expect("replaced");
    let own = "\
region = \"us-wst-2\"
[network]
vpc_cidr = \"10.0.0.7/16\"
[database]
multi_az = \"yes\"
[secrets]
recovery_window_days = 3
[logs]
retention_day = 3
[target_group.health_check]
timeout_seconds = 10
[service]
memory_mib = 1000
[app.environment]
API_KEY = \"x\"
[[peers]]
name = \"a\"
";
    let problems = load_texts("test", &default, own).expect_err("ten problems");
    let places: Vec<(&str, usize, &str)> = problems
        .problems()
        .iter()
        .map(|problem| (problem.file().expect("a file"), problem.line().expect("a line"), problem.path()))
        .collect();
    let expected = [
        ("default.toml", default_line, "database.engine_version"),
        ("test.toml", 1, "region"),
        ("test.toml", 3, "network.vpc_cidr"),
        ("test.toml", 5, "database.multi_az"),
        ("test.toml", 7, "secrets.recovery_window_days"),
        ("test.toml", 9, "logs.retention_day"),
        ("test.toml", 11, "target_group.health_check.timeout_seconds"),
        ("test.toml", 13, "service.memory_mib"),
        ("test.toml", 15, "app.environment.API_KEY"),
        ("test.toml", 16, "peers[0].cidr"),
    ];
    assert_eq!(places, expected);
    assert_eq!(problems.to_string(), "the configuration of `test` has 10 problems");
    let columns: Vec<Option<usize>> = problems.problems().iter().map(|problem| problem.column()).collect();
    assert_eq!(columns[1..4], [Some(10), Some(12), Some(12)]);
}

#[test]
fn a_key_missing_from_the_default_is_reported_at_its_table() {
    let default =
        SHIPPED_DEFAULT.replace("retention_days = 3\n", "").replace("[app.signer]\ntype = \"local\"", "");
    let header = 1 + default.lines().position(|line| line == "[logs]").expect("there");
    let problems = load_texts("test", &default, "").expect_err("two missing");
    let found = all(&problems);
    assert_eq!(found[0].0, header);
    assert_eq!(found[0].2, "the key `logs.retention_days` is missing");
    assert_eq!(found[1].1, "app.signer");
    assert_eq!(found.len(), 2, "keys of a missing table are not reported each: {found:?}");
}

#[test]
fn syntax_errors_of_both_files_are_reported_with_their_places() {
    let default = "name = \"sidekick\"\nregion =\n[tags\n";
    let problems = load_texts("test", default, "\n\nport = 08\n").expect_err("not TOML");
    let places: Vec<(Option<&str>, Option<usize>)> =
        problems.problems().iter().map(|problem| (problem.file(), problem.line())).collect();
    let expected = [("default.toml", 2), ("default.toml", 3), ("test.toml", 3)];
    assert_eq!(places, expected.map(|(file, line)| (Some(file), Some(line))));
    assert!(problems.problems().iter().all(|problem| problem.message().starts_with("not valid TOML: ")));
}
