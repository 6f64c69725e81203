//! Security groups and their rules.

use serde_json::{Value, json};
use sidekick_sandbox::Sandbox;

use crate::{absent, blocked, call, illegal, new_security_group, new_vpc, refused};

fn ingress(group: &str, port: u16, peers: Value) -> Value {
    let mut permission = json!({ "IpProtocol": "tcp", "FromPort": port, "ToPort": port });
    permission.as_object_mut().unwrap().extend(peers.as_object().unwrap().clone());
    json!({ "GroupId": group, "IpPermissions": [permission] })
}

fn from_block(group: &str, port: u16, block: &str) -> Value {
    ingress(group, port, json!({ "IpRanges": [{ "CidrIp": block }] }))
}

fn from_group(group: &str, port: u16, peer: &str) -> Value {
    ingress(group, port, json!({ "Groups": [{ "GroupId": peer }] }))
}

fn rules(sandbox: &Sandbox, group: &str) -> Vec<Value> {
    let params = json!({ "Filter": [{ "Name": "group-id", "Value": [group] }] });
    call(sandbox, "DescribeSecurityGroupRules", params)["securityGroupRuleSet"].as_array().unwrap().clone()
}

#[tokio::test(start_paused = true)]
async fn a_new_group_lets_everything_out_and_nothing_in() {
    let sandbox = Sandbox::in_memory(1);
    let group = new_security_group(&sandbox, &new_vpc(&sandbox), "web");
    let rules = rules(&sandbox, &group);
    assert_eq!(rules.len(), 1);
    assert_eq!((&rules[0]["isEgress"], &rules[0]["cidrIpv4"]), (&json!(true), &json!("0.0.0.0/0")));
    assert_eq!((&rules[0]["ipProtocol"], &rules[0]["fromPort"]), (&json!("-1"), &json!(-1)));
}

