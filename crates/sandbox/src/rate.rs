//! How fast calls may come, as far as AWS publishes it: a token bucket for each group of operations.

use serde::{Deserialize, Serialize};

use crate::call::Refusal;
use crate::service::Service;
use crate::world::World;

/// The operations that share one limit.
struct Rate {
    service: &'static str,
    /// How the names of the operations begin.
    operations: &'static [&'static str],
    /// How many calls may come at once after a pause.
    burst: f64,
    /// How many calls may come in a second for long.
    per_second: f64,
}

const READS: &[&str] = &["Describe", "Get", "List"];
const ANY: &[&str] = &[""];

/// The published limits, and for what has none limits beyond those that are known to be borne. Of one service the first row that matches counts; a service without a row has no limit.
static RATES: &[Rate] = &[
    rate("ec2", &["CreateNatGateway", "DeleteNatGateway"], 10.0, 1.0),
    rate("ec2", &["CreateTags", "DeleteTags"], 100.0, 10.0),
    rate("ec2", READS, 100.0, 20.0),
    rate("ec2", ANY, 50.0, 5.0),
    rate("ecs", &["CreateCluster", "UpdateCluster", "PutClusterCapacity", "DeleteCluster"], 20.0, 1.0),
    rate("ecs", &["RegisterTaskDefinition", "DeregisterTaskDefinition"], 20.0, 1.0),
    rate("ecs", &["DeleteTaskDefinitions"], 5.0, 1.0),
    rate("ecs", &["CreateService", "UpdateService", "DeleteService"], 50.0, 5.0),
    rate("ecs", READS, 50.0, 20.0),
    rate("ecs", ANY, 20.0, 10.0),
    // A bucket of one token would refuse the second of two calls that are exactly so far apart.
    rate("wafv2", &["AssociateWebACL", "DisassociateWebACL"], 1.5, 0.5),
    rate("wafv2", &["GetWebACLForResource", "ListResourcesForWebACL"], 1.5, 1.0),
    rate("wafv2", READS, 5.0, 5.0),
    rate("wafv2", ANY, 1.5, 1.0),
    rate("secretsmanager", READS, 10_000.0, 10_000.0),
    rate("secretsmanager", ANY, 50.0, 50.0),
    rate("application-autoscaling", ANY, 20.0, 10.0),
    rate("ecr", READS, 40.0, 20.0),
    rate("ecr", ANY, 20.0, 10.0),
];

const fn rate(
    service: &'static str,
    operations: &'static [&'static str],
    burst: f64,
    per_second: f64,
) -> Rate {
    Rate { service, operations, burst, per_second }
}

/// What is left in one bucket.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Level {
    tokens: f64,
    at: f64,
}

impl World {
    /// Refuses a call that comes too fast; else takes its token.
    pub(crate) fn refuse_if_too_fast(&mut self, service: &Service, operation: &str) -> Result<(), Refusal> {
        let covers = |rate: &Rate| {
            rate.service == service.name && rate.operations.iter().any(|start| operation.starts_with(start))
        };
        let Some(index) = RATES.iter().position(covers) else { return Ok(()) };
        let rate = &RATES[index];
        let (left, now) = (1.0 - self.faults.rates_cut, self.now);
        // However low the limit, a call must be able to pass.
        let burst = (rate.burst * left).max(1.0);
        let level = self.levels.entry(index).or_insert(Level { tokens: burst, at: now });
        level.tokens = (level.tokens + (now - level.at) * rate.per_second * left).min(burst);
        level.at = now;
        if level.tokens < 1.0 {
            return Err(Refusal::too_fast(service.dialect));
        }
        level.tokens -= 1.0;
        Ok(())
    }
}
