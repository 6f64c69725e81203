//! Cache parameter groups, and the parameters of Redis that the sandbox knows: enough of each sort to be held to
//! ElastiCache's rules.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{PAGING, engine};
use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::tags::{self, Tags};
use crate::world::World;

/// How many parameters one call may change.
const AT_ONCE: usize = 20;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CacheParameterGroup {
    pub(crate) name: String,
    pub(crate) tags: Tags,
    pub(super) family: String,
    description: String,
    /// The parameters that somebody set.
    parameters: BTreeMap<String, String>,
    created: f64,
}

/// When a change of a parameter comes into force.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Immediate,
    Reboot,
    /// Never: ElastiCache keeps it for itself.
    Fixed,
}

use Change::{Fixed, Immediate, Reboot};

/// Name, when it comes into force, default, and the values that it takes; none for any.
static PARAMETERS: &[(&str, Change, &str, &[&str])] = &[
    ("activedefrag", Immediate, "no", &["yes", "no"]),
    ("activerehashing", Reboot, "yes", &["yes", "no"]),
    ("appendonly", Fixed, "no", &["yes", "no"]),
    ("cluster-enabled", Fixed, "no", &["yes", "no"]),
    ("databases", Reboot, "16", &[]),
    ("lazyfree-lazy-eviction", Immediate, "no", &["yes", "no"]),
    (
        "maxmemory-policy",
        Immediate,
        "volatile-lru",
        &["volatile-lru", "allkeys-lru", "volatile-lfu", "allkeys-lfu", "volatile-ttl", "noeviction"],
    ),
    ("maxmemory-samples", Immediate, "3", &[]),
    ("notify-keyspace-events", Immediate, "", &[]),
    ("slowlog-log-slower-than", Immediate, "10000", &[]),
    ("slowlog-max-len", Immediate, "128", &[]),
    ("tcp-keepalive", Immediate, "300", &[]),
    ("timeout", Immediate, "0", &[]),
];

impl CacheParameterGroup {
    fn view(&self, world: &World) -> Value {
        json!({
            "CacheParameterGroupName": self.name,
            "CacheParameterGroupFamily": self.family,
            "Description": self.description,
            "IsGlobal": false,
            "ARN": world.arn("elasticache", &format!("parametergroup:{}", self.name)),
        })
    }

    /// Whether it says anything that comes into force with a reboot only.
    pub(super) fn reboots(&self) -> bool {
        let reboot =
            |name: &&str| PARAMETERS.iter().any(|(known, change, ..)| known == name && *change == Reboot);
        self.parameters.keys().any(|name| reboot(&name.as_str()))
    }
}

/// What is said of a group that is not there.
pub(super) fn absent(name: &str) -> Refusal {
    Refusal::absent("CacheParameterGroupNotFound", format!("CacheParameterGroup not found: {name}"))
        .status(404)
}

/// The group that a request to change it names.
fn find(world: &World, params: &Params) -> Result<CacheParameterGroup, Refusal> {
    let name = params.text("CacheParameterGroupName")?.to_lowercase();
    if name.starts_with("default.") {
        let words = format!("The parameter group {name} is a default one, and cannot be changed.");
        return Err(Refusal::illegal("InvalidCacheParameterGroupState", words));
    }
    world.elasticache.parameter_groups.get(&name).cloned().ok_or_else(|| absent(&name))
}

pub(super) fn create(world: &mut World, params: &Params) -> Answer {
    let given = params.text("CacheParameterGroupName")?;
    let name = engine::identifier(given, 255).ok_or_else(|| {
        params.invalid("CacheParameterGroupName", given, "It must be letters, digits and single hyphens.")
    })?;
    let family = params.text("CacheParameterGroupFamily")?.to_owned();
    if !engine::is_family(&family) {
        return Err(params.invalid("CacheParameterGroupFamily", family, "It is not a family."));
    }
    let description = params.text("Description")?.to_owned();
    if description.is_empty() {
        return Err(params.missing("Description"));
    }
    let tags = tags::read(params, "Tags", "Key", "Value")?;
    if world.elasticache.parameter_groups.contains_key(&name) {
        let words = format!("CacheParameterGroup {name} already exists.");
        return Err(Refusal::illegal("CacheParameterGroupAlreadyExists", words));
    }
    let (parameters, created) = (BTreeMap::new(), world.now);
    let group = CacheParameterGroup { name: name.clone(), tags, family, description, parameters, created };
    let view = group.view(world);
    world.elasticache.parameter_groups.insert(name, group);
    Ok(json!({ "CacheParameterGroup": view }))
}

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    let name = params.text_if("CacheParameterGroupName")?.map(str::to_lowercase);
    let visible = world.elasticache.parameter_groups.values().filter(|group| !world.hides(group.created));
    let asked = visible.filter(|group| name.as_ref().is_none_or(|name| *name == group.name));
    let views: Vec<_> = asked.map(|group| (group.name.clone(), group.view(world))).collect();
    match name {
        Some(name) if views.is_empty() => Err(absent(&name)),
        _ => PAGING.answer(params, "CacheParameterGroups", views),
    }
}

