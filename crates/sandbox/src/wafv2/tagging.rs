//! Tags of web ACLs and IP sets.

use serde_json::{Value, json};

use super::nonexistent;
use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::tags::{self, Tags};
use crate::world::World;

fn of_mut<'a>(world: &'a mut World, params: &Params) -> Result<&'a mut Tags, Refusal> {
    let arn = params.text("ResourceARN")?;
    let waf = &mut *world.wafv2;
    let acl = waf.web_acls.get_mut(arn).map(|acl| &mut acl.entity.tags);
    acl.or_else(|| waf.ip_sets.get_mut(arn).map(|set| &mut set.entity.tags)).ok_or_else(nonexistent)
}

pub(super) fn add(world: &mut World, params: &Params) -> Answer {
    let added = tags::read(params, "Tags", "Key", "Value")?;
    of_mut(world, params)?.extend(added);
    Ok(Value::Null)
}

pub(super) fn remove(world: &mut World, params: &Params) -> Answer {
    let keys = params.texts("TagKeys")?;
    of_mut(world, params)?.retain(|key, _| !keys.contains(key));
    Ok(Value::Null)
}

pub(super) fn list(world: &World, params: &Params) -> Answer {
    let arn = params.text("ResourceARN")?;
    let acl = world.wafv2.web_acls.get(arn).map(|acl| &acl.entity.tags);
    let set = || world.wafv2.ip_sets.get(arn).map(|set| &set.entity.tags);
    let tags = acl.or_else(set).ok_or_else(nonexistent)?;
    // Fifty tags are the most there can be, and they fit on a page of any size that is asked for in practice.
    params.ignore(&["Limit", "NextMarker"]);
    Ok(json!({ "TagInfoForResource": { "ResourceARN": arn, "TagList": tags::upper(tags) } }))
}
