//! DB parameter groups, and how far their instances follow them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::account_quota::Quota;
use super::{PAGING, engine, parameter};
use crate::call::{Answer, Refusal};
use crate::duration;
use crate::params::Params;
use crate::tags::{self, Tags};
use crate::timeline::Timeline;
use crate::world::World;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DbParameterGroup {
    pub(crate) name: String,
    pub(crate) tags: Tags,
    pub(super) family: String,
    description: String,
    /// The parameters that somebody set.
    parameters: BTreeMap<String, String>,
    created: f64,
}

impl DbParameterGroup {
    fn view(&self, world: &World) -> Value {
        json!({
            "DBParameterGroupName": self.name,
            "DBParameterGroupArn": world.arn("rds", &format!("pg:{}", self.name)),
            "DBParameterGroupFamily": self.family,
            "Description": self.description,
        })
    }
}

/// What is said of a group that is not there.
pub(super) fn absent(name: &str) -> Refusal {
    Refusal::absent("DBParameterGroupNotFound", format!("DBParameterGroup not found: {name}")).status(404)
}

/// The group that a request to change it names.
fn find(world: &World, params: &Params) -> Result<DbParameterGroup, Refusal> {
    let name = params.text("DBParameterGroupName")?.to_lowercase();
    if name.starts_with("default.") {
        let words = format!("The parameter group {name} is a default one, and cannot be changed.");
        return Err(Refusal::illegal("InvalidDBParameterGroupState", words));
    }
    world.rds.parameter_groups.get(&name).cloned().ok_or_else(|| absent(&name))
}

pub(super) fn create(world: &mut World, params: &Params) -> Answer {
    let name = engine::identifier(params, "DBParameterGroupName")?;
    let family = params.text("DBParameterGroupFamily")?.to_owned();
    if !engine::is_family(&family) {
        return Err(params.invalid("DBParameterGroupFamily", family, "It is not a family."));
    }
    let description = params.text("Description")?.to_owned();
    if description.is_empty() {
        return Err(params.missing("Description"));
    }
    let tags = tags::read(params, "Tags", "Key", "Value")?;
    if world.rds.parameter_groups.contains_key(&name) {
        let words = format!("Parameter group {name} already exists");
        return Err(Refusal::illegal("DBParameterGroupAlreadyExists", words));
    }
    Quota::ParameterGroups.check(world)?;
    let (parameters, created) = (BTreeMap::new(), world.now);
    let group = DbParameterGroup { name: name.clone(), tags, family, description, parameters, created };
    let view = group.view(world);
    world.rds.parameter_groups.insert(name, group);
    Ok(json!({ "DBParameterGroup": view }))
}

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    let name = params.text_if("DBParameterGroupName")?.map(str::to_lowercase);
    let visible = world.rds.parameter_groups.values().filter(|group| !world.hides(group.created));
    let asked = visible.filter(|group| name.as_ref().is_none_or(|name| *name == group.name));
    let views: Vec<_> = asked.map(|group| (group.name.clone(), group.view(world))).collect();
    match name {
        Some(name) if views.is_empty() => Err(absent(&name)),
        _ => PAGING.answer(params, "DBParameterGroups", views),
    }
}

/// The parameters of a group, or those of them that somebody set.
pub(super) fn describe_parameters(world: &World, params: &Params) -> Answer {
    let name = params.text("DBParameterGroupName")?.to_lowercase();
    let group = world.rds.parameter_groups.get(&name).filter(|group| !world.hides(group.created));
    let group = group.ok_or_else(|| absent(&name))?;
    let source = params.text_if("Source")?;
    let views = parameter::all().map(|known| known.view(group.parameters.get(known.name)));
    let asked = views.filter(|view| source.is_none_or(|source| view["Source"] == source));
    let named = asked.map(|view| (view["ParameterName"].as_str().unwrap_or_default().to_owned(), view));
    PAGING.answer(params, "Parameters", named.collect())
}

pub(super) fn modify(world: &mut World, params: &Params) -> Answer {
    let mut group = find(world, params)?;
    let mut reboots = false;
    for change in parameter::changes(params)? {
        let value = change.value.ok_or_else(|| params.missing("ParameterValue"))?;
        change.known.check(&value)?;
        reboots |= change.reboots;
        group.parameters.insert(change.known.name.to_owned(), value);
    }
    Ok(finish(world, group, reboots))
}

pub(super) fn reset(world: &mut World, params: &Params) -> Answer {
    let mut group = find(world, params)?;
    if params.flag("ResetAllParameters")? == Some(true) {
        return Err(params.invalid("ResetAllParameters", true, "The sandbox does not model this."));
    }
    let mut reboots = false;
    for change in parameter::changes(params)? {
        reboots |= change.reboots;
        group.parameters.remove(change.known.name);
    }
    Ok(finish(world, group, reboots))
}

/// Keeps the changed group, and lets the instances that use it follow.
fn finish(world: &mut World, group: DbParameterGroup, reboots: bool) -> Value {
    let users: Vec<String> = users(world, &group.name).collect();
    for id in users {
        let length = world.takes(duration::DB_PARAMETERS_APPLY);
        let now = world.now;
        if let Some(instance) = world.rds.instances.get_mut(&id) {
            let waits = reboots || instance.parameters.state(now) == "pending-reboot";
            instance.parameters = applying(now, length, waits);
        }
    }
    let name = group.name.clone();
    world.rds.parameter_groups.insert(name.clone(), group);
    json!({ "DBParameterGroupName": name })
}

/// How an instance takes on parameters: wholly, or as far as that goes without a reboot.
pub(super) fn applying(now: f64, length: f64, waits: bool) -> Timeline {
    Timeline::begin(now, "applying").then(length, if waits { "pending-reboot" } else { "in-sync" })
}

fn users(world: &World, name: &str) -> impl Iterator<Item = String> {
    let users = world.rds.instances.values().filter(move |it| it.settings.parameter_group == name);
    users.map(|instance| instance.id.clone())
}

pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let group = find(world, params)?;
    if users(world, &group.name).next().is_some() {
        let words = "One or more database instances are still members of this parameter group, so the group cannot be \
                     deleted.";
        return Err(Refusal::blocked("InvalidDBParameterGroupState", words));
    }
    world.rds.parameter_groups.remove(&group.name);
    Ok(Value::Null)
}
