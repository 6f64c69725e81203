//! The four security groups, each with exactly these rules.

use serde_json::json;

use super::tags;
use crate::audit::Inventory;

const EVERYTHING: &str = "-1 all 0.0.0.0/0";

pub(super) fn expect(inventory: &mut Inventory) {
    let mut group = |room: &str, name: &str, purpose: &str, ingress: &[&str]| {
        inventory.put(
            &format!("security-group {name}"),
            json!({
                "vpc": "vpc sidekick-vpc",
                "name": name,
                "description": format!("Security group of {purpose}"),
                "ingress": ingress,
                "egress": [EVERYTHING],
                "tags": tags(name, &format!("security.{room}")),
            }),
        );
    };
    group("redis", "sidekick-redis-sg", "the cache", &["tcp 6379-6379 10.0.0.0/16 the VPC"]);
    group("postgres", "sidekick-postgres-sg", "the database", &["tcp 5432-5432 10.0.0.0/16 the VPC"]);
    let to_service = [
        "tcp 7500-7500 10.101.0.0/16 peer peer-101",
        "tcp 7500-7500 10.102.0.0/16 peer pragma",
        "tcp 7500-7500 10.103.0.0/16 peer peer-103",
        "tcp 7500-7500 security-group sidekick-alb-sg the load balancer",
    ];
    group("service", "sidekick-ecs-service-sg", "the tasks of the service", &to_service);
    let to_balancer = [
        "tcp 443-443 0.0.0.0/0 anywhere",
        "tcp 7500-7500 0.0.0.0/0 anywhere",
        "tcp 80-80 0.0.0.0/0 anywhere",
    ];
    group("alb", "sidekick-alb-sg", "the load balancer", &to_balancer);
    // AWS gives every VPC one; nothing of ours carries it.
    inventory.put(
        "security-group default of vpc sidekick-vpc",
        json!({
            "vpc": "vpc sidekick-vpc",
            "name": "default",
            "description": "default VPC security group",
            "ingress": [],
            "egress": [EVERYTHING],
            "tags": {},
        }),
    );
}
