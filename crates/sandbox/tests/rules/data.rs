//! Calls of the services that keep data, and a network for those that need one.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sidekick_sandbox::{Reason, Refusal, Sandbox};

use crate::{call, new_security_group, new_vpc, seconds, text};

/// A service of a sandbox.
pub(crate) struct Service {
    pub(crate) sandbox: Sandbox,
    pub(crate) name: &'static str,
}

impl Service {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { sandbox: Sandbox::in_memory(1), name }
    }

    pub(crate) fn attempt(&self, operation: &str, params: Value) -> Result<Value, Refusal> {
        self.sandbox.call(self.name, operation, params)
    }

    /// A call that must succeed.
    pub(crate) fn call(&self, operation: &str, params: Value) -> Value {
        self.attempt(operation, params)
            .unwrap_or_else(|why| panic!("{operation}: {} {}", why.code, why.message))
    }

    /// A call that must be refused: its code and why.
    pub(crate) fn refused(&self, operation: &str, params: Value) -> (String, Reason) {
        let refusal = self.attempt(operation, params).expect_err(operation);
        (refusal.code.into_owned(), refusal.reason)
    }

    /// Waits until `look` sees `wanted`, and gives the seconds that it took.
    pub(crate) async fn until(&self, wanted: &str, look: impl Fn() -> String) -> u64 {
        for waited in 0..10_000 {
            if look() == wanted {
                return waited;
            }
            seconds(1).await;
        }
        panic!("it never became {wanted}, but stays {}", look());
    }
}

/// A VPC with a subnet in each of two zones, and a security group.
pub(crate) struct Network {
    pub(crate) subnets: Vec<String>,
    pub(crate) group: String,
}

impl Network {
    pub(crate) fn new(sandbox: &Sandbox) -> Self {
        let vpc = new_vpc(sandbox);
        let subnets = [("10.0.1.0/24", "us-west-2a"), ("10.0.2.0/24", "us-west-2b")];
        let subnet = |(block, zone)| {
            let params = json!({ "VpcId": vpc, "CidrBlock": block, "AvailabilityZone": zone });
            text(&call(sandbox, "CreateSubnet", params), "/subnet/subnetId")
        };
        Self { subnets: subnets.map(subnet).into(), group: new_security_group(sandbox, &vpc, "data") }
    }

    /// How many network interfaces lie in each subnet.
    pub(crate) fn interfaces(&self, sandbox: &Sandbox) -> BTreeMap<String, usize> {
        let described = call(sandbox, "DescribeNetworkInterfaces", json!({}));
        let mut counts = BTreeMap::new();
        for interface in described["networkInterfaceSet"].as_array().expect("a list") {
            *counts.entry(text(interface, "/subnetId")).or_default() += 1;
        }
        counts
    }
}

/// The same structure with some fields changed; null counts as absent.
pub(crate) fn with(params: &Value, changes: Value) -> Value {
    let mut params = params.clone();
    for (name, value) in changes.as_object().expect("a structure") {
        params[name] = value.clone();
    }
    params
}

/// That nothing which the sandbox shows or keeps holds this text.
pub(crate) fn assert_hidden(sandbox: &Sandbox, text: &str) {
    let shown = [
        sandbox.world().expect("a world").to_string(),
        format!("{sandbox:?}"),
        format!("{:?}", sandbox.log()),
    ];
    assert!(shown.iter().all(|shown| !shown.contains(text)), "{text} shows");
}
