//! EC2: the network.

mod account_attribute;
mod address;
mod authorization;
mod availability_zone;
pub(crate) mod cidr;
mod describe;
mod internet_gateway;
mod nat_gateway;
pub(crate) mod network_interface;
mod peering;
mod permission;
mod permission_request;
pub(crate) mod reach;
mod route;
mod route_table;
mod security_group;
mod security_group_rule;
mod subnet;
mod tags;
mod vpc;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::call::Answer;
use crate::reference::Reference;
use crate::service::{Dialect, Operation, Protocol, Service, mutates, reads};
use crate::world::World;

pub(crate) use address::Address;
pub(crate) use availability_zone::zones;
pub(crate) use internet_gateway::InternetGateway;
pub(crate) use nat_gateway::NatGateway;
pub(crate) use network_interface::NetworkInterface;
pub(crate) use peering::Peering;
pub(crate) use route_table::RouteTable;
pub(crate) use security_group::SecurityGroup;
pub(crate) use security_group_rule::SecurityGroupRule;
pub(crate) use subnet::Subnet;
pub(crate) use vpc::Vpc;

pub(crate) static SERVICE: Service = Service {
    name: "ec2",
    protocol: Protocol::Ec2Query { namespace: "http://ec2.amazonaws.com/doc/2016-11-15/" },
    dialect: &Dialect {
        unknown_operation: "InvalidAction",
        throttled: "RequestLimitExceeded",
        throttled_words: "Request limit exceeded.",
        throttled_status: 503,
        internal: "InternalError",
        ..Dialect::QUERY
    },
    operations: OPERATIONS,
    settle,
    references,
};

/// The quotas that Service Quotas tells of: their codes, their names and how many there may be.
pub(crate) const QUOTAS: &[(&str, &str, usize)] = &[
    ("L-F678F1CE", "VPCs per Region", vpc::LIMIT),
    ("L-A4707A72", "Internet gateways per Region", internet_gateway::LIMIT),
    ("L-FE5A380F", "NAT gateways per Availability Zone", nat_gateway::LIMIT),
];

static OPERATIONS: &[Operation] = &[
    reads("DescribeAccountAttributes", account_attribute::describe),
    reads("DescribeAvailabilityZones", availability_zone::describe),
    mutates("CreateVpc", vpc::create),
    reads("DescribeVpcs", vpc::describe),
    reads("DescribeVpcAttribute", vpc::describe_attribute),
    mutates("ModifyVpcAttribute", vpc::modify_attribute),
    mutates("DeleteVpc", vpc::delete),
    mutates("CreateSubnet", subnet::create),
    reads("DescribeSubnets", subnet::describe),
    mutates("ModifySubnetAttribute", subnet::modify_attribute),
    mutates("DeleteSubnet", subnet::delete),
    mutates("CreateInternetGateway", internet_gateway::create),
    reads("DescribeInternetGateways", internet_gateway::describe),
    mutates("AttachInternetGateway", internet_gateway::attach),
    mutates("DetachInternetGateway", internet_gateway::detach),
    mutates("DeleteInternetGateway", internet_gateway::delete),
    mutates("AllocateAddress", address::allocate),
    reads("DescribeAddresses", address::describe),
    mutates("ReleaseAddress", address::release),
    mutates("CreateNatGateway", nat_gateway::create).token("ClientToken"),
    reads("DescribeNatGateways", nat_gateway::describe),
    mutates("DeleteNatGateway", nat_gateway::delete),
    mutates("CreateRouteTable", route_table::create).token("ClientToken"),
    reads("DescribeRouteTables", route_table::describe),
    mutates("AssociateRouteTable", route_table::associate),
    mutates("ReplaceRouteTableAssociation", route_table::replace_association),
    mutates("DisassociateRouteTable", route_table::disassociate),
    mutates("DeleteRouteTable", route_table::delete),
    mutates("CreateRoute", route::create),
    mutates("ReplaceRoute", route::replace),
    mutates("DeleteRoute", route::delete),
    mutates("CreateSecurityGroup", security_group::create),
    reads("DescribeSecurityGroups", security_group::describe),
    mutates("DeleteSecurityGroup", security_group::delete),
    reads("DescribeSecurityGroupRules", security_group_rule::describe),
    mutates("AuthorizeSecurityGroupIngress", authorization::authorize_ingress),
    mutates("AuthorizeSecurityGroupEgress", authorization::authorize_egress),
    mutates("RevokeSecurityGroupIngress", authorization::revoke_ingress),
    mutates("RevokeSecurityGroupEgress", authorization::revoke_egress),
    mutates("ModifySecurityGroupRules", authorization::modify),
    mutates("CreateVpcPeeringConnection", peering::create),
    mutates("AcceptVpcPeeringConnection", peering::accept).shared(),
    mutates("RejectVpcPeeringConnection", peering::reject).shared(),
    mutates("ModifyVpcPeeringConnectionOptions", peering::modify_options).shared(),
    reads("DescribeVpcPeeringConnections", peering::describe).shared(),
    mutates("DeleteVpcPeeringConnection", peering::delete).shared(),
    reads("DescribeNetworkInterfaces", network_interface::describe),
    mutates("CreateTags", tags::create),
    mutates("DeleteTags", tags::delete),
];

/// Everything of EC2, by id.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Ec2 {
    pub(crate) vpcs: BTreeMap<String, Vpc>,
    pub(crate) subnets: BTreeMap<String, Subnet>,
    pub(crate) internet_gateways: BTreeMap<String, InternetGateway>,
    pub(crate) addresses: BTreeMap<String, Address>,
    pub(crate) nat_gateways: BTreeMap<String, NatGateway>,
    pub(crate) route_tables: BTreeMap<String, RouteTable>,
    pub(crate) security_groups: BTreeMap<String, SecurityGroup>,
    pub(crate) security_group_rules: BTreeMap<String, SecurityGroupRule>,
    pub(crate) peerings: BTreeMap<String, Peering>,
    pub(crate) network_interfaces: BTreeMap<String, NetworkInterface>,
}

fn settle(world: &mut World) {
    network_interface::settle(world);
    address::settle(world);
    nat_gateway::settle(world);
    peering::settle(world);
}

fn references(world: &World) -> Vec<Reference> {
    let all = [
        subnet::references(world),
        internet_gateway::references(world),
        route_table::references(world),
        security_group::references(world),
        security_group_rule::references(world),
        peering::references(world),
        network_interface::references(world),
    ];
    all.concat()
}

/// EC2's answer to a change that has nothing else to say.
fn done() -> Answer {
    Ok(json!({ "return": true }))
}
