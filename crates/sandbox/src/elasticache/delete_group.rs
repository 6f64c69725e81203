//! The end of a replication group, with or without a last snapshot.

use serde_json::json;

use super::replication_group::absent;
use crate::call::{Answer, Refusal};
use crate::duration;
use crate::ec2::network_interface::release;
use crate::params::Params;
use crate::timeline::Timeline;
use crate::world::World;

pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let id = params.text("ReplicationGroupId")?.to_lowercase();
    let mut group = world.elasticache.replication_groups.get(&id).ok_or_else(|| absent(&id))?.clone();
    if params.flag("RetainPrimaryCluster")? == Some(true) {
        return Err(params.invalid("RetainPrimaryCluster", true, "The sandbox does not model this."));
    }
    let state = group.state(world).to_owned();
    if !["available", "create-failed"].contains(&state.as_str()) {
        let words = format!("Replication group {id} has status {state} which is not valid for deletion.");
        return Err(Refusal::blocked("InvalidReplicationGroupState", words));
    }
    let mut timeline = Timeline::begin(world.now, "deleting");
    if let Some(snapshot) = params.text_if("FinalSnapshotIdentifier")? {
        if !world.elasticache.snapshots.insert(snapshot.to_owned()) {
            let words = format!("Snapshot with specified name already exists: {snapshot}");
            return Err(Refusal::illegal("SnapshotAlreadyExistsFault", words));
        }
        let length = world.takes(duration::REPLICATION_GROUP_SNAPSHOT);
        timeline = Timeline::begin(world.now, "snapshotting").then(length, "deleting");
    }
    let length = world.takes(duration::REPLICATION_GROUP_DELETE);
    let end = timeline.last_change() + length - world.now;
    group.timeline = timeline.then_gone(length);
    group.pending = None;
    for node in &group.capacity.nodes {
        let holder = group.cluster_arn(world, *node);
        release(world, &holder, end);
    }
    let view = group.view(world);
    world.elasticache.replication_groups.insert(id, group);
    Ok(json!({ "ReplicationGroup": view }))
}
