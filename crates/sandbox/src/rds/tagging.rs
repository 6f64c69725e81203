//! Tags of whatever RDS has, by ARN.

use serde_json::{Value, json};

use super::{instance, parameter_group, snapshot, subnet_group};
use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::tags::{self, Tags};
use crate::world::World;

/// The kind and the name in an ARN of this account and region.
fn target<'a>(world: &World, params: &Params<'a>) -> Result<(&'a str, &'a str), Refusal> {
    let arn = params.text("ResourceName")?;
    let named = arn.strip_prefix(&world.arn("rds", "")).and_then(|rest| rest.split_once(':'));
    named.ok_or_else(|| params.invalid("ResourceName", arn, "It is no ARN of this account and region."))
}

fn find_mut<'a>(world: &'a mut World, params: &Params) -> Result<&'a mut Tags, Refusal> {
    let (kind, name) = target(world, params)?;
    let rds = &mut world.rds;
    match kind {
        "db" => rds.instances.get_mut(name).map(|it| &mut it.tags).ok_or_else(|| instance::absent(name)),
        "subgrp" => {
            rds.subnet_groups.get_mut(name).map(|it| &mut it.tags).ok_or_else(|| subnet_group::absent(name))
        }
        "pg" => {
            let group = rds.parameter_groups.get_mut(name);
            group.map(|it| &mut it.tags).ok_or_else(|| parameter_group::absent(name))
        }
        "snapshot" => {
            rds.snapshots.get_mut(name).map(|it| &mut it.tags).ok_or_else(|| snapshot::absent(name))
        }
        kind => Err(params.invalid("ResourceName", kind, "The sandbox does not model this kind.")),
    }
}

pub(super) fn add(world: &mut World, params: &Params) -> Answer {
    let tags = tags::read(params, "Tags", "Key", "Value")?;
    let held = find_mut(world, params)?;
    held.extend(tags);
    tags::check_count(held)?;
    Ok(Value::Null)
}

pub(super) fn remove(world: &mut World, params: &Params) -> Answer {
    let keys = params.texts("TagKeys")?;
    find_mut(world, params)?.retain(|key, _| !keys.contains(key));
    Ok(Value::Null)
}

pub(super) fn list(world: &World, params: &Params) -> Answer {
    let rds = &world.rds;
    let tags = match target(world, params)? {
        ("db", name) => rds.instances.get(name).map(|it| &it.tags).ok_or_else(|| instance::absent(name)),
        ("subgrp", name) => {
            rds.subnet_groups.get(name).map(|it| &it.tags).ok_or_else(|| subnet_group::absent(name))
        }
        ("pg", name) => {
            rds.parameter_groups.get(name).map(|it| &it.tags).ok_or_else(|| parameter_group::absent(name))
        }
        ("snapshot", name) => {
            rds.snapshots.get(name).map(|it| &it.tags).ok_or_else(|| snapshot::absent(name))
        }
        (kind, _) => Err(params.invalid("ResourceName", kind, "The sandbox does not model this kind.")),
    }?;
    Ok(json!({ "TagList": tags::upper(tags) }))
}
