//! Web ACLs. Every change hands out a new lock token, which the next change must show.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{nonexistent, rule};
use crate::call::{Answer, Refusal};
use crate::duration;
use crate::page;
use crate::params::Params;
use crate::tags::{self, Tags};
use crate::world::World;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct WebAcl {
    pub(super) arn: String,
    pub(super) tags: Tags,
    /// From when on it can be associated.
    pub(super) propagated: f64,
    /// Until when AWS believes it associated although it is not.
    pub(super) held_until: f64,
    id: String,
    name: String,
    lock_token: String,
    content: Content,
    created: f64,
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

impl WebAcl {
    pub(super) fn view(&self) -> Value {
        json!({
            "Name": self.name,
            "Id": self.id,
            "ARN": self.arn,
            "DefaultAction": self.content.default_action,
            "Description": self.content.description.as_deref().unwrap_or_default(),
            "Rules": self.content.rules,
            "VisibilityConfig": self.content.visibility,
            "Capacity": self.content.capacity,
            "ManagedByFirewallManager": false,
            "LabelNamespace": format!("awswaf:{}:webacl:{}:", self.account(), self.name),
        })
    }

    fn summary(&self) -> Value {
        json!({
            "Name": self.name,
            "Id": self.id,
            "ARN": self.arn,
            "Description": self.content.description.as_deref().unwrap_or_default(),
            "LockToken": self.lock_token,
        })
    }

    fn account(&self) -> &str {
        self.arn.split(':').nth(4).unwrap_or_default()
    }
}

fn read_content(params: &Params) -> Result<Content, Refusal> {
    let description = params.text_if("Description")?.map(str::to_owned);
    if let Some(text) = description.as_deref().filter(|text| !is_description(text)) {
        return Err(params.invalid("Description", text, "Its characters or its length are not allowed."));
    }
    let action = params.value("DefaultAction").ok_or_else(|| params.missing("DefaultAction"))?;
    if *action != json!({ "Allow": {} }) && *action != json!({ "Block": {} }) {
        return Err(params.invalid("DefaultAction", action, "The sandbox models plain Allow and Block."));
    }
    let (rules, capacity) = rule::read(params)?;
    let visibility = rule::visibility(params)?;
    Ok(Content { description, default_action: action.clone(), rules, visibility, capacity })
}

/// `^[\w+=:#@/\-,\.][\w+=:#@/\-,\.\s]+[\w+=:#@/\-,\.]$`, up to 256 characters.
fn is_description(text: &str) -> bool {
    let is_solid = |c: char| c.is_ascii_alphanumeric() || "_+=:#@/-,.".contains(c);
    (3..=256).contains(&text.len())
        && text.chars().all(|c| is_solid(c) || c.is_ascii_whitespace())
        && text.starts_with(is_solid)
        && text.ends_with(is_solid)
}

fn check_scope(params: &Params) -> Result<(), Refusal> {
    match params.text("Scope")? {
        "REGIONAL" => Ok(()),
        other => Err(params.invalid("Scope", other, "The sandbox models REGIONAL only.")),
    }
}

pub(super) fn create(world: &mut World, params: &Params) -> Answer {
    check_scope(params)?;
    let name = params.text("Name")?;
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !(1..=128).contains(&name.len()) || !name.chars().all(is_allowed) {
        return Err(params.invalid("Name", name, "Its characters or its length are not allowed."));
    }
    let content = read_content(params)?;
    let tags = tags::read(params, "Tags", "Key", "Value")?;
    if world.wafv2.web_acls.values().any(|existing| existing.name == name) {
        let words = "AWS WAF couldn\u{2019}t perform the operation because some resource in your request \
                     is a duplicate of an existing one.";
        return Err(Refusal::illegal("WAFDuplicateItemException", words));
    }
    let id = world.uuid();
    let acl = WebAcl {
        arn: world.arn("wafv2", &format!("regional/webacl/{name}/{id}")),
        tags,
        propagated: world.now + world.takes(duration::WEB_ACL_PROPAGATION) + world.faults.propagation_seconds,
        held_until: 0.0,
        id,
        name: name.to_owned(),
        lock_token: world.uuid(),
        content,
        created: world.now,
    };
    let summary = acl.summary();
    world.wafv2.web_acls.insert(acl.arn.clone(), acl);
    Ok(json!({ "Summary": summary }))
}

/// The web ACL that a call names by name, scope and id.
fn named<'a>(world: &'a World, params: &Params) -> Result<&'a WebAcl, Refusal> {
    check_scope(params)?;
    let (name, id) = (params.text("Name")?, params.text("Id")?);
    let mut acls = world.wafv2.web_acls.values();
    acls.find(|acl| acl.name == name && acl.id == id).ok_or_else(nonexistent)
}

/// The ARN of the web ACL that a change names, if its lock token is the newest one.
fn locked(world: &World, params: &Params) -> Result<String, Refusal> {
    let acl = named(world, params)?;
    if acl.lock_token == params.text("LockToken")? {
        return Ok(acl.arn.clone());
    }
    let words = "AWS WAF couldn\u{2019}t save your changes because someone changed the resource after you \
                 started to edit it. Reapply your changes.";
    Err(Refusal::blocked("WAFOptimisticLockException", words))
}

pub(super) fn get(world: &World, params: &Params) -> Answer {
    let acl = match params.text_if("ARN")? {
        Some(arn) => world.wafv2.web_acls.get(arn).ok_or_else(nonexistent)?,
        None => named(world, params)?,
    };
    if world.hides(acl.created) {
        return Err(nonexistent());
    }
    Ok(json!({ "WebACL": acl.view(), "LockToken": acl.lock_token }))
}

pub(super) fn list(world: &World, params: &Params) -> Answer {
    check_scope(params)?;
    let visible = world.wafv2.web_acls.values().filter(|acl| !world.hides(acl.created));
    let items = visible.map(|acl| (acl.arn.clone(), acl.summary())).collect();
    let limit = match params.number("Limit")? {
        Some(limit) if !(1..=100).contains(&limit) => {
            return Err(params.invalid("Limit", limit, "It must be between 1 and 100."));
        }
        limit => limit.unwrap_or(100) as usize,
    };
    let marker = params.text_if("NextMarker")?;
    let page = page::cut(items, Some(limit), marker)
        .ok_or_else(|| params.invalid("NextMarker", marker.unwrap_or_default(), ""))?;
    Ok(json!({ "WebACLs": page.items, "NextMarker": page.next }))
}

pub(super) fn update(world: &mut World, params: &Params) -> Answer {
    let arn = locked(world, params)?;
    let content = read_content(params)?;
    let token = world.uuid();
    let acl = world.wafv2.web_acls.get_mut(&arn).ok_or_else(nonexistent)?;
    acl.content = content;
    acl.lock_token.clone_from(&token);
    Ok(json!({ "NextLockToken": token }))
}

pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let arn = locked(world, params)?;
    let is_associated = world.wafv2.associations.values().any(|association| association.web_acl == arn);
    let is_held = world.wafv2.web_acls.get(&arn).is_some_and(|acl| acl.held_until > world.now);
    if is_associated || is_held {
        let words = "AWS WAF couldn\u{2019}t perform the operation because your resource is being used by \
                     another resource or it\u{2019}s associated with another resource.";
        return Err(Refusal::blocked("WAFAssociatedItemException", words));
    }
    world.wafv2.web_acls.remove(&arn);
    Ok(Value::Null)
}
