//! Which web ACL guards which load balancer.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{entity, nonexistent, unavailable};
use crate::call::Answer;
use crate::params::Params;
use crate::world::World;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Association {
    pub(super) web_acl: String,
}

pub(super) fn associate(world: &mut World, params: &Params) -> Answer {
    let (acl, resource) = (params.text("WebACLArn")?, params.text("ResourceArn")?);
    let guard = world.wafv2.web_acls.get(acl).ok_or_else(nonexistent)?;
    let balancer = world.elbv2.load_balancers.get(resource).ok_or_else(nonexistent)?;
    // The web ACL must have spread through the region, and the load balancer must be up to take it.
    if guard.entity.propagated > world.now || balancer.timeline.state(world.now) != "active" {
        return Err(unavailable());
    }
    let association = Association { web_acl: acl.to_owned() };
    if world.wafv2.associations.get(resource).is_some_and(|before| before.web_acl != acl) {
        forget_resource(world, resource);
    }
    world.wafv2.associations.insert(resource.to_owned(), association);
    Ok(Value::Null)
}

pub(super) fn disassociate(world: &mut World, params: &Params) -> Answer {
    let resource = params.text("ResourceArn")?;
    if !world.elbv2.load_balancers.contains_key(resource) {
        return Err(nonexistent());
    }
    forget_resource(world, resource);
    Ok(Value::Null)
}

/// Ends the association of a resource. For some time the web ACL still cannot be deleted.
pub(crate) fn forget_resource(world: &mut World, resource: &str) {
    let Some(ended) = world.wafv2.associations.remove(resource) else { return };
    let until = entity::released(world);
    if let Some(acl) = world.wafv2.web_acls.get_mut(&ended.web_acl) {
        acl.entity.release(until);
    }
}

pub(super) fn get(world: &World, params: &Params) -> Answer {
    let resource = params.text("ResourceArn")?;
    if !world.elbv2.load_balancers.contains_key(resource) {
        return Err(nonexistent());
    }
    let association = world.wafv2.associations.get(resource);
    let acl = association.and_then(|association| world.wafv2.web_acls.get(&association.web_acl));
    Ok(acl.map_or(Value::Null, |acl| json!({ "WebACL": acl.view() })))
}

pub(super) fn list(world: &World, params: &Params) -> Answer {
    let acl = params.text("WebACLArn")?;
    if !world.wafv2.web_acls.contains_key(acl) {
        return Err(nonexistent());
    }
    match params.text_if("ResourceType")?.unwrap_or("APPLICATION_LOAD_BALANCER") {
        "APPLICATION_LOAD_BALANCER" => {
            let guarded =
                world.wafv2.associations.iter().filter(|(_, association)| association.web_acl == acl);
            Ok(json!({ "ResourceArns": guarded.map(|(resource, _)| resource).collect::<Vec<_>>() }))
        }
        "API_GATEWAY"
        | "APPSYNC"
        | "COGNITO_USER_POOL"
        | "APP_RUNNER_SERVICE"
        | "VERIFIED_ACCESS_INSTANCE"
        | "AMPLIFY" => Ok(json!({ "ResourceArns": [] })),
        other => Err(params.invalid("ResourceType", other, "")),
    }
}
