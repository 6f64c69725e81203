//! Network interfaces that other things own: NAT gateways, load balancers, databases, caches, tasks.
//!
//! They are why subnets and security groups cannot be deleted while such a thing lives, and some time after.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Subnet;
use super::describe::{Described, Kind, Listing, describe as list, find};
use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::reference::Reference;
use crate::tags::{self, Tags};
use crate::world::{World, timestamp};

/// What a service asks for when it makes an interface.
pub(crate) struct Interface<'a> {
    pub(crate) subnet: &'a str,
    pub(crate) groups: &'a [String],
    /// AWS's description, such as `RDSNetworkInterface`.
    pub(crate) description: &'a str,
    /// `interface`, `nat_gateway`, `network_load_balancer` …
    pub(crate) kind: &'a str,
    /// Who asked for it, such as `amazon-elb`.
    pub(crate) requester: &'a str,
    /// Whether AWS maps a public address of its own to it, as for an internet-facing load balancer.
    pub(crate) public: bool,
    /// The id or ARN of the thing that owns it.
    pub(crate) holder: &'a str,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct NetworkInterface {
    pub(crate) id: String,
    pub(crate) holder: String,
    pub(crate) subnet: String,
    pub(crate) vpc: String,
    pub(crate) groups: Vec<String>,
    pub(crate) address: Ipv4Addr,
    zone: String,
    description: String,
    kind: String,
    requester: String,
    pub(crate) public: bool,
    attachment: String,
    created: f64,
    gone: Option<f64>,
    pub(crate) tags: Tags,
}

/// Makes an interface in a subnet and gives its id.
pub(crate) fn attach(world: &mut World, wanted: &Interface) -> Result<String, Refusal> {
    let subnet = find(&world.ec2.subnets, wanted.subnet)?.clone();
    let address = free_address(world, &subnet).ok_or_else(|| {
        let words = format!("insufficient free addresses in subnet {}.", subnet.id);
        Refusal::blocked("InsufficientFreeAddressesInSubnet", words)
    })?;
    let interface = NetworkInterface {
        id: world.id("eni"),
        holder: wanted.holder.to_owned(),
        subnet: subnet.id,
        vpc: subnet.vpc,
        groups: wanted.groups.to_vec(),
        address,
        zone: subnet.zone,
        description: wanted.description.to_owned(),
        kind: wanted.kind.to_owned(),
        requester: wanted.requester.to_owned(),
        public: wanted.public,
        attachment: world.id("eni-attach"),
        created: world.now,
        gone: None,
        tags: Tags::new(),
    };
    let id = interface.id.clone();
    world.ec2.network_interfaces.insert(id.clone(), interface);
    Ok(id)
}

/// Lets all interfaces of `holder` vanish after so many seconds.
pub(crate) fn release(world: &mut World, holder: &str, seconds: f64) {
    let gone = Some(world.now + seconds);
    let held = world.ec2.network_interfaces.values_mut().filter(|interface| interface.holder == holder);
    held.for_each(|interface| interface.gone = gone);
}

/// Lets the interfaces of `holder` in one subnet vanish after so many seconds.
pub(crate) fn release_in(world: &mut World, holder: &str, subnet: &str, seconds: f64) {
    let gone = Some(world.now + seconds);
    let interfaces = world.ec2.network_interfaces.values_mut();
    let held = interfaces.filter(|interface| interface.holder == holder && interface.subnet == subnet);
    held.for_each(|interface| interface.gone = gone);
}

/// Replaces the security groups of all interfaces of `holder`.
pub(crate) fn set_groups(world: &mut World, holder: &str, groups: &[String]) {
    let held = world.ec2.network_interfaces.values_mut().filter(|interface| interface.holder == holder);
    held.for_each(|interface| interface.groups = groups.to_vec());
}

/// The interfaces of `holder`.
pub(crate) fn held_by<'a>(world: &'a World, holder: &'a str) -> impl Iterator<Item = &'a NetworkInterface> {
    world.ec2.network_interfaces.values().filter(move |interface| interface.holder == holder)
}

