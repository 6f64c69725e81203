//! ELB target group: the addresses that a listener forwards to, and how their health is found out.

use aws_sdk_elasticloadbalancingv2::types::{Matcher, ProtocolEnum, TargetTypeEnum};
use serde::{Deserialize, Serialize};
use sidekick_engine::{Diff, Intent, Live, Mark, Observed, Owner, Resource, Result};

use super::attributes::{Attributes, DEREGISTRATION_DELAY, set_on_target_group};
use super::health_check::HealthCheck;
use super::tags;
use crate::fault::{Answer, missing};
use crate::{Aws, Tags, TargetGroupArn, VpcId};

/// What AWS gives a new target group.
const DEFAULT_DELAY_SECONDS: u16 = 300;

/// The target group we want: HTTP, to addresses that register themselves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetGroup {
    /// Its name, at most 32 characters, unique in the region.
    pub name: String,
    /// The VPC of its targets.
    pub vpc: VpcId,
    /// The port of its targets, where they do not have their own; it stays what it was made with.
    pub port: u16,
    /// How the load balancer finds out whether a target works.
    pub health_check: HealthCheck,
    /// For how many seconds a target that leaves may finish its requests.
    pub deregistration_delay_seconds: u16,
    /// The configured tags.
    pub tags: Tags,
}

/// What dependents may read once the target group exists.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetGroupOutputs {
    /// The target group's ARN.
    pub arn: TargetGroupArn,
}

impl Resource for TargetGroup {
    const KIND: &'static str = "elbv2.target_group";
    const DISTINCT_BY: &'static [&'static str] = &["name"];
    const CREATES_ONCE: bool = true;
    const UNIQUE_ID: bool = true;

    type Cloud = Aws;
    type Id = TargetGroupArn;
    type Outputs = TargetGroupOutputs;

    fn diff(&self, actual: &Self) -> Diff {
        // The port counts only for targets without one of their own, and ECS registers each with its container's.
        let Self { name, vpc, port: _, health_check, deregistration_delay_seconds, tags } = self;
        let delay = &actual.deregistration_delay_seconds;
        Diff::default()
            .immutable("name", name, &actual.name)
            .immutable("vpc", vpc, &actual.vpc)
            .mutable("health_check", health_check, &actual.health_check)
            .mutable("deregistration_delay_seconds", deregistration_delay_seconds, delay)
            .mutable("tags", tags, &actual.tags)
    }

    fn as_created(&self) -> Option<Self> {
        Some(Self { deregistration_delay_seconds: DEFAULT_DELAY_SECONDS, ..self.clone() })
    }

    async fn find(&self, aws: &Aws, _: &Mark) -> Result<Option<TargetGroupArn>> {
        let call = aws.elbv2.describe_target_groups().names(&self.name);
        let found = call.send().await.found("elbv2 DescribeTargetGroups")?;
        let group = found.as_ref().and_then(|found| found.target_groups().first());
        Ok(group.and_then(|group| group.target_group_arn()).map(TargetGroupArn::new))
    }

    async fn observe(&self, aws: &Aws, id: &TargetGroupArn) -> Result<Observed<Self>> {
        let arn = id.as_str();
        let describe = aws.elbv2.describe_target_groups().target_group_arns(arn);
        let (Some(found), Some((tags, owner))) = tokio::try_join!(
            async { describe.send().await.found("elbv2 DescribeTargetGroups") },
            tags::read(aws, arn),
        )?
        else {
            return Ok(Observed::Absent);
        };
        let Some(group) = found.target_groups().first() else { return Ok(Observed::Absent) };
        let Some(attributes) = Attributes::of_target_group(aws, arn).await? else {
            return Ok(Observed::Absent);
        };
        if owner == Owner::Unmarked {
            return Ok(Observed::Unmarked);
        }
        let field = |name| missing("elbv2 DescribeTargetGroups", name);
        let actual = Self {
            name: group.target_group_name().ok_or_else(|| field("TargetGroupName"))?.to_owned(),
            vpc: VpcId::new(group.vpc_id().ok_or_else(|| field("VpcId"))?),
            port: group.port().and_then(|port| port.try_into().ok()).ok_or_else(|| field("Port"))?,
            health_check: HealthCheck::read(group).ok_or_else(|| field("HealthCheck…"))?,
            deregistration_delay_seconds: attributes.value(DEREGISTRATION_DELAY)?,
            tags,
        };
        Ok(Observed::Steady(Live { actual, outputs: TargetGroupOutputs { arn: id.clone() }, owner }))
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> Result<TargetGroupArn> {
        let check = &self.health_check;
        let call = aws.elbv2.create_target_group().name(&self.name).vpc_id(self.vpc.as_str());
        let call = call.port(self.port.into()).protocol(ProtocolEnum::Http).target_type(TargetTypeEnum::Ip);
        let call = call
            .health_check_path(&check.path)
            .health_check_interval_seconds(check.interval_seconds.into())
            .health_check_timeout_seconds(check.timeout_seconds.into())
            .healthy_threshold_count(check.healthy_threshold.into())
            .unhealthy_threshold_count(check.unhealthy_threshold.into())
            .matcher(Matcher::builder().http_code(&check.matcher).build())
            .set_tags(Some(tags::specification(&self.tags, intent)));
        let made = call.send().await.or_fault("elbv2 CreateTargetGroup")?;
        let arn = made.target_groups().first().and_then(|group| group.target_group_arn());
        arn.map(TargetGroupArn::new).ok_or_else(|| missing("elbv2 CreateTargetGroup", "TargetGroupArn"))
    }

    async fn update(&self, actual: &Self, aws: &Aws, id: &TargetGroupArn, _: &Intent) -> Result<()> {
        let check = &self.health_check;
        if *check != actual.health_check {
            let call = aws
                .elbv2
                .modify_target_group()
                .target_group_arn(id.as_str())
                .health_check_path(&check.path)
                .health_check_interval_seconds(check.interval_seconds.into())
                .health_check_timeout_seconds(check.timeout_seconds.into())
                .healthy_threshold_count(check.healthy_threshold.into())
                .unhealthy_threshold_count(check.unhealthy_threshold.into())
                .matcher(Matcher::builder().http_code(&check.matcher).build());
            call.send().await.or_fault("elbv2 ModifyTargetGroup")?;
        }
        if self.deregistration_delay_seconds != actual.deregistration_delay_seconds {
            set_on_target_group(aws, id.as_str(), self.deregistration_delay_seconds).await?;
        }
        tags::update(aws, id.as_str(), &self.tags, &actual.tags).await
    }

    async fn delete(&self, aws: &Aws, id: &TargetGroupArn, _: &Intent) -> Result<()> {
        let call = aws.elbv2.delete_target_group().target_group_arn(id.as_str());
        call.send().await.found("elbv2 DeleteTargetGroup")?;
        Ok(())
    }
}
