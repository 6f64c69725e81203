//! The files that come with the project, and what a `Config` makes of them.

use std::path::{Path, PathBuf};

use super::over_default;
use crate::config::{AppSecret, Config, ConfigProblems, Posture, Signer, environments, load};

fn shipped_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config")
}

fn names(secrets: &[AppSecret]) -> Vec<Vec<&'static str>> {
    secrets.iter().map(|secret| secret.names().collect()).collect()
}

fn only_message(result: Result<Config, ConfigProblems>) -> (String, String) {
    let problems = result.expect_err("a problem");
    let [problem] = problems.problems() else { panic!("one problem, not {:?}", problems.problems()) };
    (problem.message().to_owned(), problem.hint().to_owned())
}

#[test]
fn every_shipped_environment_loads() {
    let names = environments(&shipped_folder()).unwrap();
    assert_eq!(names, ["dev", "prod"]);
    for name in names {
        let config = load(&shipped_folder(), &name).unwrap();
        assert_eq!(config.environment_name, name);
        assert_eq!(config.tags["Env"], name);
    }
}

#[test]
fn dev_is_the_reference() {
    let config = load(&shipped_folder(), "dev").unwrap();
    let peers: Vec<String> = config.peers.iter().map(|peer| peer.cidr.to_string()).collect();
    assert_eq!(peers, ["10.102.0.0/16", "10.101.0.0/16", "10.103.0.0/16"]);
    assert_eq!(config.security.posture, Posture::Reference);
    assert_eq!(config.alb.name, "sidekick-alb");
    assert_eq!(config.secrets.app, "sidekick/app/credentials");
    assert_eq!(config.resource_name("vpc"), "sidekick-vpc");
    assert!(!config.database.deletion_protection && !config.database.final_snapshot);
}

#[test]
fn prod_keeps_what_must_not_be_lost() {
    let config = load(&shipped_folder(), "prod").unwrap();
    assert_eq!(config.security.posture, Posture::Strict);
    assert!(
        config.database.deletion_protection && config.database.final_snapshot && config.database.multi_az
    );
    assert!(config.database.backup_retention_days >= 7);
    assert!(config.secrets.recovery_window_days >= 7);
    assert!(config.alb.deletion_protection && config.cache.multi_az);
}

#[test]
fn a_missing_environment_is_told_which_ones_exist() {
    let (message, hint) = only_message(load(&shipped_folder(), "prdo"));
    assert!(message.starts_with("there is no environment `prdo`"), "{message}");
    assert_eq!(hint, "did you mean `prod`? There are: dev, prod");
}

#[test]
fn a_missing_folder_is_reported_with_both_files() {
    let problems = load(Path::new("no/such/folder"), "dev").expect_err("nothing to read");
    let messages: Vec<&str> = problems.problems().iter().map(|problem| problem.message()).collect();
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert!(messages[0].contains("default.toml does not exist"), "{messages:?}");
    assert!(messages[1].contains("dev.toml does not exist"), "{messages:?}");
}

#[test]
fn names_of_environments_are_checked_before_a_file_is_opened() {
    for name in ["", "Dev", "../dev", "de v", "-dev", "default", &"a".repeat(33)] {
        let (message, _) = only_message(load(&shipped_folder(), name));
        assert!(message.contains("environment"), "{name}: {message}");
    }
}

#[test]
fn the_container_is_told_all_that_follows_from_other_values() {
    let config = over_default(
        "[service]\nport = 8080\n[cache]\nport = 6380\n[app.environment]\nDEBUG = true\nLIMIT = 5\n\
         [app.signer]\ntype = \"aws_kms\"\nkey_id = \"12345678-1234-1234-1234-123456789012\"",
    )
    .unwrap();
    let environment: Vec<(String, String)> = config.environment().into_iter().collect();
    let expected = [
        ("AWS_KMS_KEY_ID", "12345678-1234-1234-1234-123456789012"),
        ("AWS_REGION", "us-west-2"),
        ("DEBUG", "true"),
        ("HOST", "0.0.0.0"),
        ("LIMIT", "5"),
        ("NODE_ENV", "production"),
        ("PORT", "8080"),
        ("REDIS_PORT", "6380"),
        ("SIGNER_TYPE", "aws_kms"),
    ];
    assert_eq!(environment, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[test]
fn a_local_signer_needs_the_wallet_key_under_both_names() {
    let config = over_default("").unwrap();
    let secrets = config.app_secrets();
    assert_eq!(
        names(&secrets),
        [vec!["SEQUENCE_PROJECT_ACCESS_KEY"], vec!["BACKEND_WALLET_PV_KEY", "EVM_PRIVATE_KEY"]]
    );
    assert!(secrets.iter().all(|secret| secret.required));
}

#[test]
fn optional_secrets_are_injected_only_if_listed() {
    let config = over_default(
        "[app]\noptional_secrets = [\"ETHERSCAN_API_KEY\"]\n[app.signer]\ntype = \"google_kms\"\nproject = \"p\"\n\
         location = \"global\"\nkey_ring = \"r\"\nkey = \"k\"\nkey_version = \"1\"",
    )
    .unwrap();
    let secrets = config.app_secrets();
    assert_eq!(names(&secrets), [vec!["SEQUENCE_PROJECT_ACCESS_KEY"], vec!["ETHERSCAN_API_KEY"]]);
    assert!(secrets[0].required && !secrets[1].required);
    assert!(matches!(config.app.signer, Signer::GoogleKms { .. }));
    assert_eq!(config.environment()["CRYPTO_KEY_VERSION"], "1");
}

#[test]
fn an_environment_replaces_lists_and_scalars_and_merges_tables() {
    let config = over_default(
        "name = \"other\"\n[tags]\nTeam = \"x\"\n[waf]\nenabled = false\nmanaged_rule_groups = []\n\
         [alb]\ningress_ports = [80]",
    )
    .unwrap();
    assert_eq!(config.tags.keys().collect::<Vec<_>>(), ["AWSRegion", "Owner", "Role", "Team"]);
    assert_eq!(config.waf, None);
    assert_eq!(config.alb.ingress_ports.into_iter().collect::<Vec<_>>(), [80]);
    assert_eq!(config.database.identifier, "other-postgres");
}

#[test]
fn rule_groups_without_a_priority_have_their_number() {
    let config = over_default(
        "[waf]\nmanaged_rule_groups = [\n{ vendor = \"AWS\", name = \"A\" },\n\
         { vendor = \"AWS\", name = \"B\", override_to_count = true },\n]\n\
         rate_limit = { requests = 100, window_seconds = 60, priority = 9 }",
    )
    .unwrap();
    let waf = config.waf.expect("switched on");
    let groups: Vec<(u32, bool)> =
        waf.managed_rule_groups.iter().map(|group| (group.priority, group.override_to_count)).collect();
    assert_eq!(groups, [(1, false), (2, true)]);
    assert_eq!(waf.rate_limit.expect("a limit").requests, 100);
}
