//! The routes of a route table: how they are read and written.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{Route, RouteOrigin, RouteTable};
use serde::{Deserialize, Serialize};
use sidekick_engine::Result;

use crate::fault::Answer;
use crate::{Aws, InternetGatewayId, NatGatewayId, PeeringConnectionId, RouteTableId};

/// Routes by their destination: `0.0.0.0/0`.
pub(super) type Routes = BTreeMap<String, RouteTarget>;

/// Where a route leads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RouteTarget {
    /// Out through an internet gateway.
    Gateway(InternetGatewayId),
    /// Out through a NAT gateway.
    Nat(NatGatewayId),
    /// To a peered network.
    Peering(PeeringConnectionId),
    /// Somewhere that sidekick only sees and never sets.
    Other(String),
}

impl RouteTarget {
    pub(super) fn read(route: &Route) -> Self {
        match (route.gateway_id(), route.nat_gateway_id(), route.vpc_peering_connection_id()) {
            (Some(id), _, _) if id.starts_with("igw-") => Self::Gateway(InternetGatewayId::new(id)),
            (_, Some(id), _) => Self::Nat(NatGatewayId::new(id)),
            (_, _, Some(id)) => Self::Peering(PeeringConnectionId::new(id)),
            (gateway, _, _) => {
                let id = gateway.or(route.transit_gateway_id()).or(route.network_interface_id());
                let id = id.or(route.egress_only_internet_gateway_id());
                Self::Other(id.unwrap_or("unknown").to_owned())
            }
        }
    }

    /// The three parameters of a call: gateway, NAT gateway, peering connection.
    fn parameters(&self) -> [Option<String>; 3] {
        match self {
            Self::Gateway(id) => [Some(id.to_string()), None, None],
            Self::Nat(id) => [None, Some(id.to_string()), None],
            Self::Peering(id) => [None, None, Some(id.to_string())],
            Self::Other(id) => [Some(id.clone()), None, None],
        }
    }
}

/// The IPv4 routes that somebody made. The local one comes with the table, and propagated ones with a VPN.
pub(super) fn routes(table: &RouteTable) -> Routes {
    let made = |route: &&Route| {
        let comes_by_itself = matches!(
            route.origin(),
            Some(RouteOrigin::CreateRouteTable | RouteOrigin::EnableVgwRoutePropagation)
        );
        !comes_by_itself && route.gateway_id() != Some("local")
    };
    let made = table.routes().iter().filter(made);
    made.filter_map(|route| Some((route.destination_cidr_block()?.to_owned(), RouteTarget::read(route))))
        .collect()
}

/// Adds and redirects routes before any is removed.
pub(super) async fn converge(aws: &Aws, id: &RouteTableId, desired: &Routes, actual: &Routes) -> Result<()> {
    for (destination, target) in desired.iter().filter(|(it, target)| actual.get(*it) != Some(target)) {
        let [gateway, nat, peering] = target.parameters();
        if actual.contains_key(destination) {
            let call =
                aws.ec2.replace_route().route_table_id(id.as_str()).destination_cidr_block(destination);
            let call = call.set_gateway_id(gateway).set_nat_gateway_id(nat);
            call.set_vpc_peering_connection_id(peering).send().await.or_fault("ec2 ReplaceRoute")?;
        } else {
            let call = aws.ec2.create_route().route_table_id(id.as_str()).destination_cidr_block(destination);
            let call = call.set_gateway_id(gateway).set_nat_gateway_id(nat);
            call.set_vpc_peering_connection_id(peering).send().await.or_fault("ec2 CreateRoute")?;
        }
    }
    for destination in actual.keys().filter(|it| !desired.contains_key(*it)) {
        let call = aws.ec2.delete_route().route_table_id(id.as_str()).destination_cidr_block(destination);
        call.send().await.found("ec2 DeleteRoute")?;
    }
    Ok(())
}
