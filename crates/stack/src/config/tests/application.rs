//! The service, and what its container is told.

use super::rendering::render;
use super::{all, check, over_default};

#[test]
fn the_service_and_the_application_are_checked() {
    check(&[
        (
            "[service]\nimage = \"ghcr.io/0xsequence/sidekick\"",
            2,
            "service.image",
            "neither a tag nor a digest",
        ),
        ("[service]\ncpu = 1000", 2, "service.cpu", "use one of 256, 512, 1024"),
        ("[service]\nmemory_mib = 2049", 2, "service.memory_mib", "use 2048 to 8192 in steps of 1024"),
        ("[service]\ncpu = 256\nmemory_mib = 4096", 3, "service.memory_mib", "use 512, or 1024 to 2048"),
        ("[service]\narchitecture = \"arm64\"", 2, "service.architecture", "\"ARM64\""),
        ("[service]\ndesired_count = -1", 2, "service.desired_count", "from 0 to 5000"),
        ("[service]\ncontainer_insights = \"on\"", 2, "service.container_insights", "\"enabled\""),
        ("[service]\ncircuit_breaker = \"yes\"", 2, "service.circuit_breaker", "\"rollback\""),
        ("[app.signer]\ntype = \"kms\"\nkey_id = \"x\"", 2, "app.signer.type", "\"aws_kms\""),
        ("[app.signer]\ntype = \"aws_kms\"\nkey_id = \"alias/x\"", 3, "app.signer.key_id", "an alias cannot"),
        (
            "[app.signer]\ntype = \"aws_kms\"\nkey_id = \"arn:aws:kms:us-east-1:123456789012:key/mrk-1\"",
            3,
            "app.signer.key_id",
            "is in us-east-1",
        ),
        (
            "[app]\noptional_secrets = [\"ETHERSCAN_KEY\"]",
            2,
            "app.optional_secrets[0]",
            "`ETHERSCAN_API_KEY`?",
        ),
        ("[app]\noptional_secrets = [\"AWS_ACCESS_KEY_ID\"]", 2, "app.optional_secrets[0]", "only with"),
        (
            "[app]\noptional_secrets = [\"EVM_PRIVATE_KEY\"]",
            2,
            "app.optional_secrets[0]",
            "it is injected whenever",
        ),
        (
            "[app]\noptional_secrets = [\"ETHERSCAN_API_KEY\",\n\"ETHERSCAN_API_KEY\"]",
            3,
            "app.optional_secrets[1]",
            "is the same",
        ),
        (
            "[app]\noptional_secrets = [\"AWS_ACCESS_KEY_ID\"]\nsigner = { type = \"aws_kms\", \
             key_id = \"12345678-1234-1234-1234-123456789012\" }",
            2,
            "app.optional_secrets",
            "only one is listed",
        ),
        ("[app.environment]\n\"A-B\" = \"x\"", 2, "app.environment.A-B", "not the name of a variable"),
        ("[app.environment]\nPORT = 80", 2, "app.environment.PORT", "set `service.port`"),
        (
            "[app.environment]\nREDIS_HOST = \"x\"",
            2,
            "app.environment.REDIS_HOST",
            "endpoint of the replication group",
        ),
    ]);
}

#[test]
fn autoscaling_the_repository_the_log_and_keys_are_checked() {
    check(&[
        (
            "[service.autoscaling]\nmin = 0\nmax = 3\ncpu_percent = 50",
            2,
            "service.autoscaling.min",
            "from 1 to 5000",
        ),
        (
            "[service.autoscaling]\nmin = 4\nmax = 3\ncpu_percent = 50",
            3,
            "service.autoscaling.max",
            "at most 3 tasks are fewer than the 4",
        ),
        ("[service.autoscaling]\nmin = 1\nmax = 3", 1, "service.autoscaling", "give at least one of"),
        (
            "[service]\nautoscaling = { min = 1, max = 3, memory_percent = 101 }",
            2,
            "service.autoscaling.memory_percent",
            "from 1 to 100",
        ),
        ("[repository]\nname = \"a--b\"", 2, "repository.name", "two of them in a row"),
        ("[repository]\nname = \"Sidekick\"", 2, "repository.name", "cannot have"),
        ("[repository]\nkeep_images = -1", 2, "repository.keep_images", "from 0 to 10000"),
        ("[logs]\ndatetime_format = \"INFO\"", 2, "logs.datetime_format", "the verbs of strftime"),
        ("[logs]\ndatetime_format = \"%Y-%q\"", 2, "logs.datetime_format", "the verbs of strftime"),
        ("[logs]\ndatetime_format = \"%Y%\"", 2, "logs.datetime_format", "the verbs of strftime"),
        ("[logs]\nmultiline_pattern = \"\"", 2, "logs.multiline_pattern", "a regular expression"),
        (
            "[logs]\ndatetime_format = \"%H:%M\"\nmultiline_pattern = \"^INFO\"",
            3,
            "logs.multiline_pattern",
            "leave one of the two out",
        ),
        ("[logs]\nkms_key_id = \"alias/logs\"", 2, "logs.kms_key_id", "is not an ARN"),
        (
            "[secrets]\nkms_key_id = \"arn:aws:kms:us-east-1:123456789012:key/1-2\"",
            2,
            "secrets.kms_key_id",
            "is in us-east-1",
        ),
    ]);
}

#[test]
fn secrets_in_a_file_are_refused_and_never_repeated() {
    for name in ["EVM_PRIVATE_KEY", "DATABASE_URL", "REDIS_PASSWORD", "MY_API_TOKEN", "MY_CLIENT_SECRET"] {
        let own = format!("[app.environment]\nA = \"b\"\n{name} = \"hunter2\"");
        let problems = over_default(&own).expect_err(name);
        assert_eq!(all(&problems).len(), 1);
        assert_eq!(problems.problems()[0].line(), Some(3));
        assert!(
            problems.problems()[0].message().contains("secrets never live in configuration files"),
            "{name}"
        );
        let report = format!("{problems:?}\n{}", render(&problems));
        assert!(!report.contains("hunter2"), "{report}");
    }
    assert!(over_default("[app.environment]\nMY_API_TOKEN = \"\"").is_ok(), "an empty value is no secret");
    let own = "[app]\noptional_secrets = [\"ETHERSCAN_API_KEY=hunter2\"]";
    let report =
        over_default(own).map(drop).map_err(|problems| format!("{problems:?}\n{}", render(&problems)));
    let report = report.expect_err("a list of names");
    assert!(report.contains("list the name alone") && !report.contains("hunter2"), "{report}");
}

#[test]
fn a_scaled_service_begins_within_its_limits() {
    for (desired, first) in [(0, 2), (3, 3), (9, 5)] {
        let own = format!(
            "[service]\ndesired_count = {desired}\nautoscaling = {{ min = 2, max = 5, cpu_percent = 60 }}"
        );
        assert_eq!(over_default(&own).unwrap().service.first_count(), first);
    }
    assert_eq!(over_default("[service]\ndesired_count = 0").unwrap().service.first_count(), 0);
}
