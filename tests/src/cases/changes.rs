//! Changes of the configuration, and changes behind our back.

use std::collections::BTreeMap;

use crate::audit::Inventory;
use crate::reference;
use serde_json::{Value, json};

use super::Open;
use crate::site::Result;

const EDIT: &str = r#"
[service]
desired_count = 2
[logs]
retention_days = 7
[alb]
ingress_ports = [80, 443, 8443]
[database]
allocated_storage_gib = 30
[target_group.health_check]
path = "/health"
interval_seconds = 15
[waf]
managed_rule_groups = [
    { vendor = "AWS", name = "AWSManagedRulesCommonRuleSet", priority = 1 },
    { vendor = "AWS", name = "AWSManagedRulesKnownBadInputsRuleSet", priority = 2, override_to_count = true },
]
"#;

pub(super) fn an_edit_is_planned_exactly_and_made_in_place(open: Open<'_>) -> Result {
    let site = open()?.with_environment()?;
    let stood = site.made()?;
    site.workplace.append("dev.toml", EDIT)?;
    assert_eq!(site.plan()?, the_edit_as_planned());
    let mark = site.mark()?;
    site.up()?;
    let calls = [
        "ec2 AuthorizeSecurityGroupIngress",
        "ec2 RevokeSecurityGroupIngress",
        "ecs UpdateService",
        "elasticloadbalancing ModifyTargetGroup",
        "logs PutRetentionPolicy",
        "rds ModifyDBInstance",
        "wafv2 UpdateWebACL",
    ];
    assert_eq!(site.mutations(mark)?, calls);
    let stands = site.expect(&the_edited_environment())?;
    assert_eq!(stands.identities(), stood.identities(), "something was made anew");
    assert_eq!(site.plan()?, json!({}));
    Ok(())
}

fn the_edit_as_planned() -> Value {
    let rule = |port: u16| {
        json!({
            "protocol": "tcp", "from_port": port, "to_port": port,
            "peer": { "cidr": "0.0.0.0/0" }, "description": "anywhere",
        })
    };
    let check = |path: &str, interval: u16| {
        json!({
            "path": path, "interval_seconds": interval, "timeout_seconds": 5,
            "healthy_threshold": 2, "unhealthy_threshold": 2, "matcher": "200-399",
        })
    };
    let managed = |name: &str, priority: u8, count: bool| {
        let group = json!({ "vendor": "AWS", "name": name, "count": count });
        json!({ "name": name, "priority": priority, "statement": { "ManagedGroup": group } })
    };
    let common = managed("AWSManagedRulesCommonRuleSet", 1, false);
    let bad_inputs = managed("AWSManagedRulesKnownBadInputsRuleSet", 2, true);
    json!({
        "compute.service": { "action": "update", "desired_count": [1, 2] },
        "compute.log-group": { "action": "update", "retention_days": [3, 7] },
        "security.alb": {
            "action": "update",
            "ingress": [[rule(80), rule(443), rule(7500)], [rule(80), rule(443), rule(8443)]],
        },
        "data.postgres": { "action": "update", "allocated_storage_gib": [20, 30] },
        "edge.target-group": { "action": "update", "health_check": [check("/", 10), check("/health", 15)] },
        "edge.waf": { "action": "update", "rules": [[common], [common, bad_inputs]] },
    })
}

fn the_edited_environment() -> Inventory {
    let mut expected = reference::environment();
    expected.expect("service sidekick-service")["desired"] = 2.into();
    expected.expect("log-group /ecs/sidekick-task")["retention_days"] = 7.into();
    expected.expect("security-group sidekick-alb-sg")["ingress"][1] = "tcp 80-80 0.0.0.0/0 anywhere".into();
    expected.expect("security-group sidekick-alb-sg")["ingress"][2] =
        "tcp 8443-8443 0.0.0.0/0 anywhere".into();
    expected.expect("db-instance sidekick-postgres")["storage"]["gib"] = 30.into();
    expected.expect("target-group sidekick-tg")["health_check"]["path"] = "/health".into();
    expected.expect("target-group sidekick-tg")["health_check"]["interval"] = 15.into();
    let rule = json!({
        "name": "AWSManagedRulesKnownBadInputsRuleSet",
        "priority": 2,
        "group": "AWS AWSManagedRulesKnownBadInputsRuleSet",
        "override": "count",
        "visibility": "AWSManagedRulesKnownBadInputsRuleSet: metrics true, samples true",
    });
    let common = expected.get("web-acl sidekick-waf")["rules"][0].clone();
    expected.expect("web-acl sidekick-waf")["rules"] = json!([common, rule]);
    expected
}

