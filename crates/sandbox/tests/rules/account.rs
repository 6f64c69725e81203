//! What an account may have and do: quotas that are told and kept, and simulated permissions.

use serde_json::{Value, json};
use sidekick_sandbox::Reason;

use crate::data::Service;
use crate::{absent, illegal};

/// What a list holds whose entries have a name and a value.
fn entry(list: &Value, (name, wanted): (&str, &str), value: &str) -> Value {
    let mut entries = list.as_array().into_iter().flatten();
    let found = entries.find(|entry| entry[name] == wanted);
    found.unwrap_or_else(|| panic!("no {wanted} in {list}"))[value].clone()
}

#[tokio::test(start_paused = true)]
async fn the_quota_of_addresses_is_told_and_kept() {
    let ec2 = Service::new("ec2");
    let told = ec2.call("DescribeAccountAttributes", json!({ "AttributeName": ["vpc-max-elastic-ips"] }));
    let told = &told["accountAttributeSet"];
    assert_eq!(told.as_array().map(Vec::len), Some(1));
    let most = entry(told, ("attributeName", "vpc-max-elastic-ips"), "attributeValueSet");
    assert_eq!(most[0]["attributeValue"], "5");
    (0..5).for_each(|_| drop(ec2.call("AllocateAddress", json!({}))));
    assert_eq!(ec2.refused("AllocateAddress", json!({})), illegal("AddressLimitExceeded"));
    let unknown = json!({ "AttributeName": ["vpc-max-vpcs"] });
    assert_eq!(ec2.refused("DescribeAccountAttributes", unknown), illegal("InvalidParameterValue"));
}

#[tokio::test(start_paused = true)]
async fn the_quotas_of_the_network_are_told_and_kept() {
    let ec2 = Service::new("ec2");
    let quota = |operation: &str, code: &str| {
        ec2.sandbox.call("servicequotas", operation, json!({ "ServiceCode": "vpc", "QuotaCode": code }))
    };
    for code in ["L-F678F1CE", "L-FE5A380F"] {
        assert_eq!(quota("GetServiceQuota", code).unwrap()["Quota"]["Value"], 5.0);
    }
    let refused = quota("GetServiceQuota", "L-A4707A72").unwrap_err();
    assert_eq!((refused.code.as_ref(), refused.reason), ("NoSuchResourceException", Reason::Absent));
    assert_eq!(quota("GetAWSDefaultServiceQuota", "L-A4707A72").unwrap()["Quota"]["Value"], 5.0);
    assert!(quota("GetAWSDefaultServiceQuota", "L-00000000").is_err());
    for number in 0..5 {
        ec2.call("CreateVpc", json!({ "CidrBlock": format!("10.{number}.0.0/16") }));
        ec2.call("CreateInternetGateway", json!({}));
    }
    let sixth = json!({ "CidrBlock": "10.5.0.0/16" });
    assert_eq!(ec2.refused("CreateVpc", sixth), illegal("VpcLimitExceeded"));
    assert_eq!(ec2.refused("CreateInternetGateway", json!({})), illegal("InternetGatewayLimitExceeded"));
}

#[tokio::test(start_paused = true)]
async fn the_quotas_of_rds_are_told_and_kept() {
    let rds = Service::new("rds");
    let used = || {
        let told = rds.call("DescribeAccountAttributes", json!({}));
        let groups = ("AccountQuotaName", "DBParameterGroups");
        assert_eq!(entry(&told["AccountQuotas"], groups, "Max"), 50);
        entry(&told["AccountQuotas"], groups, "Used")
    };
    let group = |number: usize| {
        let name = format!("group-{number}");
        json!({ "DBParameterGroupName": name, "DBParameterGroupFamily": "postgres17", "Description": "x" })
    };
    assert_eq!(used(), 0);
    for number in 0..50 {
        rds.call("CreateDBParameterGroup", group(number));
    }
    assert_eq!(used(), 50);
    assert_eq!(rds.refused("CreateDBParameterGroup", group(50)), illegal("DBParameterGroupQuotaExceeded"));
    assert_eq!(rds.refused("CreateDBParameterGroup", group(7)), illegal("DBParameterGroupAlreadyExists"));
}

