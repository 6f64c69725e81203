//! Scaling policy: keeps a metric of a service near its target by changing the number of tasks.

use aws_sdk_applicationautoscaling::types::{
    MetricType, PolicyType, PredefinedMetricSpecification, ScalableDimension, ScalingPolicy as Found,
    ServiceNamespace, TargetTrackingScalingPolicyConfiguration,
};
use serde::{Deserialize, Serialize};
use sidekick_engine::{Diff, Intent, Live, Mark, Observed, Owner, Resource, Result};

use crate::fault::{Answer, missing};
use crate::{Aws, ScalableResourceId, ScalingPolicyArn};

const DESCRIBE: &str = "application-autoscaling DescribeScalingPolicies";
const PUT: &str = "application-autoscaling PutScalingPolicy";

/// The policy we want. The alarms by which it acts are AWS's own, and come and go with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScalingPolicy {
    /// Its name, unique for the scalable target.
    pub name: String,
    /// The scalable target that it acts on.
    pub target: ScalableResourceId,
    /// The metric as Application Auto Scaling calls it: `ECSServiceAverageCPUUtilization`.
    pub metric: String,
    /// Of which target group of which load balancer, for the metric that needs it.
    pub resource_label: Option<String>,
    /// What the metric is kept near.
    pub value: f64,
}

/// A scaling policy has nothing to read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScalingPolicyOutputs {}

impl Resource for ScalingPolicy {
    const KIND: &'static str = "applicationautoscaling.scaling_policy";
    const CREATES_ONCE: bool = true;

    type Cloud = Aws;
    type Id = ScalingPolicyArn;
    type Outputs = ScalingPolicyOutputs;

    fn diff(&self, actual: &Self) -> Diff {
        let Self { name, target, metric, resource_label, value } = self;
        Diff::default()
            .immutable("name", name, &actual.name)
            .immutable("target", target, &actual.target)
            .mutable("metric", metric, &actual.metric)
            .mutable("resource_label", resource_label, &actual.resource_label)
            .mutable("value", value, &actual.value)
    }

    async fn find(&self, aws: &Aws, _: &Mark) -> Result<Option<ScalingPolicyArn>> {
        let found = describe(aws, self.target.as_str(), &self.name).await?;
        Ok(found.map(|found| ScalingPolicyArn::new(found.policy_arn)))
    }

    async fn observe(&self, aws: &Aws, id: &ScalingPolicyArn) -> Result<Observed<Self>> {
        let (target, name) = parts(id)?;
        let found = describe(aws, target, name).await?.filter(|found| found.policy_arn == id.as_str());
        let Some(found) = found else { return Ok(Observed::Absent) };
        let tracking = found.target_tracking_scaling_policy_configuration();
        let metric =
            tracking.and_then(TargetTrackingScalingPolicyConfiguration::predefined_metric_specification);
        let actual = Self {
            name: name.to_owned(),
            target: ScalableResourceId::new(target),
            // A policy of another sort follows none of the metrics that we know, and becomes one of ours.
            metric: metric.map(|it| it.predefined_metric_type().as_str()).unwrap_or_default().to_owned(),
            resource_label: metric.and_then(|it| it.resource_label()).map(str::to_owned),
            value: tracking.map(TargetTrackingScalingPolicyConfiguration::target_value).unwrap_or_default(),
        };
        Ok(Observed::Steady(Live { actual, outputs: ScalingPolicyOutputs {}, owner: Owner::Parent }))
    }

    async fn create(&self, aws: &Aws, _: &Intent) -> Result<ScalingPolicyArn> {
        self.put(aws).await
    }

    async fn update(&self, _: &Self, aws: &Aws, _: &ScalingPolicyArn, _: &Intent) -> Result<()> {
        self.put(aws).await.map(drop)
    }

    async fn delete(&self, aws: &Aws, id: &ScalingPolicyArn, _: &Intent) -> Result<()> {
        let (target, name) = parts(id)?;
        let call = aws.applicationautoscaling.delete_scaling_policy().policy_name(name);
        let call = call.service_namespace(ServiceNamespace::Ecs).resource_id(target);
        let call = call.scalable_dimension(ScalableDimension::EcsServiceDesiredCount);
        call.send().await.found("application-autoscaling DeleteScalingPolicy")?;
        Ok(())
    }
}

impl ScalingPolicy {
    /// Makes it, or makes another one of the one that has its name.
    async fn put(&self, aws: &Aws) -> Result<ScalingPolicyArn> {
        let metric = PredefinedMetricSpecification::builder()
            .predefined_metric_type(MetricType::from(self.metric.as_str()))
            .set_resource_label(self.resource_label.clone())
            .build()
            .or_fault(PUT)?;
        let tracking = TargetTrackingScalingPolicyConfiguration::builder()
            .target_value(self.value)
            .predefined_metric_specification(metric)
            .build()
            .or_fault(PUT)?;
        let call = aws.applicationautoscaling.put_scaling_policy().policy_name(&self.name);
        let call = call.service_namespace(ServiceNamespace::Ecs).resource_id(self.target.as_str());
        let call = call.scalable_dimension(ScalableDimension::EcsServiceDesiredCount);
        let call = call.policy_type(PolicyType::TargetTrackingScaling);
        let call = call.target_tracking_scaling_policy_configuration(tracking);
        Ok(ScalingPolicyArn::new(call.send().await.or_fault(PUT)?.policy_arn))
    }
}

/// What the policy scales and its name, out of `…:resource/ecs/service/CLUSTER/NAME:policyName/NAME`.
fn parts(id: &ScalingPolicyArn) -> Result<(&str, &str)> {
    let resource = id.as_str().split_once(":resource/ecs/").map(|(_, resource)| resource);
    let parts = resource.and_then(|resource| resource.split_once(":policyName/"));
    parts.ok_or_else(|| missing(PUT, "resource and policy name in the ARN"))
}

async fn describe(aws: &Aws, target: &str, name: &str) -> Result<Option<Found>> {
    let call = aws.applicationautoscaling.describe_scaling_policies().policy_names(name);
    let call = call.service_namespace(ServiceNamespace::Ecs).resource_id(target);
    let call = call.scalable_dimension(ScalableDimension::EcsServiceDesiredCount);
    let answer = call.send().await.or_fault(DESCRIBE)?;
    Ok(answer.scaling_policies.unwrap_or_default().into_iter().next())
}
