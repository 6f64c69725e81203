//! EC2's look-ups by id, coalesced: what is observed at one time is one Describe call per kind.
//!
//! They filter by id instead of naming ids, because one id that is gone would fail the call for all others.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{
    Address, Filter, InternetGateway, NatGateway, NetworkInterface, RouteTable, SecurityGroup,
    SecurityGroupRule, Subnet, Vpc, VpcPeeringConnection,
};
use sidekick_engine::Result;

use crate::fault::Answer;
use crate::reads::Reads;

/// The open look-ups of each kind.
pub(crate) struct Ec2Reads {
    pub(super) addresses: Reads<Address>,
    pub(super) interfaces_in_subnet: Reads<Interfaces>,
    pub(super) interfaces_with_group: Reads<Interfaces>,
    pub(super) internet_gateways: Reads<InternetGateway>,
    pub(super) nat_gateways: Reads<NatGateway>,
    pub(super) peering_connections: Reads<VpcPeeringConnection>,
    pub(super) route_tables: Reads<RouteTable>,
    pub(super) security_groups: Reads<RuledGroup>,
    pub(super) subnets: Reads<Subnet>,
    pub(super) vpcs: Reads<Vpc>,
}

/// A security group with its rules one by one, as only a second call tells them.
#[derive(Clone)]
pub(super) struct RuledGroup {
    pub(super) group: SecurityGroup,
    pub(super) rules: Vec<SecurityGroupRule>,
}

/// All network interfaces of one subnet or security group.
#[derive(Clone)]
pub(super) struct Interfaces {
    of: String,
    pub(super) all: Vec<NetworkInterface>,
}

impl Ec2Reads {
    /// Nothing is read yet.
    pub(crate) fn new(ec2: &Client) -> Self {
        Self {
            addresses: Reads::new(ec2, addresses, Address::allocation_id),
            interfaces_in_subnet: Reads::new(ec2, interfaces_in_subnets, |found| Some(&found.of)),
            interfaces_with_group: Reads::new(ec2, interfaces_with_groups, |found| Some(&found.of)),
            internet_gateways: Reads::new(ec2, internet_gateways, InternetGateway::internet_gateway_id),
            nat_gateways: Reads::new(ec2, nat_gateways, NatGateway::nat_gateway_id),
            peering_connections: Reads::new(
                ec2,
                peering_connections,
                VpcPeeringConnection::vpc_peering_connection_id,
            ),
            route_tables: Reads::new(ec2, route_tables, RouteTable::route_table_id),
            security_groups: Reads::new(ec2, security_groups, |ruled| ruled.group.group_id()),
            subnets: Reads::new(ec2, subnets, Subnet::subnet_id),
            vpcs: Reads::new(ec2, vpcs, Vpc::vpc_id),
        }
    }
}

impl Interfaces {
    fn of(of: String, found: &[NetworkInterface], is: impl Fn(&NetworkInterface, &str) -> bool) -> Self {
        let all = found.iter().filter(|interface| is(interface, &of)).cloned().collect();
        Self { of, all }
    }
}

/// A filter with any of these values.
pub(super) fn among(name: &str, values: Vec<String>) -> Filter {
    Filter::builder().name(name).set_values(Some(values)).build()
}

async fn addresses(ec2: Client, ids: Vec<String>) -> Result<Vec<Address>> {
    let call = ec2.describe_addresses().filters(among("allocation-id", ids));
    Ok(call.send().await.or_fault("ec2 DescribeAddresses")?.addresses.unwrap_or_default())
}

pub(super) async fn interfaces(ec2: Client, filter: Filter) -> Result<Vec<NetworkInterface>> {
    let call = ec2.describe_network_interfaces().filters(filter);
    call.into_paginator().items().send().try_collect().await.or_fault("ec2 DescribeNetworkInterfaces")
}

async fn interfaces_in_subnets(ec2: Client, ids: Vec<String>) -> Result<Vec<Interfaces>> {
    let found = interfaces(ec2, among("subnet-id", ids.clone())).await?;
    let is_in = |it: &NetworkInterface, of: &str| it.subnet_id() == Some(of);
    Ok(ids.into_iter().map(|of| Interfaces::of(of, &found, is_in)).collect())
}

async fn interfaces_with_groups(ec2: Client, ids: Vec<String>) -> Result<Vec<Interfaces>> {
    let found = interfaces(ec2, among("group-id", ids.clone())).await?;
    let has = |it: &NetworkInterface, of: &str| it.groups().iter().any(|group| group.group_id() == Some(of));
    Ok(ids.into_iter().map(|of| Interfaces::of(of, &found, has)).collect())
}

async fn internet_gateways(ec2: Client, ids: Vec<String>) -> Result<Vec<InternetGateway>> {
    let call = ec2.describe_internet_gateways().filters(among("internet-gateway-id", ids));
    call.into_paginator().items().send().try_collect().await.or_fault("ec2 DescribeInternetGateways")
}

async fn nat_gateways(ec2: Client, ids: Vec<String>) -> Result<Vec<NatGateway>> {
    let call = ec2.describe_nat_gateways().filter(among("nat-gateway-id", ids));
    call.into_paginator().items().send().try_collect().await.or_fault("ec2 DescribeNatGateways")
}

async fn peering_connections(ec2: Client, ids: Vec<String>) -> Result<Vec<VpcPeeringConnection>> {
    let call = ec2.describe_vpc_peering_connections().filters(among("vpc-peering-connection-id", ids));
    call.into_paginator().items().send().try_collect().await.or_fault("ec2 DescribeVpcPeeringConnections")
}

async fn route_tables(ec2: Client, ids: Vec<String>) -> Result<Vec<RouteTable>> {
    let call = ec2.describe_route_tables().filters(among("route-table-id", ids));
    call.into_paginator().items().send().try_collect().await.or_fault("ec2 DescribeRouteTables")
}

/// Rules are asked for only of groups that exist, because for others AWS may refuse even the filter.
async fn security_groups(ec2: Client, ids: Vec<String>) -> Result<Vec<RuledGroup>> {
    let call = ec2.describe_security_groups().filters(among("group-id", ids));
    let groups = call.into_paginator().items().send().try_collect().await;
    let groups = groups.or_fault("ec2 DescribeSecurityGroups")?;
    let ids: Vec<_> = groups.iter().filter_map(SecurityGroup::group_id).map(str::to_owned).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let call = ec2.describe_security_group_rules().filters(among("group-id", ids));
    let rules = call.into_paginator().items().send().try_collect().await;
    let rules: Vec<SecurityGroupRule> = rules.or_fault("ec2 DescribeSecurityGroupRules")?;
    let ruled = |group: SecurityGroup| {
        let rules = rules.iter().filter(|rule| rule.group_id() == group.group_id()).cloned().collect();
        RuledGroup { group, rules }
    };
    Ok(groups.into_iter().map(ruled).collect())
}

async fn subnets(ec2: Client, ids: Vec<String>) -> Result<Vec<Subnet>> {
    let call = ec2.describe_subnets().filters(among("subnet-id", ids));
    call.into_paginator().items().send().try_collect().await.or_fault("ec2 DescribeSubnets")
}

async fn vpcs(ec2: Client, ids: Vec<String>) -> Result<Vec<Vpc>> {
    let call = ec2.describe_vpcs().filters(among("vpc-id", ids));
    call.into_paginator().items().send().try_collect().await.or_fault("ec2 DescribeVpcs")
}
