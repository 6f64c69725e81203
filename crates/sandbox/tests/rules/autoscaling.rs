//! Application Auto Scaling: targets, policies, and the services that they scale.

use serde_json::{Value, json};
use sidekick_sandbox::Reason;

use crate::data::with;
use crate::site::{CLUSTER, SERVICE};
use crate::stage::Stage;
use crate::{absent, illegal, text};

const CPU: &str = "ECSServiceAverageCPUUtilization";
const REQUESTS: &str = "ALBRequestCountPerTarget";

fn resource() -> String {
    format!("service/{CLUSTER}/{SERVICE}")
}

fn target() -> Value {
    json!({ "ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount", "ResourceId": resource() })
}

fn limits(min: i64, max: i64) -> Value {
    with(&target(), json!({ "MinCapacity": min, "MaxCapacity": max }))
}

fn policy(name: &str, metric: Value) -> Value {
    let tracking = json!({ "TargetValue": 60.0, "PredefinedMetricSpecification": metric });
    let changes = json!({
        "PolicyName": name,
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": tracking,
    });
    with(&target(), changes)
}

fn cpu(name: &str) -> Value {
    policy(name, json!({ "PredefinedMetricType": CPU }))
}

impl Stage {
    fn scaling(&self, operation: &str, params: Value) -> Value {
        self.site.call("application-autoscaling", operation, params)
    }

    fn scaling_refused(&self, operation: &str, params: Value) -> (String, Reason) {
        let refusal = self.site.sandbox.call("application-autoscaling", operation, params);
        let refusal = refusal.expect_err(operation);
        (refusal.code.into_owned(), refusal.reason)
    }

    fn desired(&self) -> i64 {
        self.look()["desiredCount"].as_i64().unwrap()
    }

    fn policies(&self) -> Vec<Value> {
        let found = self.scaling("DescribeScalingPolicies", json!({ "ServiceNamespace": "ecs" }));
        found["ScalingPolicies"].as_array().unwrap().clone()
    }
}

#[tokio::test(start_paused = true)]
async fn a_target_needs_an_active_service_and_brings_it_within_its_limits() {
    let stage = Stage::ready().await;
    let register = |min, max| limits(min, max);
    assert_eq!(
        stage.scaling_refused("RegisterScalableTarget", register(1, 4)),
        absent("ValidationException")
    );
    stage.create();
    for wrong in [register(4, 1), register(-1, 1), target()] {
        assert_eq!(stage.scaling_refused("RegisterScalableTarget", wrong), illegal("ValidationException"));
    }
    stage.scaling("RegisterScalableTarget", register(2, 4));
    assert_eq!(stage.desired(), 2);
    stage.update(json!({ "desiredCount": 6 }));
    assert_eq!(stage.desired(), 6, "ECS itself knows no limits");
    stage.scaling("RegisterScalableTarget", with(&target(), json!({ "MaxCapacity": 5 })));
    assert_eq!(stage.desired(), 5);
    stage.until("COMPLETED").await;
    assert_eq!(stage.look()["runningCount"], 5);
}

#[tokio::test(start_paused = true)]
async fn only_a_new_target_takes_tags_with_its_registration() {
    let stage = Stage::ready().await;
    stage.create();
    let tagged = with(&limits(1, 4), json!({ "Tags": { "a": "1" } }));
    let made = stage.scaling("RegisterScalableTarget", tagged.clone());
    let arn = text(&made, "/ScalableTargetARN");
    assert_eq!(stage.scaling_refused("RegisterScalableTarget", tagged), illegal("ValidationException"));
    assert_eq!(stage.scaling("RegisterScalableTarget", limits(1, 5))["ScalableTargetARN"], arn.as_str());
    stage.scaling("TagResource", json!({ "ResourceARN": arn, "Tags": { "b": "2" } }));
    stage.scaling("UntagResource", json!({ "ResourceARN": arn, "TagKeys": ["a"] }));
    let listed = stage.scaling("ListTagsForResource", json!({ "ResourceARN": arn }));
    assert_eq!(listed["Tags"], json!({ "b": "2" }));
    stage.scaling("DeregisterScalableTarget", target());
    let list = json!({ "ResourceARN": arn });
    assert_eq!(stage.scaling_refused("ListTagsForResource", list), absent("ResourceNotFoundException"));
    assert_eq!(
        stage.scaling_refused("DeregisterScalableTarget", target()),
        absent("ObjectNotFoundException")
    );
}

