//! Changes of a replication group: at once, after some work, or in the maintenance window, which never comes
//! here.

use serde_json::json;

use super::capacity::Capacity;
use super::replication_group::{Pending, ReplicationGroup, find_available};
use super::{CacheParameterGroup, engine};
use crate::call::{Answer, Refusal};
use crate::duration;
use crate::ec2::network_interface::set_groups;
use crate::params::Params;
use crate::timeline::Timeline;
use crate::world::World;

pub(super) fn modify(world: &mut World, params: &Params) -> Answer {
    let mut group = find_available(world, params)?;
    let immediately = params.flag("ApplyImmediately")?.unwrap_or_default();
    let subnets = world.elasticache.subnet_groups.get(&group.subnet_group);
    let vpc = subnets.map(|subnets| subnets.placement.vpc.clone()).unwrap_or_default();
    let wanted = group.pending.as_ref().map_or(&group.capacity, |pending| &pending.capacity);
    let mut next = wanted.next(world, params, &vpc)?;
    let auth = read_auth(params, &mut next)?;
    let mut settings = group.settings.clone().with(params)?;
    let snapshotted = params.text_if("SnapshottingClusterId")?;
    if snapshotted
        .is_some_and(|cluster| !group.capacity.nodes.iter().any(|node| group.cluster(*node) == cluster))
    {
        return Err(params.invalid(
            "SnapshottingClusterId",
            snapshotted.unwrap_or_default(),
            "It is no member.",
        ));
    }
    settings.snapshotted = snapshotted.map(str::to_owned).or(settings.snapshotted);
    if settings.snapshot_retention > 0 && settings.snapshotted.is_none() {
        let words = "SnapshottingClusterId must be specified to turn on automatic snapshots.";
        return Err(Refusal::illegal("InvalidParameterCombination", words));
    }
    if next == group.capacity && settings == group.settings && auth.is_none() {
        return Err(Refusal::illegal("InvalidParameterCombination", "No modifications were requested"));
    }
    if !immediately && (auth.is_some() || next.transit != group.capacity.transit) {
        let words = "Changes of tokens and of transit encryption need ApplyImmediately.";
        return Err(Refusal::illegal("InvalidParameterCombination", words));
    }
    group.settings = settings;
    if immediately {
        begin(world, &mut group, next, auth);
    } else if next != group.capacity {
        group.pending = Some(Pending { capacity: next, auth: None, due: None });
    }
    let view = group.view(world);
    world.elasticache.replication_groups.insert(group.id.clone(), group);
    Ok(json!({ "ReplicationGroup": view }))
}

/// Reads what shall happen to the token, and gives the status of that.
fn read_auth(params: &Params, next: &mut Capacity) -> Result<Option<String>, Refusal> {
    let token = params.text_if("AuthToken")?;
    let status = match (params.text_if("AuthTokenUpdateStrategy")?, token) {
        (None, None) => return Ok(None),
        (Some("DELETE"), None) => {
            let words = "The AUTH token can be deleted only on the way to user groups, which the sandbox does not model.";
            return Err(Refusal::illegal("InvalidParameterCombination", words));
        }
        (None | Some("ROTATE"), Some(_)) => "ROTATING",
        (Some("SET"), Some(_)) => "SETTING",
        (Some(other), _) => {
            return Err(params.invalid(
                "AuthTokenUpdateStrategy",
                other,
                "ROTATE and SET need a token, DELETE none.",
            ));
        }
    };
    if let Some(token) = token {
        engine::check_token(token)?;
        next.auth = true;
    }
    next.check()?;
    Ok(Some(status.to_owned()))
}

/// Lets the group work on a change, if there is one.
pub(super) fn begin(world: &mut World, group: &mut ReplicationGroup, next: Capacity, auth: Option<String>) {
    if next == group.capacity && auth.is_none() {
        return;
    }
    let typical = if group.capacity.replaces_nodes(&next) {
        duration::REPLICATION_GROUP_SCALE
    } else {
        duration::REPLICATION_GROUP_MODIFY
    };
    let length = world.takes(typical);
    group.timeline = Timeline::begin(world.now, "modifying").then(length, "available");
    group.pending = Some(Pending { capacity: next, auth, due: Some(world.now + length) });
}

/// Gives groups the capacity whose time has come.
pub(super) fn settle(world: &mut World) {
    let is_due = |group: &&ReplicationGroup| {
        let due = group.pending.as_ref().and_then(|pending| pending.due);
        due.is_some_and(|due| due <= world.now)
    };
    let due: Vec<ReplicationGroup> =
        world.elasticache.replication_groups.values().filter(is_due).cloned().collect();
    for mut group in due {
        let Some(pending) = group.pending.take() else { continue };
        if pending.auth.is_some() {
            group.auth_changed = pending.due;
        }
        let before = std::mem::replace(&mut group.capacity, pending.capacity);
        if before.parameter_group != group.capacity.parameter_group {
            let groups = &world.elasticache.parameter_groups;
            let mut both =
                [&before, &group.capacity].into_iter().filter_map(|it| groups.get(&it.parameter_group));
            let waits = both.any(CacheParameterGroup::reboots);
            group.to_reboot = group.capacity.nodes.iter().copied().filter(|_| waits).collect();
        } else if before.replaces_nodes(&group.capacity) {
            group.to_reboot.clear();
        }
        for node in &group.capacity.nodes {
            let holder = group.cluster_arn(world, *node);
            set_groups(world, &holder, &group.capacity.groups);
        }
        world.elasticache.replication_groups.insert(group.id.clone(), group);
    }
}