#[tokio::test(start_paused = true)]
async fn group_names_are_unique_within_a_vpc() {
    let sandbox = Sandbox::in_memory(1);
    let (vpc, other) = (new_vpc(&sandbox), new_vpc(&sandbox));
    new_security_group(&sandbox, &vpc, "web");
    new_security_group(&sandbox, &other, "web");
    for (name, code) in [
        ("web", "InvalidGroup.Duplicate"),
        ("default", "InvalidParameterValue"),
        ("sg-web", "InvalidParameterValue"),
        ("wéb", "InvalidParameterValue"),
    ] {
        let params = json!({ "VpcId": vpc, "GroupName": name, "GroupDescription": "d" });
        assert_eq!(refused(&sandbox, "CreateSecurityGroup", params), illegal(code), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_rule_that_exists_fails_the_whole_batch() {
    let sandbox = Sandbox::in_memory(1);
    let group = new_security_group(&sandbox, &new_vpc(&sandbox), "web");
    call(&sandbox, "AuthorizeSecurityGroupIngress", from_block(&group, 80, "10.0.0.9/8"));
    let both =
        ingress(&group, 80, json!({ "IpRanges": [{ "CidrIp": "11.0.0.0/8" }, { "CidrIp": "10.0.0.0/8" }] }));
    let duplicate = refused(&sandbox, "AuthorizeSecurityGroupIngress", both);
    assert_eq!(duplicate, illegal("InvalidPermission.Duplicate"));
    assert_eq!(rules(&sandbox, &group).len(), 2);
    let missing = refused(&sandbox, "RevokeSecurityGroupIngress", from_block(&group, 81, "10.0.0.0/8"));
    assert_eq!(missing, absent("InvalidPermission.NotFound"));
    call(&sandbox, "RevokeSecurityGroupIngress", from_block(&group, 80, "10.0.0.0/8"));
    assert_eq!(rules(&sandbox, &group).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn peers_with_the_same_ports_are_one_permission_but_one_rule_each() {
    let sandbox = Sandbox::in_memory(1);
    let vpc = new_vpc(&sandbox);
    let (web, app) = (new_security_group(&sandbox, &vpc, "web"), new_security_group(&sandbox, &vpc, "app"));
    let blocks = json!([{ "CidrIp": "10.1.0.0/16", "Description": "peer" }, { "CidrIp": "10.2.0.0/16" }]);
    let peers = json!({ "IpRanges": blocks, "Groups": [{ "GroupId": web }] });
    call(&sandbox, "AuthorizeSecurityGroupIngress", ingress(&app, 7500, peers));
    let described = call(&sandbox, "DescribeSecurityGroups", json!({ "GroupId": [app] }));
    let permissions = &described["securityGroupInfo"][0]["ipPermissions"];
    assert_eq!(permissions.as_array().unwrap().len(), 1);
    assert_eq!(permissions[0]["ipRanges"].as_array().unwrap().len(), 2);
    assert_eq!(permissions[0]["groups"][0]["groupId"], json!(web));
    assert_eq!(rules(&sandbox, &app).len(), 4);
    let by_block = json!({ "Filter": [{ "Name": "ip-permission.cidr", "Value": ["10.2.*"] }] });
    let found = call(&sandbox, "DescribeSecurityGroups", by_block);
    assert_eq!(found["securityGroupInfo"][0]["groupId"], json!(app));
}

#[tokio::test(start_paused = true)]
async fn groups_that_name_each_other_go_only_after_the_rules() {
    let sandbox = Sandbox::in_memory(1);
    let vpc = new_vpc(&sandbox);
    let (one, two) = (new_security_group(&sandbox, &vpc, "one"), new_security_group(&sandbox, &vpc, "two"));
    call(&sandbox, "AuthorizeSecurityGroupIngress", from_group(&one, 80, &two));
    call(&sandbox, "AuthorizeSecurityGroupIngress", from_group(&two, 80, &one));
    call(&sandbox, "AuthorizeSecurityGroupIngress", from_group(&one, 80, &one));
    let delete = |group: &str| json!({ "GroupId": group });
    assert_eq!(refused(&sandbox, "DeleteSecurityGroup", delete(&one)), blocked("DependencyViolation"));
    assert_eq!(refused(&sandbox, "DeleteSecurityGroup", delete(&two)), blocked("DependencyViolation"));
    call(&sandbox, "RevokeSecurityGroupIngress", from_group(&two, 80, &one));
    call(&sandbox, "DeleteSecurityGroup", delete(&one));
    call(&sandbox, "DeleteSecurityGroup", delete(&two));
    assert_eq!(refused(&sandbox, "DeleteSecurityGroup", delete(&two)), absent("InvalidGroup.NotFound"));
}

#[tokio::test(start_paused = true)]
async fn rules_that_make_no_sense_are_refused() {
    let sandbox = Sandbox::in_memory(1);
    let (vpc, other) = (new_vpc(&sandbox), new_vpc(&sandbox));
    let group = new_security_group(&sandbox, &vpc, "web");
    let stranger = new_security_group(&sandbox, &other, "stranger");
    let with = |permission: Value| json!({ "GroupId": group, "IpPermissions": [permission] });
    let anywhere = json!([{ "CidrIp": "0.0.0.0/0" }]);
    for (params, code) in [
        (with(json!({ "IpProtocol": "tcp", "IpRanges": anywhere })), "InvalidParameterValue"),
        (
            with(json!({ "IpProtocol": "tcp", "FromPort": 9, "ToPort": 8, "IpRanges": anywhere })),
            "InvalidParameterValue",
        ),
        (with(json!({ "IpProtocol": "what", "IpRanges": anywhere })), "InvalidParameterValue"),
        (with(json!({ "IpProtocol": "-1" })), "InvalidParameterValue"),
        (from_block(&group, 80, "10.0.0.0/33"), "InvalidParameterValue"),
        (from_group(&group, 80, &stranger), "InvalidGroup.NotFound"),
        (
            with(json!({ "IpProtocol": "-1", "PrefixListIds": [{ "PrefixListId": "pl-1" }] })),
            "InvalidParameterValue",
        ),
    ] {
        assert_eq!(refused(&sandbox, "AuthorizeSecurityGroupIngress", params), illegal(code));
    }
}

#[tokio::test(start_paused = true)]
async fn a_group_takes_sixty_rules_a_direction() {
    let sandbox = Sandbox::in_memory(1);
    let group = new_security_group(&sandbox, &new_vpc(&sandbox), "web");
    let blocks: Vec<Value> = (0..60).map(|n| json!({ "CidrIp": format!("10.{n}.0.0/16") })).collect();
    call(&sandbox, "AuthorizeSecurityGroupIngress", ingress(&group, 80, json!({ "IpRanges": blocks })));
    let one_more = refused(&sandbox, "AuthorizeSecurityGroupIngress", from_block(&group, 80, "11.0.0.0/8"));
    assert_eq!(one_more, illegal("RulesPerSecurityGroupLimitExceeded"));
}

#[tokio::test(start_paused = true)]
async fn a_rule_changes_in_place_and_keeps_its_id() {
    let sandbox = Sandbox::in_memory(1);
    let vpc = new_vpc(&sandbox);
    let (group, other) =
        (new_security_group(&sandbox, &vpc, "web"), new_security_group(&sandbox, &vpc, "app"));
    let blocks = json!([{ "CidrIp": "10.0.0.0/8" }, { "CidrIp": "11.0.0.0/8" }]);
    let granted =
        call(&sandbox, "AuthorizeSecurityGroupIngress", ingress(&group, 80, json!({ "IpRanges": blocks })));
    let id = &granted["securityGroupRuleSet"][0]["securityGroupRuleId"];
    let modify = |group: &str, port: u16, block: &str| {
        let rule = json!({ "IpProtocol": "tcp", "FromPort": port, "ToPort": port, "CidrIpv4": block, "Description": "d" });
        json!({ "GroupId": group, "SecurityGroupRule": [{ "SecurityGroupRuleId": id, "SecurityGroupRule": rule }] })
    };
    call(&sandbox, "ModifySecurityGroupRules", modify(&group, 80, "10.0.0.0/8"));
    let described = call(&sandbox, "DescribeSecurityGroupRules", json!({ "SecurityGroupRuleId": [id] }));
    assert_eq!(described["securityGroupRuleSet"][0]["description"], "d");
    let taken = refused(&sandbox, "ModifySecurityGroupRules", modify(&group, 80, "11.0.0.0/8"));
    assert_eq!(taken, illegal("InvalidPermission.Duplicate"));
    let foreign = refused(&sandbox, "ModifySecurityGroupRules", modify(&other, 80, "10.0.0.0/8"));
    assert_eq!(foreign, illegal("InvalidSecurityGroupRuleId.NotFound"));
    call(&sandbox, "RevokeSecurityGroupIngress", json!({ "GroupId": group, "SecurityGroupRuleId": [id] }));
    assert_eq!(rules(&sandbox, &group).len(), 2);
}
