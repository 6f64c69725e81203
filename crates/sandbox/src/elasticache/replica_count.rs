//! More replicas, fewer replicas.

use serde_json::json;

use super::create_group::place;
use super::modify_group::begin;
use super::replication_group::{ReplicationGroup, find_available};
use crate::call::{Answer, Refusal};
use crate::ec2::network_interface::release;
use crate::params::Params;
use crate::world::World;

pub(super) fn increase(world: &mut World, params: &Params) -> Answer {
    let mut group = find_available(world, params)?;
    let (before, wanted) = read_count(params, &group)?;
    if wanted <= before {
        return Err(no_operation(params, wanted, "It must be larger than the present count of replicas."));
    }
    let newest = group.capacity.nodes.iter().max().copied().unwrap_or(0);
    let mut next = group.capacity.clone();
    for node in newest + 1..=newest + wanted - before {
        place(world, &group, node)?;
        next.nodes.push(node);
    }
    begin(world, &mut group, next, None);
    finish(world, group)
}

pub(super) fn decrease(world: &mut World, params: &Params) -> Answer {
    let mut group = find_available(world, params)?;
    let (before, wanted) = read_count(params, &group)?;
    if wanted >= before {
        return Err(no_operation(params, wanted, "It must be smaller than the present count of replicas."));
    }
    if wanted == 0 && group.capacity.failover {
        let words = "Automatic failover needs at least one replica: disable it first.";
        return Err(Refusal::illegal("InvalidParameterCombination", words));
    }
    let mut next = group.capacity.clone();
    let leaving = next.nodes.split_off(wanted + 1);
    begin(world, &mut group, next, None);
    for node in leaving {
        let holder = group.cluster_arn(world, node);
        release(world, &holder, group.timeline.last_change() - world.now);
    }
    finish(world, group)
}

/// How many replicas there are and how many shall be.
fn read_count(params: &Params, group: &ReplicationGroup) -> Result<(usize, usize), Refusal> {
    if params.flag("ApplyImmediately")? != Some(true) {
        return Err(params.invalid(
            "ApplyImmediately",
            false,
            "Only immediate changes of replicas are possible.",
        ));
    }
    let wanted = params.number("NewReplicaCount")?.ok_or_else(|| params.missing("NewReplicaCount"))?;
    match usize::try_from(wanted) {
        Ok(count) if count <= 5 => Ok((group.capacity.nodes.len() - 1, count)),
        _ => Err(params.invalid("NewReplicaCount", wanted, "A shard has up to five replicas.")),
    }
}

fn no_operation(params: &Params, wanted: usize, why: &str) -> Refusal {
    params.invalid("NewReplicaCount", wanted, why)
}

fn finish(world: &mut World, group: ReplicationGroup) -> Answer {
    let view = group.view(world);
    world.elasticache.replication_groups.insert(group.id.clone(), group);
    Ok(json!({ "ReplicationGroup": view }))
}
