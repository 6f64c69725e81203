//! What the quotas of the account leave, as far as the services themselves tell.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::AccountAttributeName;
use aws_sdk_iam::types::SummaryKeyType;
use sidekick_engine::Result;

use crate::Aws;
use crate::fault::{Answer, missing};

/// How many of something there are, and how many there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// How many there are.
    pub used: i64,
    /// How many there may be.
    pub most: i64,
}

/// The Elastic IPs of the region.
///
/// # Errors
/// When the account may not be looked at.
pub async fn elastic_ip_quota(aws: &Aws) -> Result<Quota> {
    let operation = "ec2 DescribeAccountAttributes";
    let attributes = aws.ec2.describe_account_attributes();
    let attributes = attributes.attribute_names(AccountAttributeName::from("vpc-max-elastic-ips"));
    let (attributes, addresses) = tokio::join!(attributes.send(), aws.ec2.describe_addresses().send());
    let attributes = attributes.or_fault(operation)?;
    let values = attributes.account_attributes().iter().flat_map(|attribute| attribute.attribute_values());
    let most = values.filter_map(|value| value.attribute_value()?.parse().ok()).next();
    let most = most.ok_or_else(|| missing(operation, "AttributeValue"))?;
    let used = addresses.or_fault("ec2 DescribeAddresses")?.addresses().len();
    Ok(Quota { used: count(used), most })
}

/// What RDS counts, by its own names, such as `DBInstances`.
///
/// # Errors
/// When the account may not be looked at.
pub async fn database_quotas(aws: &Aws) -> Result<BTreeMap<String, Quota>> {
    let answer = aws.rds.describe_account_attributes().send().await;
    let answer = answer.or_fault("rds DescribeAccountAttributes")?;
    let quotas = answer.account_quotas.unwrap_or_default().into_iter();
    Ok(quotas
        .filter_map(|it| Some((it.account_quota_name?, Quota { used: it.used?, most: it.max? })))
        .collect())
}

/// The load balancers and the target groups of the region, under the names of their limits: `target-groups` and so on.
///
/// # Errors
/// When the account may not be looked at.
pub async fn load_balancing_quotas(aws: &Aws) -> Result<BTreeMap<String, Quota>> {
    let limits =
        async { aws.elbv2.describe_account_limits().send().await.or_fault("elbv2 DescribeAccountLimits") };
    let (limits, balancers, groups) = tokio::try_join!(limits, load_balancers(aws), target_groups(aws))?;
    let used = [("application-load-balancers", balancers), ("target-groups", groups)];
    let most = |name| limits.limits().iter().find(|limit| limit.name() == Some(name))?.max()?.parse().ok();
    Ok(used
        .into_iter()
        .filter_map(|(name, used)| Some((name.to_owned(), Quota { used, most: most(name)? })))
        .collect())
}

async fn load_balancers(aws: &Aws) -> Result<i64> {
    let mut pages = aws.elbv2.describe_load_balancers().into_paginator().send();
    let mut used = 0;
    while let Some(page) = pages.next().await {
        let page = page.or_fault("elbv2 DescribeLoadBalancers")?;
        let balancers = page.load_balancers().iter();
        used += balancers.filter(|it| it.r#type().is_some_and(|kind| kind.as_str() == "application")).count();
    }
    Ok(count(used))
}

async fn target_groups(aws: &Aws) -> Result<i64> {
    let mut pages = aws.elbv2.describe_target_groups().into_paginator().send();
    let mut used = 0;
    while let Some(page) = pages.next().await {
        used += page.or_fault("elbv2 DescribeTargetGroups")?.target_groups().len();
    }
    Ok(count(used))
}

/// The roles of the account.
///
/// # Errors
/// When the account may not be looked at.
pub async fn role_quota(aws: &Aws) -> Result<Quota> {
    let operation = "iam GetAccountSummary";
    let answer = aws.iam.get_account_summary().send().await.or_fault(operation)?;
    let figures = answer.summary_map();
    let figure = |key: &str| {
        let figure = figures.and_then(|figures| figures.get(&SummaryKeyType::from(key)));
        figure.map(|figure| i64::from(*figure)).ok_or_else(|| missing(operation, key))
    };
    Ok(Quota { used: figure("Roles")?, most: figure("RolesQuota")? })
}

pub(super) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