#[tokio::test(start_paused = true)]
async fn a_policy_needs_its_target_and_a_metric_of_its_own() {
    let stage = Stage::ready().await;
    stage.create();
    assert_eq!(stage.scaling_refused("PutScalingPolicy", cpu("cpu")), absent("ObjectNotFoundException"));
    stage.scaling("RegisterScalableTarget", limits(1, 4));
    let made = stage.scaling("PutScalingPolicy", cpu("cpu"));
    assert_eq!(made["Alarms"].as_array().unwrap().len(), 2);
    assert_eq!(stage.scaling("PutScalingPolicy", cpu("cpu"))["PolicyARN"], made["PolicyARN"]);
    assert_eq!(stage.scaling_refused("PutScalingPolicy", cpu("other")), illegal("ValidationException"));
    let id = |arn: &str, before: &str| arn.split_once(before).unwrap().1.to_owned();
    let (balancer, group) = (id(&stage.balancer, "loadbalancer/"), id(&stage.target_group, "targetgroup/"));
    let label = format!("{balancer}/targetgroup/{group}");
    for wrong in [
        json!({ "PredefinedMetricType": REQUESTS }),
        json!({ "PredefinedMetricType": REQUESTS, "ResourceLabel": format!("{balancer}/targetgroup/other/1") }),
        json!({ "PredefinedMetricType": CPU, "ResourceLabel": label }),
        json!({ "PredefinedMetricType": "RDSReaderAverageCPUUtilization" }),
    ] {
        let refused = stage.scaling_refused("PutScalingPolicy", policy("requests", wrong));
        assert_eq!(refused, illegal("ValidationException"));
    }
    let metric = json!({ "PredefinedMetricType": REQUESTS, "ResourceLabel": label });
    stage.scaling("PutScalingPolicy", policy("requests", metric));
    assert_eq!(stage.policies().len(), 2);
    let named = |name: &str| with(&target(), json!({ "PolicyName": name }));
    stage.scaling("DeleteScalingPolicy", named("cpu"));
    assert_eq!(stage.scaling_refused("DeleteScalingPolicy", named("cpu")), absent("ObjectNotFoundException"));
    stage.scaling("DeregisterScalableTarget", target());
    assert_eq!(stage.policies(), [] as [Value; 0], "policies go with their target");
}

#[tokio::test(start_paused = true)]
async fn policies_follow_the_load_within_the_limits() {
    let stage = Stage::ready().await;
    stage.create();
    let demand = |tasks| stage.site.sandbox.demand(&resource(), tasks).unwrap();
    assert_eq!(demand(3), None, "nothing is registered");
    stage.scaling("RegisterScalableTarget", limits(1, 4));
    assert_eq!(demand(3), None, "there is no policy");
    stage.scaling("PutScalingPolicy", cpu("cpu"));
    assert_eq!((demand(9), stage.desired()), (Some(4), 4));
    assert_eq!((demand(0), stage.desired()), (Some(1), 1));
}

#[tokio::test(start_paused = true)]
async fn a_target_that_is_forgotten_outlives_its_service() {
    let stage = Stage::ready().await;
    stage.create();
    stage.scaling("RegisterScalableTarget", limits(1, 4));
    stage.delete();
    let found = stage.scaling("DescribeScalableTargets", json!({ "ServiceNamespace": "ecs" }));
    assert_eq!(found["ScalableTargets"][0]["ResourceId"], resource().as_str());
}
