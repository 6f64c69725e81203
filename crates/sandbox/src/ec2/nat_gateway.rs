//! NAT gateways: public and zonal.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::describe::{Described, Kind, Listing, describe as list, find, find_mut};
use super::network_interface::{Interface, attach, release};
use super::{address, internet_gateway};
use crate::call::{Answer, Refusal};
use crate::duration;
use crate::params::Params;
use crate::tags::{self, Tags};
use crate::timeline::Timeline;
use crate::world::{World, timestamp};

/// The quota of NAT gateways in an availability zone; deleted and failed ones don't count.
pub(super) const LIMIT: usize = 5;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct NatGateway {
    pub(crate) id: String,
    pub(crate) vpc: String,
    pub(crate) tags: Tags,
    subnet: String,
    zone: String,
    created: f64,
    /// From when on routes may name it.
    routable: f64,
    deleted: Option<f64>,
    timeline: Timeline,
    failure: Option<(String, String)>,
    address: NatAddress,
}

/// The gateway's one address, as it was when the gateway was made.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct NatAddress {
    allocation: String,
    association: Option<String>,
    interface: Option<String>,
    private: Option<String>,
    public: String,
}

impl NatGateway {
    /// Whether traffic can (or soon will) flow through it.
    pub(super) fn is_alive(&self, now: f64) -> bool {
        matches!(self.timeline.state(now), "pending" | "available")
    }

    /// Whether it passes traffic on.
    pub(super) fn is_available(&self, now: f64) -> bool {
        self.timeline.state(now) == "available"
    }

    /// The public subnet that it stands in.
    pub(super) fn subnet(&self) -> &str {
        &self.subnet
    }

    /// Whether the route tables know it by now.
    pub(super) fn is_routable(&self, now: f64) -> bool {
        self.routable <= now && self.is_alive(now)
    }
}

impl Described for NatGateway {
    const KIND: Kind = Kind {
        prefix: "nat",
        words: "NAT gateway {id} was not found",
        absent: "NatGatewayNotFound",
        malformed: "NatGatewayMalformed",
    };

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn created(&self) -> f64 {
        self.created
    }

    fn filter(&self, name: &str, world: &World) -> Option<Vec<String>> {
        Some(vec![match name {
            "nat-gateway-id" => self.id.clone(),
            "subnet-id" => self.subnet.clone(),
            "vpc-id" => self.vpc.clone(),
            "state" => self.timeline.state(world.now).to_owned(),
            _ => return None,
        }])
    }

    fn view(&self, world: &World) -> Value {
        let state = self.timeline.state(world.now);
        let failure = self.failure.as_ref().filter(|_| state == "failed");
        json!({
            "natGatewayId": self.id,
            "subnetId": self.subnet,
            "vpcId": self.vpc,
            "state": state,
            "connectivityType": "public",
            "availabilityMode": "zonal",
            "createTime": timestamp(self.created),
            "deleteTime": self.deleted.map(timestamp),
            "failureCode": failure.map(|(code, _)| code),
            "failureMessage": failure.map(|(_, message)| message),
            "natGatewayAddressSet": [{
                "allocationId": self.address.allocation,
                "associationId": self.address.association,
                "networkInterfaceId": self.address.interface,
                "privateIp": self.address.private,
                "publicIp": self.address.public,
                "isPrimary": true,
                "status": if self.failure.is_some() { "failed" } else { "succeeded" },
            }],
            "tagSet": tags::lower(&self.tags),
        })
    }
}

pub(super) fn settle(world: &mut World) {
    let now = world.now;
    world.ec2.nat_gateways.retain(|_, gateway| !gateway.timeline.is_gone(now));
}

