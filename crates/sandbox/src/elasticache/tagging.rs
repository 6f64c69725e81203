//! Tags of whatever ElastiCache has, by ARN. A group's clusters carry the tags of the group.

use serde_json::json;

use super::{parameter_group, replication_group, subnet_group};
use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::tags::{self, Tags};
use crate::world::World;

/// The sort of group that an ARN stands for.
enum Target {
    Subnets(String),
    Parameters(String),
    Replication(String),
}

fn target(world: &World, params: &Params) -> Result<Target, Refusal> {
    let arn = params.text("ResourceName")?;
    let named = arn.strip_prefix(&world.arn("elasticache", "")).and_then(|rest| rest.split_once(':'));
    match named {
        Some(("subnetgroup", name)) => Ok(Target::Subnets(name.to_owned())),
        Some(("parametergroup", name)) => Ok(Target::Parameters(name.to_owned())),
        Some(("replicationgroup", id)) => Ok(Target::Replication(id.to_owned())),
        Some(("cluster", id)) => {
            let (group, _) = id.rsplit_once('-').unwrap_or((id, ""));
            Ok(Target::Replication(group.to_owned()))
        }
        _ => Err(Refusal::illegal("InvalidARN", format!("Invalid ARN: {arn}"))),
    }
}

/// The tags, as far as ElastiCache lets one at them.
fn find(world: &World, target: &Target) -> Result<Tags, Refusal> {
    match target {
        Target::Subnets(name) => {
            let group = world.elasticache.subnet_groups.get(name);
            group.map(|group| group.tags.clone()).ok_or_else(|| subnet_group::absent(name))
        }
        Target::Parameters(name) => {
            let group = world.elasticache.parameter_groups.get(name);
            group.map(|group| group.tags.clone()).ok_or_else(|| parameter_group::absent(name))
        }
        Target::Replication(id) => {
            let group = world.elasticache.replication_groups.get(id);
            let group = group.ok_or_else(|| replication_group::absent(id))?;
            if group.state(world) != "available" {
                let words = "Cluster not in available state to perform tagging operations.";
                return Err(Refusal::blocked("InvalidReplicationGroupState", words));
            }
            Ok(group.tags.clone())
        }
    }
}

fn replace(world: &mut World, target: Target, tags: Tags) -> Answer {
    let view = json!({ "TagList": tags::upper(&tags) });
    match target {
        Target::Subnets(name) => {
            world.elasticache.subnet_groups.entry(name).and_modify(|group| group.tags = tags);
        }
        Target::Parameters(name) => {
            world.elasticache.parameter_groups.entry(name).and_modify(|group| group.tags = tags);
        }
        Target::Replication(id) => {
            world.elasticache.replication_groups.entry(id).and_modify(|group| group.tags = tags);
        }
    }
    Ok(view)
}

pub(super) fn add(world: &mut World, params: &Params) -> Answer {
    let target = target(world, params)?;
    let mut tags = find(world, &target)?;
    tags.extend(tags::read(params, "Tags", "Key", "Value")?);
    tags::check_count(&tags)?;
    replace(world, target, tags)
}

pub(super) fn remove(world: &mut World, params: &Params) -> Answer {
    let target = target(world, params)?;
    let mut tags = find(world, &target)?;
    for key in params.texts("TagKeys")? {
        if tags.remove(&key).is_none() {
            let words = format!("The requested tag {key} was not found on this resource.");
            return Err(Refusal::absent("TagNotFound", words).status(404));
        }
    }
    replace(world, target, tags)
}

pub(super) fn list(world: &World, params: &Params) -> Answer {
    let tags = find(world, &target(world, params)?)?;
    Ok(json!({ "TagList": tags::upper(&tags) }))
}
