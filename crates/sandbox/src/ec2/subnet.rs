//! Subnets.

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::availability_zone::{zone_id, zones};
use super::describe::{Described, Kind, Listing, describe as list, find, find_mut};
use super::{cidr, done, route_table};
use crate::call::{Answer, Refusal};
use crate::duration;
use crate::params::Params;
use crate::reference::{Reference, refuse_if_held};
use crate::tags::{self, Tags};
use crate::timeline::Timeline;
use crate::world::World;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Subnet {
    pub(crate) id: String,
    pub(crate) vpc: String,
    pub(crate) cidr: Ipv4Net,
    pub(crate) zone: String,
    pub(crate) tags: Tags,
    pub(crate) created: f64,
    timeline: Timeline,
    map_public_ip: bool,
}

impl Described for Subnet {
    const KIND: Kind = Kind {
        prefix: "subnet",
        words: "The subnet ID '{id}' does not exist",
        absent: "InvalidSubnetID.NotFound",
        malformed: "InvalidSubnetID.Malformed",
    };

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn created(&self) -> f64 {
        self.created
    }

    fn filter(&self, name: &str, world: &World) -> Option<Vec<String>> {
        Some(vec![match name {
            "subnet-id" => self.id.clone(),
            "vpc-id" => self.vpc.clone(),
            "cidr" | "cidr-block" | "cidrBlock" => self.cidr.to_string(),
            "availability-zone" | "availabilityZone" => self.zone.clone(),
            "availability-zone-id" | "availabilityZoneId" => zone_id(&self.zone),
            "default-for-az" | "defaultForAz" => "false".to_owned(),
            "map-public-ip-on-launch" => self.map_public_ip.to_string(),
            "owner-id" => world.account.clone(),
            "state" => self.timeline.state(world.now).to_owned(),
            "subnet-arn" => self.arn(world),
            _ => return None,
        }])
    }

    fn view(&self, world: &World) -> Value {
        json!({
            "subnetId": self.id,
            "subnetArn": self.arn(world),
            "vpcId": self.vpc,
            "ownerId": world.account,
            "state": self.timeline.state(world.now),
            "cidrBlock": self.cidr,
            "availabilityZone": self.zone,
            "availabilityZoneId": zone_id(&self.zone),
            "availableIpAddressCount": self.free_addresses(world),
            "mapPublicIpOnLaunch": self.map_public_ip,
            "defaultForAz": false,
            "assignIpv6AddressOnCreation": false,
            "ipv6CidrBlockAssociationSet": [],
            "tagSet": tags::lower(&self.tags),
        })
    }
}

impl Subnet {
    fn arn(&self, world: &World) -> String {
        world.arn("ec2", &format!("subnet/{}", self.id))
    }

    /// AWS keeps five addresses of every subnet for itself.
    pub(crate) fn free_addresses(&self, world: &World) -> usize {
        let all = 1_usize << (32 - self.cidr.prefix_len());
        let used = world.ec2.network_interfaces.values().filter(|interface| interface.subnet == self.id);
        all.saturating_sub(5 + used.count())
    }
}

pub(super) fn references(world: &World) -> Vec<Reference> {
    world.ec2.subnets.values().map(|subnet| Reference::new(&subnet.id, &subnet.vpc)).collect()
}

pub(super) fn create(world: &mut World, params: &Params) -> Answer {
    let vpc = find(&world.ec2.vpcs, params.text("VpcId")?)?;
    let cidr = cidr::read(params, "CidrBlock", "InvalidSubnet.Range")?;
    if !vpc.cidr.contains(&cidr) {
        return Err(Refusal::illegal("InvalidSubnet.Range", format!("The CIDR '{cidr}' is invalid.")));
    }
    let overlaps = |other: &Subnet| other.cidr.contains(&cidr) || cidr.contains(&other.cidr);
    if world.ec2.subnets.values().any(|other| other.vpc == vpc.id && overlaps(other)) {
        let words = format!("The CIDR '{cidr}' conflicts with another subnet");
        return Err(Refusal::illegal("InvalidSubnet.Conflict", words));
    }
    let (vpc, zone) = (vpc.id.clone(), read_zone(world, params)?);
    let tags = tags::read_specification(params, "subnet")?;
    let subnet = Subnet {
        id: world.id("subnet"),
        vpc,
        cidr,
        zone,
        tags,
        created: world.now,
        timeline: Timeline::begin(world.now, "pending")
            .then(world.takes(duration::SUBNET_CREATE), "available"),
        map_public_ip: false,
    };
    let view = subnet.view(world);
    world.ec2.subnets.insert(subnet.id.clone(), subnet);
    Ok(json!({ "subnet": view }))
}

/// The zone asked for by name or by id; without either AWS picks one.
fn read_zone(world: &World, params: &Params) -> Result<String, Refusal> {
    let zones = zones(&world.region);
    let (name, id) = (params.text_if("AvailabilityZone")?, params.text_if("AvailabilityZoneId")?);
    let wanted =
        |zone: &&String| name.is_none_or(|name| name == *zone) && id.is_none_or(|id| id == zone_id(zone));
    zones.iter().find(wanted).cloned().ok_or_else(|| {
        let why = format!(
            "Subnets can currently only be created in the following availability zones: {}.",
            zones.join(", ")
        );
        params.invalid("availabilityZone", name.or(id).unwrap_or_default(), &why)
    })
}

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    list(world, &world.ec2.subnets, params, &Listing::new("SubnetId", "subnetSet"))
}

pub(super) fn modify_attribute(world: &mut World, params: &Params) -> Answer {
    let subnet = find_mut(&mut world.ec2.subnets, params.text("SubnetId")?)?;
    let attribute =
        params.object("MapPublicIpOnLaunch")?.ok_or_else(|| params.missing("MapPublicIpOnLaunch"))?;
    subnet.map_public_ip = attribute.flag("Value")?.ok_or_else(|| attribute.missing("Value"))?;
    done()
}

pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let id = params.text("SubnetId")?;
    find(&world.ec2.subnets, id)?;
    refuse_if_held(world, id, &format!("The subnet '{id}' has dependencies and cannot be deleted."))?;
    route_table::forget_subnet(world, id);
    world.ec2.subnets.remove(id);
    done()
}
