//! Scalable target: the limits between which Application Auto Scaling sets the number of an ECS service's tasks.

use std::time::Duration;

use aws_sdk_applicationautoscaling::operation::register_scalable_target::builders::RegisterScalableTargetFluentBuilder;
use aws_sdk_applicationautoscaling::types::{ScalableDimension, ScalableTarget as Found, ServiceNamespace};
use serde::{Deserialize, Serialize};
use sidekick_engine::{Class, Diff, Fault, Intent, Live, Mark, Observed, Pace, Resource, Result};

use crate::fault::{Answer, missing};
use crate::tags::{changes, marked, split};
use crate::{Aws, ScalableResourceId, Tags, ecs};

const DESCRIBE: &str = "application-autoscaling DescribeScalableTargets";
const REGISTER: &str = "application-autoscaling RegisterScalableTarget";

/// The scalable target we want. A service has one at most.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScalableTarget {
    /// The service that is scaled: `service/CLUSTER/NAME`.
    pub resource: String,
    /// The fewest tasks. If there are fewer, registering it starts what is missing at once.
    pub min: u32,
    /// The most tasks.
    pub max: u32,
    /// The configured tags.
    pub tags: Tags,
}

/// A scalable target has nothing to read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScalableTargetOutputs {}

/// A service has one at most, but `CREATES_ONCE` stays off: what is registered already takes no tags, so that the same
/// call does not find the first one.
impl Resource for ScalableTarget {
    const KIND: &'static str = "applicationautoscaling.scalable_target";
    /// It starts the tasks that are missing, which take as long as those of a deployment.
    const UP: Pace = Pace { deadline: Duration::from_secs(1200), ..Pace::PROMPT };

    type Cloud = Aws;
    type Id = ScalableResourceId;
    type Outputs = ScalableTargetOutputs;

    fn diff(&self, actual: &Self) -> Diff {
        let Self { resource, min, max, tags } = self;
        Diff::default()
            .immutable("resource", resource, &actual.resource)
            .mutable("min", min, &actual.min)
            .mutable("max", max, &actual.max)
            .mutable("tags", tags, &actual.tags)
    }

    async fn find(&self, aws: &Aws, _: &Mark) -> Result<Option<ScalableResourceId>> {
        let found = describe(aws, &self.resource).await?;
        Ok(found.map(|found| ScalableResourceId::new(found.resource_id)))
    }

    async fn observe(&self, aws: &Aws, id: &ScalableResourceId) -> Result<Observed<Self>> {
        let Some(found) = describe(aws, id.as_str()).await? else { return Ok(Observed::Absent) };
        let call = aws.applicationautoscaling.list_tags_for_resource().resource_arn(arn(&found)?);
        let listed = call.send().await.found("application-autoscaling ListTagsForResource")?;
        let Some(listed) = listed else { return Ok(Observed::Absent) };
        let (tags, owner) = split(listed.tags.unwrap_or_default());
        let fewest = found.min_capacity;
        if let Some(note) = ecs::missing_tasks(aws, id.as_str(), fewest).await? {
            return Ok(Observed::Settling { note, owner });
        }
        let limit = |limit: i32| limit.try_into().map_err(|_| missing(DESCRIBE, "capacity"));
        let actual = Self {
            min: limit(found.min_capacity)?,
            max: limit(found.max_capacity)?,
            resource: found.resource_id,
            tags,
        };
        Ok(Observed::Steady(Live { actual, outputs: ScalableTargetOutputs {}, owner }))
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> Result<ScalableResourceId> {
        let tags = marked(&self.tags, intent).into_iter().collect();
        self.register(aws)?.set_tags(Some(tags)).send().await.or_fault(REGISTER)?;
        Ok(ScalableResourceId::new(&self.resource))
    }

    async fn update(&self, actual: &Self, aws: &Aws, id: &ScalableResourceId, _: &Intent) -> Result<()> {
        if (self.min, self.max) != (actual.min, actual.max) {
            self.register(aws)?.send().await.or_fault(REGISTER)?;
        }
        if self.tags == actual.tags {
            return Ok(());
        }
        let found = describe(aws, id.as_str()).await?.ok_or_else(|| missing(DESCRIBE, "ScalableTargets"))?;
        let (arn, (write, remove)) = (arn(&found)?, changes(&self.tags, &actual.tags));
        if !write.is_empty() {
            let call = aws.applicationautoscaling.tag_resource().resource_arn(arn);
            let call = call.set_tags(Some(write.into_iter().collect()));
            call.send().await.or_fault("application-autoscaling TagResource")?;
        }
        if !remove.is_empty() {
            let call = aws.applicationautoscaling.untag_resource().resource_arn(arn);
            let call = call.set_tag_keys(Some(remove));
            call.send().await.or_fault("application-autoscaling UntagResource")?;
        }
        Ok(())
    }

    /// The service keeps the number of tasks that it has.
    async fn delete(&self, aws: &Aws, id: &ScalableResourceId, _: &Intent) -> Result<()> {
        let call = aws.applicationautoscaling.deregister_scalable_target();
        let call = call.service_namespace(ServiceNamespace::Ecs).resource_id(id.as_str());
        let call = call.scalable_dimension(ScalableDimension::EcsServiceDesiredCount);
        call.send().await.found("application-autoscaling DeregisterScalableTarget")?;
        Ok(())
    }
}

impl ScalableTarget {
    /// Registers it, or changes its limits if it is registered.
    fn register(&self, aws: &Aws) -> Result<RegisterScalableTargetFluentBuilder> {
        let limit = |limit: u32| {
            let too_large = |_| Fault::new(Class::Invalid, REGISTER, format!("{limit} is too large"));
            i32::try_from(limit).map_err(too_large)
        };
        let call = aws.applicationautoscaling.register_scalable_target();
        let call = call.service_namespace(ServiceNamespace::Ecs).resource_id(&self.resource);
        let call = call.scalable_dimension(ScalableDimension::EcsServiceDesiredCount);
        Ok(call.min_capacity(limit(self.min)?).max_capacity(limit(self.max)?))
    }
}

async fn describe(aws: &Aws, resource: &str) -> Result<Option<Found>> {
    let call = aws.applicationautoscaling.describe_scalable_targets();
    let call = call.service_namespace(ServiceNamespace::Ecs).resource_ids(resource);
    let call = call.scalable_dimension(ScalableDimension::EcsServiceDesiredCount);
    let answer = call.send().await.or_fault(DESCRIBE)?;
    Ok(answer.scalable_targets.unwrap_or_default().into_iter().next())
}

fn arn(found: &Found) -> Result<&str> {
    found.scalable_target_arn().ok_or_else(|| missing(DESCRIBE, "ScalableTargetARN"))
}
