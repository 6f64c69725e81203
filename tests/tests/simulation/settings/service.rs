//! The service, its tasks, their log, and what they leave to the internet by.

use sidekick_tests::simulation::switching::{Switched, switches};

/// What a change of the tasks takes: one revision, one rolling deployment.
const ROLLOUT: [&str; 2] = ["ecs RegisterTaskDefinition", "ecs UpdateService"];

/// That a setting takes the same calls there and back.
fn assert_both_ways(switched: &Switched, calls: &[&str]) {
    assert_eq!(switched.there, calls);
    assert_eq!(switched.back, calls);
}

/// A change of one line in the table of the service takes these calls.
async fn takes(line: &str, calls: &[&str]) {
    assert_both_ways(&switches("", &format!("[service]\n{line}\n")).await, calls);
}

#[tokio::test(start_paused = true)]
async fn another_image_by_tag_or_digest_is_one_rolling_deployment() {
    takes("image = \"ghcr.io/0xsequence/sidekick:next\"", &ROLLOUT).await;
    let digest = "0123456789abcdef".repeat(4);
    takes(&format!("image = \"ghcr.io/0xsequence/sidekick@sha256:{digest}\""), &ROLLOUT).await;
}

#[tokio::test(start_paused = true)]
async fn another_size_is_one_rolling_deployment() {
    takes("cpu = 512\nmemory_mib = 1024", &ROLLOUT).await;
    takes("memory_mib = 4096", &ROLLOUT).await;
}

#[tokio::test(start_paused = true)]
async fn another_architecture_is_one_rolling_deployment() {
    takes("architecture = \"ARM64\"", &ROLLOUT).await;
}

#[tokio::test(start_paused = true)]
async fn another_environment_is_one_rolling_deployment() {
    let switched =
        switches("[app.environment]\nDEBUG = true\nOLD = \"1\"\n", "[app.environment]\nNEW = \"2\"\n");
    assert_both_ways(&switched.await, &ROLLOUT);
}

#[tokio::test(start_paused = true)]
async fn the_settings_of_the_service_are_changed_where_it_is() {
    takes("desired_count = 3", &["ecs UpdateService"]).await;
    takes("circuit_breaker = \"off\"", &["ecs UpdateService"]).await;
    takes("circuit_breaker = \"stop\"", &["ecs UpdateService"]).await;
    takes("health_check_grace_period_seconds = 30", &["ecs UpdateService"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_shell_in_the_tasks_comes_with_its_permission_and_goes_with_it() {
    let switched = switches("", "[service]\nenable_execute_command = true\n").await;
    assert_eq!(switched.there, ["ecs UpdateService", "iam PutRolePolicy"]);
    assert_eq!(switched.back, ["ecs UpdateService", "iam DeleteRolePolicy"]);
}

#[tokio::test(start_paused = true)]
async fn an_event_of_the_log_has_one_line_or_several_ones() {
    let datetime = "[logs]\ndatetime_format = \"[%H:%M:%S\"\n";
    let pattern = "[logs]\nmultiline_pattern = '^(\\x1b\\[[0-9;]*m)*(TRACE|DEBUG|INFO|WARN|ERROR|FATAL)'\n";
    assert_both_ways(&switches("", pattern).await, &ROLLOUT);
    assert_both_ways(&switches(datetime, pattern).await, &ROLLOUT);
}

#[tokio::test(start_paused = true)]
async fn the_log_is_kept_for_as_long_as_configured() {
    assert_both_ways(&switches("", "[logs]\nretention_days = 30\n").await, &["logs PutRetentionPolicy"]);
}

/// The subnet of the second zone is without a way out while its own gateway is made.
#[tokio::test(start_paused = true)]
async fn each_zone_gets_a_nat_gateway_of_its_own_and_loses_it() {
    let zones = |gateways: &str| {
        format!(
            "[network]\nnat_gateways = \"{gateways}\"\nnat_subnets = [\n{{ cidr = \"10.0.5.0/24\", zone = \"us-west-2a\" }},\n\
             {{ cidr = \"10.0.6.0/24\", zone = \"us-west-2b\" }},\n]\n"
        )
    };
    let switched = switches(&zones("single"), &zones("per_zone")).await;
    assert_eq!(
        switched.there,
        [
            "ec2 AllocateAddress",
            "ec2 CreateNatGateway",
            "ec2 CreateRoute",
            "ec2 CreateRouteTable",
            "ec2 ReplaceRouteTableAssociation",
        ]
    );
    assert_eq!(
        switched.back,
        [
            "ec2 DeleteNatGateway",
            "ec2 DeleteRouteTable",
            "ec2 ReleaseAddress",
            "ec2 ReplaceRouteTableAssociation",
        ]
    );
}

/// How many resources of each service carry tags, in the words that it has for writing them and for taking them off.
const TAGGED: &[(usize, &str, &str)] = &[
    (15, "ec2 CreateTags", "ec2 DeleteTags"),
    (3, "ecs TagResource", "ecs UntagResource"),
    (2, "elasticache AddTagsToResource", "elasticache RemoveTagsFromResource"),
    (3, "elasticloadbalancing AddTags", "elasticloadbalancing RemoveTags"),
    (2, "iam TagRole", "iam UntagRole"),
    (1, "logs TagResource", "logs UntagResource"),
    (2, "rds AddTagsToResource", "rds RemoveTagsFromResource"),
    (3, "secretsmanager TagResource", "secretsmanager UntagResource"),
    (1, "wafv2 TagResource", "wafv2 UntagResource"),
];

/// The newest revision of the task definition is tagged, too, so that the service has nothing to roll out.
#[tokio::test(start_paused = true)]
async fn tags_are_written_on_everything_and_taken_off() {
    let file = |tags: &str| format!("[tags]\nEnv = \"dev\"\n{tags}");
    let switched = switches(&file(""), &file("Team = \"games\"\n")).await;
    let calls = |word: fn(&(usize, &'static str, &'static str)) -> &'static str| -> Vec<_> {
        TAGGED.iter().flat_map(|row| std::iter::repeat_n(word(row), row.0)).collect()
    };
    assert_eq!(switched.there, calls(|row| row.1));
    assert_eq!(switched.back, calls(|row| row.2));
}
