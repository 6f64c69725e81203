//! What an ECS service's answer says in the terms of the spec.

use aws_sdk_ecs::types::{LoadBalancer, NetworkConfiguration, Service as Found};
use sidekick_engine::{Live, Observed, Result};

use super::rollout::{Rollout, rollout};
use super::service::{CircuitBreaker, Service, ServiceOutputs};
use super::{request, stopped, tags};
use crate::fault::missing;
use crate::{Aws, ClusterName, SecurityGroupId, ServiceArn, SubnetId, Tags, TargetGroupArn};

/// Reads a service that is active; `desired` tells whose failure a failed deployment is.
pub(super) async fn read(
    desired: &Service,
    aws: &Aws,
    id: &ServiceArn,
    found: &Found,
) -> Result<Observed<Service>> {
    let (tags, owner) = tags::read(found.tags());
    let verdict = rollout(found, &desired.task_definition);
    if let Rollout::Underway(note) = verdict {
        return Ok(Observed::Settling { note, owner });
    }
    let cluster = request::cluster(id)?;
    let mut actual = actual(cluster, found, tags)?;
    // What is not ours to set is as we wish, whatever it is.
    actual.autoscaled = desired.autoscaled;
    if desired.autoscaled {
        actual.desired_count = desired.desired_count;
    }
    let live = Live { outputs: ServiceOutputs { arn: id.clone(), name: actual.name.clone() }, actual, owner };
    match verdict {
        Rollout::Failed(why) => {
            // That the tasks cannot be read must not hide what is known already.
            let reasons = stopped::reasons(aws, cluster, &live.actual.name, &desired.task_definition).await;
            let reasons =
                reasons.unwrap_or_else(|fault| vec![format!("stopped tasks not readable: {fault}")]);
            let why = std::iter::once(why).chain(reasons).collect::<Vec<_>>().join("; ");
            Ok(Observed::Degraded { why, live })
        }
        _ => Ok(Observed::Steady(live)),
    }
}

fn actual(cluster: &str, found: &Found, tags: Tags) -> Result<Service> {
    let field = |name| missing("ecs DescribeServices", name);
    let network = found.network_configuration().and_then(NetworkConfiguration::awsvpc_configuration);
    let network = network.ok_or_else(|| field("networkConfiguration"))?;
    let registered = found.load_balancers().first();
    let breaker = found.deployment_configuration().and_then(|it| it.deployment_circuit_breaker());
    Ok(Service {
        name: found.service_name().ok_or_else(|| field("serviceName"))?.to_owned(),
        cluster: ClusterName::new(cluster),
        task_definition: found.task_definition().ok_or_else(|| field("taskDefinition"))?.to_owned(),
        desired_count: found.desired_count().try_into().unwrap_or_default(),
        autoscaled: false,
        subnets: network.subnets().iter().map(SubnetId::new).collect(),
        security_groups: network.security_groups().iter().map(SecurityGroupId::new).collect(),
        // A service that is registered nowhere differs from one that shall be somewhere.
        target_group: TargetGroupArn::new(
            registered.and_then(LoadBalancer::target_group_arn).unwrap_or_default(),
        ),
        container_name: registered.and_then(LoadBalancer::container_name).unwrap_or_default().to_owned(),
        container_port: registered
            .and_then(LoadBalancer::container_port)
            .and_then(|port| port.try_into().ok())
            .unwrap_or_default(),
        health_check_grace_seconds: found
            .health_check_grace_period_seconds()
            .unwrap_or(0)
            .try_into()
            .unwrap_or_default(),
        circuit_breaker: match breaker {
            Some(breaker) if breaker.enable() && breaker.rollback() => CircuitBreaker::Rollback,
            Some(breaker) if breaker.enable() => CircuitBreaker::Stop,
            _ => CircuitBreaker::Off,
        },
        enable_execute_command: found.enable_execute_command(),
        tags,
    })
}
