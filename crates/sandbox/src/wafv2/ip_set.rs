//! IP sets: lists of addresses that rules of web ACLs refer to.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::entity::{self, Entity};
use super::{nonexistent, rule, unavailable};
use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::world::World;

/// The most addresses of a set.
const LIMIT: usize = 10_000;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct IpSet {
    #[serde(flatten)]
    pub(super) entity: Entity,
    description: Option<String>,
    addresses: Vec<String>,
}

impl AsRef<Entity> for IpSet {
    fn as_ref(&self) -> &Entity {
        &self.entity
    }
}

impl IpSet {
    fn view(&self) -> Value {
        json!({
            "Name": self.entity.name,
            "Id": self.entity.id,
            "ARN": self.entity.arn,
            "Description": self.description.as_deref().unwrap_or_default(),
            "IPAddressVersion": "IPV4",
            "Addresses": self.addresses,
        })
    }
}

fn all(world: &World) -> &BTreeMap<String, IpSet> {
    &world.wafv2.ip_sets
}

/// Blocks in the notation of CIDR; WAF takes none that is the whole internet.
fn read_addresses(params: &Params) -> Result<Vec<String>, Refusal> {
    if !params.has("Addresses") {
        return Err(params.missing("Addresses"));
    }
    let addresses = params.texts("Addresses")?;
    let is_block = |text: &str| text.parse::<Ipv4Net>().is_ok_and(|block| block.prefix_len() > 0);
    if let Some(odd) = addresses.iter().find(|text| !is_block(text)) {
        let words = format!(
            "Error reason: The parameter contains formatting that is not valid., field: IP_ADDRESS, parameter: {odd}"
        );
        return Err(Refusal::illegal("WAFInvalidParameterException", words));
    }
    if addresses.len() > LIMIT {
        let words = "AWS WAF couldn\u{2019}t perform the operation because you exceeded your resource limit.";
        return Err(Refusal::illegal("WAFLimitsExceededException", words));
    }
    Ok(addresses)
}

pub(super) fn create(world: &mut World, params: &Params) -> Answer {
    entity::check_scope(params)?;
    if params.text("IPAddressVersion")? != "IPV4" {
        return Err(params.invalid("IPAddressVersion", "", "The sandbox models IPV4 only."));
    }
    let (description, addresses) = (entity::read_description(params)?, read_addresses(params)?);
    let entity = Entity::create(world, params, "ipset", all, 0.0)?;
    let summary = entity.summary(description.as_deref());
    world.wafv2.ip_sets.insert(entity.arn.clone(), IpSet { entity, description, addresses });
    Ok(json!({ "Summary": summary }))
}

pub(super) fn get(world: &World, params: &Params) -> Answer {
    let set = entity::named(all(world), params)?;
    if world.hides(set.entity.created) {
        return Err(nonexistent());
    }
    Ok(json!({ "IPSet": set.view(), "LockToken": set.entity.lock_token }))
}

pub(super) fn list(world: &World, params: &Params) -> Answer {
    let visible = all(world).values().filter(|set| !world.hides(set.entity.created));
    let summary = |set: &IpSet| (set.entity.arn.clone(), set.entity.summary(set.description.as_deref()));
    entity::list(params, "IPSets", visible.map(summary).collect())
}

pub(super) fn update(world: &mut World, params: &Params) -> Answer {
    let arn = entity::locked(all(world), params)?;
    let (description, addresses) = (entity::read_description(params)?, read_addresses(params)?);
    let token = world.uuid();
    let set = world.wafv2.ip_sets.get_mut(&arn).ok_or_else(nonexistent)?;
    set.description = description;
    set.addresses = addresses;
    set.entity.lock_token.clone_from(&token);
    Ok(json!({ "NextLockToken": token }))
}

pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let arn = entity::locked(all(world), params)?;
    let is_used = world.wafv2.web_acls.values().any(|acl| rule::ip_sets(acl.rules()).any(|used| used == arn));
    if is_used || all(world).get(&arn).is_some_and(|set| set.entity.held_until > world.now) {
        return Err(entity::associated());
    }
    world.wafv2.ip_sets.remove(&arn);
    Ok(Value::Null)
}

/// Refuses a reference to a set that there is not, or that has not spread yet.
pub(super) fn check_reference(world: &World, arn: &str) -> Result<(), Refusal> {
    let set = all(world).get(arn).ok_or_else(nonexistent)?;
    if set.entity.propagated > world.now { Err(unavailable()) } else { Ok(()) }
}
