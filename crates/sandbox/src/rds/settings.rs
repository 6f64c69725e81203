//! What is said about an instance, and what surrounds it. RDS changes these as soon as it is asked.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::capacity::Capacity;
use super::{engine, parameter_group};
use crate::call::Refusal;
use crate::params::Params;
use crate::placement::{default_group, read_groups};
use crate::window;
use crate::world::World;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Settings {
    pub(super) groups: Vec<String>,
    pub(super) parameter_group: String,
    pub(super) backup_window: String,
    pub(super) maintenance_window: String,
    pub(super) deletion_protection: bool,
    pub(super) copy_tags: bool,
    pub(super) auto_minor: bool,
    pub(super) public: bool,
    pub(super) iam_authentication: bool,
    /// The days for which Performance Insights keeps what it sees, if it is on.
    pub(super) insights: Option<i64>,
    /// The seconds between two looks of enhanced monitoring, and the role that it uses; zero is off.
    pub(super) monitoring: (i64, Option<String>),
    pub(super) log_exports: BTreeSet<String>,
    /// Up to where storage grows by itself.
    pub(super) max_storage: Option<i64>,
    pub(super) lifecycle: String,
}

impl Settings {
    /// What AWS chooses for a new instance.
    pub(super) fn defaults(world: &World, params: &Params, vpc: &str, capacity: &Capacity) -> Self {
        let asked = |name: &str| params.text_if(name).ok().flatten().unwrap_or_default().to_lowercase();
        let (daily, weekly) = (asked("PreferredBackupWindow"), asked("PreferredMaintenanceWindow"));
        let backup = ["09:12-09:42", "21:12-21:42"].into_iter().find(|it| !window::overlap(it, &weekly));
        let upkeep = ["sun:11:05-sun:11:35", "sun:23:05-sun:23:35"]
            .into_iter()
            .find(|it| !window::overlap(&daily, it));
        Self {
            groups: default_group(world, vpc),
            parameter_group: engine::parameter_group(&capacity.engine_version),
            backup_window: backup.unwrap_or_default().to_owned(),
            maintenance_window: upkeep.unwrap_or_default().to_owned(),
            deletion_protection: false,
            copy_tags: false,
            auto_minor: true,
            public: false,
            iam_authentication: false,
            insights: None,
            monitoring: (0, None),
            log_exports: BTreeSet::new(),
            max_storage: None,
            lifecycle: "open-source-rds-extended-support".to_owned(),
        }
    }

    /// The settings with what a request says about them.
    pub(super) fn with(
        mut self,
        world: &World,
        params: &Params,
        vpc: &str,
        capacity: &Capacity,
    ) -> Result<Self, Refusal> {
        set(&mut self.groups, read_groups(world, params, "VpcSecurityGroupIds", vpc)?);
        self.parameter_group = read_parameter_group(world, params, capacity, self.parameter_group)?;
        self.read_windows(params)?;
        set(&mut self.deletion_protection, params.flag("DeletionProtection")?);
        set(&mut self.copy_tags, params.flag("CopyTagsToSnapshot")?);
        set(&mut self.auto_minor, params.flag("AutoMinorVersionUpgrade")?);
        set(&mut self.public, params.flag("PubliclyAccessible")?);
        set(&mut self.iam_authentication, params.flag("EnableIAMDatabaseAuthentication")?);
        set(&mut self.max_storage, read_max_storage(params, capacity)?);
        set(&mut self.lifecycle, read_lifecycle(params)?);
        self.insights = read_insights(params, self.insights)?;
        self.monitoring = read_monitoring(params, self.monitoring)?;
        self.log_exports = read_log_exports(params, self.log_exports)?;
        check_fixed(params, capacity)?;
        Ok(self)
    }
}

impl Settings {
    /// The windows must not overlap, whoever chose them.
    fn read_windows(&mut self, params: &Params) -> Result<(), Refusal> {
        set(&mut self.backup_window, window::daily(params, "PreferredBackupWindow", 30)?);
        set(&mut self.maintenance_window, window::weekly(params, "PreferredMaintenanceWindow", 30)?);
        if window::overlap(&self.backup_window, &self.maintenance_window) {
            let words = "The backup window and maintenance window must not overlap.";
            return Err(Refusal::illegal("InvalidParameterValue", words));
        }
        Ok(())
    }
}

fn set<T>(field: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *field = given;
    }
}

/// The group that is asked for, or the present one where that goes with the version.
fn read_parameter_group(
    world: &World,
    params: &Params,
    capacity: &Capacity,
    before: String,
) -> Result<String, Refusal> {
    let own = engine::parameter_group(&capacity.engine_version);
    let family = own.trim_start_matches("default.").to_owned();
    let fits = |name: &str| {
        let group = world.rds.parameter_groups.get(name);
        group.map(|group| group.family == family).or(name.starts_with("default.").then_some(name == own))
    };
    let refuse = |words: String| Err(Refusal::illegal("InvalidParameterCombination", words));
    match params.text_if("DBParameterGroupName")?.map(str::to_lowercase) {
        Some(name) => match fits(&name) {
            Some(true) => Ok(name),
            Some(false) => refuse(format!(
                "The parameter group {name} cannot be used for this instance. Please use a parameter group with \
                 DBParameterGroupFamily {family}."
            )),
            None => Err(parameter_group::absent(&name)),
        },
        None if before.starts_with("default.") || fits(&before) == Some(true) => Ok(before),
        None => refuse(format!(
            "Current Parameter Group ({before}) is non-default. You need to explicitly specify a new Parameter Group in \
             this case (default or custom)"
        )),
    }
}

