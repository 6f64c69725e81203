//! Which classes of database RDS offers, and where.

use std::collections::BTreeSet;

use sidekick_engine::Result;

use crate::Aws;
use crate::fault::Answer;

const OPERATION: &str = "rds DescribeOrderableDBInstanceOptions";
const ENGINE: &str = "postgres";
/// The fewest and the most options that RDS lets be asked for at once.
const FEW: i32 = 20;
const MANY: i32 = 1000;

/// One combination that can be ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseOption {
    /// PostgreSQL's version in full: `17.4`.
    pub version: String,
    /// `gp3` and so on.
    pub storage_type: String,
    /// The zones in which it can be ordered.
    pub zones: BTreeSet<String>,
    /// Whether it can have a standby in another zone.
    pub multi_az: bool,
}

/// What can be ordered of a class for PostgreSQL. `None` if nothing of any class is told, which RDS itself never says.
///
/// # Errors
/// When the question may not be asked.
pub async fn database_options(aws: &Aws, class: &str) -> Result<Option<Vec<DatabaseOption>>> {
    let options = aws.rds.describe_orderable_db_instance_options().engine(ENGINE);
    let mut pages = options.db_instance_class(class).max_records(MANY).into_paginator().items().send();
    let mut found = Vec::new();
    while let Some(option) = pages.next().await {
        let option = option.or_fault(OPERATION)?;
        let zones = option.availability_zones().iter().filter_map(|zone| zone.name().map(str::to_owned));
        found.push(DatabaseOption {
            version: option.engine_version().unwrap_or_default().to_owned(),
            storage_type: option.storage_type().unwrap_or_default().to_owned(),
            zones: zones.collect(),
            multi_az: option.multi_az_capable().unwrap_or_default(),
        });
    }
    if !found.is_empty() {
        return Ok(Some(found));
    }
    let any = aws.rds.describe_orderable_db_instance_options().engine(ENGINE).max_records(FEW);
    let any = any.send().await.or_fault(OPERATION)?;
    Ok((!any.orderable_db_instance_options().is_empty()).then_some(found))
}