pub(super) fn create(world: &mut World, params: &Params) -> Answer {
    for (name, only) in [("ConnectivityType", "public"), ("AvailabilityMode", "zonal")] {
        if let Some(other) = params.text_if(name)?.filter(|value| *value != only) {
            return Err(params.invalid(name, other, "The sandbox models public zonal NAT gateways only."));
        }
    }
    let subnet = find(&world.ec2.subnets, params.text("SubnetId")?)?.clone();
    let allocation = find(&world.ec2.addresses, params.text("AllocationId")?)?.clone();
    let tags = tags::read_specification(params, "natgateway")?;
    let counted = world.ec2.nat_gateways.values().filter(|other| {
        other.zone == subnet.zone
            && matches!(other.timeline.state(world.now), "pending" | "available" | "deleting")
    });
    if counted.count() >= LIMIT {
        let words = format!("Performing this operation would exceed the limit of {LIMIT} NAT gateways");
        return Err(Refusal::illegal("NatGatewayLimitExceeded", words));
    }
    let id = world.id("nat");
    let fails = world.fails("nat-gateway");
    let failure = failure(world, &subnet.vpc, &allocation, fails);
    let timeline = Timeline::begin(world.now, "pending");
    let timeline = match failure {
        None => timeline.then(world.takes(duration::NAT_GATEWAY_CREATE), "available"),
        Some(_) => timeline
            .then(world.takes(duration::NAT_GATEWAY_FAIL), "failed")
            .then_gone(duration::NAT_GATEWAY_LISTED),
    };
    let mut address = NatAddress {
        allocation: allocation.id,
        public: allocation.public.to_string(),
        ..NatAddress::default()
    };
    if failure.is_none() {
        connect(world, &id, &subnet.id, &mut address)?;
    }
    let gateway = NatGateway {
        vpc: subnet.vpc,
        subnet: subnet.id,
        zone: subnet.zone,
        tags,
        created: world.now,
        routable: world.now + world.takes(duration::NAT_GATEWAY_ROUTABLE),
        deleted: None,
        timeline,
        failure,
        address,
        id,
    };
    let view = gateway.view(world);
    world.ec2.nat_gateways.insert(gateway.id.clone(), gateway);
    Ok(json!({ "natGateway": view }))
}

/// Why the gateway will fail: AWS accepts the call and finds out later.
fn failure(world: &World, vpc: &str, allocation: &address::Address, fails: bool) -> Option<(String, String)> {
    let (code, message) = if internet_gateway::of_vpc(world, vpc).is_none() {
        ("Gateway.NotAttached", format!("Network {vpc} has no Internet gateway attached"))
    } else if allocation.association.is_some() {
        let words = format!("Elastic IP address [{}] is already associated", allocation.id);
        ("Resource.AlreadyAssociated", words)
    } else if fails {
        ("InternalError", "Network interface could not be created".to_owned())
    } else {
        return None;
    };
    Some((code.to_owned(), message))
}

/// Gives the gateway its network interface and maps the Elastic IP address to it.
fn connect(world: &mut World, id: &str, subnet: &str, nat: &mut NatAddress) -> Result<(), Refusal> {
    let wanted = Interface {
        subnet,
        groups: &[],
        description: &format!("Interface for NAT Gateway {id}"),
        kind: "nat_gateway",
        requester: "amazon-nat",
        public: false,
        holder: id,
    };
    let interface = attach(world, &wanted)?;
    address::associate(world, &nat.allocation, &interface);
    let mapped = world.ec2.addresses.get(&nat.allocation).and_then(|address| address.association.as_ref());
    nat.association = mapped.map(|association| association.id.clone());
    nat.private = world.ec2.network_interfaces.get(&interface).map(|held| held.address.to_string());
    nat.interface = Some(interface);
    Ok(())
}

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    list(world, &world.ec2.nat_gateways, params, &Listing::new("NatGatewayId", "natGatewaySet"))
}

pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let id = params.text("NatGatewayId")?;
    let state = find(&world.ec2.nat_gateways, id)?.timeline.state(world.now).to_owned();
    if matches!(state.as_str(), "pending" | "available" | "failed") {
        let seconds = if state == "failed" { 0.0 } else { world.takes(duration::NAT_GATEWAY_DELETE) };
        let now = world.now;
        let timeline = Timeline::begin(now, "deleting");
        let timeline = timeline.then(seconds, "deleted").then_gone(duration::NAT_GATEWAY_LISTED);
        let gateway = find_mut(&mut world.ec2.nat_gateways, id)?;
        gateway.timeline = timeline;
        gateway.deleted = Some(now + seconds);
        let has_address = gateway.failure.is_none();
        let allocation = gateway.address.allocation.clone();
        release(world, id, seconds);
        if has_address {
            address::disassociate(world, &allocation, seconds);
        }
    }
    Ok(json!({ "natGatewayId": id }))
}
