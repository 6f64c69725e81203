//! A new DB instance.

use serde_json::json;

use super::account_quota::Quota;
use super::capacity::Capacity;
use super::engine;
use super::instance::{DbInstance, in_sync};
use super::settings::Settings;
use super::subnet_group;
use crate::call::{Answer, Refusal};
use crate::data_store;
use crate::duration;
use crate::ec2::network_interface::{Interface, attach};
use crate::params::Params;
use crate::tags;
use crate::timeline::Timeline;
use crate::world::World;

pub(super) fn create(world: &mut World, params: &Params) -> Answer {
    let id = engine::identifier(params, "DBInstanceIdentifier")?;
    if params.text("Engine")? != engine::NAME {
        return Err(params.invalid("Engine", params.text("Engine")?, "The sandbox models postgres only."));
    }
    let capacity = Capacity::first(params)?;
    let group = params.text_if("DBSubnetGroupName")?.unwrap_or("default").to_lowercase();
    let group = world.rds.subnet_groups.get(&group).ok_or_else(|| subnet_group::absent(&group))?.clone();
    let vpc = &group.placement.vpc;
    let settings = Settings::defaults(world, params, vpc, &capacity).with(world, params, vpc, &capacity)?;
    let zone = read_zone(world, params, &group, &capacity)?;
    let username = params.text("MasterUsername")?.to_owned();
    engine::check_name("MasterUsername", &username)?;
    engine::check_password(params.text("MasterUserPassword")?)?;
    let database = params.text_if("DBName")?.map(str::to_owned);
    database.as_ref().map_or(Ok(()), |name| engine::check_name("DBName", name))?;
    let encrypted = params.flag("StorageEncrypted")?.unwrap_or_default();
    let key = data_store::read_key(world, params, encrypted)?;
    let tags = tags::read(params, "Tags", "Key", "Value")?;
    if world.rds.instances.contains_key(&id) {
        return Err(Refusal::illegal("DBInstanceAlreadyExists", "DB instance already exists"));
    }
    Quota::Instances.check(world)?;
    world.refuse_without_capacity("InsufficientDBInstanceCapacity")?;
    let (timeline, started) = beginning(world, &capacity);
    let instance = DbInstance {
        id: id.clone(),
        tags,
        subnet_group: group.name,
        timeline,
        created: world.now,
        started,
        resource: format!("db-{}", world.hex().to_uppercase()),
        database,
        username,
        zone,
        encrypted,
        key,
        capacity,
        settings,
        pending: None,
        storage_changed: None,
        password_until: None,
        parameters: in_sync(),
    };
    place(world, &instance)?;
    let view = instance.view(world);
    world.rds.instances.insert(id, instance);
    Ok(json!({ "DBInstance": view }))
}

/// The states to come, and when the server starts.
fn beginning(world: &mut World, capacity: &Capacity) -> (Timeline, Option<f64>) {
    let (start, backup) =
        (world.takes(duration::DB_INSTANCE_START), world.takes(duration::DB_INSTANCE_FIRST_BACKUP));
    let timeline = Timeline::begin(world.now, "creating");
    if world.fails("db-instance") {
        return (timeline.then(start, "failed"), None);
    }
    let timeline = if capacity.backup_retention > 0 {
        timeline.then(start, "backing-up").then(backup, "available")
    } else {
        timeline.then(start, "available")
    };
    (timeline, Some(world.now + start))
}

/// The zone asked for, or the first that the subnet group covers.
fn read_zone(
    world: &World,
    params: &Params,
    group: &subnet_group::DbSubnetGroup,
    capacity: &Capacity,
) -> Result<String, Refusal> {
    let zones = group.placement.zones(world);
    let zone = params.text_if("AvailabilityZone")?;
    let refuse = |words: &str| Err(Refusal::illegal("InvalidParameterCombination", words));
    match zone.or(zones.keys().next().map(String::as_str)) {
        Some(_) if zone.is_some() && capacity.multi_az => {
            refuse("Requesting a specific availability zone is not valid for Multi-AZ instances.")
        }
        Some(zone) if zones.contains_key(zone) => Ok(zone.to_owned()),
        _ => refuse("The subnet group has no subnet in the requested availability zone."),
    }
}

/// Makes the interfaces of the instance and of its standby.
fn place(world: &mut World, instance: &DbInstance) -> Result<(), Refusal> {
    attach_in(world, instance, &instance.zone, &instance.arn(world))?;
    if instance.capacity.multi_az { place_standby(world, instance) } else { Ok(()) }
}

/// Makes the interface of the standby, in another zone.
pub(super) fn place_standby(world: &mut World, instance: &DbInstance) -> Result<(), Refusal> {
    let group = world.rds.subnet_groups.get(&instance.subnet_group);
    let zones = group.map(|group| group.placement.zones(world)).unwrap_or_default();
    match zones.keys().find(|zone| **zone != instance.zone) {
        Some(zone) => attach_in(world, instance, zone, &instance.standby(world)),
        None => Ok(()),
    }
}

fn attach_in(world: &mut World, instance: &DbInstance, zone: &str, holder: &str) -> Result<(), Refusal> {
    let group = world.rds.subnet_groups.get(&instance.subnet_group);
    let subnet = group.and_then(|group| group.placement.zones(world).remove(zone)).unwrap_or_default();
    let interface = Interface {
        subnet: &subnet,
        groups: &instance.settings.groups,
        description: "RDSNetworkInterface",
        kind: "interface",
        requester: "amazon-rds",
        public: instance.settings.public,
        holder,
    };
    attach(world, &interface).map(drop)
}