#[tokio::test(start_paused = true)]
async fn what_can_be_ordered_is_told_page_by_page() {
    let rds = Service::new("rds");
    let operation = "DescribeOrderableDBInstanceOptions";
    let class =
        |class: &str| json!({ "Engine": "postgres", "DBInstanceClass": class, "EngineVersion": "17.6" });
    let told = rds.call(operation, class("db.t4g.micro"));
    let options = told["OrderableDBInstanceOptions"].as_array().expect("a list");
    let storage: Vec<_> = options.iter().map(|option| option["StorageType"].as_str().unwrap()).collect();
    assert_eq!(storage, ["gp2", "gp3", "io1", "io2"]);
    assert_eq!(options[0]["AvailabilityZones"][3]["Name"], "us-west-2d");
    let none = rds.call(operation, class("db.t4g.nano"));
    assert_eq!(none["OrderableDBInstanceOptions"], json!([]));
    let page = rds.call(operation, json!({ "Engine": "postgres", "MaxRecords": 20 }));
    assert_eq!(page["OrderableDBInstanceOptions"].as_array().map(Vec::len), Some(20));
    assert!(page["Marker"].is_string(), "there is more");
    let too_many = json!({ "Engine": "postgres", "MaxRecords": 1001 });
    assert_eq!(rds.refused(operation, too_many), illegal("InvalidParameterValue"));
}

#[tokio::test(start_paused = true)]
async fn node_types_can_be_reserved_except_the_newest() {
    let elasticache = Service::new("elasticache");
    let count = |params: Value| {
        let told = elasticache.call("DescribeReservedCacheNodesOfferings", params);
        told["ReservedCacheNodesOfferings"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(count(json!({ "CacheNodeType": "cache.t4g.micro" })), 2);
    assert_eq!(count(json!({ "CacheNodeType": "cache.c7gn.large" })), 0);
    assert_eq!(count(json!({ "CacheNodeType": "cache.t4g.mirco" })), 0);
    assert_eq!(count(json!({ "MaxRecords": 20 })), 20);
}

#[tokio::test(start_paused = true)]
async fn the_quotas_of_load_balancing_and_of_iam_are_told() {
    let limits = Service::new("elasticloadbalancing").call("DescribeAccountLimits", json!({}));
    assert_eq!(entry(&limits["Limits"], ("Name", "application-load-balancers"), "Max"), "50");
    assert_eq!(entry(&limits["Limits"], ("Name", "target-groups"), "Max"), "3000");
    let summary = Service::new("iam").call("GetAccountSummary", json!({}));
    assert_eq!(entry(&summary["SummaryMap"], ("key", "Roles"), "value"), 0);
    assert_eq!(entry(&summary["SummaryMap"], ("key", "RolesQuota"), "value"), 1000);
}

#[tokio::test(start_paused = true)]
async fn a_simulation_says_what_policies_allow_deny_and_leave_open() {
    let iam = Service::new("iam");
    let statement = |more: Value| json!({ "Version": "2012-10-17", "Statement": [more] }).to_string();
    let principal = json!({ "Service": "ecs-tasks.amazonaws.com" });
    let trust = statement(json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal }));
    iam.call("CreateRole", json!({ "RoleName": "task", "AssumeRolePolicyDocument": trust }));
    for (effect, action) in [("Allow", "s3:*"), ("Deny", "s3:DeleteObject")] {
        let policy = statement(json!({ "Effect": effect, "Action": action, "Resource": "*" }));
        let put = json!({ "RoleName": "task", "PolicyName": effect, "PolicyDocument": policy });
        iam.call("PutRolePolicy", put);
    }
    let decisions = |principal: &str| {
        let actions = ["s3:GetObject", "s3:DeleteObject", "sqs:SendMessage"];
        let params = json!({ "PolicySourceArn": principal, "ActionNames": actions });
        let told = iam.call("SimulatePrincipalPolicy", params);
        actions.map(|action| entry(&told["EvaluationResults"], ("EvalActionName", action), "EvalDecision"))
    };
    let role = "arn:aws:iam::123456789012:role/task";
    assert_eq!(decisions(role), ["allowed", "explicitDeny", "implicitDeny"]);
    assert_eq!(decisions("arn:aws:iam::123456789012:user/sandbox"), ["allowed"; 3]);
    let ask = |principal: &str, action: &str| {
        iam.refused(
            "SimulatePrincipalPolicy",
            json!({ "PolicySourceArn": principal, "ActionNames": [action] }),
        )
    };
    assert_eq!(ask(role, "GetObject"), illegal("InvalidInput"));
    assert_eq!(ask("arn:aws:iam::123456789012:role/other", "s3:GetObject"), absent("NoSuchEntity"));
}
