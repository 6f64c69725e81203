//! The policies that sidekick prints: what commands call is in them, and nothing else is.
//!
//! Every simulated process of every suite is checked for the first half; see `Estate`. Here is the second.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};
use sidekick_aws::permissions::{IMPLIED, Permissions, Purpose};
use sidekick_tests::simulation::configuration::Configuration;
use sidekick_tests::simulation::estate::{Called, Command, Estate, Fortune};
use sidekick_tests::simulation::goal::an_age;
use sidekick_tests::simulation::workers;

/// Everything that can be switched on.
const WHOLE: &str = include_str!("../../src/simulation/whole.toml");

/// What differs in an environment in which everything stands and is changed where it is.
const CHANGES: &[(&str, &str)] = &[
    ("region = \"us-east-1\" }", "region = \"us-east-1\", dns_resolution = true }"),
    (
        "allow_list = [\"10.0.0.0/16\", ",
        "rate_limit = { requests = 2000, window_seconds = 300, priority = 10 }\nallow_list = [",
    ),
    ("name = \"other\"", "name = \"another\""),
    ("\"/admin/*\"", "\"/metrics\""),
    ("max_connections = 200\n", ""),
    ("log_min_duration_statement = 500", "log_min_duration_statement = 800"),
    ("auth_token = true\n", "auth_token = true\nauth_token_rotation = 1\nreplicas = 2\n"),
    ("databases = 32\n", ""),
    ("allkeys-lru", "allkeys-lfu"),
    ("requests_per_target = 1000\n", ""),
    ("keep_images = 10\n", "scan_on_push = false\nimmutable_tags = true\n"),
];

/// The tables of the same that are not in the file at all.
const MORE: &str = r#"
[tags]
Env = "dev"
Team = "games"
[network]
nat_gateways = "per_zone"
private_subnets = [
    { cidr = "10.0.1.0/24", zone = "us-west-2a" },
    { cidr = "10.0.2.0/24", zone = "us-west-2b" },
    { cidr = "10.0.6.0/24", zone = "us-west-2c" },
]
nat_subnets = [
    { cidr = "10.0.5.0/24", zone = "us-west-2a" },
    { cidr = "10.0.7.0/24", zone = "us-west-2b" },
    { cidr = "10.0.9.0/24", zone = "us-west-2c" },
]
alb_subnets = [
    { cidr = "10.0.3.0/24", zone = "us-west-2a" },
    { cidr = "10.0.4.0/24", zone = "us-west-2b" },
    { cidr = "10.0.8.0/24", zone = "us-west-2c" },
]
[service]
container_insights = "disabled"
[database]
backup_retention_days = 2
[security]
alb_group = "{name}-alb-sg-2"
[alb]
subnet_routing = "private"
idle_timeout_seconds = 90
ingress_ports = [80, 8443]
[target_group]
deregistration_delay_seconds = 5
[target_group.health_check]
interval_seconds = 20
[logs]
retention_days = 30
kms_key_id = "arn:aws:kms:us-west-2:123456789012:key/2b9c54ea-0d57-4dd0-8ab0-4b4ea2a2e6c9"
[secrets]
recovery_window_days = 7
kms_key_id = "arn:aws:kms:us-west-2:123456789012:key/2b9c54ea-0d57-4dd0-8ab0-4b4ea2a2e6c9"
"#;

/// An environment whose listener has a rule.
const RULED: &str = "[[alb.rules]]\npriority = 10\npath_patterns = [\"/admin/*\"]\n\
    action = { type = \"fixed_response\", status = 403, body = \"forbidden\" }\n";

const HTTPS: &str = "[alb]\n\
    certificate_arn = \"arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012\"\n";

/// An image of the account's own registry.
const IMAGE: &str = "123456789012.dkr.ecr.us-west-2.amazonaws.com/apps:v1";

fn up(file: &str) -> Command {
    Command::Up(Configuration::own(file))
}

/// What is called by these commands, of which the last ones may fail.
async fn called(estate: &Estate, commands: &[Command], may_fail: bool) -> BTreeSet<Called> {
    for command in commands {
        let outcome = estate.run(*command, Fortune::kind()).await;
        assert!(outcome.is_success() || may_fail, "{outcome}");
        an_age().await;
    }
    assert_eq!(estate.findings(), [""; 0]);
    estate.called()
}

async fn whole() -> BTreeSet<Called> {
    let mut estate = Estate::new(31);
    let changed = CHANGES.iter().fold(WHOLE.to_owned(), |text, (old, new)| {
        assert_eq!(text.matches(old).count(), 1, "whole.toml has {old:?} once");
        text.replace(old, new)
    });
    let whole = Command::Up(Configuration::Whole);
    called(&estate, &[whole], false).await;
    estate.consent = estate.rows().into_keys().map(|address| address.as_str().into()).collect();
    let changed = up(&format!("{changed}{MORE}"));
    called(&estate, &[changed, whole, changed, Command::Down, changed, Command::Down], false).await
}

