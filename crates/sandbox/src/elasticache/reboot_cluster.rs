//! The reboot of a node, for which changed parameters may wait.

use super::cache_cluster;
use crate::call::{Answer, Refusal};
use crate::duration;
use crate::params::Params;
use crate::timeline::Timeline;
use crate::world::World;

pub(super) fn reboot(world: &mut World, params: &Params) -> Answer {
    let id = params.text("CacheClusterId")?.to_lowercase();
    if params.texts("CacheNodeIdsToReboot")? != ["0001"] {
        return Err(params.invalid(
            "CacheNodeIdsToReboot",
            &id,
            "A cluster of Redis has the node 0001 only.",
        ));
    }
    let groups = world.elasticache.replication_groups.values();
    let found = groups.flat_map(|group| group.capacity.nodes.iter().map(move |node| (group, *node)));
    let mut found =
        found.filter(|(group, node)| group.cluster(*node) == id).map(|(group, node)| (group.clone(), node));
    let (mut group, node) = found.next_back().ok_or_else(|| cache_cluster::absent(&id))?;
    if group.state(world) != "available" {
        let words = "Cache cluster must be in available state to be rebooted.";
        return Err(Refusal::blocked("InvalidCacheClusterState", words));
    }
    let length = world.takes(duration::REPLICATION_GROUP_MODIFY);
    group.timeline = Timeline::begin(world.now, "modifying").then(length, "available");
    group.to_reboot.remove(&node);
    let view = cache_cluster::view(world, &group, node, false);
    world.elasticache.replication_groups.insert(group.id.clone(), group);
    Ok(serde_json::json!({ "CacheCluster": view }))
}