/// The size of the storage itself turns its growth off.
fn read_max_storage(params: &Params, capacity: &Capacity) -> Result<Option<Option<i64>>, Refusal> {
    match params.number("MaxAllocatedStorage")? {
        Some(max) if max < capacity.storage || max > 65_536 => {
            let words = format!("Invalid max storage size for engine name {}: {max}", engine::NAME);
            Err(Refusal::illegal("InvalidParameterCombination", words))
        }
        given => Ok(given.map(|max| (max > capacity.storage).then_some(max))),
    }
}

fn read_insights(params: &Params, before: Option<i64>) -> Result<Option<i64>, Refusal> {
    let enabled = params.flag("EnablePerformanceInsights")?.unwrap_or(before.is_some());
    let asked = params.number("PerformanceInsightsRetentionPeriod")?;
    if asked.is_some() && !enabled {
        let words = "PerformanceInsightsRetentionPeriod needs EnablePerformanceInsights.";
        return Err(Refusal::illegal("InvalidParameterCombination", words));
    }
    let days = asked.or(before).unwrap_or(7);
    if days != 7 && days != 731 && (days % 31 != 0 || !(31..=713).contains(&days)) {
        return Err(params.invalid(
            "PerformanceInsightsRetentionPeriod",
            days,
            "Use 7, whole months, or 731.",
        ));
    }
    Ok(enabled.then_some(days))
}

fn read_monitoring(params: &Params, before: (i64, Option<String>)) -> Result<(i64, Option<String>), Refusal> {
    let seconds = params.number("MonitoringInterval")?.unwrap_or(before.0);
    let role = params.text_if("MonitoringRoleArn")?.map(str::to_owned).or(before.1);
    if ![0, 1, 5, 10, 15, 30, 60].contains(&seconds) {
        return Err(params.invalid("MonitoringInterval", seconds, "Use 0, 1, 5, 10, 15, 30 or 60."));
    }
    if seconds > 0 && role.is_none() {
        let words =
            "A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0.";
        return Err(Refusal::illegal("InvalidParameterCombination", words));
    }
    Ok((seconds, role.filter(|_| seconds > 0)))
}

fn read_log_exports(params: &Params, before: BTreeSet<String>) -> Result<BTreeSet<String>, Refusal> {
    let mut exports = before;
    let mut enable = params.texts("EnableCloudwatchLogsExports")?;
    if let Some(change) = params.object("CloudwatchLogsExportConfiguration")? {
        enable.extend(change.texts("EnableLogTypes")?);
        let disable = change.texts("DisableLogTypes")?;
        exports.retain(|kind| !disable.contains(kind));
    }
    if let Some(unknown) =
        enable.iter().find(|kind| !["postgresql", "upgrade", "iam-db-auth-error"].contains(&kind.as_str()))
    {
        let words = format!("You cannot use the log types '{unknown}' with engine version {}.", engine::NAME);
        return Err(Refusal::illegal("InvalidParameterCombination", words));
    }
    exports.extend(enable);
    Ok(exports)
}

fn read_lifecycle(params: &Params) -> Result<Option<String>, Refusal> {
    let known = ["open-source-rds-extended-support", "open-source-rds-extended-support-disabled"];
    match params.text_if("EngineLifecycleSupport")? {
        Some(other) if !known.contains(&other) => Err(params.invalid("EngineLifecycleSupport", other, "")),
        given => Ok(given.map(str::to_owned)),
    }
}

/// What AWS lets one choose and the sandbox does not.
fn check_fixed(params: &Params, capacity: &Capacity) -> Result<(), Refusal> {
    let options = format!("default:{}-{}", engine::NAME, engine::major(&capacity.engine_version));
    for (name, only) in [
        ("CACertificateIdentifier", "rds-ca-rsa2048-g1"),
        ("DatabaseInsightsMode", "standard"),
        ("LicenseModel", "postgresql-license"),
        ("NetworkType", "IPV4"),
        ("OptionGroupName", &options),
    ] {
        match params.text_if(name)? {
            Some(other) if other != only => {
                return Err(params.invalid(name, other, &format!("The sandbox models {only} only.")));
            }
            _ => (),
        }
    }
    match params.flag("ManageMasterUserPassword")? {
        Some(true) => {
            Err(params.invalid("ManageMasterUserPassword", true, "The sandbox does not model this."))
        }
        _ => Ok(()),
    }
}
