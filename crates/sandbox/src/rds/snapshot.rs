//! DB snapshots, which only the deletion of an instance makes here.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::capacity::Capacity;
use super::instance::DbInstance;
use super::{PAGING, engine, managed_key};
use crate::call::{Answer, Refusal};
use crate::duration;
use crate::filter::Filters;
use crate::params::Params;
use crate::tags::{self, Tags};
use crate::timeline::Timeline;
use crate::world::{World, timestamp};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DbSnapshot {
    pub(crate) id: String,
    pub(crate) tags: Tags,
    instance: String,
    resource: String,
    vpc: String,
    zone: String,
    username: String,
    encrypted: bool,
    #[serde(default)]
    key: Option<String>,
    capacity: Capacity,
    created: f64,
    timeline: Timeline,
}

impl DbSnapshot {
    pub(super) fn arn(&self, world: &World) -> String {
        world.arn("rds", &format!("snapshot:{}", self.id))
    }

    fn view(&self, world: &World) -> Value {
        let state = self.timeline.state(world.now);
        json!({
            "DBSnapshotIdentifier": self.id,
            "DBSnapshotArn": self.arn(world),
            "DBInstanceIdentifier": self.instance,
            "DbiResourceId": self.resource,
            "Status": state,
            "PercentProgress": if state == "available" { 100 } else { 0 },
            "SnapshotCreateTime": timestamp(self.created),
            "SnapshotType": "manual",
            "Engine": engine::NAME,
            "EngineVersion": self.capacity.engine_version,
            "LicenseModel": "postgresql-license",
            "AllocatedStorage": self.capacity.storage,
            "StorageType": self.capacity.storage_type,
            "Port": self.capacity.port,
            "MasterUsername": self.username,
            "AvailabilityZone": self.zone,
            "VpcId": self.vpc,
            "Encrypted": self.encrypted,
            "KmsKeyId": self.encrypted.then(|| self.key.clone().unwrap_or_else(|| managed_key(world))),
            "TagList": tags::upper(&self.tags),
        })
    }
}

/// Takes a snapshot and tells how many seconds that takes.
pub(super) fn create(world: &mut World, instance: &DbInstance, id: String) -> Result<f64, Refusal> {
    if world.rds.snapshots.contains_key(&id) {
        let words =
            format!("Cannot create the snapshot because a snapshot with the identifier {id} already exists.");
        return Err(Refusal::illegal("DBSnapshotAlreadyExists", words));
    }
    let length = world.takes(duration::DB_SNAPSHOT_CREATE);
    let group = world.rds.subnet_groups.get(&instance.subnet_group);
    let snapshot = DbSnapshot {
        id: id.clone(),
        tags: if instance.settings.copy_tags { instance.tags.clone() } else { Tags::new() },
        instance: instance.id.clone(),
        resource: instance.resource.clone(),
        vpc: group.map(|group| group.placement.vpc.clone()).unwrap_or_default(),
        zone: instance.zone.clone(),
        username: instance.username.clone(),
        encrypted: instance.encrypted,
        key: instance.key.clone(),
        capacity: instance.capacity.clone(),
        created: world.now,
        timeline: Timeline::begin(world.now, "creating").then(length, "available"),
    };
    world.rds.snapshots.insert(id, snapshot);
    Ok(length)
}

/// What is said of a snapshot that is not there.
pub(super) fn absent(id: &str) -> Refusal {
    Refusal::absent("DBSnapshotNotFound", format!("DBSnapshot {id} not found.")).status(404)
}

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    let id = params.text_if("DBSnapshotIdentifier")?.map(str::to_lowercase);
    let instance = params.text_if("DBInstanceIdentifier")?.map(str::to_lowercase);
    let kind = params.text_if("SnapshotType")?.unwrap_or("manual");
    let filters = Filters::read(params, "Filters", "Name", "Values")?;
    let mut views = Vec::new();
    for snapshot in world.rds.snapshots.values().filter(|_| kind == "manual") {
        let is_named = id.as_ref().is_none_or(|id| *id == snapshot.id || *id == snapshot.arn(world))
            && instance.as_ref().is_none_or(|instance| *instance == snapshot.instance);
        let values = |name: &str| match name {
            "db-snapshot-id" => Some(vec![snapshot.id.clone(), snapshot.arn(world)]),
            "db-instance-id" => Some(vec![snapshot.instance.clone()]),
            "dbi-resource-id" => Some(vec![snapshot.resource.clone()]),
            "snapshot-type" => Some(vec!["manual".to_owned()]),
            "engine" => Some(vec![engine::NAME.to_owned()]),
            _ => None,
        };
        if is_named && filters.pass(&snapshot.tags, values)? {
            views.push((snapshot.id.clone(), snapshot.view(world)));
        }
    }
    match id {
        Some(id) if views.is_empty() => Err(absent(&id)),
        _ => PAGING.answer(params, "DBSnapshots", views),
    }
}

pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let id = params.text("DBSnapshotIdentifier")?.to_lowercase();
    let snapshot = world.rds.snapshots.get(&id).ok_or_else(|| absent(&id))?;
    if snapshot.timeline.state(world.now) != "available" {
        let words = format!("Cannot delete the snapshot {id} because it is not in available state.");
        return Err(Refusal::blocked("InvalidDBSnapshotState", words));
    }
    let mut view = snapshot.view(world);
    view["Status"] = json!("deleted");
    world.rds.snapshots.remove(&id);
    Ok(json!({ "DBSnapshot": view }))
}
