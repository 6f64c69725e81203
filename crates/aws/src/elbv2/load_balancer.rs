//! ELB application load balancer.

use std::collections::BTreeSet;

use aws_sdk_elasticloadbalancingv2::types::LoadBalancerSchemeEnum as Scheme;
use serde::{Deserialize, Serialize};
use sidekick_engine::{Diff, Intent, Live, Mark, Observed, Pace, Resource, Result, Teardown};

use super::attributes::{Attributes, DELETION_PROTECTION, IDLE_TIMEOUT, set_on_load_balancer};
use super::readiness::{Look, look, unready};
use super::tags;
use crate::fault::{Answer, missing};
use crate::id::list;
use crate::{Aws, LoadBalancerArn, SecurityGroupId, SubnetId, Tags};

/// The load balancer we want.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoadBalancer {
    /// Its name, at most 32 characters, unique in the region.
    pub name: String,
    /// Whether it has private addresses only.
    pub internal: bool,
    /// Its subnets, in at least two zones.
    pub subnets: BTreeSet<SubnetId>,
    /// The security groups of its network interfaces.
    pub security_groups: BTreeSet<SecurityGroupId>,
    /// Whether AWS refuses to delete it.
    pub deletion_protection: bool,
    /// After how many seconds without data a connection is closed.
    pub idle_timeout_seconds: u16,
    /// The configured tags.
    pub tags: Tags,
}

/// What dependents may read once the load balancer is active.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoadBalancerOutputs {
    /// The load balancer's ARN.
    pub arn: LoadBalancerArn,
    /// The name by which clients reach it.
    pub dns_name: String,
    /// The hosted zone for alias records that point at it.
    pub hosted_zone: Option<String>,
}

impl Resource for LoadBalancer {
    const KIND: &'static str = "elbv2.load_balancer";
    const UP: Pace = Pace::seconds(95, 140, 190, 900);
    const CREATES_ONCE: bool = true;
    const UNIQUE_ID: bool = true;
    const TEARDOWN: Teardown = Teardown::Anytime;

    type Cloud = Aws;
    type Id = LoadBalancerArn;
    type Outputs = LoadBalancerOutputs;

    #[rustfmt::skip]
    fn diff(&self, actual: &Self) -> Diff {
        let Self {
            name, internal, subnets, security_groups, deletion_protection, idle_timeout_seconds, tags,
        } = self;
        Diff::default()
            .immutable("name", name, &actual.name)
            .immutable("internal", internal, &actual.internal)
            .mutable("subnets", subnets, &actual.subnets)
            .mutable("security_groups", security_groups, &actual.security_groups)
            .mutable("deletion_protection", deletion_protection, &actual.deletion_protection)
            .mutable("idle_timeout_seconds", idle_timeout_seconds, &actual.idle_timeout_seconds)
            .mutable("tags", tags, &actual.tags)
    }

    fn protection(&self) -> Option<String> {
        self.deletion_protection.then(|| "its `deletion_protection` is on".to_owned())
    }

    async fn find(&self, aws: &Aws, _: &Mark) -> Result<Option<LoadBalancerArn>> {
        let call = aws.elbv2.describe_load_balancers().names(&self.name);
        let found = call.send().await.found("elbv2 DescribeLoadBalancers")?;
        let balancer = found.as_ref().and_then(|found| found.load_balancers().first());
        Ok(balancer.and_then(|balancer| balancer.load_balancer_arn()).map(LoadBalancerArn::new))
    }

    async fn observe(&self, aws: &Aws, id: &LoadBalancerArn) -> Result<Observed<Self>> {
        let arn = id.as_str();
        let Some(Look { balancer, marked, owner }) = look(aws, arn).await? else {
            return Ok(Observed::Absent);
        };
        if let Some(unready) = unready(&balancer, &owner) {
            return Ok(unready);
        }
        let tags = async { if marked.is_some() { Ok(marked) } else { tags::read(aws, arn).await } };
        let attributes = Attributes::of_load_balancer(aws, arn);
        let (Some(attributes), Some((tags, owner))) = tokio::try_join!(attributes, tags)? else {
            return Ok(Observed::Absent);
        };
        let field = |name| missing("elbv2 DescribeLoadBalancers", name);
        let subnets = balancer.availability_zones().iter().filter_map(|zone| zone.subnet_id());
        let actual = Self {
            name: balancer.load_balancer_name().ok_or_else(|| field("LoadBalancerName"))?.to_owned(),
            internal: balancer.scheme() == Some(&Scheme::Internal),
            subnets: subnets.map(SubnetId::new).collect(),
            security_groups: balancer.security_groups().iter().map(SecurityGroupId::new).collect(),
            deletion_protection: attributes.value(DELETION_PROTECTION)?,
            idle_timeout_seconds: attributes.value(IDLE_TIMEOUT)?,
            tags,
        };
        let dns_name = balancer.dns_name().ok_or_else(|| field("DNSName"))?.to_owned();
        let hosted_zone = balancer.canonical_hosted_zone_id().map(str::to_owned);
        let outputs = LoadBalancerOutputs { arn: id.clone(), dns_name, hosted_zone };
        Ok(Observed::Steady(Live { actual, outputs, owner }))
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> Result<LoadBalancerArn> {
        let scheme = if self.internal { Scheme::Internal } else { Scheme::InternetFacing };
        let call = aws.elbv2.create_load_balancer().name(&self.name).scheme(scheme);
        let call = call.set_subnets(list(&self.subnets)).set_security_groups(list(&self.security_groups));
        let call = call.set_tags(Some(tags::specification(&self.tags, intent)));
        let made = call.send().await.or_fault("elbv2 CreateLoadBalancer")?;
        let arn = made.load_balancers().first().and_then(|balancer| balancer.load_balancer_arn());
        arn.map(LoadBalancerArn::new).ok_or_else(|| missing("elbv2 CreateLoadBalancer", "LoadBalancerArn"))
    }

    async fn update(&self, actual: &Self, aws: &Aws, id: &LoadBalancerArn, _: &Intent) -> Result<()> {
        if self.subnets != actual.subnets {
            let call = aws.elbv2.set_subnets().load_balancer_arn(id.as_str());
            call.set_subnets(list(&self.subnets)).send().await.or_fault("elbv2 SetSubnets")?;
        }
        if self.security_groups != actual.security_groups {
            let call = aws.elbv2.set_security_groups().load_balancer_arn(id.as_str());
            let call = call.set_security_groups(list(&self.security_groups));
            call.send().await.or_fault("elbv2 SetSecurityGroups")?;
        }
        let attributes = |of: &Self| (of.deletion_protection, of.idle_timeout_seconds);
        if attributes(self) != attributes(actual) {
            set_on_load_balancer(aws, id.as_str(), attributes(self)).await?;
        }
        tags::update(aws, id.as_str(), &self.tags, &actual.tags).await
    }

    async fn delete(&self, aws: &Aws, id: &LoadBalancerArn, _: &Intent) -> Result<()> {
        let call = aws.elbv2.delete_load_balancer().load_balancer_arn(id.as_str());
        call.send().await.found("elbv2 DeleteLoadBalancer")?;
        Ok(())
    }
}