/// The parameters of a group, or those of them that somebody set.
pub(super) fn describe_parameters(world: &World, params: &Params) -> Answer {
    let name = params.text("CacheParameterGroupName")?.to_lowercase();
    let group = world.elasticache.parameter_groups.get(&name).filter(|group| !world.hides(group.created));
    let group = group.ok_or_else(|| absent(&name))?;
    let source = params.text_if("Source")?;
    let view = |(name, change, default, allowed): &(&str, Change, &str, &[&str])| {
        let set = group.parameters.get(*name).map(String::as_str);
        json!({
            "ParameterName": name,
            "ParameterValue": set.unwrap_or(default),
            "Source": if set.is_some() { "user" } else { "system" },
            "ChangeType": if *change == Reboot { "requires-reboot" } else { "immediate" },
            "AllowedValues": if allowed.is_empty() { Value::Null } else { json!(allowed.join(",")) },
            "IsModifiable": *change != Fixed,
        })
    };
    let views = PARAMETERS.iter().map(|known| (known.0.to_owned(), view(known)));
    let asked = views.filter(|(_, view)| source.is_none_or(|source| view["Source"] == source));
    PAGING.answer(params, "Parameters", asked.collect())
}

pub(super) fn modify(world: &mut World, params: &Params) -> Answer {
    change(world, params, |group, name, asked| {
        let value = asked.text("ParameterValue")?;
        let allowed = PARAMETERS.iter().find(|known| known.0 == name).map_or(&[][..], |known| known.3);
        if !allowed.is_empty() && !allowed.contains(&value) {
            let words =
                format!("The value {value} for parameter {name} is not one of {}.", allowed.join(","));
            return Err(Refusal::illegal("InvalidParameterValue", words));
        }
        group.parameters.insert(name.to_owned(), value.to_owned());
        Ok(())
    })
}

pub(super) fn reset(world: &mut World, params: &Params) -> Answer {
    if params.flag("ResetAllParameters")? == Some(true) {
        return Err(params.invalid("ResetAllParameters", true, "The sandbox does not model this."));
    }
    change(world, params, |group, name, asked| {
        // A value may be given, and means nothing.
        asked.ignore(&["ParameterValue"]);
        group.parameters.remove(name);
        Ok(())
    })
}

/// Changes a group by each of the parameters that a request names, and lets the nodes that use it follow.
fn change(
    world: &mut World,
    params: &Params,
    mut one: impl FnMut(&mut CacheParameterGroup, &str, &Params) -> Result<(), Refusal>,
) -> Answer {
    let mut group = find(world, params)?;
    let asked = params.objects("ParameterNameValues")?;
    if asked.is_empty() {
        return Err(params.missing("ParameterNameValues"));
    }
    if asked.len() > AT_ONCE {
        let words = format!("The request must have at most {AT_ONCE} parameters.");
        return Err(Refusal::illegal("InvalidParameterValue", words));
    }
    let mut reboots = false;
    for asked in &asked {
        let name = asked.text("ParameterName")?;
        let known = PARAMETERS.iter().find(|known| known.0 == name).map(|known| known.1);
        match known {
            None | Some(Fixed) => {
                let words = format!("The parameter {name} does not exist or cannot be modified.");
                return Err(Refusal::illegal("InvalidParameterCombination", words));
            }
            Some(known) => reboots |= known == Reboot,
        }
        one(&mut group, name, asked)?;
    }
    let users = world.elasticache.replication_groups.values_mut();
    for user in users.filter(|user| reboots && user.capacity.parameter_group == group.name) {
        user.to_reboot.extend(user.capacity.nodes.iter().copied());
    }
    let name = group.name.clone();
    world.elasticache.parameter_groups.insert(name.clone(), group);
    Ok(json!({ "CacheParameterGroupName": name }))
}

pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let group = find(world, params)?;
    let mut users = world.elasticache.replication_groups.values();
    let uses = |user: &crate::elasticache::ReplicationGroup| {
        let coming = user.pending.as_ref().map(|pending| pending.capacity.parameter_group.as_str());
        user.capacity.parameter_group == group.name || coming == Some(&group.name)
    };
    if users.any(uses) {
        let words = "One or more cache clusters are still members of this parameter group, so the group cannot be deleted.";
        return Err(Refusal::blocked("InvalidCacheParameterGroupState", words));
    }
    world.elasticache.parameter_groups.remove(&group.name);
    Ok(Value::Null)
}
