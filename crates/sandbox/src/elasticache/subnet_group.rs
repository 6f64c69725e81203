//! Cache subnet groups.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::PAGING;
use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::placement::Placement;
use crate::tags::{self, Tags};
use crate::world::World;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CacheSubnetGroup {
    pub(crate) name: String,
    pub(crate) tags: Tags,
    pub(crate) placement: Placement,
    description: String,
    created: f64,
}

impl CacheSubnetGroup {
    fn arn(&self, world: &World) -> String {
        world.arn("elasticache", &format!("subnetgroup:{}", self.name))
    }

    fn view(&self, world: &World) -> Value {
        json!({
            "CacheSubnetGroupName": self.name,
            "ARN": self.arn(world),
            "CacheSubnetGroupDescription": self.description,
            "VpcId": self.placement.vpc,
            "Subnets": self.placement.view(world, &json!({ "SupportedNetworkTypes": ["ipv4"] })),
            "SupportedNetworkTypes": ["ipv4"],
        })
    }
}

/// What is said of a group that is not there.
pub(super) fn absent(name: &str) -> Refusal {
    let words = format!("Cache Subnet Group {name} does not exist.");
    Refusal::absent("CacheSubnetGroupNotFoundFault", words)
}

pub(super) fn create(world: &mut World, params: &Params) -> Answer {
    let name = params.text("CacheSubnetGroupName")?.to_lowercase();
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if name.is_empty() || name.len() > 255 || name == "default" || !name.chars().all(allowed) {
        let why = "It must contain letters, numbers or hyphens, and not be default.";
        return Err(params.invalid("CacheSubnetGroupName", name, why));
    }
    let description = params.text("CacheSubnetGroupDescription")?.to_owned();
    if description.is_empty() {
        return Err(params.missing("CacheSubnetGroupDescription"));
    }
    let placement = Placement::read(world, params)?;
    let tags = tags::read(params, "Tags", "Key", "Value")?;
    if world.elasticache.subnet_groups.contains_key(&name) {
        let words = format!("Cache subnet group {name} already exists.");
        return Err(Refusal::illegal("CacheSubnetGroupAlreadyExists", words));
    }
    let group = CacheSubnetGroup { name: name.clone(), tags, placement, description, created: world.now };
    let view = group.view(world);
    world.elasticache.subnet_groups.insert(name, group);
    Ok(json!({ "CacheSubnetGroup": view }))
}

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    let name = params.text_if("CacheSubnetGroupName")?.map(str::to_lowercase);
    let visible = world.elasticache.subnet_groups.values().filter(|group| !world.hides(group.created));
    let asked = visible.filter(|group| name.as_ref().is_none_or(|name| *name == group.name));
    let views: Vec<_> = asked.map(|group| (group.name.clone(), group.view(world))).collect();
    match name {
        Some(name) if views.is_empty() => Err(absent(&name)),
        _ => PAGING.answer(params, "CacheSubnetGroups", views),
    }
}

pub(super) fn modify(world: &mut World, params: &Params) -> Answer {
    let name = params.text("CacheSubnetGroupName")?.to_lowercase();
    let mut group = world.elasticache.subnet_groups.get(&name).ok_or_else(|| absent(&name))?.clone();
    if let Some(description) = params.text_if("CacheSubnetGroupDescription")? {
        description.clone_into(&mut group.description);
    }
    if params.has("SubnetIds") {
        let placement = Placement::read(world, params)?;
        if placement.vpc != group.placement.vpc {
            let words = "The new subnets are not in the same VPC as the existing subnet group.";
            return Err(Refusal::illegal("InvalidSubnet", words));
        }
        let users = world.elasticache.replication_groups.values().filter(|user| user.subnet_group == name);
        let holders: Vec<String> = users
            .flat_map(|user| user.capacity.nodes.iter().map(|node| user.cluster_arn(world, *node)))
            .collect();
        let is_holder = |holder: &str| holders.iter().any(|known| known == holder);
        if let Some(subnet) = group.placement.used_and_dropped(&placement, world, is_holder) {
            let words = format!("The subnet {subnet} is in use by a cache cluster.");
            return Err(Refusal::blocked("SubnetInUse", words));
        }
        group.placement = placement;
    }
    let view = group.view(world);
    world.elasticache.subnet_groups.insert(name, group);
    Ok(json!({ "CacheSubnetGroup": view }))
}

pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let name = params.text("CacheSubnetGroupName")?.to_lowercase();
    if !world.elasticache.subnet_groups.contains_key(&name) {
        return Err(absent(&name));
    }
    if world.elasticache.replication_groups.values().any(|user| user.subnet_group == name) {
        let words = format!("Cache subnet group {name} is currently in use by a cache cluster.");
        return Err(Refusal::blocked("CacheSubnetGroupInUse", words));
    }
    world.elasticache.subnet_groups.remove(&name);
    Ok(Value::Null)
}
