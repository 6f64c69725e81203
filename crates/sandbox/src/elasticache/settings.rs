//! What is said about a replication group. ElastiCache changes these as soon as it is asked.

use serde::{Deserialize, Serialize};

use crate::call::Refusal;
use crate::params::Params;
use crate::window;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Settings {
    pub(super) description: String,
    pub(super) maintenance_window: String,
    pub(super) snapshot_window: String,
    pub(super) snapshot_retention: i64,
    pub(super) auto_minor: bool,
    /// The cluster from which snapshots are taken, if they are.
    pub(super) snapshotted: Option<String>,
}

impl Settings {
    /// What AWS chooses for a new group.
    pub(super) fn defaults(params: &Params) -> Self {
        let asked = |name: &str| params.text_if(name).ok().flatten().unwrap_or_default().to_lowercase();
        let (daily, weekly) = (asked("SnapshotWindow"), asked("PreferredMaintenanceWindow"));
        let snapshots = ["08:30-09:30", "20:30-21:30"].into_iter().find(|it| !window::overlap(it, &weekly));
        let upkeep = ["sun:10:00-sun:11:00", "sun:22:00-sun:23:00"]
            .into_iter()
            .find(|it| !window::overlap(&daily, it));
        Self {
            description: String::new(),
            maintenance_window: upkeep.unwrap_or_default().to_owned(),
            snapshot_window: snapshots.unwrap_or_default().to_owned(),
            snapshot_retention: 0,
            auto_minor: true,
            snapshotted: None,
        }
    }

    /// The settings with what a request says about them.
    pub(super) fn with(mut self, params: &Params) -> Result<Self, Refusal> {
        if let Some(description) = params.text_if("ReplicationGroupDescription")? {
            if description.is_empty() {
                return Err(params.invalid(
                    "ReplicationGroupDescription",
                    description,
                    "It must not be blank.",
                ));
            }
            description.clone_into(&mut self.description);
        }
        self.maintenance_window =
            window::weekly(params, "PreferredMaintenanceWindow", 60)?.unwrap_or(self.maintenance_window);
        self.snapshot_window = window::daily(params, "SnapshotWindow", 60)?.unwrap_or(self.snapshot_window);
        if window::overlap(&self.snapshot_window, &self.maintenance_window) {
            let words = "The snapshot window and maintenance window must not overlap.";
            return Err(Refusal::illegal("InvalidParameterValue", words));
        }
        self.auto_minor = params.flag("AutoMinorVersionUpgrade")?.unwrap_or(self.auto_minor);
        if let Some(days) = params.number("SnapshotRetentionLimit")? {
            if !(0..=35).contains(&days) {
                return Err(params.invalid("SnapshotRetentionLimit", days, "It must lie between 0 and 35."));
            }
            self.snapshot_retention = days;
        }
        Ok(self)
    }
}
