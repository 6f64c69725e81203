//! Where a load balancer stands: its subnets, its security groups, its network interfaces.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::load_balancer::{LoadBalancer, find, find_mut};
use crate::call::{Answer, Refusal};
use crate::duration;
use crate::ec2::network_interface::{self, Interface};
use crate::params::Params;
use crate::placement::default_group;
use crate::world::World;

/// How many free addresses a subnet must have.
const FREE_ADDRESSES: usize = 8;

/// The VPC and the subnets (with their zones) that a call names.
pub(super) fn read_subnets(
    world: &World,
    params: &Params,
) -> Result<(String, BTreeMap<String, String>), Refusal> {
    let mut vpcs = BTreeSet::new();
    let mut subnets = BTreeMap::new();
    for id in params.texts("Subnets")? {
        let subnet = world.ec2.subnets.get(&id).ok_or_else(|| {
            Refusal::absent("SubnetNotFound", format!("The subnet ID '{id}' does not exist"))
        })?;
        if subnet.cidr.prefix_len() > 27 || subnet.free_addresses(world) < FREE_ADDRESSES {
            let words = format!(
                "Not enough IP space available in {id}. ELB requires at least {FREE_ADDRESSES} free IP addresses in each subnet."
            );
            return Err(Refusal::illegal("InvalidSubnet", words));
        }
        vpcs.insert(subnet.vpc.clone());
        subnets.insert(id, subnet.zone.clone());
    }
    let zones: BTreeSet<&String> = subnets.values().collect();
    let refuse = |code, words: &str| Err(Refusal::illegal(code, words));
    if zones.len() < 2 {
        return refuse(
            "ValidationError",
            "At least two subnets in two different Availability Zones must be specified",
        );
    }
    if zones.len() < subnets.len() {
        return refuse(
            "InvalidConfigurationRequest",
            "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
        );
    }
    match (vpcs.pop_first(), vpcs.is_empty()) {
        (Some(vpc), true) => Ok((vpc, subnets)),
        _ => refuse("InvalidConfigurationRequest", "All subnets must belong to the same VPC"),
    }
}

/// The security groups that a call names; without any, the VPC's default group.
pub(super) fn read_security_groups(
    world: &World,
    params: &Params,
    vpc: &str,
) -> Result<Vec<String>, Refusal> {
    let named: BTreeSet<String> = params.texts("SecurityGroups")?.into_iter().collect();
    for id in &named {
        let refuse = |words: String| Refusal::absent("InvalidSecurityGroup", words);
        let group = world.ec2.security_groups.get(id);
        let group = group.ok_or_else(|| refuse(format!("The security group '{id}' does not exist")))?;
        if group.vpc != vpc {
            let words = format!("The security group '{id}' does not belong to VPC '{vpc}'");
            return Err(Refusal::illegal("InvalidConfigurationRequest", words));
        }
    }
    if named.is_empty() {
        return Ok(default_group(world, vpc));
    }
    Ok(named.into_iter().collect())
}

/// Gives a load balancer its network interface in a subnet.
pub(super) fn attach(world: &mut World, balancer: &LoadBalancer, subnet: &str) -> Result<(), Refusal> {
    let wanted = Interface {
        subnet,
        groups: &balancer.groups,
        description: &format!("ELB {}", balancer.path()),
        kind: "interface",
        requester: "amazon-elb",
        public: balancer.scheme == "internet-facing",
        holder: &balancer.arn,
    };
    network_interface::attach(world, &wanted).map(|_| ())
}

pub(super) fn set_security_groups(world: &mut World, params: &Params) -> Answer {
    let arn = params.text("LoadBalancerArn")?;
    let vpc = find(world, arn)?.vpc.clone();
    if !params.has("SecurityGroups") {
        return Err(params.missing("SecurityGroups"));
    }
    let groups = read_security_groups(world, params, &vpc)?;
    network_interface::set_groups(world, arn, &groups);
    find_mut(world, arn)?.groups.clone_from(&groups);
    Ok(json!({ "SecurityGroupIds": groups }))
}

pub(super) fn set_subnets(world: &mut World, params: &Params) -> Answer {
    let arn = params.text("LoadBalancerArn")?;
    refuse_other_address_type(params)?;
    let (vpc, subnets) = read_subnets(world, params)?;
    let before = find(world, arn)?.clone();
    if before.vpc != vpc {
        let words = format!("The load balancer belongs to VPC '{}', not to '{vpc}'", before.vpc);
        return Err(Refusal::illegal("InvalidSubnet", words));
    }
    let lingers = world.takes(duration::LOAD_BALANCER_INTERFACES);
    for left in before.subnets.keys().filter(|subnet| !subnets.contains_key(*subnet)) {
        network_interface::release_in(world, arn, left, lingers);
    }
    for entered in subnets.keys().filter(|subnet| !before.subnets.contains_key(*subnet)) {
        attach(world, &before, entered)?;
    }
    let zones = subnets.iter().map(|(subnet, zone)| json!({ "ZoneName": zone, "SubnetId": subnet }));
    let zones: Value = zones.collect();
    find_mut(world, arn)?.subnets = subnets;
    Ok(json!({ "AvailabilityZones": zones, "IpAddressType": "ipv4" }))
}

pub(super) fn set_ip_address_type(world: &mut World, params: &Params) -> Answer {
    find(world, params.text("LoadBalancerArn")?)?;
    params.text("IpAddressType")?;
    refuse_other_address_type(params)?;
    Ok(json!({ "IpAddressType": "ipv4" }))
}

fn refuse_other_address_type(params: &Params) -> Result<(), Refusal> {
    match params.text_if("IpAddressType")? {
        None | Some("ipv4") => Ok(()),
        Some(other) => Err(params.invalid("IpAddressType", other, "The sandbox models IPv4 only.")),
    }
}
