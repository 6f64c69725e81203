//! The clusters that a replication group consists of: each is one node, and shows what the group does not.

use serde_json::{Map, Value, json};

use super::PAGING;
use super::capacity::Transit;
use super::create_group::zones;
use super::replication_group::ReplicationGroup;
use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::world::{World, timestamp};

pub(super) fn view(world: &World, group: &ReplicationGroup, node: usize, with_nodes: bool) -> Value {
    let (settings, capacity) = (&group.settings, &group.capacity);
    let zones = zones(world, group);
    let zone = zones.get(node % zones.len().max(1));
    let groups = capacity.groups.iter();
    let groups: Vec<Value> = groups.map(|id| json!({ "SecurityGroupId": id, "Status": "active" })).collect();
    let nodes = json!([{
        "CacheNodeId": "0001",
        "CacheNodeStatus": group.state(world),
        "CacheNodeCreateTime": timestamp(group.created),
        "Endpoint": group.node_endpoint(node, world),
        "ParameterGroupStatus": "in-sync",
        "CustomerAvailabilityZone": zone,
    }]);
    json!({
        "CacheClusterId": group.cluster(node),
        "ARN": group.cluster_arn(world, node),
        "ReplicationGroupId": group.id,
        "CacheClusterStatus": group.state(world),
        "CacheNodeType": capacity.node_type,
        "Engine": capacity.engine,
        "EngineVersion": capacity.engine_version,
        "NumCacheNodes": 1,
        "PreferredAvailabilityZone": zone,
        "CacheClusterCreateTime": timestamp(group.created),
        "PreferredMaintenanceWindow": settings.maintenance_window,
        "PendingModifiedValues": pending(group),
        "CacheParameterGroup": {
            "CacheParameterGroupName": capacity.parameter_group,
            "ParameterApplyStatus": if group.to_reboot.contains(&node) { "pending-reboot" } else { "in-sync" },
            "CacheNodeIdsToReboot": if group.to_reboot.contains(&node) { json!(["0001"]) } else { json!([]) },
        },
        "CacheSubnetGroupName": group.subnet_group,
        "CacheNodes": if with_nodes { nodes } else { Value::Null },
        "AutoMinorVersionUpgrade": settings.auto_minor,
        "SecurityGroups": groups,
        "SnapshotRetentionLimit": settings.snapshot_retention,
        "SnapshotWindow": settings.snapshot_window,
        "AuthTokenEnabled": capacity.auth,
        "AuthTokenLastModifiedDate": group.auth_changed.map(timestamp),
        "TransitEncryptionEnabled": capacity.transit != Transit::Plain,
        "TransitEncryptionMode": capacity.transit.mode(),
        "AtRestEncryptionEnabled": group.at_rest,
        "ReplicationGroupLogDeliveryEnabled": false,
        "NetworkType": "ipv4",
        "IpDiscovery": "ipv4",
    })
}

fn pending(group: &ReplicationGroup) -> Map<String, Value> {
    let mut view = Map::new();
    let Some(pending) = &group.pending else { return view };
    let (before, after) = (&group.capacity, &pending.capacity);
    if before.node_type != after.node_type {
        view.insert("CacheNodeType".to_owned(), json!(after.node_type));
    }
    if before.engine_version != after.engine_version {
        view.insert("EngineVersion".to_owned(), json!(after.engine_version));
    }
    view
}

/// What is said of a cluster that is not there.
pub(super) fn absent(id: &str) -> Refusal {
    Refusal::absent("CacheClusterNotFound", format!("CacheCluster not found: {id}")).status(404)
}

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    let id = params.text_if("CacheClusterId")?.map(str::to_lowercase);
    let with_nodes = params.flag("ShowCacheNodeInfo")?.unwrap_or_default();
    // Every cluster here is in a replication group.
    let only_others = params.flag("ShowCacheClustersNotInReplicationGroups")?.unwrap_or_default();
    let mut views = Vec::new();
    for group in world.elasticache.replication_groups.values().filter(|group| !world.hides(group.created)) {
        for node in group.capacity.nodes.iter().filter(|_| !only_others) {
            let name = group.cluster(*node);
            if id.as_ref().is_none_or(|id| *id == name) {
                views.push((name, view(world, group, *node, with_nodes)));
            }
        }
    }
    match id {
        Some(id) if views.is_empty() => Err(absent(&id)),
        _ => PAGING.answer(params, "CacheClusters", views),
    }
}
