//! Load balancers, target groups, listeners and their rules.

use serde_json::{Value, json};

use crate::site::Site;
use crate::{absent, blocked, illegal, seconds, text};

const ELB: &str = "elasticloadbalancing";

/// `params` with other fields.
fn with(mut params: Value, changes: Value) -> Value {
    params.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    params
}

fn state(site: &Site, arn: &str) -> String {
    let found = site.elb("DescribeLoadBalancers", json!({ "LoadBalancerArns": [arn] }));
    text(&found, "/LoadBalancers/0/State/Code")
}

#[tokio::test(start_paused = true)]
async fn a_load_balancer_takes_minutes_to_become_active_and_has_an_address_in_every_subnet() {
    let site = Site::new();
    let arn = site.new_balancer();
    assert_eq!(state(&site, &arn), "provisioning");
    seconds(100).await;
    assert_eq!(state(&site, &arn), "provisioning");
    seconds(80).await;
    assert_eq!(state(&site, &arn), "active");
    let filter = json!([
        { "Name": "attachment.instance-owner-id", "Value": ["amazon-elb"] },
        { "Name": "description", "Value": ["ELB app/sidekick-alb/*"] },
    ]);
    let found = site.call("ec2", "DescribeNetworkInterfaces", json!({ "Filter": filter }));
    assert_eq!(found["networkInterfaceSet"].as_array().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn creating_the_same_again_gives_what_is_there_and_other_settings_are_refused() {
    let site = Site::new();
    let balancer = site.new_balancer();
    assert_eq!(site.new_balancer(), balancer);
    let other = with(site.balancer_params(), json!({ "SecurityGroups": [site.task_group] }));
    assert_eq!(site.refused(ELB, "CreateLoadBalancer", other), illegal("DuplicateLoadBalancerName"));
    let group = site.new_target_group();
    assert_eq!(site.new_target_group(), group);
    let other = with(site.target_group_params(), json!({ "Port": 80 }));
    assert_eq!(site.refused(ELB, "CreateTargetGroup", other), illegal("DuplicateTargetGroupName"));
    let listener = site.new_listener(&balancer, &group);
    assert_eq!(site.new_listener(&balancer, &group), listener);
    let redirect = json!({ "Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301" });
    let other = json!({
        "LoadBalancerArn": balancer, "Port": 80, "Protocol": "HTTP",
        "DefaultActions": [{ "Type": "redirect", "RedirectConfig": redirect }],
    });
    assert_eq!(site.refused(ELB, "CreateListener", other), illegal("DuplicateListener"));
}

#[tokio::test(start_paused = true)]
async fn a_load_balancer_needs_two_zones_and_one_subnet_in_each() {
    let site = Site::new();
    let create = |subnets: Value| {
        site.refused(ELB, "CreateLoadBalancer", with(site.balancer_params(), json!({ "Subnets": subnets })))
    };
    let subnets = &site.subnets;
    assert_eq!(create(json!([subnets[0]])), illegal("ValidationError"));
    assert_eq!(create(json!([subnets[0], subnets[2]])), illegal("ValidationError"));
    let three = json!([subnets[0], subnets[1], subnets[2]]);
    assert_eq!(create(three), illegal("InvalidConfigurationRequest"));
    assert_eq!(create(json!(["subnet-0"])), absent("SubnetNotFound"));
    let public = with(site.balancer_params(), json!({ "Scheme": "internet-facing" }));
    assert_eq!(site.refused(ELB, "CreateLoadBalancer", public.clone()), illegal("InvalidSubnet"));
    site.build_way_out().await;
    site.elb("CreateLoadBalancer", public);
}

#[tokio::test(start_paused = true)]
async fn a_deleted_load_balancer_takes_its_listeners_along_but_holds_its_subnets_a_while() {
    let site = Site::new();
    let (balancer, group) = (site.new_balancer(), site.new_target_group());
    let listener = site.new_listener(&balancer, &group);
    let protection = |value: &str| {
        let attribute = json!({ "Key": "deletion_protection.enabled", "Value": value });
        json!({ "LoadBalancerArn": balancer, "Attributes": [attribute] })
    };
    let delete = json!({ "LoadBalancerArn": balancer });
    site.elb("ModifyLoadBalancerAttributes", protection("true"));
    assert_eq!(site.refused(ELB, "DeleteLoadBalancer", delete.clone()), illegal("OperationNotPermitted"));
    site.elb("ModifyLoadBalancerAttributes", protection("false"));
    let delete_group = json!({ "TargetGroupArn": group });
    assert_eq!(site.refused(ELB, "DeleteTargetGroup", delete_group.clone()), blocked("ResourceInUse"));
    site.elb("DeleteLoadBalancer", delete.clone());
    site.elb("DeleteLoadBalancer", delete);
    let listeners = json!({ "ListenerArns": [listener] });
    assert_eq!(site.refused(ELB, "DescribeListeners", listeners), absent("ListenerNotFound"));
    site.elb("DeleteTargetGroup", delete_group.clone());
    site.elb("DeleteTargetGroup", delete_group);
    let subnet = json!({ "SubnetId": site.subnets[2] });
    assert_eq!(site.refused("ec2", "DeleteSubnet", subnet.clone()), blocked("DependencyViolation"));
    seconds(15).await;
    assert_eq!(site.refused("ec2", "DeleteSubnet", subnet.clone()), blocked("DependencyViolation"));
    seconds(45).await;
    site.call("ec2", "DeleteSubnet", subnet);
}

#[tokio::test(start_paused = true)]
async fn moving_to_other_subnets_frees_those_that_were_left() {
    let site = Site::new();
    let balancer = site.new_balancer();
    let moved = json!({ "LoadBalancerArn": balancer, "Subnets": [site.subnets[0], site.subnets[3]] });
    site.elb("SetSubnets", moved);
    seconds(60).await;
    site.call("ec2", "DeleteSubnet", json!({ "SubnetId": site.subnets[2] }));
    let kept = json!({ "SubnetId": site.subnets[3] });
    assert_eq!(site.refused("ec2", "DeleteSubnet", kept), blocked("DependencyViolation"));
}

#[tokio::test(start_paused = true)]
async fn attributes_and_health_checks_are_checked() {
    let site = Site::new();
    let (balancer, group) = (site.new_balancer(), site.new_target_group());
    for (key, value) in
        [("nope", "1"), ("idle_timeout.timeout_seconds", "0"), ("routing.http2.enabled", "yes")]
    {
        let attributes = json!([{ "Key": key, "Value": value }]);
        let params = json!({ "LoadBalancerArn": balancer, "Attributes": attributes });
        let refused = site.refused(ELB, "ModifyLoadBalancerAttributes", params);
        assert_eq!(refused, illegal("ValidationError"), "{key}");
    }
    for change in [
        json!({ "HealthCheckTimeoutSeconds": 30 }),
        json!({ "HealthCheckPath": "health" }),
        json!({ "Matcher": { "HttpCode": "200-600" } }),
        json!({ "HealthyThresholdCount": 1 }),
    ] {
        let params = with(json!({ "TargetGroupArn": group }), change.clone());
        assert_eq!(site.refused(ELB, "ModifyTargetGroup", params), illegal("ValidationError"), "{change}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_target_group_belongs_to_one_load_balancer_at_most() {
    let site = Site::new();
    let (first, group) = (site.new_balancer(), site.new_target_group());
    site.new_listener(&first, &group);
    let second = site.elb("CreateLoadBalancer", with(site.balancer_params(), json!({ "Name": "second" })));
    let params = json!({
        "LoadBalancerArn": text(&second, "/LoadBalancers/0/LoadBalancerArn"),
        "Port": 80,
        "Protocol": "HTTP",
        "DefaultActions": [{ "Type": "forward", "TargetGroupArn": group }],
    });
    assert_eq!(site.refused(ELB, "CreateListener", params), illegal("TargetGroupAssociationLimit"));
}

/// A rule that answers requests of a path.
fn rule(listener: &str, priority: i64, path: &str) -> Value {
    let answer = json!({ "StatusCode": "403", "ContentType": "text/plain", "MessageBody": "no" });
    json!({
        "ListenerArn": listener,
        "Priority": priority,
        "Conditions": [{ "Field": "path-pattern", "PathPatternConfig": { "Values": [path] } }],
        "Actions": [{ "Type": "fixed-response", "FixedResponseConfig": answer }],
    })
}

/// The priorities of a listener's rules.
fn priorities(site: &Site, listener: &str) -> Vec<String> {
    let found = site.elb("DescribeRules", json!({ "ListenerArn": listener }));
    let mut found: Vec<_> =
        found["Rules"].as_array().unwrap().iter().map(|rule| text(rule, "/Priority")).collect();
    found.sort_unstable();
    found
}

#[tokio::test(start_paused = true)]
async fn rules_have_a_priority_of_their_own_and_go_with_their_listener() {
    let site = Site::new();
    let (balancer, group) = (site.new_balancer(), site.new_target_group());
    let listener = site.new_listener(&balancer, &group);
    let first = text(&site.elb("CreateRule", rule(&listener, 10, "/a")), "/Rules/0/RuleArn");
    let second = text(&site.elb("CreateRule", rule(&listener, 20, "/b")), "/Rules/0/RuleArn");
    assert_eq!(site.refused(ELB, "CreateRule", rule(&listener, 10, "/c")), illegal("PriorityInUse"));
    assert_eq!(site.refused(ELB, "CreateRule", rule("arn:none", 30, "/c")), absent("ListenerNotFound"));
    assert_eq!(priorities(&site, &listener), ["10", "20", "default"]);
    let place = |arn: &str, priority: i64| json!({ "RuleArn": arn, "Priority": priority });
    let taken = json!({ "RulePriorities": [place(&first, 20)] });
    assert_eq!(site.refused(ELB, "SetRulePriorities", taken), illegal("PriorityInUse"));
    site.elb("SetRulePriorities", json!({ "RulePriorities": [place(&first, 20), place(&second, 10)] }));
    site.elb("DeleteRule", json!({ "RuleArn": first }));
    assert_eq!(site.refused(ELB, "DeleteRule", json!({ "RuleArn": first })), absent("RuleNotFound"));
    assert_eq!(priorities(&site, &listener), ["10", "default"]);
    site.elb("DeleteListener", json!({ "ListenerArn": listener }));
    let gone = json!({ "RuleArns": [second] });
    assert_eq!(site.refused(ELB, "DescribeRules", gone), absent("RuleNotFound"));
}

#[tokio::test(start_paused = true)]
async fn rules_are_changed_in_place_within_what_they_can_be() {
    let site = Site::new();
    let (balancer, group) = (site.new_balancer(), site.new_target_group());
    let listener = site.new_listener(&balancer, &group);
    let arn = text(&site.elb("CreateRule", rule(&listener, 10, "/a")), "/Rules/0/RuleArn");
    let condition =
        |values: &[&str]| json!([{ "Field": "host-header", "HostHeaderConfig": { "Values": values } }]);
    for (changes, code) in [
        (json!({ "Conditions": [] }), "ValidationError"),
        (json!({ "Conditions": condition(&["a.b"; 6]) }), "ValidationError"),
        (
            json!({ "Actions": [{ "Type": "redirect", "RedirectConfig": { "StatusCode": "HTTP_301" } }] }),
            "InvalidLoadBalancerAction",
        ),
        (
            json!({ "Actions": [{ "Type": "fixed-response", "FixedResponseConfig": { "StatusCode": "302" } }] }),
            "InvalidLoadBalancerAction",
        ),
    ] {
        let params = with(json!({ "RuleArn": arn }), changes.clone());
        assert_eq!(site.refused(ELB, "ModifyRule", params), illegal(code), "{changes}");
    }
    site.elb("ModifyRule", json!({ "RuleArn": arn, "Conditions": condition(&["a.example.com"]) }));
    let found = site.elb("DescribeRules", json!({ "RuleArns": [arn] }));
    assert_eq!(text(&found, "/Rules/0/Conditions/0/HostHeaderConfig/Values/0"), "a.example.com");
    assert_eq!(text(&found, "/Rules/0/Actions/0/FixedResponseConfig/StatusCode"), "403");
    let found = site.elb("DescribeRules", json!({ "ListenerArn": listener }));
    let rules = found["Rules"].as_array().unwrap();
    let default = text(rules.iter().find(|rule| rule["IsDefault"] == true).unwrap(), "/RuleArn");
    let delete = json!({ "RuleArn": default });
    assert_eq!(site.refused(ELB, "DeleteRule", delete), illegal("OperationNotPermitted"));
}

#[tokio::test(start_paused = true)]
async fn a_rule_attaches_its_target_group_to_the_load_balancer() {
    let site = Site::new();
    let (balancer, group) = (site.new_balancer(), site.new_target_group());
    let other = with(site.target_group_params(), json!({ "Name": "other-tg" }));
    let other = text(&site.elb("CreateTargetGroup", other), "/TargetGroups/0/TargetGroupArn");
    let listener = site.new_listener(&balancer, &group);
    let actions = json!([{ "Type": "forward", "TargetGroupArn": other }]);
    site.elb("CreateRule", with(rule(&listener, 10, "/a"), json!({ "Actions": actions })));
    let delete = json!({ "TargetGroupArn": other });
    assert_eq!(site.refused(ELB, "DeleteTargetGroup", delete), blocked("ResourceInUse"));
}

#[tokio::test(start_paused = true)]
async fn a_forward_to_several_target_groups_attaches_each_whatever_its_weight() {
    let site = Site::new();
    let (balancer, group) = (site.new_balancer(), site.new_target_group());
    let other = with(site.target_group_params(), json!({ "Name": "other-tg" }));
    let other = text(&site.elb("CreateTargetGroup", other), "/TargetGroups/0/TargetGroupArn");
    let listener = site.new_listener(&balancer, &group);
    let forward = |groups: &[(&str, i64)]| {
        let tuple = |(arn, weight): &(&str, i64)| json!({ "TargetGroupArn": arn, "Weight": weight });
        let config = json!({ "TargetGroups": groups.iter().map(tuple).collect::<Value>() });
        json!({ "ListenerArn": listener, "DefaultActions": [{ "Type": "forward", "ForwardConfig": config }] })
    };
    for wrong in [[(group.as_str(), 1), (group.as_str(), 0)], [(&group, 1000), (&other, 0)]] {
        assert_eq!(site.refused(ELB, "ModifyListener", forward(&wrong)), illegal("ValidationError"));
    }
    site.elb("ModifyListener", forward(&[(&group, 1), (&other, 0)]));
    for arn in [&group, &other] {
        let delete = json!({ "TargetGroupArn": arn });
        assert_eq!(site.refused(ELB, "DeleteTargetGroup", delete), blocked("ResourceInUse"));
    }
    let found = site.elb("DescribeListeners", json!({ "ListenerArns": [listener] }));
    let action = &found["Listeners"][0]["DefaultActions"][0];
    assert_eq!(action["TargetGroupArn"], Value::Null, "only a single group is named in this way");
    assert_eq!(action["ForwardConfig"]["TargetGroups"][1]["Weight"], 0);
    site.elb("ModifyListener", forward(&[(&other, 1)]));
    let found = site.elb("DescribeListeners", json!({ "ListenerArns": [listener] }));
    assert_eq!(text(&found, "/Listeners/0/DefaultActions/0/TargetGroupArn"), other);
    site.elb("DeleteTargetGroup", json!({ "TargetGroupArn": group }));
}