/// What nobody configures is brought back when somebody else changed it, and what fails is looked into.
async fn trouble() -> BTreeSet<Called> {
    let mut estate = Estate::new(32);
    let ruled = up(RULED);
    by_others(&estate, "ecr", "CreateRepository", json!({ "repositoryName": "apps" }));
    let image = json!({ "repositoryName": "apps", "imageManifest": "{}", "imageTag": "v1" });
    by_others(&estate, "ecr", "PutImage", image);
    let of_ecr = up(&format!("[service]\nimage = \"{IMAGE}\"\n"));
    called(&estate, &[ruled, up(&format!("{HTTPS}{RULED}")), of_ecr], false).await;
    let crashing = up("[service]\nimage = \"ghcr.io/0xsequence/sidekick:crashes\"\n");
    called(&estate, &[crashing], true).await;
    called(&estate, &[ruled], false).await;
    drift(&estate);
    called(&estate, &[ruled], false).await;
    for (address, field, value) in [
        ("compute.log-group", "retention_days", json!(0)),
        (
            "compute.task-role",
            "managed_policies",
            json!(["arn:aws:iam::aws:policy/CloudWatchLogsFullAccess"]),
        ),
    ] {
        estate.amendment =
            Some((address.into(), Arc::new(move |spec: &mut Value| spec[field] = value.clone())));
        called(&estate, &[ruled], false).await;
    }
    estate.amendment = None;
    called(&estate, &[Command::Down], false).await
}

/// Somebody else changes what can be changed without sidekick.
fn drift(estate: &Estate) {
    let rows = estate.rows();
    let id = |address: &str| rows[address].id.clone().unwrap_or_default();
    let role = "sidekick-ecs-task-role";
    by_others(estate, "iam", "UpdateRole", json!({ "RoleName": role, "Description": "another" }));
    let principal = json!({ "Service": "lambda.amazonaws.com" });
    let trust = json!([{ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal }]);
    let trust = json!({ "Version": "2012-10-17", "Statement": trust }).to_string();
    by_others(estate, "iam", "UpdateAssumeRolePolicy", json!({ "RoleName": role, "PolicyDocument": trust }));
    let policy = "arn:aws:iam::aws:policy/CloudWatchLogsFullAccess";
    by_others(estate, "iam", "AttachRolePolicy", json!({ "RoleName": role, "PolicyArn": policy }));
    let moved = json!([{ "RuleArn": id("edge.http-rule.10"), "Priority": 40 }]);
    by_others(estate, "elasticloadbalancing", "SetRulePriorities", json!({ "RulePriorities": moved }));
    let route = json!({
        "RouteTableId": id("network.private-routes.us-west-2a"),
        "DestinationCidrBlock": "0.0.0.0/0",
        "GatewayId": id("network.internet-gateway"),
    });
    by_others(estate, "ec2", "ReplaceRoute", route);
    let egress = |protocol: &str| {
        let everywhere = json!([{ "CidrIp": "0.0.0.0/0" }]);
        let permission =
            json!({ "IpProtocol": protocol, "FromPort": "443", "ToPort": "443", "IpRanges": everywhere });
        json!({ "GroupId": id("security.redis"), "IpPermissions": [permission] })
    };
    by_others(estate, "ec2", "AuthorizeSecurityGroupEgress", egress("tcp"));
    by_others(estate, "ec2", "RevokeSecurityGroupEgress", egress("-1"));
}

fn by_others(estate: &Estate, service: &str, operation: &str, params: Value) {
    let done = estate.sandbox.call(service, operation, params);
    done.unwrap_or_else(|why| panic!("{operation}: {} {}", why.code, why.message));
}

#[test]
fn everything_that_a_policy_allows_is_called_or_asked_for_by_aws() {
    let [whole, trouble] = [false, true].map(|is_trouble| {
        workers::run(async move { if is_trouble { trouble().await } else { whole().await } })
    });
    let called: BTreeSet<_> = whole.union(&trouble).cloned().collect();
    let needless = [Purpose::Plan, Purpose::Up, Purpose::Down].map(|purpose| needless(purpose, &called));
    assert_eq!(needless, [const { Vec::<&str>::new() }; 3]);
}

/// The actions of a policy that no call needs.
fn needless(purpose: Purpose, called: &BTreeSet<Called>) -> Vec<&'static str> {
    let actions = purpose.actions();
    let asked = IMPLIED.iter().filter(|(call, _)| actions.contains(call)).flat_map(|(_, further)| *further);
    let asked: BTreeSet<_> = asked.collect();
    // A look is the same whenever it is taken.
    let looks: BTreeSet<_> = Permissions::all().flat_map(|kind| kind.read).collect();
    let is_needed = |action: &&'static str| {
        let of_it = |(of, call): &Called| {
            call == action && (purpose == Purpose::Up || *of == purpose || looks.contains(action))
        };
        asked.contains(action) || called.iter().any(of_it)
    };
    actions.into_iter().filter(|action| !is_needed(action)).collect()
}