/// The lowest free address; AWS keeps the first four and the last of every subnet.
fn free_address(world: &World, subnet: &Subnet) -> Option<Ipv4Addr> {
    let taken = |address: &Ipv4Addr| {
        let mut all = world.ec2.network_interfaces.values();
        all.any(|other| other.subnet == subnet.id && other.address == *address)
    };
    let last = subnet.cidr.broadcast();
    subnet.cidr.hosts().skip(3).find(|address| *address != last && !taken(address))
}

pub(super) fn settle(world: &mut World) {
    let now = world.now;
    world.ec2.network_interfaces.retain(|_, interface| interface.gone.is_none_or(|gone| gone > now));
}

pub(super) fn references(world: &World) -> Vec<Reference> {
    let named = |interface: &NetworkInterface| {
        let targets = [&interface.subnet].into_iter().chain(&interface.groups);
        targets.map(|target| Reference::new(&interface.id, target)).collect::<Vec<_>>()
    };
    world.ec2.network_interfaces.values().flat_map(named).collect()
}

impl Described for NetworkInterface {
    const KIND: Kind = Kind {
        prefix: "eni",
        words: "The networkInterface ID '{id}' does not exist",
        absent: "InvalidNetworkInterfaceID.NotFound",
        malformed: "InvalidNetworkInterfaceId.Malformed",
    };

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn created(&self) -> f64 {
        self.created
    }

    fn filter(&self, name: &str, world: &World) -> Option<Vec<String>> {
        Some(match name {
            "group-id" => self.groups.clone(),
            "network-interface-id" => vec![self.id.clone()],
            "subnet-id" => vec![self.subnet.clone()],
            "vpc-id" => vec![self.vpc.clone()],
            "availability-zone" => vec![self.zone.clone()],
            "description" => vec![self.description.clone()],
            "interface-type" => vec![self.kind.clone()],
            "requester-id" => vec![self.requester.clone()],
            "requester-managed" | "requester-managed-flag" => vec!["true".to_owned()],
            "owner-id" => vec![world.account.clone()],
            "private-ip-address" | "addresses.private-ip-address" => vec![self.address.to_string()],
            "attachment.attachment-id" => vec![self.attachment.clone()],
            "attachment.instance-owner-id" => vec![self.requester.clone()],
            "attachment.status" => vec!["attached".to_owned()],
            "status" => vec!["in-use".to_owned()],
            _ => return None,
        })
    }

    fn view(&self, world: &World) -> Value {
        let group = |id: &String| {
            let name = world.ec2.security_groups.get(id).map(|group| &group.name);
            json!({ "groupId": id, "groupName": name })
        };
        let mapped = world.ec2.addresses.values().find(|address| address.interface() == Some(&self.id));
        json!({
            "networkInterfaceId": self.id,
            "subnetId": self.subnet,
            "vpcId": self.vpc,
            "availabilityZone": self.zone,
            "description": self.description,
            "ownerId": world.account,
            "requesterId": self.requester,
            "requesterManaged": true,
            "status": "in-use",
            "interfaceType": self.kind,
            "privateIpAddress": self.address,
            "privateIpAddressesSet": [{ "privateIpAddress": self.address, "primary": true }],
            "sourceDestCheck": self.kind != "nat_gateway",
            "groupSet": self.groups.iter().map(group).collect::<Value>(),
            "association": mapped.map(|address| json!({ "allocationId": address.id, "publicIp": address.public })),
            "attachment": {
                "attachmentId": self.attachment,
                "attachTime": timestamp(self.created),
                "deleteOnTermination": false,
                "deviceIndex": 1,
                "instanceOwnerId": self.requester,
                "status": "attached",
            },
            "tagSet": tags::lower(&self.tags),
        })
    }
}

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    list(
        world,
        &world.ec2.network_interfaces,
        params,
        &Listing::new("NetworkInterfaceId", "networkInterfaceSet"),
    )
}
