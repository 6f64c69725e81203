//! Web ACLs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::entity::{self, Entity};
use super::{nonexistent, rule};
use crate::call::{Answer, Refusal};
use crate::duration;
use crate::params::Params;
use crate::world::World;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct WebAcl {
    #[serde(flatten)]
    pub(super) entity: Entity,
    content: Content,
}

/// What an update replaces.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Content {
    description: Option<String>,
    default_action: Value,
    rules: Vec<Value>,
    visibility: Value,
    capacity: i64,
}

impl AsRef<Entity> for WebAcl {
    fn as_ref(&self) -> &Entity {
        &self.entity
    }
}

impl WebAcl {
    pub(super) fn rules(&self) -> &[Value] {
        &self.content.rules
    }

    pub(super) fn view(&self) -> Value {
        json!({
            "Name": self.entity.name,
            "Id": self.entity.id,
            "ARN": self.entity.arn,
            "DefaultAction": self.content.default_action,
            "Description": self.content.description.as_deref().unwrap_or_default(),
            "Rules": self.content.rules,
            "VisibilityConfig": self.content.visibility,
            "Capacity": self.content.capacity,
            "ManagedByFirewallManager": false,
            "LabelNamespace": format!("awswaf:{}:webacl:{}:", self.account(), self.entity.name),
        })
    }

    fn summary(&self) -> Value {
        self.entity.summary(self.content.description.as_deref())
    }

    fn account(&self) -> &str {
        self.entity.arn.split(':').nth(4).unwrap_or_default()
    }
}

fn all(world: &World) -> &BTreeMap<String, WebAcl> {
    &world.wafv2.web_acls
}

fn read_content(world: &World, params: &Params) -> Result<Content, Refusal> {
    let description = entity::read_description(params)?;
    let action = params.value("DefaultAction").ok_or_else(|| params.missing("DefaultAction"))?;
    if *action != json!({ "Allow": {} }) && *action != json!({ "Block": {} }) {
        return Err(params.invalid("DefaultAction", action, "The sandbox models plain Allow and Block."));
    }
    let (rules, capacity) = rule::read(world, params)?;
    let visibility = rule::visibility(params)?;
    Ok(Content { description, default_action: action.clone(), rules, visibility, capacity })
}

pub(super) fn create(world: &mut World, params: &Params) -> Answer {
    entity::check_scope(params)?;
    let content = read_content(world, params)?;
    let propagation = world.takes(duration::WEB_ACL_PROPAGATION);
    let entity = Entity::create(world, params, "webacl", all, propagation)?;
    let acl = WebAcl { entity, content };
    let summary = acl.summary();
    world.wafv2.web_acls.insert(acl.entity.arn.clone(), acl);
    Ok(json!({ "Summary": summary }))
}

pub(super) fn get(world: &World, params: &Params) -> Answer {
    let acl = match params.text_if("ARN")? {
        Some(arn) => all(world).get(arn).ok_or_else(nonexistent)?,
        None => entity::named(all(world), params)?,
    };
    if world.hides(acl.entity.created) {
        return Err(nonexistent());
    }
    Ok(json!({ "WebACL": acl.view(), "LockToken": acl.entity.lock_token }))
}

pub(super) fn list(world: &World, params: &Params) -> Answer {
    let visible = all(world).values().filter(|acl| !world.hides(acl.entity.created));
    entity::list(params, "WebACLs", visible.map(|acl| (acl.entity.arn.clone(), acl.summary())).collect())
}

pub(super) fn update(world: &mut World, params: &Params) -> Answer {
    let arn = entity::locked(all(world), params)?;
    let content = read_content(world, params)?;
    let token = world.uuid();
    let acl = world.wafv2.web_acls.get_mut(&arn).ok_or_else(nonexistent)?;
    let before = std::mem::replace(&mut acl.content, content);
    acl.entity.lock_token.clone_from(&token);
    release_ip_sets(world, &before.rules);
    Ok(json!({ "NextLockToken": token }))
}

pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let arn = entity::locked(all(world), params)?;
    let is_associated = world.wafv2.associations.values().any(|association| association.web_acl == arn);
    if is_associated || all(world).get(&arn).is_some_and(|acl| acl.entity.held_until > world.now) {
        return Err(entity::associated());
    }
    let acl = world.wafv2.web_acls.remove(&arn);
    release_ip_sets(world, acl.as_ref().map_or(&[], WebAcl::rules));
    Ok(Value::Null)
}

/// Notes that these rules no longer use their IP sets. Those of a web ACL that goes on using them are held anyway.
fn release_ip_sets(world: &mut World, rules: &[Value]) {
    for arn in rule::ip_sets(rules) {
        let until = entity::released(world);
        if let Some(set) = world.wafv2.ip_sets.get_mut(arn) {
            set.entity.release(until);
        }
    }
}
