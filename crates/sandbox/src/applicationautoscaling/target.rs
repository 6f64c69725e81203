//! Scalable targets: the limits of what is scaled.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{DIMENSION, INVALID, absent, check_namespace, read_resource, refuse};
use crate::call::{Answer, Refusal};
use crate::ecs;
use crate::page::Paging;
use crate::params::Params;
use crate::tags::{self, Tags};
use crate::world::World;

const PAGING: Paging = Paging { limit: "MaxResults", smallest: 1, largest: 50, token: "NextToken" };

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Target {
    pub(super) resource: String,
    pub(super) arn: String,
    pub(super) min: i64,
    pub(super) max: i64,
    pub(super) tags: Tags,
    created: f64,
}

impl Target {
    fn view(&self, world: &World) -> Value {
        let role =
            "ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService";
        let off = json!(false);
        json!({
            "ServiceNamespace": "ecs",
            "ResourceId": self.resource,
            "ScalableDimension": DIMENSION,
            "MinCapacity": self.min,
            "MaxCapacity": self.max,
            "RoleARN": format!("arn:aws:iam::{}:role/aws-service-role/{role}", world.account),
            "CreationTime": self.created,
            "ScalableTargetARN": self.arn,
            "SuspendedState": {
                "DynamicScalingInSuspended": off,
                "DynamicScalingOutSuspended": off,
                "ScheduledScalingSuspended": off,
            },
        })
    }
}

/// Makes a target, or changes the limits of the one that is there. Tags are taken by a new one only. The service is
/// brought within the limits at once.
pub(super) fn register(world: &mut World, params: &Params) -> Answer {
    let resource = read_resource(params)?;
    let tags = tags::read_map(params, "Tags")?;
    let before = world.applicationautoscaling.targets.get(resource).cloned();
    if before.is_some() && !tags.is_empty() {
        return Err(refuse("Tags can be given to a new scalable target only; use TagResource."));
    }
    let limit =
        |name: &str, before: Option<i64>| params.number(name)?.or(before).ok_or_else(|| params.missing(name));
    let min = limit("MinCapacity", before.as_ref().map(|target| target.min))?;
    let max = limit("MaxCapacity", before.as_ref().map(|target| target.max))?;
    if min < 0 || max < min {
        return Err(refuse("Minimum capacity must be at least 0 and must not exceed maximum capacity."));
    }
    let service = world.arn("ecs", resource);
    let Some(desired) = ecs::desired_count(world, &service) else {
        return Err(Refusal::absent(INVALID, format!("ECS service doesn't exist: {resource}")));
    };
    let target = match before {
        Some(before) => Target { min, max, ..before },
        None => {
            let id = world.hex();
            let arn = world.arn("application-autoscaling", &format!("scalable-target/{id}"));
            Target { resource: resource.to_owned(), arn, min, max, tags, created: world.now }
        }
    };
    let arn = target.arn.clone();
    world.applicationautoscaling.targets.insert(resource.to_owned(), target);
    ecs::set_desired_count(world, &service, desired.clamp(min, max));
    Ok(json!({ "ScalableTargetARN": arn }))
}

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    check_namespace(params)?;
    let resources = params.texts("ResourceIds")?;
    let dimension = params.text_if("ScalableDimension")?;
    let asked = |target: &&Target| {
        let is_named = resources.is_empty() || resources.contains(&target.resource);
        is_named && dimension.is_none_or(|dimension| dimension == DIMENSION)
    };
    let visible = world.applicationautoscaling.targets.values().filter(|target| !world.hides(target.created));
    let views = visible.filter(asked).map(|target| (target.resource.clone(), target.view(world))).collect();
    PAGING.answer(params, "ScalableTargets", views)
}

/// Its policies go with it; the service keeps its number of tasks.
pub(super) fn deregister(world: &mut World, params: &Params) -> Answer {
    let resource = read_resource(params)?;
    let state = &mut world.applicationautoscaling;
    if state.targets.remove(resource).is_none() {
        return Err(absent("scalable target", resource));
    }
    state.policies.retain(|_, policy| policy.resource != resource);
    Ok(Value::Null)
}
