//! VPC, five subnets, gateways and route tables.

use serde_json::{Value, json};

use super::tags;
use crate::audit::Inventory;

const VPC: &str = "vpc sidekick-vpc";

pub(super) fn expect(inventory: &mut Inventory) {
    inventory.put(
        VPC,
        json!({
            "cidr": "10.0.0.0/16",
            "dns_support": true,
            "dns_hostnames": true,
            "tags": tags("sidekick-vpc", "network.vpc"),
        }),
    );
    for (role, cidr, zone) in [
        ("private", "10.0.1.0/24", "us-west-2a"),
        ("private", "10.0.2.0/24", "us-west-2b"),
        ("alb", "10.0.3.0/24", "us-west-2a"),
        ("alb", "10.0.4.0/24", "us-west-2b"),
        ("nat", "10.0.5.0/24", "us-west-2a"),
    ] {
        inventory.put(&format!("subnet sidekick-{role}-{zone}"), subnet(role, cidr, zone));
    }
    inventory.put(
        "internet-gateway sidekick-igw",
        json!({ "vpcs": [VPC], "tags": tags("sidekick-igw", "network.internet-gateway") }),
    );
    inventory.put(
        "elastic-ip sidekick-nat-us-west-2a",
        json!({
            "domain": "vpc",
            "tags": tags("sidekick-nat-us-west-2a", "network.elastic-ip.us-west-2a"),
        }),
    );
    inventory.put(
        "nat-gateway sidekick-nat-us-west-2a",
        json!({
            "state": "available",
            "subnet": "subnet sidekick-nat-us-west-2a",
            "addresses": ["elastic-ip sidekick-nat-us-west-2a"],
            "tags": tags("sidekick-nat-us-west-2a", "network.nat-gateway.us-west-2a"),
        }),
    );
    // That of the NAT gateway.
    inventory.put("network-interface in subnet sidekick-nat-us-west-2a", json!({ "vpc": VPC }));
    route_tables(inventory);
}

fn subnet(role: &str, cidr: &str, zone: &str) -> Value {
    let mut tags = tags(&format!("sidekick-{role}-{zone}"), &format!("network.{role}-subnet.{cidr}"));
    tags["AZ"] = zone.into();
    json!({ "vpc": VPC, "cidr": cidr, "zone": zone, "maps_public_ips": role == "nat", "tags": tags })
}

fn route_tables(inventory: &mut Inventory) {
    inventory.put(
        "route-table sidekick-public",
        json!({
            "vpc": VPC,
            "main": false,
            "subnets": [
                "subnet sidekick-alb-us-west-2a",
                "subnet sidekick-alb-us-west-2b",
                "subnet sidekick-nat-us-west-2a",
            ],
            "routes": { "10.0.0.0/16": "local", "0.0.0.0/0": "internet-gateway sidekick-igw" },
            "tags": tags("sidekick-public", "network.public-routes"),
        }),
    );
    inventory.put(
        "route-table sidekick-private-us-west-2a",
        json!({
            "vpc": VPC,
            "main": false,
            "subnets": ["subnet sidekick-private-us-west-2a", "subnet sidekick-private-us-west-2b"],
            "routes": { "10.0.0.0/16": "local", "0.0.0.0/0": "nat-gateway sidekick-nat-us-west-2a" },
            "tags": tags("sidekick-private-us-west-2a", "network.private-routes.us-west-2a"),
        }),
    );
    // AWS gives every VPC one; nothing of ours follows it.
    inventory.put(
        "route-table of vpc sidekick-vpc",
        json!({ "vpc": VPC, "main": true, "subnets": [], "routes": { "10.0.0.0/16": "local" }, "tags": {} }),
    );
}
