//! What holds for all calls: dry runs, tokens, pages, filters, faults, the log, repeatability.

use serde_json::{Value, json};
use sidekick_sandbox::{Faults, Reason, Sandbox};

use crate::{absent, call, illegal, new_subnet, new_vpc, refused, seconds};

#[tokio::test(start_paused = true)]
async fn a_dry_run_says_what_would_happen_and_does_nothing() {
    let sandbox = Sandbox::in_memory(1);
    let dry = |block: &str| refused(&sandbox, "CreateVpc", json!({ "CidrBlock": block, "DryRun": "true" }));
    assert_eq!(dry("10.0.0.0/16"), ("DryRunOperation".to_owned(), Reason::DryRun));
    assert_eq!(dry("10.0.0.0/8"), illegal("InvalidVpc.Range"));
    assert_eq!(call(&sandbox, "DescribeVpcs", json!({}))["vpcSet"], json!([]));
    let read = refused(&sandbox, "DescribeVpcs", json!({ "DryRun": true }));
    assert_eq!(read, ("DryRunOperation".to_owned(), Reason::DryRun));
}

#[tokio::test(start_paused = true)]
async fn a_client_token_gives_the_same_answer_for_the_same_parameters_only() {
    let sandbox = Sandbox::in_memory(1);
    let (vpc, other) = (new_vpc(&sandbox), new_vpc(&sandbox));
    let create = |vpc: &str| json!({ "VpcId": vpc, "ClientToken": "t" });
    let first = call(&sandbox, "CreateRouteTable", create(&vpc));
    assert_eq!(call(&sandbox, "CreateRouteTable", create(&vpc)), first);
    assert_eq!(refused(&sandbox, "CreateRouteTable", create(&other)), illegal("IdempotentParameterMismatch"));
    let tables = call(&sandbox, "DescribeRouteTables", json!({}));
    assert_eq!(tables["routeTableSet"].as_array().unwrap().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn pages_join_to_the_whole() {
    let sandbox = Sandbox::in_memory(1);
    let vpc = new_vpc(&sandbox);
    let mut made: Vec<String> =
        (0..12).map(|n| new_subnet(&sandbox, &vpc, &format!("10.0.{n}.0/24"))).collect();
    made.sort();
    let (mut listed, mut token) = (Vec::new(), Value::Null);
    for expected in [5, 5, 2] {
        let params = json!({ "MaxResults": 5, "NextToken": token });
        let page = call(&sandbox, "DescribeSubnets", params);
        assert_eq!(page["subnetSet"].as_array().unwrap().len(), expected);
        let ids = page["subnetSet"].as_array().unwrap().iter().map(|subnet| crate::text(subnet, "/subnetId"));
        listed.extend(ids);
        token = page["nextToken"].clone();
    }
    assert_eq!((listed, token), (made.clone(), Value::Null));
    let small = refused(&sandbox, "DescribeSubnets", json!({ "MaxResults": 4 }));
    assert_eq!(small, illegal("InvalidParameterValue"));
    let both = refused(&sandbox, "DescribeSubnets", json!({ "MaxResults": 5, "SubnetId": [made[0]] }));
    assert_eq!(both, illegal("InvalidParameterCombination"));
    assert_eq!(
        refused(&sandbox, "DescribeSubnets", json!({ "NextToken": "?" })),
        illegal("InvalidNextToken")
    );
}

#[tokio::test(start_paused = true)]
async fn unknown_filters_operations_parameters_and_ids_are_refused() {
    let sandbox = Sandbox::in_memory(1);
    new_vpc(&sandbox);
    let filters = json!([{ "Name": "state", "Value": ["no"] }, { "Name": "what", "Value": ["x"] }]);
    let filter = refused(&sandbox, "DescribeVpcs", json!({ "Filter": filters }));
    assert_eq!(filter, illegal("InvalidParameterValue"));
    assert_eq!(refused(&sandbox, "RunInstances", json!({})), illegal("InvalidAction"));
    assert_eq!(refused(&sandbox, "CreateVpc", json!({})), illegal("MissingParameter"));
    let params = json!({ "CidrBlock": "10.0.0.0/16", "Ipv6Pool": "p" });
    assert_eq!(refused(&sandbox, "CreateVpc", params), illegal("SandboxUnsupportedParameter"));
    assert_eq!(refused(&sandbox, "DeleteVpc", json!({ "VpcId": "what" })), illegal("InvalidVpcID.Malformed"));
    assert_eq!(call(&sandbox, "DescribeVpcs", json!({}))["vpcSet"].as_array().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn new_things_can_be_hidden_from_describe_calls_for_a_while() {
    let sandbox = Sandbox::in_memory(1);
    sandbox.set_faults(Faults { hidden_seconds: 10.0, ..Faults::default() }).unwrap();
    let vpc = new_vpc(&sandbox);
    let by_id = json!({ "VpcId": [vpc] });
    assert_eq!(refused(&sandbox, "DescribeVpcs", by_id.clone()), absent("InvalidVpcID.NotFound"));
    assert_eq!(call(&sandbox, "DescribeVpcs", json!({}))["vpcSet"], json!([]));
    new_subnet(&sandbox, &vpc, "10.0.1.0/24");
    seconds(10).await;
    assert_eq!(call(&sandbox, "DescribeVpcs", by_id)["vpcSet"].as_array().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn faults_repeat_from_their_seed_and_leave_no_trace() {
    let codes = |seed: u64| {
        let sandbox = Sandbox::in_memory(1);
        sandbox.set_faults(Faults { seed, throttle: 0.3, server_error: 0.2, ..Faults::default() }).unwrap();
        let attempt = |_| {
            sandbox
                .call("ec2", "AllocateAddress", json!({}))
                .map_or_else(|why| why.code.into_owned(), |_| "ok".to_owned())
        };
        let codes: Vec<String> = (0..12).map(attempt).collect();
        let made = codes.iter().filter(|code| *code == "ok").count();
        assert_eq!(sandbox.world().unwrap()["ec2"]["addresses"].as_object().unwrap().len(), made);
        codes
    };
    assert_eq!(codes(3), codes(3));
    assert_ne!(codes(3), codes(4));
    assert!(codes(3).contains(&"RequestLimitExceeded".to_owned()), "{:?}", codes(3));
    assert!(codes(3).contains(&"InternalError".to_owned()), "{:?}", codes(3));
}

#[tokio::test(start_paused = true)]
async fn where_there_is_no_capacity_a_call_may_succeed_the_next_time() {
    let sandbox = Sandbox::in_memory(1);
    sandbox.set_faults(Faults { no_capacity: 0.5, ..Faults::default() }).unwrap();
    let codes: std::collections::BTreeSet<String> = (0..4)
        .map(|_| match sandbox.call("ec2", "AllocateAddress", json!({})) {
            Ok(_) => "made".to_owned(),
            Err(refusal) => refusal.code.into_owned(),
        })
        .collect();
    assert_eq!(codes, ["InsufficientAddressCapacity".to_owned(), "made".to_owned()].into());
}

#[tokio::test(start_paused = true)]
async fn a_slow_day_stretches_what_takes_its_time() {
    let sandbox = Sandbox::in_memory(1);
    sandbox.set_faults(Faults { slowdown: 9.0, ..Faults::default() }).unwrap();
    let vpc = new_vpc(&sandbox);
    let state = || crate::text(&call(&sandbox, "DescribeVpcs", json!({ "VpcId": [vpc] })), "/vpcSet/0/state");
    seconds(10).await;
    assert_eq!(state(), "pending");
    seconds(10).await;
    assert_eq!(state(), "available");
}

#[tokio::test(start_paused = true)]
async fn a_fork_shares_the_past_and_not_the_future() {
    let sandbox = Sandbox::in_memory(1);
    let vpc = new_vpc(&sandbox);
    let fork = sandbox.fork();
    new_subnet(&fork, &vpc, "10.0.1.0/24");
    let subnets = |sandbox: &Sandbox| call(sandbox, "DescribeSubnets", json!({}))["subnetSet"].clone();
    assert_eq!((subnets(&sandbox), subnets(&fork).as_array().map(Vec::len)), (json!([]), Some(1)));
}

#[tokio::test(start_paused = true)]
async fn the_log_tells_illegal_calls_from_those_that_learn_by_trying() {
    let sandbox = Sandbox::in_memory(1);
    let vpc = new_vpc(&sandbox);
    new_subnet(&sandbox, &vpc, "10.0.1.0/24");
    refused(&sandbox, "DeleteVpc", json!({ "VpcId": vpc }));
    refused(&sandbox, "CreateSubnet", json!({ "VpcId": vpc, "CidrBlock": "10.0.1.0/24" }));
    call(&sandbox, "DescribeVpcs", json!({}));
    let log = sandbox.log();
    assert_eq!((log.0.len(), log.mutating(), log.count("CreateSubnet")), (5, 4, 2));
    assert_eq!(log.refused_for(Reason::Blocked).len(), 1);
    let illegal = log.illegal();
    assert_eq!(illegal.len(), 1);
    assert_eq!(illegal[0].operation, "CreateSubnet");
}

#[tokio::test(start_paused = true)]
async fn one_seed_gives_one_world() {
    async fn world(seed: u64) -> Value {
        let sandbox = Sandbox::in_memory(seed);
        let vpc = new_vpc(&sandbox);
        seconds(1).await;
        new_subnet(&sandbox, &vpc, "10.0.1.0/24");
        sandbox.world().unwrap()
    }
    let (one, same, other) = (world(1).await, world(1).await, world(2).await);
    assert_eq!(one, same);
    assert_ne!(one["ec2"], other["ec2"]);
}
