//! The rates: how fast which calls may go.

/// The operations that share one limit.
#[derive(Debug)]
pub(super) struct Rate {
    service: &'static str,
    /// How the names of the operations begin.
    operations: &'static [&'static str],
    /// How many calls may go at once after a pause.
    pub(super) burst: f64,
    /// How many calls may go in a second for long.
    pub(super) per_second: f64,
}

const READS: &[&str] = &["Describe", "Get", "List"];
const ANY: &[&str] = &[""];

/// What AWS publishes (EC2, ECS, Secrets Manager, WAF), and else what it was seen to bear. The first match counts, and
/// the last row matches everything.
pub(super) static RATES: &[Rate] = &[
    rate("wafv2", &["AssociateWebACL", "DisassociateWebACL"], 1, 0.5),
    rate("wafv2", &["GetWebACLForResource", "ListResourcesForWebACL"], 1, 1.0),
    rate("wafv2", READS, 5, 5.0),
    rate("wafv2", ANY, 1, 1.0),
    rate("ec2", &["CreateNatGateway", "DeleteNatGateway"], 10, 1.0),
    rate("ec2", &["CreateTags", "DeleteTags"], 100, 10.0),
    rate("ec2", READS, 50, 10.0),
    rate("ec2", ANY, 50, 5.0),
    rate("ecs", &["DeleteTaskDefinitions"], 5, 1.0),
    rate("ecs", &["RegisterTaskDefinition", "DeregisterTaskDefinition"], 20, 1.0),
    rate("ecs", &["CreateCluster", "UpdateCluster", "DeleteCluster"], 20, 1.0),
    rate("ecs", READS, 50, 20.0),
    rate("ecs", ANY, 20, 5.0),
    rate("secretsmanager", ANY, 50, 50.0),
    rate("rds", READS, 10, 2.0),
    rate("rds", ANY, 10, 1.0),
    rate("elasticache", READS, 10, 2.0),
    rate("elasticache", ANY, 10, 1.0),
    rate("elasticloadbalancing", READS, 20, 10.0),
    rate("elasticloadbalancing", ANY, 10, 3.0),
    rate("iam", READS, 20, 10.0),
    rate("iam", ANY, 10, 3.0),
    rate("application-autoscaling", ANY, 10, 5.0),
    rate("ecr", READS, 20, 10.0),
    rate("ecr", ANY, 10, 5.0),
    rate("", ANY, 10, 5.0),
];

const fn rate(
    service: &'static str,
    operations: &'static [&'static str],
    burst: u32,
    per_second: f64,
) -> Rate {
    Rate { service, operations, burst: burst as f64, per_second }
}

impl Rate {
    /// Whether it limits calls of this operation.
    pub(super) fn covers(&self, service: &str, operation: &str) -> bool {
        let is_service = self.service.is_empty() || self.service == service;
        is_service && self.operations.iter().any(|start| operation.starts_with(start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn per_second(service: &str, operation: &str) -> f64 {
        RATES.iter().find(|rate| rate.covers(service, operation)).unwrap().per_second
    }

    #[test]
    fn every_call_has_a_rate_and_the_strictest_row_comes_first() {
        assert_eq!(per_second("wafv2", "AssociateWebACL"), 0.5);
        assert_eq!(per_second("wafv2", "GetWebACLForResource"), 1.0);
        assert_eq!(per_second("wafv2", "GetWebACL"), 5.0);
        assert_eq!(per_second("wafv2", "UpdateWebACL"), 1.0);
        assert_eq!(per_second("ec2", "CreateNatGateway"), 1.0);
        assert_eq!(per_second("ec2", "DescribeVpcs"), 10.0);
        assert_eq!(per_second("sts", "GetCallerIdentity"), 5.0);
        assert_eq!(per_second("", ""), 5.0);
    }
}
