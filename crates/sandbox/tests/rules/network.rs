//! VPCs, subnets and tags.

use serde_json::{Value, json};
use sidekick_sandbox::Sandbox;

use crate::{absent, blocked, call, illegal, new_subnet, new_vpc, refused, seconds, text};

#[tokio::test(start_paused = true)]
async fn a_vpc_becomes_available_and_brings_its_main_table_and_default_group() {
    let sandbox = Sandbox::in_memory(1);
    let vpc = new_vpc(&sandbox);
    let state = || text(&call(&sandbox, "DescribeVpcs", json!({ "VpcId": [vpc] })), "/vpcSet/0/state");
    assert_eq!(state(), "pending");
    seconds(2).await;
    assert_eq!(state(), "available");
    let of_vpc = json!({ "Filter": [{ "Name": "vpc-id", "Value": [vpc] }] });
    let tables = call(&sandbox, "DescribeRouteTables", of_vpc.clone());
    assert_eq!(tables["routeTableSet"][0]["associationSet"][0]["main"], true);
    assert_eq!(tables["routeTableSet"][0]["routeSet"][0]["gatewayId"], "local");
    let groups = call(&sandbox, "DescribeSecurityGroups", of_vpc);
    assert_eq!(groups["securityGroupInfo"][0]["groupName"], "default");
    call(&sandbox, "DeleteVpc", json!({ "VpcId": vpc }));
    for (operation, set) in [
        ("DescribeVpcs", "vpcSet"),
        ("DescribeRouteTables", "routeTableSet"),
        ("DescribeSecurityGroups", "securityGroupInfo"),
        ("DescribeSecurityGroupRules", "securityGroupRuleSet"),
    ] {
        assert_eq!(call(&sandbox, operation, json!({}))[set], json!([]), "{operation}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_vpc_goes_only_when_it_is_empty() {
    let sandbox = Sandbox::in_memory(1);
    let vpc = new_vpc(&sandbox);
    let subnet = new_subnet(&sandbox, &vpc, "10.0.1.0/24");
    let delete = json!({ "VpcId": vpc });
    assert_eq!(refused(&sandbox, "DeleteVpc", delete.clone()), blocked("DependencyViolation"));
    call(&sandbox, "DeleteSubnet", json!({ "SubnetId": subnet }));
    call(&sandbox, "DeleteVpc", delete.clone());
    assert_eq!(refused(&sandbox, "DeleteVpc", delete), absent("InvalidVpcID.NotFound"));
}

#[tokio::test(start_paused = true)]
async fn dns_attributes_change_one_at_a_time_and_hostnames_need_support() {
    let sandbox = Sandbox::in_memory(1);
    let vpc = new_vpc(&sandbox);
    let modify = |attributes: Value| {
        let mut params = json!({ "VpcId": vpc });
        params.as_object_mut().unwrap().extend(attributes.as_object().unwrap().clone());
        sandbox.call("ec2", "ModifyVpcAttribute", params).map_err(|why| why.code.into_owned())
    };
    let (on, off) = (json!({ "Value": true }), json!({ "Value": "false" }));
    let both = modify(json!({ "EnableDnsSupport": on, "EnableDnsHostnames": on }));
    assert_eq!(both.unwrap_err(), "InvalidParameterCombination");
    modify(json!({ "EnableDnsHostnames": on })).unwrap();
    assert_eq!(modify(json!({ "EnableDnsSupport": off })).unwrap_err(), "InvalidParameterCombination");
    let read =
        call(&sandbox, "DescribeVpcAttribute", json!({ "VpcId": vpc, "Attribute": "enableDnsHostnames" }));
    assert_eq!(read["enableDnsHostnames"]["value"], true);
}

#[tokio::test(start_paused = true)]
async fn the_quota_of_vpcs_is_five() {
    let sandbox = Sandbox::in_memory(1);
    (0..5).for_each(|_| drop(new_vpc(&sandbox)));
    let sixth = refused(&sandbox, "CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" }));
    assert_eq!(sixth, illegal("VpcLimitExceeded"));
}

#[tokio::test(start_paused = true)]
async fn subnets_lie_inside_the_vpc_apart_from_each_other_and_in_a_zone_of_the_region() {
    let sandbox = Sandbox::in_memory(1);
    let vpc = new_vpc(&sandbox);
    new_subnet(&sandbox, &vpc, "10.0.1.0/24");
    for (block, zone, code) in [
        ("10.0.1.128/25", "us-west-2a", "InvalidSubnet.Conflict"),
        ("10.0.0.0/16", "us-west-2a", "InvalidSubnet.Conflict"),
        ("10.1.0.0/24", "us-west-2a", "InvalidSubnet.Range"),
        ("10.0.2.0/29", "us-west-2a", "InvalidSubnet.Range"),
        ("10.0.2.0", "us-west-2a", "InvalidParameterValue"),
        ("10.0.2.0/24", "us-west-2e", "InvalidParameterValue"),
        ("10.0.2.0/24", "eu-west-1a", "InvalidParameterValue"),
    ] {
        let params = json!({ "VpcId": vpc, "CidrBlock": block, "AvailabilityZone": zone });
        assert_eq!(refused(&sandbox, "CreateSubnet", params), illegal(code), "{block} in {zone}");
    }
    let params = json!({ "VpcId": vpc, "CidrBlock": "10.0.2.7/24", "AvailabilityZoneId": "usw2-az2" });
    let subnet = &call(&sandbox, "CreateSubnet", params)["subnet"];
    assert_eq!(subnet["cidrBlock"], "10.0.2.0/24");
    assert_eq!(subnet["availabilityZone"], "us-west-2b");
    assert_eq!(subnet["availableIpAddressCount"], 251);
}

#[tokio::test(start_paused = true)]
async fn tags_come_with_the_create_call_and_change_later() {
    let sandbox = Sandbox::in_memory(1);
    let specification = |kind: &str, key: &str| {
        let tags = json!([{ "Key": key, "Value": "v" }]);
        json!({ "CidrBlock": "10.0.0.0/16", "TagSpecification": [{ "ResourceType": kind, "Tag": tags }] })
    };
    let wrong_kind = refused(&sandbox, "CreateVpc", specification("subnet", "k"));
    assert_eq!(wrong_kind, illegal("InvalidParameterValue"));
    let reserved = refused(&sandbox, "CreateVpc", specification("vpc", "aws:k"));
    assert_eq!(reserved, illegal("InvalidParameterValue"));
    let vpc = text(&call(&sandbox, "CreateVpc", specification("vpc", "k")), "/vpc/vpcId");
    let found = |filter: &str| {
        let filter = json!({ "Filter": [{ "Name": filter, "Value": ["v*"] }] });
        call(&sandbox, "DescribeVpcs", filter)["vpcSet"].as_array().unwrap().len()
    };
    assert_eq!((found("tag:k"), found("tag:l")), (1, 0));
    call(&sandbox, "CreateTags", json!({ "ResourceId": [vpc], "Tag": [{ "Key": "l", "Value": "v2" }] }));
    let other = json!({ "Key": "k", "Value": "other" });
    call(&sandbox, "DeleteTags", json!({ "ResourceId": [vpc], "Tag": [other] }));
    assert_eq!((found("tag:k"), found("tag:l")), (1, 1));
    call(&sandbox, "DeleteTags", json!({ "ResourceId": [vpc], "Tag": [{ "Key": "k" }] }));
    assert_eq!((found("tag:k"), found("tag:l")), (0, 1));
}
