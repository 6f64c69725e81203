//! The rules of the simulated AWS, at the level of calls and in virtual time.

#![allow(clippy::unwrap_used, reason = "all of this crate is tests, also what their functions share")]

mod account;
mod autoscaling;
mod certificates;
mod data;
mod data_settings;
mod ecr;
mod ecs;
mod elasticache;
mod file;
mod gateways;
mod iam;
mod keys;
mod load_balancing;
mod logs;
mod network;
mod peering;
mod rds;
mod routes;
mod sandbox;
mod secretsmanager;
mod security_groups;
mod site;
mod stage;
mod waf;
mod wire;

use std::time::Duration;

use serde_json::{Value, json};
use sidekick_sandbox::{Reason, Sandbox};

/// A call that must succeed.
fn call(sandbox: &Sandbox, operation: &str, params: Value) -> Value {
    sandbox
        .call("ec2", operation, params)
        .unwrap_or_else(|why| panic!("{operation}: {} {}", why.code, why.message))
}

/// A call that must be refused: its code and why.
fn refused(sandbox: &Sandbox, operation: &str, params: Value) -> (String, Reason) {
    let refusal = sandbox.call("ec2", operation, params).expect_err(operation);
    (refusal.code.into_owned(), refusal.reason)
}

/// Refused for a reason that the caller could have known.
fn illegal(code: &str) -> (String, Reason) {
    (code.to_owned(), Reason::Illegal)
}

/// Refused because the thing is not there.
fn absent(code: &str) -> (String, Reason) {
    (code.to_owned(), Reason::Absent)
}

/// Refused because something depends on the thing.
fn blocked(code: &str) -> (String, Reason) {
    (code.to_owned(), Reason::Blocked)
}

/// The text at a JSON pointer.
fn text(value: &Value, pointer: &str) -> String {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no {pointer} in {value}")).to_owned()
}

/// Lets simulated seconds pass.
async fn seconds(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

fn new_vpc(sandbox: &Sandbox) -> String {
    text(&call(sandbox, "CreateVpc", json!({ "CidrBlock": "10.0.0.0/16" })), "/vpc/vpcId")
}

fn new_subnet(sandbox: &Sandbox, vpc: &str, block: &str) -> String {
    text(&call(sandbox, "CreateSubnet", json!({ "VpcId": vpc, "CidrBlock": block })), "/subnet/subnetId")
}

fn new_internet_gateway(sandbox: &Sandbox, vpc: &str) -> String {
    let created = call(sandbox, "CreateInternetGateway", json!({}));
    let id = text(&created, "/internetGateway/internetGatewayId");
    call(sandbox, "AttachInternetGateway", json!({ "InternetGatewayId": id, "VpcId": vpc }));
    id
}

fn new_route_table(sandbox: &Sandbox, vpc: &str) -> String {
    text(&call(sandbox, "CreateRouteTable", json!({ "VpcId": vpc })), "/routeTable/routeTableId")
}

fn new_security_group(sandbox: &Sandbox, vpc: &str, name: &str) -> String {
    let params = json!({ "VpcId": vpc, "GroupName": name, "GroupDescription": name });
    text(&call(sandbox, "CreateSecurityGroup", params), "/groupId")
}
