//! Load balancer, listener, target group and web ACL.

use serde_json::json;

use super::tags;
use crate::audit::Inventory;

const ALB: &str = "load-balancer sidekick-alb";

pub(super) fn expect(inventory: &mut Inventory) {
    inventory.put(
        ALB,
        json!({
            "type": "application",
            "scheme": "internal",
            "state": "active",
            "vpc": "vpc sidekick-vpc",
            "subnets": ["subnet sidekick-alb-us-west-2a", "subnet sidekick-alb-us-west-2b"],
            "security_groups": ["security-group sidekick-alb-sg"],
            "deletion_protection": "false",
            "idle_timeout": "60",
            "tags": tags("sidekick-alb", "edge.alb"),
        }),
    );
    inventory.put(
        "listener 80 of sidekick-alb",
        json!({
            "protocol": "HTTP",
            "port": 80,
            "actions": ["forward target-group sidekick-tg"],
            "tags": tags("sidekick-http", "edge.http-listener"),
        }),
    );
    inventory.put(
        "target-group sidekick-tg",
        json!({
            "vpc": "vpc sidekick-vpc",
            "type": "ip",
            "protocol": "HTTP",
            "port": 7500,
            "health_check": {
                "enabled": true,
                "protocol": "HTTP",
                "port": "traffic-port",
                "path": "/",
                "interval": 10,
                "timeout": 5,
                "healthy": 2,
                "unhealthy": 2,
                "matcher": "200-399",
            },
            "load_balancers": [ALB],
            "deregistration_delay": "30",
            "tags": tags("sidekick-tg", "edge.target-group"),
        }),
    );
    inventory.put(
        "web-acl sidekick-waf",
        json!({
            "description": "Web ACL of Sequence Sidekick",
            "default": "allow",
            "visibility": "sidekick-waf: metrics true, samples true",
            "rules": [{
                "name": "AWSManagedRulesCommonRuleSet",
                "priority": 1,
                "group": "AWS AWSManagedRulesCommonRuleSet",
                "override": "none",
                "visibility": "AWSManagedRulesCommonRuleSet: metrics true, samples true",
            }],
            "load_balancers": [ALB],
            "tags": tags("sidekick-waf", "edge.waf"),
        }),
    );
}
