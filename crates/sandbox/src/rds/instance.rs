//! DB instances as they are.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::capacity::Capacity;
use super::settings::Settings;
use super::{PAGING, engine, managed_key};
use crate::call::{Answer, Refusal};
use crate::filter::Filters;
use crate::params::Params;
use crate::seed::mix;
use crate::tags::{self, Tags};
use crate::timeline::Timeline;
use crate::world::{World, timestamp};

/// Route 53's zone of RDS endpoints.
const ZONE: &str = "Z1PVIF0B656C1W";

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DbInstance {
    pub(crate) id: String,
    pub(crate) tags: Tags,
    pub(crate) subnet_group: String,
    pub(super) timeline: Timeline,
    pub(super) created: f64,
    /// When the server begins to take connections, unless it never does.
    pub(super) started: Option<f64>,
    pub(super) resource: String,
    pub(super) database: Option<String>,
    pub(super) username: String,
    pub(super) zone: String,
    pub(super) encrypted: bool,
    /// The key that encrypts the storage, if it is not AWS's own.
    #[serde(default)]
    pub(super) key: Option<String>,
    pub(super) capacity: Capacity,
    pub(super) settings: Settings,
    pub(super) pending: Option<Pending>,
    /// When the last change of storage happened.
    pub(super) storage_changed: Option<f64>,
    /// Until when a new password is not in force yet.
    pub(super) password_until: Option<f64>,
    /// How far the parameters of its group are in force.
    #[serde(default = "in_sync")]
    pub(super) parameters: Timeline,
}

/// The parameters are in force, as far back as anybody asks.
pub(super) fn in_sync() -> Timeline {
    Timeline::begin(0.0, "in-sync")
}

/// A change that is accepted and has not happened.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Pending {
    pub(super) capacity: Capacity,
    /// When it happens; without a time it waits for the maintenance window.
    pub(super) due: Option<f64>,
}

impl DbInstance {
    pub(crate) fn arn(&self, world: &World) -> String {
        world.arn("rds", &format!("db:{}", self.id))
    }

    /// The holder of the interface of the standby.
    pub(super) fn standby(&self, world: &World) -> String {
        format!("{}/standby", self.arn(world))
    }

    pub(super) fn state<'a>(&'a self, world: &World) -> &'a str {
        self.timeline.state(world.now)
    }

    fn endpoint(&self, world: &World) -> Option<Value> {
        self.started.filter(|started| *started <= world.now)?;
        let account = format!("c{:011x}", mix(world.seed, 0) >> 20);
        let address = format!("{}.{account}.{}.rds.amazonaws.com", self.id, world.region);
        Some(json!({ "Address": address, "Port": self.capacity.port, "HostedZoneId": ZONE }))
    }

    fn pending_view(&self, world: &World) -> Map<String, Value> {
        let pending = self.pending.as_ref();
        let mut view =
            pending.map(|pending| self.capacity.differences(&pending.capacity)).unwrap_or_default();
        if self.password_until.is_some_and(|time| time > world.now) {
            view.insert("MasterUserPassword".to_owned(), json!("****"));
        }
        view
    }

    /// The instance as answers show it.
    pub(super) fn view(&self, world: &World) -> Value {
        let group = world.rds.subnet_groups.get(&self.subnet_group).map(|group| group.view(world));
        let (settings, capacity) = (&self.settings, &self.capacity);
        let groups = settings.groups.iter();
        let groups: Vec<Value> =
            groups.map(|id| json!({ "VpcSecurityGroupId": id, "Status": "active" })).collect();
        let major = engine::major(&capacity.engine_version);
        let mut view = json!({
            "DBInstanceIdentifier": self.id,
            "DBInstanceArn": self.arn(world),
            "DbiResourceId": self.resource,
            "DBInstanceStatus": self.state(world),
            "InstanceCreateTime": self.started.filter(|started| *started <= world.now).map(timestamp),
            "Endpoint": self.endpoint(world),
            "Engine": engine::NAME,
            "DBName": self.database,
            "MasterUsername": self.username,
            "AvailabilityZone": self.zone,
            "DBSubnetGroup": group,
            "VpcSecurityGroups": groups,
            "StorageEncrypted": self.encrypted,
            "KmsKeyId": self.encrypted.then(|| self.key.clone().unwrap_or_else(|| managed_key(world))),
            "PendingModifiedValues": self.pending_view(world),
            "DBParameterGroups":
                [{ "DBParameterGroupName": settings.parameter_group, "ParameterApplyStatus": self.parameters.state(world.now) }],
            "OptionGroupMemberships":
                [{ "OptionGroupName": format!("default:{}-{major}", engine::NAME), "Status": "in-sync" }],
            "LicenseModel": "postgresql-license",
            "CACertificateIdentifier": "rds-ca-rsa2048-g1",
            "NetworkType": "IPV4",
            "BackupTarget": "region",
            "StorageThroughput": if capacity.storage_type == "gp3" { 125 } else { 0 },
            "Iops": if capacity.storage_type == "gp3" { json!(3000) } else { Value::Null },
            "TagList": tags::upper(&self.tags),
        });
        let capacity = json!(capacity);
        for (name, value) in capacity.as_object().into_iter().flatten().filter(|(name, _)| *name != "Port") {
            view[name] = value.clone();
        }
        self.add_settings(&mut view, world);
        view
    }

    fn add_settings(&self, view: &mut Value, world: &World) {
        let settings = &self.settings;
        let more = json!({
            "PreferredBackupWindow": settings.backup_window,
            "PreferredMaintenanceWindow": settings.maintenance_window,
            "DeletionProtection": settings.deletion_protection,
            "CopyTagsToSnapshot": settings.copy_tags,
            "AutoMinorVersionUpgrade": settings.auto_minor,
            "PubliclyAccessible": settings.public,
            "IAMDatabaseAuthenticationEnabled": settings.iam_authentication,
            "PerformanceInsightsEnabled": settings.insights.is_some(),
            "PerformanceInsightsRetentionPeriod": settings.insights,
            "PerformanceInsightsKMSKeyId": settings.insights.map(|_| managed_key(world)),
            "DatabaseInsightsMode": "standard",
            "MonitoringInterval": settings.monitoring.0,
            "MonitoringRoleArn": settings.monitoring.1,
            "EnabledCloudwatchLogsExports": settings.log_exports,
            "MaxAllocatedStorage": settings.max_storage,
            "EngineLifecycleSupport": settings.lifecycle,
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            view[name] = value.clone();
        }
    }
}

/// What is said of an instance that is not there.
pub(super) fn absent(id: &str) -> Refusal {
    Refusal::absent("DBInstanceNotFound", format!("DBInstance {id} not found.")).status(404)
}

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    let id = params.text_if("DBInstanceIdentifier")?.map(str::to_lowercase);
    let filters = Filters::read(params, "Filters", "Name", "Values")?;
    let mut views = Vec::new();
    for instance in world.rds.instances.values().filter(|instance| !world.hides(instance.created)) {
        let is_named = id.as_ref().is_none_or(|id| *id == instance.id || *id == instance.arn(world));
        let values = |name: &str| match name {
            "db-instance-id" => Some(vec![instance.id.clone(), instance.arn(world)]),
            "dbi-resource-id" => Some(vec![instance.resource.clone()]),
            "engine" => Some(vec![engine::NAME.to_owned()]),
            _ => None,
        };
        if is_named && filters.pass(&instance.tags, values)? {
            views.push((instance.id.clone(), instance.view(world)));
        }
    }
    match id {
        Some(id) if views.is_empty() => Err(absent(&id)),
        _ => PAGING.answer(params, "DBInstances", views),
    }
}
