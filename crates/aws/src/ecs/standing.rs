//! How a service stands, at a glance.

use std::collections::BTreeMap;

use aws_sdk_ecs::types::{DeploymentRolloutState, LoadBalancer, Service as Found};
use serde::Serialize;
use sidekick_engine::Result;

use super::request;
use crate::{Aws, ServiceArn, TargetGroupArn, elbv2};

/// How a service stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServiceStanding {
    /// The service's name.
    pub name: String,
    /// How many tasks shall run.
    pub desired: i32,
    /// How many run.
    pub running: i32,
    /// How many are on their way.
    pub pending: i32,
    /// The task definition of the newest deployment: `sidekick-task:3`.
    pub task_definition: String,
    /// How that deployment is, in AWS's word.
    pub deployment: String,
    /// What AWS says about it.
    pub reason: String,
    /// How many targets of each target group are in which state.
    pub targets: BTreeMap<String, BTreeMap<String, usize>>,
}

/// How a service stands; nothing if there is none.
pub async fn standing(aws: &Aws, id: &ServiceArn) -> Result<Option<ServiceStanding>> {
    let found = request::describe(aws, request::cluster(id)?, id.as_str()).await?;
    let Some(found) = found.filter(|found| found.status() != Some("INACTIVE")) else { return Ok(None) };
    let mut targets = BTreeMap::new();
    for group in found.load_balancers().iter().filter_map(LoadBalancer::target_group_arn) {
        targets.insert(name(group).to_owned(), elbv2::health(aws, &TargetGroupArn::new(group)).await?);
    }
    Ok(Some(read(&found, targets)))
}

fn read(found: &Found, targets: BTreeMap<String, BTreeMap<String, usize>>) -> ServiceStanding {
    let primary = found.deployments().iter().find(|it| it.status() == Some("PRIMARY"));
    let state = primary.and_then(|it| it.rollout_state()).map_or("unknown", DeploymentRolloutState::as_str);
    let task = primary.and_then(|it| it.task_definition()).or(found.task_definition()).unwrap_or_default();
    ServiceStanding {
        name: found.service_name().unwrap_or_default().to_owned(),
        desired: found.desired_count(),
        running: found.running_count(),
        pending: found.pending_count(),
        task_definition: name(task).to_owned(),
        deployment: state.to_owned(),
        reason: primary.and_then(|it| it.rollout_state_reason()).unwrap_or_default().to_owned(),
        targets,
    }
}

/// The name in an ARN, `…/NAME` or `…/NAME/ID`; the whole of what is none.
fn name(arn: &str) -> &str {
    arn.split('/').nth(1).unwrap_or(arn)
}
