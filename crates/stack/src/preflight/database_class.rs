//! The database's class: whether RDS offers it for the version, the storage and the zones.

use std::collections::BTreeSet;

use sidekick_aws::preflight::{DatabaseOption, database_options};

use super::{Finding, Preflight, Verdict};
use crate::config::{Config, Database};

/// What RDS offers in certain combinations only. What stands stays, also when RDS no longer offers it.
const FIELDS: &[&str] = &["engine_version", "instance_class", "storage_type", "multi_az"];

pub(super) async fn check(preflight: &Preflight<'_>) -> Vec<Finding> {
    if !preflight.sets("rds.instance", FIELDS) {
        return Vec::new();
    }
    let class = &preflight.config.database.instance_class;
    let verdict = match database_options(preflight.aws, class).await {
        Ok(Some(options)) => judge(preflight.config, &options),
        Ok(None) => Verdict::unknown("the endpoint offers no class at all"),
        Err(fault) => Verdict::unseen(&fault),
    };
    vec![Finding::new(format!("class {class} of the database"), verdict)]
}

fn judge(config: &Config, options: &[DatabaseOption]) -> Verdict {
    let Database { instance_class: class, engine_version, storage_type, multi_az, .. } = &config.database;
    let storage = storage_type.as_str();
    let is_version = |told: &str| {
        told.strip_prefix(engine_version.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let ours: BTreeSet<_> =
        config.network.private_subnets.iter().map(|subnet| subnet.zone.as_str()).collect();
    let mut left: Vec<_> = options.iter().collect();
    let mut lacks = |words: String, hint: &str, fits: &dyn Fn(&DatabaseOption) -> bool| {
        left.retain(|option| fits(option));
        left.is_empty().then(|| Verdict::problem(words, hint))
    };
    let zones = |option: &DatabaseOption| ours.iter().filter(|zone| option.zones.contains(**zone)).count();
    let needed = if *multi_az { 2 } else { 1 };
    let told = ours.iter().copied().collect::<Vec<_>>().join(", ");
    let problem = lacks(
        format!("RDS does not offer {class} for PostgreSQL in {}", config.region),
        "choose another `database.instance_class`",
        &|_| true,
    )
    .or_else(|| {
        lacks(
            format!("RDS does not offer {class} with PostgreSQL {engine_version}"),
            "choose another `database.instance_class` or `database.engine_version`",
            &|option| is_version(&option.version),
        )
    })
    .or_else(|| {
        lacks(
            format!("RDS does not offer {class} with storage of the type {storage}"),
            "choose another `database.storage_type` or `database.instance_class`",
            &|option| option.storage_type == storage,
        )
    })
    .or_else(|| {
        lacks(
            format!("RDS offers {class} in too few of the zones {told}"),
            "choose other zones for `network.private_subnets`, or another `database.instance_class`",
            &|option| zones(option) >= needed && (option.multi_az || !multi_az),
        )
    });
    problem.unwrap_or_else(|| Verdict::good(format!("offered in {told}")))
}
