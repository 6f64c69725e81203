//! What the versions of the data stores do not allow, and AWS says only when it is asked for it.

use sidekick_engine::{Change, Planned, Step};

use super::{Finding, Preflight, Verdict};

/// Redis from this version on changes the encryption of connections in place.
const CHANGES_ENCRYPTION: u32 = 7;

pub(super) fn check(preflight: &Preflight<'_>) -> Vec<Finding> {
    let stores = [
        ("rds.instance", "PostgreSQL", "database", &preflight.config.database.engine_version),
        ("elasticache.replication_group", "Redis", "cache", &preflight.config.cache.engine_version),
    ];
    let is_changed =
        |step: &&Step| !matches!(step.action, Planned::Create | Planned::Replace | Planned::Delete);
    let mut findings = Vec::new();
    for (kind, engine, table, wanted) in stores {
        for step in preflight.plan.steps.iter().filter(is_changed).filter(|step| step.kind == kind) {
            let verdict = backwards(step, (engine, table)).or_else(|| encryption(step, table, wanted));
            findings
                .extend(verdict.map(|verdict| Finding::new(format!("version of {}", step.address), verdict)));
        }
    }
    findings
}

/// A major version is never taken back.
fn backwards(step: &Step, (engine, table): (&str, &str)) -> Option<Verdict> {
    let change = changed(step, "engine_version")?;
    let (runs, wanted) = (change.old.as_str()?, change.new.as_str()?);
    (major(wanted)? < major(runs)?).then(|| {
        Verdict::problem(
            format!("{engine} {runs} runs, and AWS does not go back to {wanted}"),
            format!(
                "configure `{table}.engine_version` of {runs} or later; another one takes a new data store, and its data \
                 would be lost: `--replace {}`",
                step.address
            ),
        )
    })
}

fn encryption(step: &Step, table: &str, wanted: &str) -> Option<Verdict> {
    changed(step, "transit_encryption")?;
    (major(wanted)? < CHANGES_ENCRYPTION).then(|| {
        Verdict::problem(
            format!("Redis {wanted} does not change the encryption of connections in place"),
            format!(
                "raise `{table}.engine_version` to {CHANGES_ENCRYPTION} or later, or leave `{table}.transit_encryption` as it is"
            ),
        )
    })
}

fn changed<'a>(step: &'a Step, field: &str) -> Option<&'a Change> {
    step.changes.iter().find(|change| change.field == field)
}

fn major(version: &str) -> Option<u32> {
    version.split('.').next()?.parse().ok()
}