pub(super) fn routing_and_posture_change_in_place(open: Open<'_>) -> Result {
    let site = open()?.with_environment()?;
    let stood = site.made()?;
    site.workplace.edit("default.toml", "subnet_routing = \"public\"", "subnet_routing = \"private\"")?;
    site.workplace.edit("default.toml", "posture = \"reference\"", "posture = \"strict\"")?;
    let mark = site.mark()?;
    site.up()?;
    let calls = [
        ("AuthorizeSecurityGroupIngress", 3),
        ("ReplaceRouteTableAssociation", 2),
        ("RevokeSecurityGroupIngress", 3),
    ];
    let calls = calls.into_iter().flat_map(|(call, times)| vec![format!("ec2 {call}"); times]);
    assert_eq!(site.mutations(mark)?, calls.collect::<Vec<_>>());

    let mut expected = reference::environment();
    expected.expect("route-table sidekick-public")["subnets"] = json!(["subnet sidekick-nat-us-west-2a"]);
    let served = ["alb-us-west-2a", "alb-us-west-2b", "private-us-west-2a", "private-us-west-2b"];
    expected.expect("route-table sidekick-private-us-west-2a")["subnets"] =
        json!(served.map(|name| format!("subnet sidekick-{name}")));
    let mut admit = |group: &str, rules: Vec<String>| {
        expected.expect(&format!("security-group sidekick-{group}-sg"))["ingress"] = json!(rules);
    };
    admit("redis", vec!["tcp 6379-6379 security-group sidekick-ecs-service-sg the service".to_owned()]);
    admit("postgres", vec!["tcp 5432-5432 security-group sidekick-ecs-service-sg the service".to_owned()]);
    let sources = [
        "10.0.0.0/16 the VPC",
        "10.101.0.0/16 peer peer-101",
        "10.102.0.0/16 peer pragma",
        "10.103.0.0/16 peer peer-103",
    ];
    let ports = ["443-443", "7500-7500", "80-80"].into_iter();
    admit("alb", ports.flat_map(|port| sources.map(|source| format!("tcp {port} {source}"))).collect());
    let stands = site.expect(&expected)?;
    assert_eq!(stands.identities(), stood.identities(), "something was made anew");
    assert_eq!(site.plan()?, json!({}));
    Ok(())
}

pub(super) fn a_tag_reaches_everything_that_carries_tags(open: Open<'_>) -> Result {
    let site = open()?.with_environment()?;
    let stood = site.made()?;
    site.workplace.edit("dev.toml", "Env = \"dev\"", "Env = \"dev\"\nTeam = \"Wallets\"")?;

    let mut expected = reference::environment();
    let mut planned = BTreeMap::new();
    for (_, attributes) in expected.all() {
        let tags = &mut attributes["tags"];
        let Some(address) = tags["sidekick:address"].as_str().map(str::to_owned) else { continue };
        let old = configured(tags);
        tags["Team"] = "Wallets".into();
        planned.insert(address, json!({ "action": "update", "tags": [old, configured(tags)] }));
    }

    assert_eq!(site.plan()?, json!(planned));
    site.up()?;
    let stands = site.expect(&expected)?;
    assert_eq!(stands.identities(), stood.identities(), "something was made anew");
    assert_eq!(site.plan()?, json!({}));
    Ok(())
}

/// The tags without those of ownership, which are not configured.
fn configured(tags: &Value) -> Value {
    let own = tags.as_object().into_iter().flatten().filter(|(key, _)| !key.starts_with("sidekick:"));
    Value::Object(own.map(|(key, value)| (key.clone(), value.clone())).collect())
}

pub(super) fn what_was_deleted_behind_our_back_is_told_and_made_again(open: Open<'_>) -> Result {
    let site = open()?.with_environment()?;
    let cloud = &site.cloud;
    cloud.wait(cloud.logs.delete_log_group().log_group_name(site.named("/ecs/sidekick-task")).send())?;
    let stood = site.made()?;
    let identity = |key: &str| stood.identities().get(key).map(|it| (*it).to_owned()).unwrap_or_default();
    let listener = identity("listener 80 of sidekick-alb");
    cloud.wait(cloud.elbv2.delete_listener().listener_arn(listener).send())?;
    let group = identity("security-group sidekick-redis-sg");
    let call = cloud.ec2.revoke_security_group_ingress().group_id(group);
    cloud.wait(call.ip_protocol("tcp").from_port(6379).to_port(6379).cidr_ip("10.0.0.0/16").send())?;

    let plan = site.plan()?;
    let missing = json!({ "action": "create", "reason": { "because": "missing" } });
    assert_eq!(plan["compute.log-group"], missing, "{plan:#}");
    assert_eq!(plan["edge.http-listener"], missing, "{plan:#}");
    let rules = &plan["security.redis"];
    assert_eq!(
        (&rules["action"], &rules["reason"]["because"]),
        (&json!("update"), &json!("drift")),
        "{plan:#}"
    );
    let told = ["compute.log-group", "edge.http-listener", "security.redis"];
    let others = plan.as_object().into_iter().flatten().filter(|(key, _)| !told.contains(&key.as_str()));
    assert!(others.clone().all(|(_, step)| step["action"] == "follow"), "{plan:#}");
    site.sidekick(&["plan"])
        .ends_with(0)?
        .says(&["deleted outside of sidekick", "changed outside of sidekick"])?;

    site.up()?;
    site.expect(&reference::environment())?;
    assert_eq!(site.plan()?, json!({}));
    Ok(())
}

pub(super) fn a_saved_plan_is_carried_out_exactly_or_not_at_all(open: Open<'_>) -> Result {
    let site = open()?;
    site.sidekick(&["plan", "--out", "first.plan"]).ends_with(0)?;
    site.sidekick(&["up", "--plan", "first.plan"]).ends_with(0)?;
    site.expect(&reference::environment())?;
    let mark = site.mark()?;
    site.sidekick(&["up", "--plan", "first.plan"]).end()?;

    site.workplace.append("dev.toml", "[logs]\nretention_days = 7")?;
    site.sidekick(&["plan", "--out", "seven.plan"]).ends_with(0)?;
    site.workplace.edit("dev.toml", "retention_days = 7", "retention_days = 14")?;
    for stale in ["first.plan", "seven.plan"] {
        let outcome = site.sidekick(&["up", "--plan", stale]).ends_with(2)?;
        outcome.says(&["the plan in the file is not what would be done now", "plan --out"])?;
    }
    assert_eq!(site.mutations(mark)?, Vec::<String>::new());

    site.workplace.edit("dev.toml", "retention_days = 14", "retention_days = 7")?;
    site.sidekick(&["up", "--plan", "seven.plan"]).ends_with(0)?;
    assert_eq!(site.mutations(mark)?, ["logs PutRetentionPolicy"]);
    Ok(())
}
