//! DB subnet groups.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::PAGING;
use super::account_quota::Quota;
use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::placement::Placement;
use crate::tags::{self, Tags};
use crate::world::World;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DbSubnetGroup {
    pub(crate) name: String,
    pub(crate) tags: Tags,
    pub(crate) placement: Placement,
    description: String,
    created: f64,
}

impl DbSubnetGroup {
    pub(super) fn arn(&self, world: &World) -> String {
        world.arn("rds", &format!("subgrp:{}", self.name))
    }

    pub(super) fn view(&self, world: &World) -> Value {
        json!({
            "DBSubnetGroupName": self.name,
            "DBSubnetGroupArn": self.arn(world),
            "DBSubnetGroupDescription": self.description,
            "VpcId": self.placement.vpc,
            "SubnetGroupStatus": "Complete",
            "Subnets": self.placement.view(world, &json!({ "SubnetStatus": "Active" })),
            "SupportedNetworkTypes": ["IPV4"],
        })
    }
}

/// What is said of a group that is not there.
pub(super) fn absent(name: &str) -> Refusal {
    Refusal::absent("DBSubnetGroupNotFoundFault", format!("DBSubnetGroup '{name}' not found.")).status(404)
}

fn read_placement(world: &World, params: &Params) -> Result<Placement, Refusal> {
    let placement = Placement::read(world, params)?;
    let zones: Vec<String> = placement.zones(world).into_keys().collect();
    if zones.len() < 2 {
        let words = format!(
            "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: {}. \
             Add subnets to cover at least 2 AZs.",
            zones.join(", ")
        );
        return Err(Refusal::illegal("DBSubnetGroupDoesNotCoverEnoughAZs", words));
    }
    Ok(placement)
}

pub(super) fn create(world: &mut World, params: &Params) -> Answer {
    let name = params.text("DBSubnetGroupName")?.to_lowercase();
    let allowed = |c: char| c.is_ascii_alphanumeric() || " ._-".contains(c);
    if name.is_empty() || name.len() > 255 || name == "default" || !name.chars().all(allowed) {
        let why =
            "It must contain letters, numbers, periods, underscores, spaces or hyphens, and not be default.";
        return Err(params.invalid("DBSubnetGroupName", name, why));
    }
    let description = params.text("DBSubnetGroupDescription")?.to_owned();
    if description.is_empty() {
        return Err(params.missing("DBSubnetGroupDescription"));
    }
    let placement = read_placement(world, params)?;
    let tags = tags::read(params, "Tags", "Key", "Value")?;
    if world.rds.subnet_groups.contains_key(&name) {
        let words = format!("The DB subnet group '{name}' already exists.");
        return Err(Refusal::illegal("DBSubnetGroupAlreadyExists", words));
    }
    Quota::SubnetGroups.check(world)?;
    let group = DbSubnetGroup { name: name.clone(), tags, placement, description, created: world.now };
    let view = group.view(world);
    world.rds.subnet_groups.insert(name, group);
    Ok(json!({ "DBSubnetGroup": view }))
}

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    let name = params.text_if("DBSubnetGroupName")?.map(str::to_lowercase);
    let visible = world.rds.subnet_groups.values().filter(|group| !world.hides(group.created));
    let asked = visible.filter(|group| name.as_ref().is_none_or(|name| *name == group.name));
    let views: Vec<_> = asked.map(|group| (group.name.clone(), group.view(world))).collect();
    match name {
        Some(name) if views.is_empty() => Err(absent(&name)),
        _ => PAGING.answer(params, "DBSubnetGroups", views),
    }
}

pub(super) fn modify(world: &mut World, params: &Params) -> Answer {
    let name = params.text("DBSubnetGroupName")?.to_lowercase();
    let mut group = world.rds.subnet_groups.get(&name).ok_or_else(|| absent(&name))?.clone();
    let placement = read_placement(world, params)?;
    if placement.vpc != group.placement.vpc {
        let words = "The new subnets are not in the same VPC as the existing subnet group.";
        return Err(Refusal::illegal("InvalidSubnet", words));
    }
    let instances = world.rds.instances.values().filter(|instance| instance.subnet_group == name);
    let holders: Vec<String> =
        instances.flat_map(|instance| [instance.arn(world), instance.standby(world)]).collect();
    let is_holder = |holder: &str| holders.iter().any(|known| known == holder);
    if let Some(subnet) = group.placement.used_and_dropped(&placement, world, is_holder) {
        let words = format!("The subnet {subnet} is in use by a DB instance.");
        return Err(Refusal::blocked("SubnetAlreadyInUse", words));
    }
    group.placement = placement;
    if let Some(description) = params.text_if("DBSubnetGroupDescription")? {
        group.description = description.to_owned();
    }
    let view = group.view(world);
    world.rds.subnet_groups.insert(name, group);
    Ok(json!({ "DBSubnetGroup": view }))
}

pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let name = params.text("DBSubnetGroupName")?.to_lowercase();
    if !world.rds.subnet_groups.contains_key(&name) {
        return Err(absent(&name));
    }
    if let Some(user) = world.rds.instances.values().find(|instance| instance.subnet_group == name) {
        let words = format!(
            "Cannot delete the subnet group '{name}' because at least one database instance: {} is still using it.",
            user.id
        );
        return Err(Refusal::blocked("InvalidDBSubnetGroupStateFault", words));
    }
    world.rds.subnet_groups.remove(&name);
    Ok(Value::Null)
}
