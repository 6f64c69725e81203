//! The quotas of the account, as the services themselves or Service Quotas tell them: whether the plan fits into them.

use std::collections::BTreeMap;

use sidekick_aws::preflight::{
    Quota, database_quotas, elastic_ip_quota, internet_gateway_quota, load_balancing_quotas,
    nat_gateway_quota, role_quota, vpc_quota,
};
use sidekick_engine::Result;

use super::{Finding, Preflight, Verdict};

const HINT: &str = "raise the quota in Service Quotas, or remove what is not needed";

/// What RDS calls its quotas, by kind, and what we call them.
const DATABASES: &[(&str, &str, &str)] = &[
    ("rds.instance", "DBInstances", "databases"),
    ("rds.subnet_group", "DBSubnetGroups", "database subnet groups"),
    ("rds.parameter_group", "DBParameterGroups", "database parameter groups"),
];

/// The same for load balancing.
const LOAD_BALANCING: &[(&str, &str, &str)] = &[
    ("elbv2.load_balancer", "application-load-balancers", "load balancers"),
    ("elbv2.target_group", "target-groups", "target groups"),
];

pub(super) async fn check(preflight: &Preflight<'_>) -> Vec<Finding> {
    let (aws, account) = (preflight.aws, &preflight.caller.account);
    let databases = async {
        if !DATABASES.iter().any(|(kind, ..)| preflight.needs(kind)) {
            return Vec::new();
        }
        preflight.all_fit("quotas of RDS", DATABASES, database_quotas(aws).await)
    };
    let load_balancing = async {
        if !LOAD_BALANCING.iter().any(|(kind, ..)| preflight.needs(kind)) {
            return Vec::new();
        }
        preflight.all_fit("quotas of load balancing", LOAD_BALANCING, load_balancing_quotas(aws).await)
    };
    let (vpcs, internet_gateways, nat_gateways, addresses, databases, load_balancing, roles) = futures::join!(
        preflight.one("ec2.vpc", "VPCs", vpc_quota(aws, account)),
        preflight.one("ec2.internet_gateway", "internet gateways", internet_gateway_quota(aws, account)),
        preflight.nat_gateways(),
        preflight.one("ec2.elastic_ip", "Elastic IPs", elastic_ip_quota(aws)),
        databases,
        load_balancing,
        preflight.one("iam.role", "roles", role_quota(aws)),
    );
    [vpcs, internet_gateways, nat_gateways, addresses, databases, load_balancing, roles].concat()
}

impl Preflight<'_> {
    /// Whether the plan makes something that counts, or nothing at all.
    fn needs(&self, kind: &str) -> bool {
        self.plan.is_empty() || self.made(kind).next().is_some()
    }

    /// The finding for one quota if it matters.
    async fn one(&self, kind: &str, words: &str, look: impl Future<Output = Result<Quota>>) -> Vec<Finding> {
        if self.needs(kind) { vec![self.fits(kind, words, look.await)] } else { Vec::new() }
    }

    /// One finding for each zone that is to have a NAT gateway, or one for all of them if nothing is told.
    async fn nat_gateways(&self) -> Vec<Finding> {
        let mut zones = BTreeMap::new();
        if self.plan.is_empty() {
            zones.extend(self.config.network.nat_zones().into_iter().map(|zone| (zone, 0)));
        }
        for step in self.made("ec2.nat_gateway") {
            let (_, zone) = step.address.as_str().rsplit_once('.').unwrap_or_default();
            *zones.entry(zone).or_insert(0) += 1;
        }
        if zones.is_empty() {
            return Vec::new();
        }
        match nat_gateway_quota(self.aws).await {
            Ok((most, used)) => {
                let of = |zone: &str| Quota { used: used.get(zone).copied().unwrap_or_default(), most };
                let fits = |(zone, more)| fit(&format!("NAT gateways in {zone}"), more, Ok(of(zone)));
                zones.into_iter().map(fits).collect()
            }
            Err(fault) => vec![Finding::new("quota of NAT gateways", Verdict::unseen(&fault))],
        }
    }

    /// One finding for each quota that matters, or one for all of them if nothing is told.
    fn all_fit(
        &self,
        subject: &str,
        quotas: &[(&str, &str, &str)],
        told: Result<BTreeMap<String, Quota>>,
    ) -> Vec<Finding> {
        let told = match told {
            Ok(told) => told,
            Err(fault) => return vec![Finding::new(subject, Verdict::unseen(&fault))],
        };
        let needed = quotas.iter().filter(|(kind, ..)| self.needs(kind));
        let fits = |(kind, name, words): &(&str, &str, &str)| {
            let quota = told.get(*name)?;
            Some(self.fits(kind, words, Ok(*quota)))
        };
        needed.filter_map(fits).collect()
    }

    fn fits(&self, kind: &str, words: &str, quota: Result<Quota>) -> Finding {
        fit(words, i64::try_from(self.made(kind).count()).unwrap_or(i64::MAX), quota)
    }
}

/// Whether so many more are within a quota.
fn fit(words: &str, more: i64, quota: Result<Quota>) -> Finding {
    let verdict = match quota {
        Err(fault) => Verdict::unseen(&fault),
        Ok(Quota { used, most }) if more > 0 && used.saturating_add(more) > most => {
            Verdict::problem(format!("{used} of {most} are in use, and the plan makes {more} more"), HINT)
        }
        Ok(Quota { used, most }) => Verdict::good(format!("{used} of {most} in use, {more} to be made")),
    };
    Finding::new(format!("quota of {words}"), verdict)
}
