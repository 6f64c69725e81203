//! What an ECS service's answer says in the terms of the spec.

use aws_sdk_ecs::types::{AssignPublicIp, LoadBalancer, NetworkConfiguration, Service as Found};
use sidekick_engine::{Live, Observed, Resource, Result};

use super::rollout::{Rollout, is_steady, rollout};
use super::service::{Service, ServiceOutputs};
use super::{CircuitBreaker, request, stopped, tags};
use crate::fault::missing;
use crate::{Aws, ClusterName, SecurityGroupId, ServiceArn, SubnetId, Tags, TargetGroupArn, elbv2};

/// Reads a service; `desired` tells whose failure a failed deployment is.
pub(super) async fn observe(desired: &Service, aws: &Aws, id: &ServiceArn) -> Result<Observed<Service>> {
    let found = request::describe(aws, request::cluster(id)?, id.as_str()).await?;
    match found.as_ref().and_then(|found| Some((found, found.status()?))) {
        None | Some((_, "INACTIVE")) => Ok(Observed::Absent),
        Some((_, "DRAINING")) => Ok(Observed::Deleting),
        Some((found, _)) => read(desired, aws, id, found).await,
    }
}

/// Reads a service that is active.
async fn read(desired: &Service, aws: &Aws, id: &ServiceArn, found: &Found) -> Result<Observed<Service>> {
    let (tags, owner) = tags::read(found.tags());
    let cluster = request::cluster(id)?;
    let mut actual = actual(cluster, found, tags)?;
    // What is not ours to set is as we wish, whatever it is.
    actual.autoscaled = desired.autoscaled;
    actual.secret_versions.clone_from(&desired.secret_versions);
    if desired.autoscaled {
        actual.desired_count = desired.desired_count;
    }
    for group in actual.target_groups.difference(&desired.target_groups) {
        if !elbv2::is_attached(aws, group).await? {
            actual.detached.insert(group.clone());
        }
    }
    let outputs = ServiceOutputs { arn: id.clone(), name: actual.name.clone() };
    match watched(aws, found, rollout(found, &desired.task_definition)).await? {
        Rollout::Failed(why) => {
            let told = stopped::account(aws, cluster, &actual.name, &desired.task_definition).await;
            Ok(Observed::Degraded { why: format!("{why}{told}"), live: Live { outputs, actual, owner } })
        }
        // Nobody waits for a rollout that is to be replaced by another one.
        Rollout::Underway(note) if desired.meanwhile(&actual).diff(&actual).is_empty() => {
            Ok(Observed::Settling { note, owner })
        }
        Rollout::Underway(_) | Rollout::Complete => Ok(Observed::Steady(Live { outputs, actual, owner })),
    }
}

/// How far a service is, `service/CLUSTER/NAME`, that Application Auto Scaling brings to its fewest tasks and that does not
/// run as many yet.
pub(crate) async fn missing_tasks(aws: &Aws, service: &str, fewest: i32) -> Result<Option<String>> {
    let mut parts = service.split('/').skip(1);
    let (Some(cluster), Some(name)) = (parts.next(), parts.next()) else { return Ok(None) };
    let found = request::describe(aws, cluster, name).await?;
    let Some(found) = found.filter(|found| found.status() == Some("ACTIVE")) else { return Ok(None) };
    let running = found.running_count();
    match rollout(&found, found.task_definition().unwrap_or_default()) {
        Rollout::Failed(_) => Ok(None),
        _ if running < fewest => Ok(Some(format!("{running} of at least {fewest} tasks running"))),
        // What the load asks for beyond that is not waited for.
        _ if found.desired_count() > fewest => Ok(None),
        verdict => match watched(aws, &found, verdict).await? {
            Rollout::Underway(note) => Ok(Some(note)),
            Rollout::Complete | Rollout::Failed(_) => Ok(None),
        },
    }
}

/// The verdict with what the load balancers say of the tasks: ECS calls a rollout complete that only adds tasks as soon
/// as they run, and does not say why they are not healthy.
async fn watched(aws: &Aws, found: &Found, verdict: Rollout) -> Result<Rollout> {
    let has_failures = found.deployments().iter().any(|deployment| deployment.failed_tasks() > 0);
    let (complete, note) = match verdict {
        Rollout::Complete if !is_steady(found) => (true, format!("{} tasks running", found.running_count())),
        Rollout::Underway(note) if has_failures => (false, note),
        verdict => return Ok(verdict),
    };
    let mut words = Vec::new();
    for group in found.load_balancers().iter().filter_map(LoadBalancer::target_group_arn) {
        let unhealthy = elbv2::unhealthy(aws, &TargetGroupArn::new(group)).await?;
        words.extend(unhealthy.into_iter().map(|(why, count)| format!("{count} not healthy: {why}")));
    }
    match complete && words.is_empty() {
        true => Ok(Rollout::Complete),
        false => Ok(Rollout::Underway([vec![note], words].concat().join(", "))),
    }
}

fn actual(cluster: &str, found: &Found, tags: Tags) -> Result<Service> {
    let field = |name| missing("ecs DescribeServices", name);
    let network = found.network_configuration().and_then(NetworkConfiguration::awsvpc_configuration);
    let network = network.ok_or_else(|| field("networkConfiguration"))?;
    let container = |it: &LoadBalancer| (it.container_name().map(str::to_owned), it.container_port());
    let (container_name, container_port) = found.load_balancers().first().map(container).unwrap_or_default();
    // One in which another container is registered counts as none, so that this is repaired.
    let same = |it: &&LoadBalancer| container(it) == (container_name.clone(), container_port);
    let registered = found.load_balancers().iter().filter(same);
    let deployment = found.deployment_configuration();
    Ok(Service {
        name: found.service_name().ok_or_else(|| field("serviceName"))?.to_owned(),
        cluster: ClusterName::new(cluster),
        task_definition: found.task_definition().ok_or_else(|| field("taskDefinition"))?.to_owned(),
        desired_count: found.desired_count().try_into().unwrap_or_default(),
        autoscaled: false,
        subnets: network.subnets().iter().map(SubnetId::new).collect(),
        security_groups: network.security_groups().iter().map(SecurityGroupId::new).collect(),
        assign_public_ip: network.assign_public_ip() == Some(&AssignPublicIp::Enabled),
        target_groups: registered
            .filter_map(LoadBalancer::target_group_arn)
            .map(TargetGroupArn::new)
            .collect(),
        detached: [].into(),
        container_port: container_port.and_then(|port| port.try_into().ok()).unwrap_or_default(),
        container_name: container_name.unwrap_or_default(),
        health_check_grace_seconds: found
            .health_check_grace_period_seconds()
            .unwrap_or(0)
            .try_into()
            .unwrap_or_default(),
        circuit_breaker: CircuitBreaker::read(deployment.and_then(|it| it.deployment_circuit_breaker())),
        enable_execute_command: found.enable_execute_command(),
        secret_versions: [].into(),
        tags,
    })
}
