//! Scaling policies: what the number of tasks follows. Only tracking of predefined metrics is modelled.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{DIMENSION, absent, check_namespace, read_resource, refuse};
use crate::call::{Answer, Refusal};
use crate::page::Paging;
use crate::params::Params;
use crate::world::World;

const PAGING: Paging = Paging { limit: "MaxResults", smallest: 1, largest: 10, token: "NextToken" };

const REQUESTS: &str = "ALBRequestCountPerTarget";
const METRICS: &[&str] = &["ECSServiceAverageCPUUtilization", "ECSServiceAverageMemoryUtilization", REQUESTS];

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Policy {
    pub(super) resource: String,
    arn: String,
    name: String,
    metric: String,
    label: Option<String>,
    value: f64,
    created: f64,
}

impl Policy {
    fn alarms(&self) -> Vec<Value> {
        let alarm = |end: &str| json!({ "AlarmName": format!("TargetTracking-{}-{end}-{}", self.resource, self.name) });
        ["AlarmHigh", "AlarmLow"].map(alarm).to_vec()
    }

    fn view(&self) -> Value {
        let mut metric = json!({ "PredefinedMetricType": self.metric });
        if let Some(label) = &self.label {
            metric["ResourceLabel"] = json!(label);
        }
        json!({
            "PolicyARN": self.arn,
            "PolicyName": self.name,
            "ServiceNamespace": "ecs",
            "ResourceId": self.resource,
            "ScalableDimension": DIMENSION,
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": {
                "TargetValue": self.value,
                "PredefinedMetricSpecification": metric,
            },
            "Alarms": self.alarms(),
            "CreationTime": self.created,
        })
    }
}

fn key(resource: &str, name: &str) -> String {
    format!("{resource}/{name}")
}

pub(super) fn put(world: &mut World, params: &Params) -> Answer {
    let (resource, name) = (read_resource(params)?, params.text("PolicyName")?);
    if name.is_empty() || name.len() > 256 || name.contains(['|', ':', '/', '*']) {
        return Err(params.invalid("PolicyName", name, "Its characters or its length are not allowed."));
    }
    match params.text_if("PolicyType")? {
        Some("TargetTrackingScaling") => {}
        other => {
            let other = other.unwrap_or("StepScaling");
            return Err(params.invalid(
                "PolicyType",
                other,
                "The sandbox models TargetTrackingScaling only.",
            ));
        }
    }
    let tracking = params.object("TargetTrackingScalingPolicyConfiguration")?;
    let tracking = tracking.ok_or_else(|| params.missing("TargetTrackingScalingPolicyConfiguration"))?;
    let value = tracking.value("TargetValue").and_then(Value::as_f64).filter(|value| *value > 0.0);
    let value = value.ok_or_else(|| tracking.missing("TargetValue"))?;
    let metric = tracking.object("PredefinedMetricSpecification")?;
    let metric = metric.ok_or_else(|| tracking.missing("PredefinedMetricSpecification"))?;
    let (metric, label) = (metric.text("PredefinedMetricType")?, metric.text_if("ResourceLabel")?);
    check_metric(world, metric, label)?;
    let state = &world.applicationautoscaling;
    if !state.targets.contains_key(resource) {
        return Err(absent("scalable target", resource));
    }
    let mut others =
        state.policies.values().filter(|policy| policy.resource == resource && policy.name != name);
    if others.any(|other| other.metric == metric && other.label.as_deref() == label) {
        return Err(refuse(
            "Only one TargetTrackingScaling policy for a given metric specification is allowed.",
        ));
    }
    let before = state.policies.get(&key(resource, name)).map(|policy| (policy.arn.clone(), policy.created));
    let (arn, created) = before.unwrap_or_else(|| {
        let words = format!("scalingPolicy:{}:resource/ecs/{resource}:policyName/{name}", world.uuid());
        (world.arn("autoscaling", &words), world.now)
    });
    let policy = Policy {
        resource: resource.to_owned(),
        arn: arn.clone(),
        name: name.to_owned(),
        metric: metric.to_owned(),
        label: label.map(str::to_owned),
        value,
        created,
    };
    let alarms = policy.alarms();
    world.applicationautoscaling.policies.insert(key(resource, name), policy);
    Ok(json!({ "PolicyARN": arn, "Alarms": alarms }))
}

/// Requests are counted for a target group behind a load balancer, which the label names; the rest for the service.
fn check_metric(world: &World, metric: &str, label: Option<&str>) -> Result<(), Refusal> {
    if !METRICS.contains(&metric) {
        return Err(refuse(format!("The sandbox does not model the metric {metric} of ECS services.")));
    }
    match label {
        None if metric == REQUESTS => Err(refuse(format!("A ResourceLabel is required for {REQUESTS}."))),
        Some(_) if metric != REQUESTS => {
            Err(refuse(format!("A ResourceLabel is allowed for {REQUESTS} only.")))
        }
        Some(label) => {
            let (balancer, group) = label.split_once("/targetgroup/").unwrap_or_default();
            let elb = |resource: String| world.arn("elasticloadbalancing", &resource);
            let balancer = elb(format!("loadbalancer/{balancer}"));
            let found = crate::elbv2::balancer_of(world, &elb(format!("targetgroup/{group}")));
            if found.is_some_and(|found| found.arn == balancer) {
                return Ok(());
            }
            Err(refuse(format!("The ResourceLabel {label} names no target group of a load balancer.")))
        }
        None => Ok(()),
    }
}

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    check_namespace(params)?;
    let names = params.texts("PolicyNames")?;
    let resource = params.text_if("ResourceId")?;
    if params.text_if("ScalableDimension")?.is_some_and(|dimension| dimension != DIMENSION) {
        return Err(refuse("Unsupported service namespace, resource type or scalable dimension."));
    }
    let asked = |policy: &&Policy| {
        let is_named = names.is_empty() || names.contains(&policy.name);
        is_named && resource.is_none_or(|resource| policy.resource == resource)
    };
    let visible =
        world.applicationautoscaling.policies.values().filter(|policy| !world.hides(policy.created));
    let views = visible.filter(asked).map(|policy| (key(&policy.resource, &policy.name), policy.view()));
    PAGING.answer(params, "ScalingPolicies", views.collect())
}

pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let (resource, name) = (read_resource(params)?, params.text("PolicyName")?);
    match world.applicationautoscaling.policies.remove(&key(resource, name)) {
        Some(_) => Ok(Value::Null),
        None => Err(absent("scaling policy", resource)),
    }
}
