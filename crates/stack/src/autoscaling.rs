//! The scaling of the service: between which limits, and what it follows.

use sidekick_aws::applicationautoscaling::{ScalableTarget, ScalingPolicy};
use sidekick_aws::ecs::Service;
use sidekick_aws::{Aws, LoadBalancerArn, TargetGroupArn};
use sidekick_engine::{Graph, Handle};

use crate::config::{Autoscaling, Config};
use crate::edge::Edge;
use crate::names::tags;

const CPU: &str = "ECSServiceAverageCPUUtilization";
const MEMORY: &str = "ECSServiceAverageMemoryUtilization";
const REQUESTS: &str = "ALBRequestCountPerTarget";

/// Registers the service once its tasks are up: what is registered may be scaled at once.
pub(crate) fn autoscaling(
    graph: &mut Graph<Aws>,
    config: &Config,
    own: &Autoscaling,
    edge: &Edge,
    service: &Handle<Service>,
) {
    let (limits, tags) = ((own.min, own.max), tags(config, &config.service.name));
    let target = graph.add("compute.scalable-target", service.ready(), move |service| ScalableTarget {
        resource: resource(service.arn.as_str()).to_owned(),
        min: limits.0,
        max: limits.1,
        tags: tags.clone(),
    });
    for (name, metric, value) in [("cpu", CPU, own.cpu_percent), ("memory", MEMORY, own.memory_percent)] {
        let Some(value) = value else { continue };
        let policy = policy(config, name, metric, value);
        graph.add(format!("compute.scaling-policy.{name}"), target.accepted(), policy);
    }
    if let Some(value) = own.requests_per_target {
        let policy = policy(config, "requests", REQUESTS, value);
        // Requests can be counted once the load balancer forwards them to the target group.
        let labelled = (edge.alb.accepted(), edge.target_group.accepted(), edge.listener.ready());
        let needs = (target.accepted(), labelled);
        graph.add("compute.scaling-policy.requests", needs, move |(target, (alb, group, _))| ScalingPolicy {
            resource_label: Some(resource_label(&alb, &group)),
            ..policy(target)
        });
    }
}

fn policy(
    config: &Config,
    name: &str,
    metric: &'static str,
    value: u32,
) -> impl Fn(sidekick_aws::ScalableResourceId) -> ScalingPolicy + Send + Sync + 'static {
    let name = format!("{}-{name}", config.service.name);
    move |target| ScalingPolicy {
        name: name.clone(),
        target,
        metric: metric.to_owned(),
        resource_label: None,
        value: f64::from(value),
    }
}

/// A target group of a load balancer as CloudWatch names it: `app/NAME/ID/targetgroup/NAME/ID`.
fn resource_label(alb: &LoadBalancerArn, group: &TargetGroupArn) -> String {
    let alb = resource(alb.as_str());
    format!("{}/{}", alb.strip_prefix("loadbalancer/").unwrap_or(alb), resource(group.as_str()))
}

/// The part of an ARN that names the resource within account and region.
fn resource(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_group_is_named_as_cloudwatch_names_it() {
        let alb = "arn:aws:elasticloadbalancing:us-west-2:123456789012:loadbalancer/app/sidekick-alb/50dc6c495c0c9188";
        let group =
            "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/sidekick-tg/6d0ecf831eec9f09";
        assert_eq!(
            resource_label(&LoadBalancerArn::new(alb), &TargetGroupArn::new(group)),
            "app/sidekick-alb/50dc6c495c0c9188/targetgroup/sidekick-tg/6d0ecf831eec9f09"
        );
        assert_eq!(resource("arn:aws:ecs:us-west-2:123456789012:service/c/s"), "service/c/s");
    }
}
