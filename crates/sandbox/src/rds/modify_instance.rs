//! Changes of a DB instance: at once, after some work, or in the maintenance window, which never comes here.

use serde_json::json;

use super::capacity::Capacity;
use super::create_instance::place_standby;
use super::engine;
use super::instance::{DbInstance, Pending, absent, in_sync};
use super::parameter_group::applying;
use super::settings::Settings;
use crate::call::{Answer, Refusal};
use crate::duration;
use crate::ec2::network_interface::{release, set_groups};
use crate::params::Params;
use crate::timeline::Timeline;
use crate::world::World;

/// After a change of storage the next one has to wait for so many seconds.
const STORAGE_REST: f64 = 6.0 * 3600.0;
/// The parameters that say how to change and not what.
const MANNERS: &[&str] = &["DBInstanceIdentifier", "ApplyImmediately", "AllowMajorVersionUpgrade"];

pub(super) fn modify(world: &mut World, params: &Params) -> Answer {
    let id = params.text("DBInstanceIdentifier")?.to_lowercase();
    let mut instance = world.rds.instances.get(&id).ok_or_else(|| absent(&id))?.clone();
    if params.names().all(|name| MANNERS.contains(&name)) {
        return Err(Refusal::illegal("InvalidParameterCombination", "No modifications were requested"));
    }
    if !["available", "storage-optimization"].contains(&instance.state(world)) {
        let words = "Database instance is not in available state.";
        return Err(Refusal::blocked("InvalidDBInstanceState", words));
    }
    let immediately = params.flag("ApplyImmediately")?.unwrap_or_default();
    let wanted = instance.pending.as_ref().map_or(&instance.capacity, |pending| &pending.capacity);
    let next = wanted.next(params)?;
    check_storage(world, &instance, &next)?;
    // Between two lengths of retention RDS changes at once; only switching backups on or off is work.
    if next.backup_retention > 0 && instance.capacity.backup_retention > 0 {
        instance.capacity.backup_retention = next.backup_retention;
    }
    let group = world.rds.subnet_groups.get(&instance.subnet_group);
    let vpc = group.map(|group| group.placement.vpc.clone()).unwrap_or_default();
    let settings = instance.settings.clone().with(world, params, &vpc, &next)?;
    for holder in [instance.arn(world), instance.standby(world)] {
        set_groups(world, &holder, &settings.groups);
    }
    let configuring = configuring(&instance.settings, &settings);
    if settings.parameter_group != instance.settings.parameter_group {
        // What another group says, whatever it is about, comes into force with a reboot.
        instance.parameters = applying(world.now, world.takes(duration::DB_PARAMETERS_APPLY), true);
    }
    instance.settings = settings;
    let password = params.text_if("MasterUserPassword")?;
    password.map_or(Ok(()), engine::check_password)?;
    schedule(
        world,
        &mut instance,
        next,
        immediately,
        password.map(|_| "resetting-master-credentials").or(configuring),
    );
    if password.is_some() {
        instance.password_until = Some(instance.timeline.last_change());
    }
    let view = instance.view(world);
    world.rds.instances.insert(id, instance);
    Ok(json!({ "DBInstance": view }))
}

fn check_storage(world: &World, instance: &DbInstance, next: &Capacity) -> Result<(), Refusal> {
    let rests = instance.storage_changed.is_some_and(|changed| world.now < changed + STORAGE_REST);
    if rests && instance.capacity.changes_storage(next) {
        let words = "You can't currently modify the storage of this DB instance because the previous storage change is \
                     being optimized.";
        return Err(Refusal::blocked("InvalidParameterCombination", words));
    }
    Ok(())
}

/// The state in which an instance takes on these settings, if it shows.
fn configuring(before: &Settings, after: &Settings) -> Option<&'static str> {
    if before.log_exports != after.log_exports {
        Some("configuring-log-exports")
    } else if before.monitoring != after.monitoring {
        Some("configuring-enhanced-monitoring")
    } else if before.iam_authentication != after.iam_authentication {
        Some("configuring-iam-database-auth")
    } else {
        None
    }
}

/// Writes down the states to come, and when the instance has its new capacity.
fn schedule(
    world: &mut World,
    instance: &mut DbInstance,
    next: Capacity,
    immediately: bool,
    lesser: Option<&'static str>,
) {
    let applies = immediately && next != instance.capacity;
    let work = if applies {
        Some(("modifying", duration::DB_INSTANCE_MODIFY))
    } else {
        lesser.map(|state| (state, duration::DB_INSTANCE_CONFIGURE))
    };
    let mut due = None;
    if let Some((state, length)) = work {
        let (prepare, length) = (world.takes(duration::DB_INSTANCE_PREPARE), world.takes(length));
        due = Some(world.now + prepare + length);
        let begun = Timeline::begin(world.now, instance.state(world)).then(prepare, state);
        instance.timeline = if applies && instance.capacity.changes_storage(&next) {
            let optimize = world.takes(duration::DB_INSTANCE_OPTIMIZE);
            begun.then(length, "storage-optimization").then(optimize, "available")
        } else {
            begun.then(length, "available")
        };
    }
    let is_new = next != instance.capacity;
    instance.pending = is_new.then(|| Pending { capacity: next, due: due.filter(|_| applies) });
}

/// Gives instances the capacity whose time has come.
pub(super) fn settle(world: &mut World) {
    let is_due = |instance: &&DbInstance| {
        let due = instance.pending.as_ref().and_then(|pending| pending.due);
        due.is_some_and(|due| due <= world.now)
    };
    let due: Vec<DbInstance> = world.rds.instances.values().filter(is_due).cloned().collect();
    for mut instance in due {
        apply(world, &mut instance);
        world.rds.instances.insert(instance.id.clone(), instance);
    }
}

fn apply(world: &mut World, instance: &mut DbInstance) {
    let Some(pending) = instance.pending.take() else { return };
    let before = std::mem::replace(&mut instance.capacity, pending.capacity);
    if before.changes_storage(&instance.capacity) {
        instance.storage_changed = pending.due;
    }
    if instance.settings.parameter_group == engine::parameter_group(&before.engine_version) {
        instance.settings.parameter_group = engine::parameter_group(&instance.capacity.engine_version);
    }
    let boots = |of: &Capacity| (of.class.clone(), of.engine_version.clone(), of.port);
    if boots(&before) != boots(&instance.capacity) {
        instance.parameters = in_sync();
    }
    match (before.multi_az, instance.capacity.multi_az) {
        (true, false) => {
            let standby = instance.standby(world);
            release(world, &standby, 0.0);
        }
        (false, true) if place_standby(world, instance).is_err() => {
            instance.timeline = Timeline::begin(world.now, "incompatible-network");
        }
        _ => (),
    }
}
