//! The end of a DB instance, with or without a last snapshot.

use serde_json::json;

use super::instance::{DbInstance, absent};
use super::{engine, snapshot};
use crate::call::{Answer, Refusal};
use crate::duration;
use crate::ec2::network_interface::release;
use crate::params::Params;
use crate::timeline::Timeline;
use crate::world::World;

/// The states of an instance that cannot be backed up.
const BROKEN: &[&str] = &["failed", "incompatible-restore", "incompatible-network"];

pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let id = params.text("DBInstanceIdentifier")?.to_lowercase();
    let mut instance = world.rds.instances.get(&id).ok_or_else(|| absent(&id))?.clone();
    // Automated backups are not modelled, so there is nothing to keep or delete of them.
    params.ignore(&["DeleteAutomatedBackups"]);
    let snapshot = read_snapshot(params)?;
    check(world, &instance, snapshot.is_some())?;
    let mut length = world.takes(duration::DB_INSTANCE_DELETE);
    if let Some(name) = snapshot {
        length += snapshot::create(world, &instance, name)?;
    }
    instance.timeline = Timeline::begin(world.now, "deleting").then_gone(length);
    instance.pending = None;
    for holder in [instance.arn(world), instance.standby(world)] {
        release(world, &holder, length);
    }
    let view = instance.view(world);
    world.rds.instances.insert(id, instance);
    Ok(json!({ "DBInstance": view }))
}

/// The name of the last snapshot; exactly one of it and `SkipFinalSnapshot` is given.
fn read_snapshot(params: &Params) -> Result<Option<String>, Refusal> {
    let skip = params.flag("SkipFinalSnapshot")?.unwrap_or_default();
    let refuse = |words: &str| Err(Refusal::illegal("InvalidParameterCombination", words));
    match (skip, params.has("FinalDBSnapshotIdentifier")) {
        (true, true) => {
            refuse("FinalDBSnapshotIdentifier can not be specified when SkipFinalSnapshot is true")
        }
        (false, false) => {
            refuse("FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.")
        }
        (true, false) => Ok(None),
        (false, true) => engine::identifier(params, "FinalDBSnapshotIdentifier").map(Some),
    }
}

fn check(world: &World, instance: &DbInstance, with_snapshot: bool) -> Result<(), Refusal> {
    let busy = |words: String| Err(Refusal::blocked("InvalidDBInstanceState", words));
    match instance.state(world) {
        "creating" => {
            busy(format!("Instance {} is currently being created and cannot be deleted.", instance.id))
        }
        "deleting" => busy(format!("Instance {} is already being deleted.", instance.id)),
        state if with_snapshot && BROKEN.contains(&state) => Err(Refusal::illegal(
            "InvalidDBInstanceState",
            format!("Cannot create a final snapshot of an instance in state {state}."),
        )),
        _ if instance.settings.deletion_protection => {
            let words =
                "Cannot delete protected DB Instance, please disable deletion protection and try again.";
            Err(Refusal::illegal("InvalidParameterCombination", words))
        }
        _ => Ok(()),
    }
}
