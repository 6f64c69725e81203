//! Roles.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{account_summary, document, find, find_mut, page};
use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::tags::{self, Tags};
use crate::world::{World, timestamp};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Role {
    pub(crate) name: String,
    pub(crate) tags: Tags,
    /// ARNs of attached managed policies.
    pub(super) attached: BTreeSet<String>,
    /// Inline policies by name.
    pub(super) policies: BTreeMap<String, String>,
    pub(super) created: f64,
    id: String,
    path: String,
    description: Option<String>,
    pub(super) trust: String,
    max_session_seconds: i64,
}

impl Role {
    pub(super) fn arn(&self, world: &World) -> String {
        format!("arn:aws:iam::{}:role{}{}", world.account, self.path, self.name)
    }

    /// Whether it has spread so far that services can act in its name.
    pub(crate) fn can_be_assumed(&self, world: &World) -> bool {
        self.created + world.faults.propagation_seconds <= world.now
    }

    /// The role as lists show it, which leaves its tags out.
    fn view(&self, world: &World) -> Value {
        json!({
            "RoleName": self.name,
            "RoleId": self.id,
            "Arn": self.arn(world),
            "Path": self.path,
            "CreateDate": timestamp(self.created),
            "AssumeRolePolicyDocument": document::encoded(&self.trust),
            "Description": self.description,
            "MaxSessionDuration": self.max_session_seconds,
        })
    }

    fn whole_view(&self, world: &World) -> Value {
        let mut view = self.view(world);
        view["Tags"] = tags::upper(&self.tags);
        view["RoleLastUsed"] = json!({});
        view
    }
}

pub(super) fn create(world: &mut World, params: &Params) -> Answer {
    let name = params.text("RoleName")?.to_owned();
    check_name(params, "RoleName", &name, 64)?;
    let path = params.text_if("Path")?.unwrap_or("/").to_owned();
    if !path.starts_with('/') || !path.ends_with('/') || path.len() > 512 {
        return Err(params.invalid("Path", path, "It must begin and end with / and contain only ASCII."));
    }
    let trust = params.text("AssumeRolePolicyDocument")?.to_owned();
    document::check_trust(world, &trust)?;
    let description = params.text_if("Description")?.filter(|text| !text.is_empty()).map(str::to_owned);
    let max_session_seconds = read_session(params)?.unwrap_or(3600);
    let tags = tags::read(params, "Tags", "Key", "Value")?;
    // Names are unique without regard to case and path.
    if world.iam.roles.keys().any(|other| other.eq_ignore_ascii_case(&name)) {
        let words = format!("Role with name {name} already exists.");
        return Err(Refusal::illegal("EntityAlreadyExists", words).status(409));
    }
    account_summary::check_roles(world)?;
    let role = Role {
        name: name.clone(),
        tags,
        attached: BTreeSet::new(),
        policies: BTreeMap::new(),
        created: world.now,
        id: format!("AROA0{}", world.hex().to_uppercase()),
        path,
        description,
        trust,
        max_session_seconds,
    };
    let view = role.whole_view(world);
    world.iam.roles.insert(name, role);
    Ok(json!({ "Role": view }))
}

/// Refuses what IAM does not take as a name.
pub(super) fn check_name(
    params: &Params,
    parameter: &str,
    name: &str,
    longest: usize,
) -> Result<(), Refusal> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    if name.is_empty() || name.len() > longest || !name.chars().all(allowed) {
        let why = format!("It must match [\\w+=,.@-]+ and have at most {longest} characters.");
        return Err(params.invalid(parameter, name, &why));
    }
    Ok(())
}

fn read_session(params: &Params) -> Result<Option<i64>, Refusal> {
    let seconds = params.number("MaxSessionDuration")?;
    match seconds {
        Some(seconds) if !(3600..=43_200).contains(&seconds) => {
            Err(params.invalid("MaxSessionDuration", seconds, "It must lie between 3600 and 43200."))
        }
        _ => Ok(seconds),
    }
}

pub(super) fn get(world: &World, params: &Params) -> Answer {
    Ok(json!({ "Role": find(world, params)?.whole_view(world) }))
}

pub(super) fn list(world: &World, params: &Params) -> Answer {
    let prefix = params.text_if("PathPrefix")?.unwrap_or("/");
    let visible = world.iam.roles.values().filter(|role| !world.hides(role.created));
    let asked = visible.filter(|role| role.path.starts_with(prefix));
    page(params, "Roles", asked.map(|role| (role.name.clone(), role.view(world))).collect())
}

pub(super) fn update(world: &mut World, params: &Params) -> Answer {
    let description = params.text_if("Description")?;
    let session = read_session(params)?;
    let role = find_mut(world, params)?;
    if let Some(description) = description {
        role.description = Some(description.to_owned()).filter(|text| !text.is_empty());
    }
    // AWS sets what is left out back to its default.
    role.max_session_seconds = session.unwrap_or(3600);
    Ok(Value::Null)
}

pub(super) fn update_assume_role_policy(world: &mut World, params: &Params) -> Answer {
    let trust = params.text("PolicyDocument")?;
    document::check_trust(world, trust)?;
    find_mut(world, params)?.trust = trust.to_owned();
    Ok(Value::Null)
}

/// There are no instance profiles here, so no role is in one.
pub(super) fn list_instance_profiles(world: &World, params: &Params) -> Answer {
    find(world, params)?;
    page(params, "InstanceProfiles", Vec::new())
}

pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let role = find_mut(world, params)?;
    let held = match (role.attached.is_empty(), role.policies.is_empty()) {
        (false, _) => Some("Cannot delete entity, must detach all policies first."),
        (true, false) => Some("Cannot delete entity, must delete policies first."),
        (true, true) => None,
    };
    if let Some(words) = held {
        return Err(Refusal::blocked("DeleteConflict", words).status(409));
    }
    let name = role.name.clone();
    world.iam.roles.remove(&name);
    Ok(Value::Null)
}
