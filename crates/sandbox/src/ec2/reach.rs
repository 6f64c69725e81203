//! Who can talk to whom: routes and security groups as traffic sees them.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::permission::{Peer, Permission};
use super::route::Target;
use super::route_table;
use super::security_group_rule::Direction;
use super::{NetworkInterface, internet_gateway};
use crate::world::World;

/// One end of a connection.
#[derive(Clone, Copy)]
pub(crate) struct End<'a> {
    pub(crate) vpc: &'a str,
    pub(crate) groups: &'a [String],
    pub(crate) address: Ipv4Addr,
}

impl<'a> From<&'a NetworkInterface> for End<'a> {
    fn from(interface: &'a NetworkInterface) -> Self {
        Self { vpc: &interface.vpc, groups: &interface.groups, address: interface.address }
    }
}

/// Whether an internet gateway is attached to a VPC.
pub(crate) fn has_internet_gateway(world: &World, vpc: &str) -> bool {
    internet_gateway::of_vpc(world, vpc).is_some()
}

/// Whether a subnet's default route leads to the internet: through an available NAT gateway, or for an interface
/// with a public address through the internet gateway.
pub(crate) fn routes_to_internet(world: &World, subnet: &str, has_public_address: bool) -> bool {
    let Some(subnet) = world.ec2.subnets.get(subnet) else { return false };
    let Some(table) = route_table::of_subnet(world, subnet) else { return false };
    match table.routes.get(&ANYWHERE) {
        Some(Target::NatGateway(id)) => {
            let gateway = world.ec2.nat_gateways.get(id);
            gateway.is_some_and(|gateway| {
                gateway.is_available(world.now) && nat_has_way_out(world, gateway.subnet())
            })
        }
        Some(Target::InternetGateway(_)) => has_public_address && has_internet_gateway(world, &subnet.vpc),
        _ => false,
    }
}

/// Whether the subnet of a NAT gateway is a public one.
fn nat_has_way_out(world: &World, subnet: &str) -> bool {
    let subnet = world.ec2.subnets.get(subnet);
    let table = subnet.and_then(|subnet| route_table::of_subnet(world, subnet));
    table.is_some_and(|table| matches!(table.routes.get(&ANYWHERE), Some(Target::InternetGateway(_))))
}

/// Whether the security groups of `from` let HTTPS out to the internet.
pub(crate) fn lets_https_out(world: &World, groups: &[String]) -> bool {
    allows(world, groups, Direction::Egress, 443, |peer| *peer == Peer::ANYWHERE)
}

/// Whether a TCP connection from one end to a port of the other is possible.
pub(crate) fn connects(world: &World, from: End, to: End, port: i64) -> bool {
    let is = |end: End, peer: &Peer| match peer {
        Peer::Ipv4(block) => block.contains(&end.address),
        Peer::Ipv6(_) => false,
        Peer::Group(group) => end.groups.contains(group),
    };
    from.vpc == to.vpc
        && allows(world, from.groups, Direction::Egress, port, |peer| is(to, peer))
        && allows(world, to.groups, Direction::Ingress, port, |peer| is(from, peer))
}

const ANYWHERE: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::UNSPECIFIED, 0);

/// Whether a rule of any of the groups admits TCP to `port` for such a peer.
fn allows(
    world: &World,
    groups: &[String],
    direction: Direction,
    port: i64,
    is_peer: impl Fn(&Peer) -> bool,
) -> bool {
    let mut rules = world.ec2.security_group_rules.values();
    rules.any(|rule| {
        rule.direction == direction
            && groups.contains(&rule.group)
            && admits(&rule.permission, port)
            && is_peer(&rule.permission.peer)
    })
}

fn admits(permission: &Permission, port: i64) -> bool {
    let is_protocol = matches!(permission.protocol.as_str(), "tcp" | "6" | "-1");
    is_protocol && permission.ports.is_none_or(|(from, to)| (from..=to).contains(&port))
}
