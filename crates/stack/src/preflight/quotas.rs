//! The quotas of the account that the services themselves tell: whether the plan fits into them.

use std::collections::BTreeMap;

use sidekick_aws::preflight::{Quota, database_quotas, elastic_ip_quota, load_balancing_quotas, role_quota};
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
    let aws = preflight.aws;
    let addresses = async {
        if !preflight.needs("ec2.elastic_ip") {
            return Vec::new();
        }
        vec![preflight.fits("ec2.elastic_ip", "Elastic IPs", elastic_ip_quota(aws).await)]
    };
    let roles = async {
        if !preflight.needs("iam.role") {
            return Vec::new();
        }
        vec![preflight.fits("iam.role", "roles", role_quota(aws).await)]
    };
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
    let (addresses, roles, databases, load_balancing) =
        futures::join!(addresses, roles, databases, load_balancing);
    [addresses, databases, load_balancing, roles].concat()
}

impl Preflight<'_> {
    /// Whether the plan makes something that counts, or nothing at all.
    fn needs(&self, kind: &str) -> bool {
        self.plan.is_empty() || self.made(kind).next().is_some()
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
        let more = i64::try_from(self.made(kind).count()).unwrap_or(i64::MAX);
        let verdict = match quota {
            Err(fault) => Verdict::unseen(&fault),
            Ok(Quota { used, most }) if more > 0 && used.saturating_add(more) > most => {
                Verdict::problem(format!("{used} of {most} are in use, and the plan makes {more} more"), HINT)
            }
            Ok(Quota { used, most }) => Verdict::good(format!("{used} of {most} in use, {more} to be made")),
        };
        Finding::new(format!("quota of {words}"), verdict)
    }
}
