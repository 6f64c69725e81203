//! A new replication group.

use std::collections::BTreeSet;

use serde_json::json;

use super::capacity::Capacity;
use super::replication_group::ReplicationGroup;
use super::settings::Settings;
use super::{engine, subnet_group};
use crate::call::{Answer, Refusal};
use crate::data_store;
use crate::duration;
use crate::ec2::network_interface::{Interface, attach};
use crate::params::Params;
use crate::tags;
use crate::timeline::Timeline;
use crate::world::World;

pub(super) fn create(world: &mut World, params: &Params) -> Answer {
    let id = read_id(params)?;
    params.text("ReplicationGroupDescription")?;
    let name = params.text_if("CacheSubnetGroupName")?.unwrap_or("default").to_lowercase();
    let subnets = world.elasticache.subnet_groups.get(&name).ok_or_else(|| subnet_group::absent(&name))?;
    let capacity = Capacity::first(world, params, &subnets.placement.vpc)?;
    let mut settings = Settings::defaults(params).with(params)?;
    if settings.snapshot_retention > 0 {
        let last = capacity.nodes.last().copied().unwrap_or(1);
        settings.snapshotted = Some(format!("{id}-{last:03}"));
    }
    let port = params.number("Port")?.unwrap_or(6379);
    if !(1..=65_535).contains(&port) {
        return Err(params.invalid("Port", port, "It must lie between 1 and 65535."));
    }
    let at_rest = params.flag("AtRestEncryptionEnabled")?.unwrap_or(capacity.engine == "valkey");
    let key = data_store::read_key(world, params, at_rest)?;
    for (name, only) in [("ClusterMode", "disabled"), ("NetworkType", "ipv4"), ("IpDiscovery", "ipv4")] {
        if let Some(other) = params.text_if(name)?.filter(|given| *given != only) {
            return Err(params.invalid(name, other, &format!("The sandbox models {only} only.")));
        }
    }
    let tags = tags::read(params, "Tags", "Key", "Value")?;
    if world.elasticache.replication_groups.contains_key(&id) {
        let words = format!("Replication group with specified ID: {id} already exists");
        return Err(Refusal::illegal("ReplicationGroupAlreadyExists", words));
    }
    world.refuse_without_capacity("InsufficientCacheClusterCapacity")?;
    let length = world.takes(duration::REPLICATION_GROUP_CREATE);
    let fails = world.fails("replication-group");
    let end = if fails { "create-failed" } else { "available" };
    let group = ReplicationGroup {
        id: id.clone(),
        tags,
        subnet_group: name,
        timeline: Timeline::begin(world.now, "creating").then(length, end),
        created: world.now,
        started: (!fails).then_some(world.now + length),
        port,
        at_rest,
        key,
        to_reboot: BTreeSet::new(),
        auth_changed: capacity.auth.then_some(world.now),
        capacity,
        settings,
        pending: None,
    };
    for node in &group.capacity.nodes {
        place(world, &group, *node)?;
    }
    let view = group.view(world);
    world.elasticache.replication_groups.insert(id, group);
    Ok(json!({ "ReplicationGroup": view }))
}

fn read_id(params: &Params) -> Result<String, Refusal> {
    let id = params.text("ReplicationGroupId")?;
    let why = "Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; must not end \
               with a hyphen or contain two consecutive hyphens, and have at most 40 characters.";
    engine::identifier(id, 40).ok_or_else(|| params.invalid("ReplicationGroupId", id, why))
}

/// The zones that a group is spread over.
pub(super) fn zones(world: &World, group: &ReplicationGroup) -> Vec<String> {
    let subnets = world.elasticache.subnet_groups.get(&group.subnet_group);
    subnets.map(|subnets| subnets.placement.zones(world).into_keys().collect()).unwrap_or_default()
}

/// Makes the interface of a node; nodes take the zones in turn.
pub(super) fn place(world: &mut World, group: &ReplicationGroup, node: usize) -> Result<(), Refusal> {
    let subnets = world.elasticache.subnet_groups.get(&group.subnet_group);
    let subnets: Vec<String> =
        subnets.map(|subnets| subnets.placement.zones(world).into_values().collect()).unwrap_or_default();
    let subnet = subnets.get(node % subnets.len().max(1)).map(String::as_str).unwrap_or_default();
    let interface = Interface {
        subnet,
        groups: &group.capacity.groups,
        description: &format!("ElastiCache {}", group.cluster(node)),
        kind: "interface",
        requester: "amazon-elasticache",
        public: false,
        holder: &group.cluster_arn(world, node),
    };
    attach(world, &interface).map(drop)
}
