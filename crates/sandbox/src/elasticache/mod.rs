//! ElastiCache: replication groups of one shard, their clusters, parameter groups, and the subnet groups that they live in.
//!
//! Tokens are checked against ElastiCache's rules and then forgotten: nothing here can tell one.

mod cache_cluster;
mod capacity;
mod create_group;
mod delete_group;
mod engine;
mod modify_group;
mod parameter_group;
mod reboot_cluster;
mod replica_count;
mod replication_group;
mod reserved_offering;
mod settings;
mod subnet_group;
mod tagging;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::page::Paging;
use crate::reference::Reference;
use crate::service::{Dialect, Operation, Protocol, Service, mutates, reads};
use crate::world::World;

pub(crate) use parameter_group::CacheParameterGroup;
pub(crate) use replication_group::ReplicationGroup;
pub(crate) use subnet_group::CacheSubnetGroup;

pub(crate) static SERVICE: Service = Service {
    name: "elasticache",
    protocol: Protocol::AwsQuery {
        namespace: "http://elasticache.amazonaws.com/doc/2015-02-02/",
        item: element,
    },
    dialect: &Dialect::QUERY,
    operations: OPERATIONS,
    settle,
    references,
};

static OPERATIONS: &[Operation] = &[
    mutates("CreateCacheSubnetGroup", subnet_group::create),
    reads("DescribeCacheSubnetGroups", subnet_group::describe),
    mutates("ModifyCacheSubnetGroup", subnet_group::modify),
    mutates("DeleteCacheSubnetGroup", subnet_group::delete),
    mutates("CreateCacheParameterGroup", parameter_group::create),
    reads("DescribeCacheParameterGroups", parameter_group::describe),
    reads("DescribeCacheParameters", parameter_group::describe_parameters),
    mutates("ModifyCacheParameterGroup", parameter_group::modify),
    mutates("ResetCacheParameterGroup", parameter_group::reset),
    mutates("DeleteCacheParameterGroup", parameter_group::delete),
    mutates("CreateReplicationGroup", create_group::create),
    reads("DescribeReplicationGroups", replication_group::describe),
    mutates("ModifyReplicationGroup", modify_group::modify),
    mutates("IncreaseReplicaCount", replica_count::increase),
    mutates("DecreaseReplicaCount", replica_count::decrease),
    mutates("DeleteReplicationGroup", delete_group::delete),
    reads("DescribeCacheClusters", cache_cluster::describe),
    reads("DescribeReservedCacheNodesOfferings", reserved_offering::describe),
    mutates("RebootCacheCluster", reboot_cluster::reboot),
    mutates("AddTagsToResource", tagging::add),
    mutates("RemoveTagsFromResource", tagging::remove),
    reads("ListTagsForResource", tagging::list),
];

/// What ElastiCache calls the elements of its lists.
fn element(list: &str) -> &'static str {
    match list {
        "ReplicationGroups" => "ReplicationGroup",
        "MemberClusters" => "ClusterId",
        "NodeGroups" => "NodeGroup",
        "NodeGroupMembers" => "NodeGroupMember",
        "CacheClusters" => "CacheCluster",
        "CacheNodes" => "CacheNode",
        "CacheParameterGroups" => "CacheParameterGroup",
        "Parameters" => "Parameter",
        "ReservedCacheNodesOfferings" => "ReservedCacheNodesOffering",
        "CacheNodeIdsToReboot" => "CacheNodeId",
        "CacheSubnetGroups" => "CacheSubnetGroup",
        "Subnets" => "Subnet",
        "TagList" => "Tag",
        _ => "member",
    }
}

const PAGING: Paging = Paging { limit: "MaxRecords", smallest: 20, largest: 100, token: "Marker" };

/// Everything of ElastiCache.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ElastiCache {
    /// Subnet groups by name.
    pub(crate) subnet_groups: BTreeMap<String, CacheSubnetGroup>,
    /// Parameter groups by name.
    pub(crate) parameter_groups: BTreeMap<String, CacheParameterGroup>,
    /// Replication groups by id.
    pub(crate) replication_groups: BTreeMap<String, ReplicationGroup>,
    /// The names of the last snapshots of deleted groups.
    pub(crate) snapshots: BTreeSet<String>,
}

fn settle(world: &mut World) {
    modify_group::settle(world);
    let now = world.now;
    world.elasticache.replication_groups.retain(|_, group| !group.timeline.is_gone(now));
}

fn references(world: &World) -> Vec<Reference> {
    let groups = world.elasticache.subnet_groups.values();
    groups.flat_map(|group| group.placement.references(&group.name)).collect()
}
