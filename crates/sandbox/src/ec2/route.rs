//! Routes of a route table: what they lead to, and whether anything is there.

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::describe::{find, find_mut};
use super::{RouteTable, cidr, done};
use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::world::World;

/// What a route leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Target {
    /// The VPC itself.
    Local,
    InternetGateway(String),
    NatGateway(String),
    Peering(String),
}

impl Target {
    /// The name under which answers show the target, and its id.
    fn shown(&self) -> (&'static str, &str) {
        match self {
            Self::Local => ("gatewayId", "local"),
            Self::InternetGateway(id) => ("gatewayId", id),
            Self::NatGateway(id) => ("natGatewayId", id),
            Self::Peering(id) => ("vpcPeeringConnectionId", id),
        }
    }

    /// `active`, or `blackhole` when nothing is behind the target (any more, or yet).
    fn state(&self, vpc: &str, world: &World) -> &'static str {
        let reaches = match self {
            Self::Local => true,
            Self::InternetGateway(id) => {
                world.ec2.internet_gateways.get(id).is_some_and(|gateway| gateway.vpc.as_deref() == Some(vpc))
            }
            Self::NatGateway(id) => {
                world.ec2.nat_gateways.get(id).is_some_and(|gateway| gateway.is_alive(world.now))
            }
            Self::Peering(id) => {
                world.ec2.peerings.get(id).is_some_and(|peering| peering.state(world) == "active")
            }
        };
        if reaches { "active" } else { "blackhole" }
    }
}

/// The routes of a table as answers show them, the local one first.
pub(super) fn view(table: &RouteTable, world: &World) -> Vec<Value> {
    let mut routes: Vec<_> = table.routes.iter().collect();
    routes.sort_by_key(|(_, target)| **target != Target::Local);
    let show = |(destination, target): (&Ipv4Net, &Target)| {
        let (name, id) = target.shown();
        let origin = if *target == Target::Local { "CreateRouteTable" } else { "CreateRoute" };
        let state = target.state(&table.vpc, world);
        json!({ "destinationCidrBlock": destination, name: id, "state": state, "origin": origin })
    };
    routes.into_iter().map(show).collect()
}

pub(super) fn create(world: &mut World, params: &Params) -> Answer {
    let (table, destination, target) = read(world, params)?;
    if table.routes.contains_key(&destination) {
        let words = format!("The route identified by {destination} already exists.");
        return Err(Refusal::illegal("RouteAlreadyExists", words));
    }
    insert(world, params, destination, target)
}

pub(super) fn replace(world: &mut World, params: &Params) -> Answer {
    let (table, destination, target) = read(world, params)?;
    match table.routes.get(&destination) {
        Some(Target::Local) => Err(local(destination, &table.id)),
        Some(_) => insert(world, params, destination, target),
        None => {
            let words = format!(
                "There is no route defined for '{destination}' in the route table. Use CreateRoute instead."
            );
            Err(Refusal::absent("InvalidParameterValue", words))
        }
    }
}

pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let table = find_mut(&mut world.ec2.route_tables, params.text("RouteTableId")?)?;
    let destination = read_destination(params)?;
    match table.routes.get(&destination) {
        Some(Target::Local) => Err(local(destination, &table.id)),
        Some(_) => {
            table.routes.remove(&destination);
            done()
        }
        None => {
            let words =
                format!("no route with destination-cidr-block {destination} in route table {}", table.id);
            Err(Refusal::absent("InvalidRoute.NotFound", words))
        }
    }
}

fn local(destination: Ipv4Net, table: &str) -> Refusal {
    let words = format!("cannot change or remove local route {destination} in route table {table}");
    Refusal::illegal("InvalidParameterValue", words)
}

fn insert(world: &mut World, params: &Params, destination: Ipv4Net, target: Target) -> Answer {
    let table = find_mut(&mut world.ec2.route_tables, params.text("RouteTableId")?)?;
    table.routes.insert(destination, target);
    done()
}

fn read<'a>(world: &'a World, params: &Params) -> Result<(&'a RouteTable, Ipv4Net, Target), Refusal> {
    let table = find(&world.ec2.route_tables, params.text("RouteTableId")?)?;
    Ok((table, read_destination(params)?, read_target(world, table, params)?))
}

fn read_destination(params: &Params) -> Result<Ipv4Net, Refusal> {
    let text = params.text("DestinationCidrBlock")?;
    cidr::parse(text)
        .ok_or_else(|| params.invalid("destinationCidrBlock", text, "This is not a valid CIDR block."))
}

fn read_target(world: &World, table: &RouteTable, params: &Params) -> Result<Target, Refusal> {
    let gateway = params.text_if("GatewayId")?;
    let nat = params.text_if("NatGatewayId")?;
    let peering = params.text_if("VpcPeeringConnectionId")?;
    match (gateway, nat, peering) {
        (Some(id), None, None) => to_internet_gateway(world, table, id),
        (None, Some(id), None) => to_nat_gateway(world, table, id),
        (None, None, Some(id)) => to_peering(world, table, id),
        (None, None, None) => {
            let words = "The request must contain exactly one of gatewayId, natGatewayId, networkInterfaceId, \
                         vpcPeeringConnectionId, egressOnlyInternetGatewayId, transitGatewayId";
            Err(Refusal::illegal("MissingParameter", words))
        }
        _ => {
            let words = "The request must contain exactly one target.";
            Err(Refusal::illegal("InvalidParameterCombination", words))
        }
    }
}

fn to_internet_gateway(world: &World, table: &RouteTable, id: &str) -> Result<Target, Refusal> {
    let absent = |reason: fn(&'static str, String) -> Refusal| {
        reason("InvalidGatewayID.NotFound", format!("The gateway ID '{id}' does not exist"))
    };
    let gateway = world.ec2.internet_gateways.get(id).ok_or_else(|| absent(Refusal::absent))?;
    match gateway.vpc.as_deref() {
        Some(vpc) if vpc == table.vpc => Ok(Target::InternetGateway(id.to_owned())),
        Some(_) => Err(different_networks(table, "network gateway", id)),
        None => Err(absent(Refusal::illegal)),
    }
}

fn to_nat_gateway(world: &World, table: &RouteTable, id: &str) -> Result<Target, Refusal> {
    let known = world.ec2.nat_gateways.get(id).filter(|gateway| gateway.is_routable(world.now));
    let absent = || format!("The natGateway ID '{id}' does not exist");
    let gateway = known.ok_or_else(|| Refusal::absent("InvalidNatGatewayID.NotFound", absent()))?;
    if gateway.vpc == table.vpc {
        Ok(Target::NatGateway(id.to_owned()))
    } else {
        Err(different_networks(table, "NAT gateway", id))
    }
}

fn to_peering(world: &World, table: &RouteTable, id: &str) -> Result<Target, Refusal> {
    let peering = find(&world.ec2.peerings, id)?;
    if !peering.is_alive(world) {
        let words = format!("The vpcPeeringConnection '{id}' is in state {}.", peering.state(world));
        return Err(Refusal::illegal("InvalidParameterValue", words));
    }
    if peering.joins(&table.vpc) {
        Ok(Target::Peering(id.to_owned()))
    } else {
        Err(different_networks(table, "vpc peering connection", id))
    }
}

fn different_networks(table: &RouteTable, noun: &str, id: &str) -> Refusal {
    let words = format!("route table {} and {noun} {id} belong to different networks", table.id);
    Refusal::illegal("InvalidParameterValue", words)
}
