//! The edge: load balancers, their listeners and targets, and who may reach them.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use sidekick_sandbox::Sandbox;
use sidekick_tests::simulation::configuration::Configuration;
use sidekick_tests::simulation::disk::Disk;
use sidekick_tests::simulation::estate::{Command, Estate, Fortune};
use sidekick_tests::simulation::goal::an_age;
use sidekick_tests::simulation::switching::{brought, switches};

pub(super) const ELB: &str = "elasticloadbalancing";

pub(super) const HTTPS: &str = "[alb]\n\
    certificate_arn = \"arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012\"\n";

pub(super) const PUBLIC: &str =
    "[public_alb]\nenabled = true\nallowed_cidrs = [\"203.0.113.0/24\", \"198.51.100.7/32\"]\n";

pub(super) fn up(file: &str) -> Command {
    Command::Up(Configuration::own(file))
}

/// Looks at the account without changing it; what is not there is null.
pub(super) fn look(sandbox: &Sandbox, service: &str, operation: &str, params: Value) -> Value {
    sandbox.call(service, operation, params).unwrap_or_default()
}

/// Brings a running environment to a configuration while somebody looks, every second and at every change. Gives the
/// times at which something did not hold that must hold all the time.
pub(super) async fn lapses(estate: &mut Estate, to: &str, holds: fn(&Sandbox) -> bool) -> Vec<String> {
    let lapses = Arc::new(Mutex::new(Vec::new()));
    let (seen, sandbox) = (Arc::clone(&lapses), estate.sandbox.clone());
    let check = move |moment: &str| {
        if !holds(&sandbox) {
            seen.lock().unwrap_or_else(PoisonError::into_inner).push(moment.to_owned());
        }
    };
    let watch = check.clone();
    estate.witness = Some(Arc::new(move |call, phase| watch(&format!("{} {phase:?}", call.operation))));
    let every_second = async {
        loop {
            check("meanwhile");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    let outcome = tokio::select! {
        outcome = estate.run(up(to), Fortune::kind()) => outcome,
        () = every_second => unreachable!("the looks never end"),
    };
    assert!(outcome.is_success(), "{outcome}");
    estate.witness = None;
    lapses.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// There and back again, with the looks of [`lapses`].
pub(super) async fn never_lapses(from: &str, to: &str, holds: fn(&Sandbox) -> bool) {
    let mut estate = Estate::new(11);
    brought(&estate, up(from)).await;
    assert!(holds(&estate.sandbox), "it holds at the beginning");
    assert_eq!(lapses(&mut estate, to, holds).await, [""; 0], "there");
    assert_eq!(brought(&estate, up(to)).await, [""; 0]);
    assert_eq!(lapses(&mut estate, from, holds).await, [""; 0], "and back");
    assert_eq!(brought(&estate, up(from)).await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn attributes_of_load_balancer_and_target_group_are_changed_in_place() {
    let check = "[target_group.health_check]\npath = \"/health\"\ninterval_seconds = 20\ntimeout_seconds = 8\n\
                 healthy_threshold = 3\nunhealthy_threshold = 4\nmatcher = \"200\"\n";
    for (to, call) in [
        ("[alb]\nidle_timeout_seconds = 90\n", "elasticloadbalancing ModifyLoadBalancerAttributes"),
        (
            "[target_group]\nderegistration_delay_seconds = 5\n",
            "elasticloadbalancing ModifyTargetGroupAttributes",
        ),
        (check, "elasticloadbalancing ModifyTargetGroup"),
    ] {
        let switched = switches("", to).await;
        assert_eq!(switched.there, [call], "{to}");
        assert_eq!(switched.back, [call], "{to}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_protected_load_balancer_stays_until_its_protection_is_switched_off() {
    let estate = Estate::new(12);
    brought(&estate, up("")).await;
    let protect = "[alb]\ndeletion_protection = true\n";
    assert_eq!(brought(&estate, up(protect)).await, ["elasticloadbalancing ModifyLoadBalancerAttributes"]);
    let rows = estate.rows();
    let refused = estate.run(Command::Down, Fortune::kind()).await;
    assert!(refused.to_string().contains("its `deletion_protection` is on"), "{refused}");
    assert_eq!(estate.rows(), rows, "nothing was deleted");
    assert_eq!(brought(&estate, up("")).await, ["elasticloadbalancing ModifyLoadBalancerAttributes"]);
    assert!(estate.run(Command::Down, Fortune::kind()).await.is_success());
}

#[tokio::test(start_paused = true)]
async fn a_protected_public_load_balancer_is_not_switched_off() {
    let estate = Estate::new(14);
    brought(&estate, up(&format!("{PUBLIC}deletion_protection = true\n"))).await;
    let refused = estate.run(up(""), Fortune::kind()).await;
    assert!(refused.to_string().contains("its `deletion_protection` is on"), "{refused}");
    assert_eq!(brought(&estate, up(PUBLIC)).await, ["elasticloadbalancing ModifyLoadBalancerAttributes"]);
    brought(&estate, up("")).await;
}

/// The state files of older versions name one target group of the service.
#[tokio::test(start_paused = true)]
async fn a_service_in_an_older_state_file_is_read_and_left_as_it_is() {
    let mut estate = Estate::new(15);
    brought(&estate, up("")).await;
    let text = estate.disk.text().expect("a state");
    let mut state: Value = serde_json::from_slice(&text).expect("a state is JSON");
    let spec = state["rows"]["compute.service"]["spec"].as_object_mut().expect("a spec");
    let groups = spec.remove("target_groups").expect("target groups");
    spec.insert("target_group".to_owned(), groups[0].clone());
    estate.disk = Disk::with(state.to_string().into_bytes());
    assert_eq!(brought(&estate, up("")).await, [""; 0]);
    estate.disk = Disk::with(state.to_string().into_bytes());
    assert!(estate.run(Command::Down, Fortune::kind()).await.is_success());
    an_age().await;
    assert_eq!(estate.world().census(), [].into());
}

#[tokio::test(start_paused = true)]
async fn ports_of_the_load_balancer_are_opened_and_closed_one_by_one() {
    let switched = switches("", "[alb]\ningress_ports = [80, 8443]\n").await;
    let expected = ["ec2 AuthorizeSecurityGroupIngress", "ec2 RevokeSecurityGroupIngress"];
    assert_eq!(switched.there, expected);
    assert_eq!(switched.back, expected);
    never_lapses("", "[alb]\ningress_ports = [80, 8443]\n", |sandbox| {
        admits(sandbox, "alb", 80, "10.0.0.0/16")
    })
    .await;
}

/// Whether the rules of the group with this suffix let a client in on a port: one of this block, or of the service.
fn admits(sandbox: &Sandbox, group: &str, port: u64, client: &str) -> bool {
    let groups = look(sandbox, "ec2", "DescribeSecurityGroups", json!({}));
    let groups = groups["securityGroupInfo"].as_array().cloned().unwrap_or_default();
    let named = |name: &str| groups.iter().find(|it| it["groupName"] == format!("sidekick-{name}-sg"));
    let service = named("ecs-service").map(|it| it["groupId"].clone());
    let permissions = named(group).and_then(|it| it["ipPermissions"].as_array()).cloned().unwrap_or_default();
    permissions.iter().filter(|it| it["fromPort"] == port).any(|it| {
        let blocks = it["ipRanges"].as_array().cloned().unwrap_or_default();
        let groups = it["groups"].as_array().cloned().unwrap_or_default();
        blocks.iter().any(|it| it["cidrIp"] == client || it["cidrIp"] == "0.0.0.0/0")
            || groups.iter().any(|it| Some(&it["groupId"]) == service.as_ref())
    })
}

#[tokio::test(start_paused = true)]
async fn the_strict_posture_is_taken_and_left_without_closing_what_both_allow() {
    let strict = "[security]\nposture = \"strict\"\n";
    let switched = switches("", strict).await;
    let expected = ["ec2 AuthorizeSecurityGroupIngress", "ec2 RevokeSecurityGroupIngress"].map(|it| [it; 3]);
    assert_eq!(switched.there, expected.as_flattened());
    assert_eq!(switched.back, expected.as_flattened());
    // The service reaches its stores, and the VPC reaches the load balancer, in both.
    never_lapses("", strict, |sandbox| {
        admits(sandbox, "postgres", 5432, "10.0.0.0/16")
            && admits(sandbox, "redis", 6379, "10.0.0.0/16")
            && admits(sandbox, "alb", 80, "10.0.0.0/16")
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_load_balancer_s_subnets_change_their_route_in_one_step() {
    let private = "[alb]\nsubnet_routing = \"private\"\n";
    let switched = switches("", private).await;
    assert_eq!(switched.there, ["ec2 ReplaceRouteTableAssociation"; 2]);
    assert_eq!(switched.back, ["ec2 ReplaceRouteTableAssociation"; 2]);
    never_lapses("", private, |sandbox| {
        let tables = look(sandbox, "ec2", "DescribeRouteTables", json!({}));
        let tables = tables["routeTableSet"].as_array().cloned().unwrap_or_default();
        let associated =
            tables.iter().flat_map(|table| table["associationSet"].as_array().cloned().unwrap_or_default());
        // Two private subnets, two of the load balancer and one of the NAT gateway.
        associated.filter(|it| it["subnetId"].is_string()).count() == 5
    })
    .await;
}

/// The listeners of the first load balancer by port, each with the type of its action.
fn listeners(sandbox: &Sandbox) -> Vec<(Value, Value)> {
    let found = look(sandbox, ELB, "DescribeLoadBalancers", json!({ "Names": ["sidekick-alb"] }));
    let balancer = &found["LoadBalancers"][0]["LoadBalancerArn"];
    let found = look(sandbox, ELB, "DescribeListeners", json!({ "LoadBalancerArn": balancer }));
    let found = found["Listeners"].as_array().cloned().unwrap_or_default();
    found.into_iter().map(|it| (it["Port"].clone(), it["DefaultActions"][0]["Type"].clone())).collect()
}

#[tokio::test(start_paused = true)]
async fn https_comes_before_port_80_redirects_to_it_and_goes_after() {
    let switched = switches("", HTTPS).await;
    assert_eq!(
        switched.there,
        ["elasticloadbalancing CreateListener", "elasticloadbalancing ModifyListener"]
    );
    assert_eq!(switched.back, ["elasticloadbalancing DeleteListener", "elasticloadbalancing ModifyListener"]);
    never_lapses("", HTTPS, |sandbox| {
        let listeners = listeners(sandbox);
        let forwards = |port: u16| listeners.contains(&(json!(port), json!("forward")));
        forwards(80) || listeners.contains(&(json!(80), json!("redirect"))) && forwards(443)
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_tls_policy_is_changed_in_place() {
    let switched =
        switches(HTTPS, &format!("{HTTPS}tls_policy = \"ELBSecurityPolicy-TLS13-1-3-2021-06\"\n")).await;
    assert_eq!(switched.there, ["elasticloadbalancing ModifyListener"]);
    assert_eq!(switched.back, ["elasticloadbalancing ModifyListener"]);
}

#[tokio::test(start_paused = true)]
async fn the_public_load_balancer_comes_and_goes_with_all_that_is_only_its_own() {
    let switched = switches("", PUBLIC).await;
    assert_eq!(
        switched.there,
        [
            "ec2 AuthorizeSecurityGroupIngress",
            "ec2 AuthorizeSecurityGroupIngress",
            "ec2 CreateSecurityGroup",
            "ec2 CreateSecurityGroup",
            "ecs UpdateService",
            "elasticloadbalancing CreateListener",
            "elasticloadbalancing CreateLoadBalancer",
            "elasticloadbalancing CreateTargetGroup",
            "elasticloadbalancing ModifyTargetGroupAttributes",
            "wafv2 AssociateWebACL",
        ]
    );
    // The listener and the association with the web ACL go with the load balancer.
    assert_eq!(
        switched.back,
        [
            "ec2 DeleteSecurityGroup",
            "ec2 DeleteSecurityGroup",
            "ecs UpdateService",
            "elasticloadbalancing DeleteLoadBalancer",
            "elasticloadbalancing DeleteTargetGroup",
        ]
    );
}

/// How many healthy targets a target group has.
fn healthy(sandbox: &Sandbox, group: &str) -> usize {
    let found = look(sandbox, ELB, "DescribeTargetGroups", json!({ "Names": [group] }));
    let arn = &found["TargetGroups"][0]["TargetGroupArn"];
    let health = look(sandbox, ELB, "DescribeTargetHealth", json!({ "TargetGroupArn": arn }));
    let targets = health["TargetHealthDescriptions"].as_array().cloned().unwrap_or_default();
    targets.iter().filter(|it| it["TargetHealth"]["State"] == "healthy").count()
}

#[tokio::test(start_paused = true)]
async fn the_service_is_never_without_a_healthy_task_while_the_public_load_balancer_comes_and_goes() {
    never_lapses("", PUBLIC, |sandbox| healthy(sandbox, "sidekick-tg") > 0).await;
}

#[tokio::test(start_paused = true)]
async fn both_load_balancers_forward_to_the_tasks_and_have_the_same_web_acl() {
    let estate = Estate::new(13);
    brought(&estate, up(PUBLIC)).await;
    for group in ["sidekick-tg", "sidekick-tg-public"] {
        assert_eq!(healthy(&estate.sandbox, group), 1, "{group}");
    }
    assert_eq!(estate.world().living("wafv2", "associations").len(), 2);
    let narrower = "[public_alb]\nenabled = true\nallowed_cidrs = [\"203.0.113.0/24\"]\n";
    assert_eq!(brought(&estate, up(narrower)).await, ["ec2 RevokeSecurityGroupIngress"]);
    assert_eq!(brought(&estate, up(PUBLIC)).await, ["ec2 AuthorizeSecurityGroupIngress"]);
    assert!(admits(&estate.sandbox, "alb-public", 80, "203.0.113.0/24"));
    assert!(!admits(&estate.sandbox, "alb-public", 80, "10.0.0.0/16"));
}

const RULES: &str = "[[alb.rules]]\npriority = 10\npath_patterns = [\"/admin/*\"]\n\
    action = { type = \"fixed_response\", status = 403, body = \"forbidden\" }\n\
    [[alb.rules]]\npriority = 20\nhost_headers = [\"old.example.com\"]\n\
    action = { type = \"redirect\", status = 301, host = \"new.example.com\" }\n";

#[tokio::test(start_paused = true)]
async fn rules_of_the_listener_come_and_go_without_it() {
    let switched = switches("", RULES).await;
    assert_eq!(switched.there, ["elasticloadbalancing CreateRule"; 2]);
    assert_eq!(switched.back, ["elasticloadbalancing DeleteRule"; 2]);
    let other = RULES.replace("403", "404").replace("301", "302");
    let switched = switches(RULES, &other).await;
    assert_eq!(switched.there, ["elasticloadbalancing ModifyRule"; 2]);
    assert_eq!(switched.back, ["elasticloadbalancing ModifyRule"; 2]);
    // Another priority is another rule, which stands before the old one goes.
    let moved = RULES.replace("priority = 10", "priority = 30");
    let switched = switches(RULES, &moved).await;
    assert_eq!(switched.there, ["elasticloadbalancing CreateRule", "elasticloadbalancing DeleteRule"]);
    assert_eq!(switched.back, ["elasticloadbalancing CreateRule", "elasticloadbalancing DeleteRule"]);
    never_lapses(RULES, &moved, |sandbox| patterns(sandbox).contains("/admin/*")).await;
}

/// Every path of which a rule of any listener takes care.
fn patterns(sandbox: &Sandbox) -> BTreeSet<String> {
    let found = look(sandbox, ELB, "DescribeLoadBalancers", json!({}));
    let balancers = found["LoadBalancers"].as_array().cloned().unwrap_or_default();
    let listeners = balancers.iter().flat_map(|it| {
        let found =
            look(sandbox, ELB, "DescribeListeners", json!({ "LoadBalancerArn": it["LoadBalancerArn"] }));
        found["Listeners"].as_array().cloned().unwrap_or_default()
    });
    let rules = listeners.flat_map(|it| {
        let found = look(sandbox, ELB, "DescribeRules", json!({ "ListenerArn": it["ListenerArn"] }));
        found["Rules"].as_array().cloned().unwrap_or_default()
    });
    let values =
        rules.flat_map(|rule| rule["Conditions"][0]["Values"].as_array().cloned().unwrap_or_default());
    values.filter_map(|value| value.as_str().map(str::to_owned)).collect()
}

#[tokio::test(start_paused = true)]
async fn rules_move_with_the_listener_that_forwards() {
    let https = format!("{HTTPS}{RULES}");
    let switched = switches(RULES, &https).await;
    assert_eq!(
        switched.there,
        [
            "elasticloadbalancing CreateListener",
            "elasticloadbalancing CreateRule",
            "elasticloadbalancing CreateRule",
            "elasticloadbalancing DeleteRule",
            "elasticloadbalancing DeleteRule",
            "elasticloadbalancing ModifyListener",
        ]
    );
    never_lapses(RULES, &https, |sandbox| patterns(sandbox).contains("/admin/*")).await;
}

#[tokio::test(start_paused = true)]
async fn the_public_load_balancer_has_rules_and_https_of_its_own() {
    let certificate = HTTPS.trim_start_matches("[alb]\n");
    let with_https = format!("{PUBLIC}{certificate}");
    let switched = switches(PUBLIC, &with_https).await;
    // Port 443 is let in, and port 80 redirects to it.
    assert_eq!(
        switched.there,
        [
            "ec2 AuthorizeSecurityGroupIngress",
            "elasticloadbalancing CreateListener",
            "elasticloadbalancing ModifyListener",
        ]
    );
    assert_eq!(
        switched.back,
        [
            "ec2 RevokeSecurityGroupIngress",
            "elasticloadbalancing DeleteListener",
            "elasticloadbalancing ModifyListener",
        ]
    );
    let with_rules = format!("{PUBLIC}{}", RULES.replace("alb.rules", "public_alb.rules"));
    let switched = switches(PUBLIC, &with_rules).await;
    assert_eq!(switched.there, ["elasticloadbalancing CreateRule"; 2]);
    assert_eq!(switched.back, ["elasticloadbalancing DeleteRule"; 2]);
}
