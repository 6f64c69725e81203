//! Elastic IP addresses.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::describe::{Described, Kind, Listing, describe as list, find};
use super::done;
use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::tags::{self, Tags};
use crate::world::World;

/// The quota of Elastic IP addresses in a region.
pub(super) const LIMIT: usize = 5;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Address {
    pub(crate) id: String,
    pub(crate) public: Ipv4Addr,
    pub(crate) tags: Tags,
    pub(crate) association: Option<Association>,
    created: f64,
}

/// That an address is mapped to a network interface.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Association {
    pub(crate) id: String,
    interface: String,
    private: Ipv4Addr,
    /// When the mapping ends, once that is decided.
    until: Option<f64>,
}

impl Address {
    /// The network interface that the address is mapped to.
    pub(super) fn interface(&self) -> Option<&String> {
        self.association.as_ref().map(|association| &association.interface)
    }
}

/// Maps an address to a network interface.
pub(super) fn associate(world: &mut World, address: &str, interface: &str) {
    let id = world.id("eipassoc");
    let private = world.ec2.network_interfaces.get(interface).map(|held| held.address);
    if let (Some(address), Some(private)) = (world.ec2.addresses.get_mut(address), private) {
        address.association = Some(Association { id, interface: interface.to_owned(), private, until: None });
    }
}

/// Ends the mapping of an address after so many seconds.
pub(super) fn disassociate(world: &mut World, address: &str, seconds: f64) {
    let until = Some(world.now + seconds);
    let association = world.ec2.addresses.get_mut(address).and_then(|address| address.association.as_mut());
    if let Some(association) = association {
        association.until = until;
    }
}

pub(super) fn settle(world: &mut World) {
    let now = world.now;
    for address in world.ec2.addresses.values_mut() {
        address.association.take_if(|association| association.until.is_some_and(|until| until <= now));
    }
}

impl Described for Address {
    const KIND: Kind = Kind {
        prefix: "eipalloc",
        words: "The allocation ID '{id}' does not exist",
        absent: "InvalidAllocationID.NotFound",
        malformed: "InvalidAllocationID.NotFound",
    };

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn created(&self) -> f64 {
        self.created
    }

    fn filter(&self, name: &str, world: &World) -> Option<Vec<String>> {
        let of_association = |value: fn(&Association) -> String| self.association.iter().map(value).collect();
        Some(match name {
            "allocation-id" => vec![self.id.clone()],
            "public-ip" => vec![self.public.to_string()],
            "domain" => vec!["vpc".to_owned()],
            "network-border-group" => vec![world.region.clone()],
            "association-id" => of_association(|association| association.id.clone()),
            "network-interface-id" => of_association(|association| association.interface.clone()),
            "private-ip-address" => of_association(|association| association.private.to_string()),
            _ => return None,
        })
    }

    fn view(&self, world: &World) -> Value {
        let association = self.association.as_ref();
        json!({
            "allocationId": self.id,
            "publicIp": self.public,
            "domain": "vpc",
            "publicIpv4Pool": "amazon",
            "networkBorderGroup": world.region,
            "associationId": association.map(|association| &association.id),
            "networkInterfaceId": association.map(|association| &association.interface),
            "networkInterfaceOwnerId": association.map(|_| &world.account),
            "privateIpAddress": association.map(|association| association.private),
            "tagSet": tags::lower(&self.tags),
        })
    }
}

pub(super) fn allocate(world: &mut World, params: &Params) -> Answer {
    if let Some(domain) = params.text_if("Domain")?.filter(|domain| *domain != "vpc") {
        return Err(params.invalid("domain", domain, "Only addresses for VPCs exist."));
    }
    let tags = tags::read_specification(params, "elastic-ip")?;
    if world.ec2.addresses.len() >= LIMIT {
        let words = "The maximum number of addresses has been reached.";
        return Err(Refusal::illegal("AddressLimitExceeded", words));
    }
    world.refuse_without_capacity("InsufficientAddressCapacity")?;
    let public = fresh_address(world);
    let address = Address { id: world.id("eipalloc"), public, tags, association: None, created: world.now };
    let answer = json!({
        "allocationId": address.id,
        "publicIp": address.public,
        "domain": "vpc",
        "publicIpv4Pool": "amazon",
        "networkBorderGroup": world.region,
    });
    world.ec2.addresses.insert(address.id.clone(), address);
    Ok(answer)
}

/// An address out of one of Amazon's blocks that nobody has.
fn fresh_address(world: &mut World) -> Ipv4Addr {
    loop {
        let drawn = (world.draw() as u32).to_be_bytes();
        let public = Ipv4Addr::new(44, 224 | (drawn[1] & 31), drawn[2], drawn[3]);
        if world.ec2.addresses.values().all(|address| address.public != public) {
            return public;
        }
    }
}

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    let listing = Listing { largest: 0, ..Listing::new("AllocationId", "addressesSet") };
    list(world, &world.ec2.addresses, params, &listing)
}

pub(super) fn release(world: &mut World, params: &Params) -> Answer {
    // An allocation id alone names the address.
    params.ignore(&["NetworkBorderGroup"]);
    let address = find(&world.ec2.addresses, params.text("AllocationId")?)?;
    if address.association.is_some() {
        let words = format!("The address '{}' is in use.", address.public);
        return Err(Refusal::blocked("InvalidIPAddress.InUse", words));
    }
    let id = address.id.clone();
    world.ec2.addresses.remove(&id);
    done()
}
