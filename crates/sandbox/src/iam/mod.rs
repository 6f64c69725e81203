//! IAM: roles with their policies. It is one for all regions.

mod account_summary;
pub(crate) mod authorization;
mod document;
mod managed_policy;
mod role;
mod role_policy;
mod simulation;
mod tagging;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::call::{Answer, Refusal};
use crate::page::Paging;
use crate::params::Params;
use crate::service::{Dialect, Operation, Protocol, Service, mutates, reads};
use crate::world::World;

pub(crate) use role::Role;

pub(crate) static SERVICE: Service = Service {
    name: "iam",
    protocol: Protocol::AwsQuery { namespace: "https://iam.amazonaws.com/doc/2010-05-08/", item: element },
    dialect: &Dialect {
        missing: "ValidationError",
        invalid: "ValidationError",
        internal: "ServiceFailure",
        ..Dialect::QUERY
    },
    operations: OPERATIONS,
    settle: |_| (),
    references: |_| Vec::new(),
};

static OPERATIONS: &[Operation] = &[
    reads("GetAccountSummary", account_summary::get),
    reads("SimulatePrincipalPolicy", simulation::simulate),
    mutates("CreateRole", role::create),
    reads("GetRole", role::get),
    reads("ListRoles", role::list),
    mutates("UpdateRole", role::update),
    mutates("UpdateAssumeRolePolicy", role::update_assume_role_policy),
    reads("ListInstanceProfilesForRole", role::list_instance_profiles),
    mutates("DeleteRole", role::delete),
    mutates("TagRole", tagging::tag),
    mutates("UntagRole", tagging::untag),
    reads("ListRoleTags", tagging::list),
    mutates("AttachRolePolicy", managed_policy::attach),
    mutates("DetachRolePolicy", managed_policy::detach),
    reads("ListAttachedRolePolicies", managed_policy::list),
    mutates("PutRolePolicy", role_policy::put),
    reads("GetRolePolicy", role_policy::get),
    reads("ListRolePolicies", role_policy::list),
    mutates("DeleteRolePolicy", role_policy::delete),
];

/// What IAM calls the elements of its lists; a map is a list of entries.
fn element(list: &str) -> &'static str {
    if list == "SummaryMap" { "entry" } else { "member" }
}

/// Everything of IAM.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Iam {
    /// Roles by name.
    pub(crate) roles: BTreeMap<String, Role>,
}

const PAGING: Paging = Paging { limit: "MaxItems", smallest: 1, largest: 1000, token: "Marker" };

/// One page of a list, in IAM's form.
fn page(params: &Params, list: &str, items: Vec<(String, Value)>) -> Answer {
    let mut answer = PAGING.answer(params, list, items)?;
    answer["IsTruncated"] = json!(!answer["Marker"].is_null());
    Ok(answer)
}

/// The role that `RoleName` names, as far as it is visible yet.
fn find<'a>(world: &'a World, params: &Params) -> Result<&'a Role, Refusal> {
    let name = params.text("RoleName")?;
    let role = world.iam.roles.get(name).filter(|role| !world.hides(role.created));
    role.ok_or_else(|| absent_role(name))
}

/// The role that `RoleName` names, to change it.
fn find_mut<'a>(world: &'a mut World, params: &Params) -> Result<&'a mut Role, Refusal> {
    let name = params.text("RoleName")?;
    world.iam.roles.get_mut(name).ok_or_else(|| absent_role(name))
}

fn absent_role(name: &str) -> Refusal {
    absent(format!("The role with name {name} cannot be found."))
}

fn absent(words: String) -> Refusal {
    Refusal::absent("NoSuchEntity", words).status(404)
}
