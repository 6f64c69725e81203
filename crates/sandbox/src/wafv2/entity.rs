//! What web ACLs and IP sets have in common: calls name them by name, scope and id, and every change hands out a new
//! lock token, which the next change must show.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::nonexistent;
use crate::call::{Answer, Refusal};
use crate::duration;
use crate::page;
use crate::params::Params;
use crate::tags::{self, Tags};
use crate::world::World;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Entity {
    pub(super) arn: String,
    pub(super) name: String,
    pub(super) id: String,
    pub(super) tags: Tags,
    /// From when on others can refer to it.
    pub(super) propagated: f64,
    /// Until when AWS believes that something uses it although nothing does.
    pub(super) held_until: f64,
    pub(super) lock_token: String,
    pub(super) created: f64,
}

impl Entity {
    /// A new one with the name and the tags of a create call; `kind` is its word in ARNs, and `propagation` says
    /// for how many seconds at least others cannot refer to it.
    pub(super) fn create<T: AsRef<Self>>(
        world: &mut World,
        params: &Params,
        kind: &str,
        existing: fn(&World) -> &BTreeMap<String, T>,
        propagation: f64,
    ) -> Result<Self, Refusal> {
        let name = params.text("Name")?;
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if !(1..=128).contains(&name.len()) || !name.chars().all(is_allowed) {
            return Err(params.invalid("Name", name, "Its characters or its length are not allowed."));
        }
        let tags = tags::read(params, "Tags", "Key", "Value")?;
        if existing(world).values().any(|existing| existing.as_ref().name == name) {
            let words = "AWS WAF couldn\u{2019}t perform the operation because some resource in your request \
                         is a duplicate of an existing one.";
            return Err(Refusal::illegal("WAFDuplicateItemException", words));
        }
        let id = world.uuid();
        Ok(Self {
            arn: world.arn("wafv2", &format!("regional/{kind}/{name}/{id}")),
            name: name.to_owned(),
            id,
            tags,
            propagated: world.now + propagation + world.faults.propagation_seconds,
            held_until: 0.0,
            lock_token: world.uuid(),
            created: world.now,
        })
    }

    pub(super) fn summary(&self, description: Option<&str>) -> Value {
        json!({
            "Name": self.name,
            "Id": self.id,
            "ARN": self.arn,
            "Description": description.unwrap_or_default(),
            "LockToken": self.lock_token,
        })
    }

    /// Notes that something which used it no longer does; for some time it still cannot be deleted.
    pub(super) fn release(&mut self, until: f64) {
        self.held_until = self.held_until.max(until);
    }
}

/// Until when something that is no longer used counts as used.
pub(super) fn released(world: &mut World) -> f64 {
    world.now + world.takes(duration::WEB_ACL_RELEASE)
}

pub(super) fn check_scope(params: &Params) -> Result<(), Refusal> {
    match params.text("Scope")? {
        "REGIONAL" => Ok(()),
        other => Err(params.invalid("Scope", other, "The sandbox models REGIONAL only.")),
    }
}

/// The one that a call names by name, scope and id.
pub(super) fn named<'a, T: AsRef<Entity>>(
    all: &'a BTreeMap<String, T>,
    params: &Params,
) -> Result<&'a T, Refusal> {
    check_scope(params)?;
    let (name, id) = (params.text("Name")?, params.text("Id")?);
    let is_named = |entity: &Entity| entity.name == name && entity.id == id;
    all.values().find(|one| is_named(one.as_ref())).ok_or_else(nonexistent)
}

/// The ARN of the one that a change names, if its lock token is the newest one.
pub(super) fn locked<T: AsRef<Entity>>(
    all: &BTreeMap<String, T>,
    params: &Params,
) -> Result<String, Refusal> {
    let entity = named(all, params)?.as_ref();
    if entity.lock_token == params.text("LockToken")? {
        return Ok(entity.arn.clone());
    }
    let words = "AWS WAF couldn\u{2019}t save your changes because someone changed the resource after you \
                 started to edit it. Reapply your changes.";
    Err(Refusal::blocked("WAFOptimisticLockException", words))
}

/// One page of summaries, which come with their ARNs, as the list `set`.
pub(super) fn list(params: &Params, set: &str, items: Vec<(String, Value)>) -> Answer {
    check_scope(params)?;
    let limit = match params.number("Limit")? {
        Some(limit) if !(1..=100).contains(&limit) => {
            return Err(params.invalid("Limit", limit, "It must be between 1 and 100."));
        }
        limit => limit.unwrap_or(100) as usize,
    };
    let marker = params.text_if("NextMarker")?;
    let page = page::cut(items, Some(limit), marker)
        .ok_or_else(|| params.invalid("NextMarker", marker.unwrap_or_default(), ""))?;
    Ok(json!({ set: page.items, "NextMarker": page.next }))
}

/// The description that a call gives: `^[\w+=:#@/\-,\.][\w+=:#@/\-,\.\s]+[\w+=:#@/\-,\.]$`, up to 256 characters.
pub(super) fn read_description(params: &Params) -> Result<Option<String>, Refusal> {
    let is_solid = |c: char| c.is_ascii_alphanumeric() || "_+=:#@/-,.".contains(c);
    let is_description = |text: &str| {
        (3..=256).contains(&text.len())
            && text.chars().all(|c| is_solid(c) || c.is_ascii_whitespace())
            && text.starts_with(is_solid)
            && text.ends_with(is_solid)
    };
    match params.text_if("Description")? {
        Some(text) if !is_description(text) => {
            Err(params.invalid("Description", text, "Its characters or its length are not allowed."))
        }
        text => Ok(text.map(str::to_owned)),
    }
}

/// The refusal to delete what something refers to, or did until a moment ago.
pub(super) fn associated() -> Refusal {
    let words = "AWS WAF couldn\u{2019}t perform the operation because your resource is being used by \
                 another resource or it\u{2019}s associated with another resource.";
    Refusal::blocked("WAFAssociatedItemException", words)
}
