//! What RDS does to an instance by itself and when: backups, maintenance, the watch over its load.

use aws_sdk_rds::operation::create_db_instance::builders::CreateDBInstanceFluentBuilder;
use aws_sdk_rds::operation::modify_db_instance::builders::ModifyDBInstanceFluentBuilder;
use aws_sdk_rds::types::DbInstance;
use serde::{Deserialize, Serialize};
use sidekick_engine::{Diff, Result};

use super::pending::Pending;
use super::reading::{flag, number};
use crate::changed::changed;

/// What RDS does to an instance by itself, and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Upkeep {
    /// How many days automatic backups are kept; 0 for none.
    pub backup_retention_days: u8,
    /// When they are made, in UTC: `03:00-03:30`; left out, whenever AWS chose.
    #[serde(default)]
    pub backup_window: Option<String>,
    /// When it may be maintained, in UTC: `sun:05:00-sun:05:30`; left out, whenever AWS chose.
    #[serde(default)]
    pub maintenance_window: Option<String>,
    /// Whether its minor version is raised by itself.
    #[serde(default = "as_ever")]
    pub auto_minor_version_upgrade: bool,
    /// Whether snapshots of it get its tags.
    #[serde(default = "as_ever")]
    pub copy_tags_to_snapshot: bool,
    /// Whether Performance Insights watches it.
    pub performance_insights: bool,
    /// For how many days it keeps what it saw; only counts where it watches.
    #[serde(default = "a_week")]
    pub performance_insights_retention_days: u16,
}

/// What earlier versions asked for, whose records do not say so.
const fn as_ever() -> bool {
    true
}

/// What AWS chose for them.
const fn a_week() -> u16 {
    7
}

impl Upkeep {
    #[rustfmt::skip]
    pub(super) fn compare(&self, diff: Diff, actual: &Self) -> Diff {
        let Self {
            backup_retention_days, backup_window, maintenance_window, auto_minor_version_upgrade,
            copy_tags_to_snapshot, performance_insights, performance_insights_retention_days,
        } = self;
        // Only to begin or to end backups disturbs the database, and not to keep them longer.
        diff.mutable("automatic_backups", &(*backup_retention_days > 0), &(actual.backup_retention_days > 0))
            .mutable("backup_retention_days", backup_retention_days, &actual.backup_retention_days)
            .mutable("backup_window", backup_window, &actual.backup_window)
            .mutable("maintenance_window", maintenance_window, &actual.maintenance_window)
            .mutable("auto_minor_version_upgrade", auto_minor_version_upgrade, &actual.auto_minor_version_upgrade)
            .mutable("copy_tags_to_snapshot", copy_tags_to_snapshot, &actual.copy_tags_to_snapshot)
            .mutable("performance_insights", performance_insights, &actual.performance_insights)
            .mutable(
                "performance_insights_retention_days",
                performance_insights_retention_days, &actual.performance_insights_retention_days,
            )
    }

    /// Reads it, by the wish where AWS's answer means the same in other words.
    pub(super) fn read(&self, found: &DbInstance, pending: Pending<'_>) -> Result<Self> {
        let chosen = |wish: &Option<String>, is: Option<&str>| wish.as_ref().and(is).map(str::to_lowercase);
        // Left out where it was never on.
        let performance_insights = found.performance_insights_enabled().unwrap_or(false);
        let insights = found.performance_insights_retention_period().filter(|_| performance_insights);
        Ok(Self {
            backup_retention_days: number(
                pending.or(
                    &i32::from(self.backup_retention_days),
                    pending.values.backup_retention_period(),
                    found.backup_retention_period(),
                ),
                "BackupRetentionPeriod",
            )?,
            backup_window: chosen(&self.backup_window, found.preferred_backup_window()),
            maintenance_window: chosen(&self.maintenance_window, found.preferred_maintenance_window()),
            auto_minor_version_upgrade: flag(found.auto_minor_version_upgrade(), "AutoMinorVersionUpgrade")?,
            copy_tags_to_snapshot: flag(found.copy_tags_to_snapshot(), "CopyTagsToSnapshot")?,
            performance_insights,
            performance_insights_retention_days: match insights {
                Some(days) => number(Some(days), "PerformanceInsightsRetentionPeriod")?,
                None => self.performance_insights_retention_days,
            },
        })
    }

    pub(super) fn ask(&self, call: CreateDBInstanceFluentBuilder) -> CreateDBInstanceFluentBuilder {
        call.backup_retention_period(i32::from(self.backup_retention_days))
            .set_preferred_backup_window(self.backup_window.clone())
            .set_preferred_maintenance_window(self.maintenance_window.clone())
            .auto_minor_version_upgrade(self.auto_minor_version_upgrade)
            .copy_tags_to_snapshot(self.copy_tags_to_snapshot)
            .enable_performance_insights(self.performance_insights)
            .set_performance_insights_retention_period(self.insights_retention())
    }

    pub(super) fn change(
        &self,
        actual: &Self,
        call: ModifyDBInstanceFluentBuilder,
    ) -> ModifyDBInstanceFluentBuilder {
        let insights = |it: &Self| (it.performance_insights, it.performance_insights_retention_days);
        let is_watched_otherwise = insights(self) != insights(actual);
        let watch = self.performance_insights;
        call.set_backup_retention_period(
            changed(&self.backup_retention_days, &actual.backup_retention_days).map(i32::from),
        )
        .set_preferred_backup_window(changed(&self.backup_window, &actual.backup_window).flatten())
        .set_preferred_maintenance_window(
            changed(&self.maintenance_window, &actual.maintenance_window).flatten(),
        )
        .set_auto_minor_version_upgrade(changed(
            &self.auto_minor_version_upgrade,
            &actual.auto_minor_version_upgrade,
        ))
        .set_copy_tags_to_snapshot(changed(&self.copy_tags_to_snapshot, &actual.copy_tags_to_snapshot))
        // RDS takes a retention only together with the watch itself, and forgets it when that is off.
        .set_enable_performance_insights(is_watched_otherwise.then_some(watch))
        .set_performance_insights_retention_period(self.insights_retention().filter(|_| is_watched_otherwise))
    }

    fn insights_retention(&self) -> Option<i32> {
        self.performance_insights.then(|| i32::from(self.performance_insights_retention_days))
    }
}
