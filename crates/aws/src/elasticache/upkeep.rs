//! What ElastiCache does to a replication group by itself and when: snapshots and maintenance.

use aws_sdk_elasticache::operation::create_replication_group::builders::CreateReplicationGroupFluentBuilder;
use aws_sdk_elasticache::operation::modify_replication_group::builders::ModifyReplicationGroupFluentBuilder;
use aws_sdk_elasticache::types::{CacheCluster, ReplicationGroup as Described};
use serde::{Deserialize, Serialize};
use sidekick_engine::{Diff, Result};

use super::request::DESCRIBE;
use crate::changed::changed;
use crate::fault::missing;

/// What ElastiCache does to a replication group by itself, and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Upkeep {
    /// How many days automatic snapshots are kept; 0 for none.
    #[serde(default)]
    pub snapshot_retention_days: u8,
    /// When they are made, in UTC: `03:00-04:00`; left out, whenever AWS chose.
    #[serde(default)]
    pub snapshot_window: Option<String>,
    /// When it may be maintained, in UTC: `sun:05:00-sun:06:00`; left out, whenever AWS chose.
    #[serde(default)]
    pub maintenance_window: Option<String>,
    /// Whether its minor version is raised by itself.
    #[serde(default = "as_ever")]
    pub auto_minor_version_upgrade: bool,
}

/// What earlier versions asked for, whose records do not say so.
const fn as_ever() -> bool {
    true
}

impl Upkeep {
    #[rustfmt::skip]
    pub(super) fn compare(&self, diff: Diff, actual: &Self) -> Diff {
        let Self { snapshot_retention_days, snapshot_window, maintenance_window, auto_minor_version_upgrade } = self;
        diff.mutable("snapshot_retention_days", snapshot_retention_days, &actual.snapshot_retention_days)
            .mutable("snapshot_window", snapshot_window, &actual.snapshot_window)
            .mutable("maintenance_window", maintenance_window, &actual.maintenance_window)
            .mutable("auto_minor_version_upgrade", auto_minor_version_upgrade, &actual.auto_minor_version_upgrade)
    }

    /// Reads it, by the wish where AWS's answer means the same in other words.
    pub(super) fn read(&self, group: &Described, member: &CacheCluster) -> Result<Self> {
        let chosen = |wish: &Option<String>, is: Option<&str>| wish.as_ref().and(is).map(str::to_lowercase);
        let retention = u8::try_from(group.snapshot_retention_limit().unwrap_or(0));
        let upgrades = group.auto_minor_version_upgrade().or(member.auto_minor_version_upgrade());
        Ok(Self {
            snapshot_retention_days: retention.map_err(|_| missing(DESCRIBE, "SnapshotRetentionLimit"))?,
            snapshot_window: chosen(&self.snapshot_window, group.snapshot_window()),
            maintenance_window: chosen(&self.maintenance_window, member.preferred_maintenance_window()),
            // Documented to be on where it is left out.
            auto_minor_version_upgrade: upgrades.unwrap_or(true),
        })
    }

    pub(super) fn ask(
        &self,
        call: CreateReplicationGroupFluentBuilder,
    ) -> CreateReplicationGroupFluentBuilder {
        call.snapshot_retention_limit(i32::from(self.snapshot_retention_days))
            .set_snapshot_window(self.snapshot_window.clone())
            .set_preferred_maintenance_window(self.maintenance_window.clone())
            .auto_minor_version_upgrade(self.auto_minor_version_upgrade)
    }

    /// Snapshots are taken of `member`, which has to be said when they begin.
    pub(super) fn change(
        &self,
        actual: &Self,
        member: Option<String>,
        call: ModifyReplicationGroupFluentBuilder,
    ) -> ModifyReplicationGroupFluentBuilder {
        let retention = changed(&self.snapshot_retention_days, &actual.snapshot_retention_days);
        call.set_snapshotting_cluster_id(member.filter(|_| self.begins_snapshots(actual)))
            .set_snapshot_retention_limit(retention.map(i32::from))
            .set_snapshot_window(changed(&self.snapshot_window, &actual.snapshot_window).flatten())
            .set_preferred_maintenance_window(
                changed(&self.maintenance_window, &actual.maintenance_window).flatten(),
            )
            .set_auto_minor_version_upgrade(changed(
                &self.auto_minor_version_upgrade,
                &actual.auto_minor_version_upgrade,
            ))
    }

    /// Whether snapshots are to be taken and were not until now.
    pub(super) const fn begins_snapshots(&self, actual: &Self) -> bool {
        self.snapshot_retention_days > 0 && actual.snapshot_retention_days == 0
    }
}
