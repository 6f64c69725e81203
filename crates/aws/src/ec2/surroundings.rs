//! Everything in a VPC that decides where traffic goes, whoever put it there.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::{NatGatewayState, Route, RouteState, RouteTable, SecurityGroup, SecurityGroupRule};
use sidekick_engine::Result;
use tokio::try_join;

use super::reads::among;
use super::route::RouteTarget;
use super::route_table_association::associations;
use super::security_group_rule::Rule;
use super::tags::filter;
use crate::fault::{Answer, missing};
use crate::{Aws, NatGatewayId, RouteTableId, SecurityGroupId, SubnetId, VpcId};

/// How many values AWS takes in one filter.
const FILTER_VALUES: usize = 200;

/// What stands in a VPC.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Its subnets with their IPv4 ranges.
    pub subnets: BTreeMap<SubnetId, String>,
    /// Its route tables.
    pub tables: BTreeMap<RouteTableId, StandingTable>,
    /// The subnet of each NAT gateway that works.
    pub nat_gateways: BTreeMap<NatGatewayId, SubnetId>,
    /// The rules of each of its security groups.
    pub groups: BTreeMap<SecurityGroupId, Vec<StandingRule>>,
}

/// A route table.
#[derive(Clone, Debug, Default)]
pub struct StandingTable {
    /// Whether it is the table of all subnets that have no other.
    pub is_main: bool,
    /// The subnets that are associated with it.
    pub subnets: BTreeSet<SubnetId>,
    /// Its routes, those that come by themselves included.
    pub routes: Vec<StandingRoute>,
}

/// A route.
#[derive(Clone, Debug)]
pub struct StandingRoute {
    /// A range of IPv4 or IPv6, or the id of a prefix list.
    pub destination: String,
    /// Where it leads; `local` for the VPC itself.
    pub target: RouteTarget,
    /// Whether nothing is there.
    pub is_blackhole: bool,
}

/// A rule of a security group.
#[derive(Clone, Debug)]
pub struct StandingRule {
    /// Its id.
    pub id: String,
    /// Whether it lets out, and not in.
    pub is_egress: bool,
    /// What it lets through.
    pub rule: Rule,
}

/// Reads what stands in a VPC; nothing if there is no such VPC.
pub async fn surroundings(aws: &Aws, vpc: &VpcId) -> Result<Surroundings> {
    let in_vpc = || filter("vpc-id", vpc.as_str());
    let subnets = aws.ec2.describe_subnets().filters(in_vpc()).into_paginator().items().send();
    let tables = aws.ec2.describe_route_tables().filters(in_vpc()).into_paginator().items().send();
    let gateways = aws.ec2.describe_nat_gateways().filter(in_vpc()).into_paginator().items().send();
    let (subnets, tables, gateways, groups) = try_join!(
        async { subnets.try_collect().await.or_fault("ec2 DescribeSubnets") },
        async { tables.try_collect().await.or_fault("ec2 DescribeRouteTables") },
        async { gateways.try_collect().await.or_fault("ec2 DescribeNatGateways") },
        groups(aws, vpc),
    )?;
    let mut found = Surroundings { groups, ..Surroundings::default() };
    for subnet in subnets {
        if let (Some(id), Some(range)) = (subnet.subnet_id, subnet.cidr_block) {
            found.subnets.insert(SubnetId::new(id), range);
        }
    }
    for table in tables {
        let id = table.route_table_id().ok_or_else(|| missing("ec2 DescribeRouteTables", "RouteTableId"))?;
        found.tables.insert(RouteTableId::new(id), read_table(&table));
    }
    for gateway in gateways {
        let works = gateway.state == Some(NatGatewayState::Available);
        if let (true, Some(id), Some(subnet)) = (works, gateway.nat_gateway_id, gateway.subnet_id) {
            found.nat_gateways.insert(NatGatewayId::new(id), SubnetId::new(subnet));
        }
    }
    Ok(found)
}

fn read_table(table: &RouteTable) -> StandingTable {
    let route = |route: &Route| {
        let destination = route.destination_cidr_block().or(route.destination_ipv6_cidr_block());
        Some(StandingRoute {
            destination: destination.or(route.destination_prefix_list_id())?.to_owned(),
            target: RouteTarget::read(route),
            is_blackhole: route.state() == Some(&RouteState::Blackhole),
        })
    };
    StandingTable {
        is_main: table.associations().iter().any(|association| association.main() == Some(true)),
        subnets: associations(table).into_keys().collect(),
        routes: table.routes().iter().filter_map(route).collect(),
    }
}

/// The groups of a VPC with their rules, which only a second call tells one by one.
async fn groups(aws: &Aws, vpc: &VpcId) -> Result<BTreeMap<SecurityGroupId, Vec<StandingRule>>> {
    let call = aws.ec2.describe_security_groups().filters(filter("vpc-id", vpc.as_str()));
    let groups = call.into_paginator().items().send().try_collect().await;
    let groups: Vec<SecurityGroup> = groups.or_fault("ec2 DescribeSecurityGroups")?;
    let ids: Vec<_> = groups.iter().filter_map(SecurityGroup::group_id).map(str::to_owned).collect();
    let mut found: BTreeMap<_, _> = ids.iter().map(|id| (SecurityGroupId::new(id), Vec::new())).collect();
    for ids in ids.chunks(FILTER_VALUES) {
        let call = aws.ec2.describe_security_group_rules().filters(among("group-id", ids.to_vec()));
        let rules = call.into_paginator().items().send().try_collect().await;
        let rules: Vec<SecurityGroupRule> = rules.or_fault("ec2 DescribeSecurityGroupRules")?;
        for rule in &rules {
            let field = |name| missing("ec2 DescribeSecurityGroupRules", name);
            let group = SecurityGroupId::new(rule.group_id().ok_or_else(|| field("GroupId"))?);
            let id = rule.security_group_rule_id().ok_or_else(|| field("SecurityGroupRuleId"))?.to_owned();
            let is_egress = rule.is_egress().ok_or_else(|| field("IsEgress"))?;
            let standing = StandingRule { id, is_egress, rule: Rule::read(rule)? };
            found.entry(group).or_default().push(standing);
        }
    }
    Ok(found)
}
