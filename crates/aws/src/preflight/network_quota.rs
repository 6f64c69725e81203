//! The quotas of the network, which Service Quotas alone tells, and how much of them is in use.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::NatGatewayState;
use sidekick_engine::Result;
use tokio::try_join;

use super::quota::{Quota, count};
use crate::Aws;
use crate::fault::{Answer, missing};

/// Under which name Service Quotas knows the network, and the codes of its quotas.
const SERVICE: &str = "vpc";
const VPCS: &str = "L-F678F1CE";
const INTERNET_GATEWAYS: &str = "L-A4707A72";
const NAT_GATEWAYS: &str = "L-FE5A380F";

/// The VPCs of the region. Those of other accounts, which share their subnets with this one, do not count.
///
/// # Errors
/// When the account may not be looked at.
pub async fn vpc_quota(aws: &Aws, account: &str) -> Result<Quota> {
    let vpcs = async {
        let vpcs = aws.ec2.describe_vpcs().into_paginator().items().send();
        vpcs.try_collect().await.or_fault("ec2 DescribeVpcs")
    };
    let (most, vpcs) = try_join!(most(aws, VPCS), vpcs)?;
    let owners = vpcs.iter().map(|vpc| vpc.owner_id());
    Ok(Quota { used: owned(owners, account), most })
}

/// The internet gateways of the region.
///
/// # Errors
/// When the account may not be looked at.
pub async fn internet_gateway_quota(aws: &Aws, account: &str) -> Result<Quota> {
    let gateways = async {
        let gateways = aws.ec2.describe_internet_gateways().into_paginator().items().send();
        gateways.try_collect().await.or_fault("ec2 DescribeInternetGateways")
    };
    let (most, gateways) = try_join!(most(aws, INTERNET_GATEWAYS), gateways)?;
    let owners = gateways.iter().map(|gateway| gateway.owner_id());
    Ok(Quota { used: owned(owners, account), most })
}

/// How many NAT gateways each zone may have, and how many those have that have any. Those on their way out count until they
/// are gone, which may be before one is made; they are left out.
///
/// # Errors
/// When the account may not be looked at.
pub async fn nat_gateway_quota(aws: &Aws) -> Result<(i64, BTreeMap<String, i64>)> {
    let gateways = async {
        let gateways = aws.ec2.describe_nat_gateways().into_paginator().items().send();
        gateways.try_collect().await.or_fault("ec2 DescribeNatGateways")
    };
    let subnets = async {
        let subnets = aws.ec2.describe_subnets().into_paginator().items().send();
        subnets.try_collect().await.or_fault("ec2 DescribeSubnets")
    };
    let (most, gateways, subnets) = try_join!(most(aws, NAT_GATEWAYS), gateways, subnets)?;
    let zones = subnets.iter().filter_map(|subnet| Some((subnet.subnet_id()?, subnet.availability_zone()?)));
    let zones: BTreeMap<_, _> = zones.collect();
    let mut used = BTreeMap::new();
    for gateway in gateways {
        let counts = matches!(gateway.state(), Some(NatGatewayState::Pending | NatGatewayState::Available));
        let zone = gateway.subnet_id().and_then(|subnet| zones.get(subnet)).filter(|_| counts);
        if let Some(zone) = zone {
            *used.entry((*zone).to_owned()).or_insert(0) += 1;
        }
    }
    Ok((most, used))
}

/// The value that is in force, or that of all accounts where Service Quotas keeps none for this one.
async fn most(aws: &Aws, code: &str) -> Result<i64> {
    let (own, default) = ("servicequotas GetServiceQuota", "servicequotas GetAWSDefaultServiceQuota");
    let told = aws.servicequotas.get_service_quota().service_code(SERVICE).quota_code(code);
    let (operation, quota) = match told.send().await.found(own)? {
        Some(told) => (own, told.quota),
        None => {
            let told = aws.servicequotas.get_aws_default_service_quota();
            let told = told.service_code(SERVICE).quota_code(code).send().await;
            (default, told.or_fault(default)?.quota)
        }
    };
    let value = quota.and_then(|quota| quota.value).ok_or_else(|| missing(operation, "Value"))?;
    Ok(value as i64)
}

/// How many things are of this account. Where no owner is told, there is no other.
fn owned<'a>(owners: impl Iterator<Item = Option<&'a str>>, account: &str) -> i64 {
    count(owners.filter(|owner| owner.is_none_or(|owner| owner == account)).count())
}
