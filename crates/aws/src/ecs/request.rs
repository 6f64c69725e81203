//! The calls of an ECS service, spelled out.

use aws_sdk_ecs::operation::create_service::builders::CreateServiceFluentBuilder;
use aws_sdk_ecs::operation::update_service::builders::UpdateServiceFluentBuilder;
use aws_sdk_ecs::types::{
    AssignPublicIp, AwsVpcConfiguration, DeploymentConfiguration, LaunchType, LoadBalancer,
    NetworkConfiguration, PropagateTags, Service as Found, ServiceField,
};
use sidekick_engine::{Class, Fault, Intent, Result};

use super::service::Service;
use super::tags;
use crate::fault::{Answer, missing};
use crate::id::list;
use crate::{Aws, ServiceArn, TargetGroupArn};

/// A deployment starts its tasks before it stops those of the former one.
const HEALTHY_AT_LEAST_PERCENT: i32 = 100;
const RUNNING_AT_MOST_PERCENT: i32 = 200;

/// The cluster in the service's own ARN, `…:service/CLUSTER/NAME`: that of the spec may be another one by now.
pub(super) fn cluster(id: &ServiceArn) -> Result<&str> {
    let mut parts = id.as_str().split('/').skip(1);
    parts
        .next()
        .filter(|_| parts.next().is_some())
        .ok_or_else(|| missing("ecs CreateService", "cluster in the ARN"))
}

/// The service by name or ARN; a deleted one is shown for a while.
pub(super) async fn describe(aws: &Aws, cluster: &str, service: &str) -> Result<Option<Found>> {
    let call = aws.ecs.describe_services().cluster(cluster).services(service).include(ServiceField::Tags);
    let answer = call.send().await.found("ecs DescribeServices")?;
    Ok(answer.and_then(|answer| answer.services.unwrap_or_default().into_iter().next()))
}

pub(super) fn create(service: &Service, aws: &Aws, intent: &Intent) -> Result<CreateServiceFluentBuilder> {
    let call = aws.ecs.create_service().cluster(service.cluster.as_str()).service_name(&service.name);
    let call = call.client_token(intent.token()).launch_type(LaunchType::Fargate);
    let call = call.task_definition(&service.task_definition).desired_count(count(service.desired_count)?);
    let call = call.network_configuration(network(service)?).set_load_balancers(load_balancers(service));
    let call = call.deployment_configuration(deployment(service));
    let call = call.health_check_grace_period_seconds(count(service.health_check_grace_seconds)?);
    let call = call.enable_execute_command(service.enable_execute_command);
    let call = call.propagate_tags(PropagateTags::Service);
    Ok(call.set_tags(Some(tags::specification(&service.tags, intent))))
}

/// Names only what differs, because naming the network or the load balancers starts a deployment.
pub(super) fn update(
    service: &Service,
    actual: &Service,
    aws: &Aws,
    id: &ServiceArn,
) -> Result<UpdateServiceFluentBuilder> {
    let mut call = aws.ecs.update_service().cluster(cluster(id)?).service(id.as_str());
    let same = Service { tags: service.tags.clone(), ..actual.clone() };
    if *service == same {
        return Ok(call.force_new_deployment(true));
    }
    if service.task_definition != actual.task_definition {
        call = call.task_definition(&service.task_definition);
    }
    if service.desired_count != actual.desired_count {
        call = call.desired_count(count(service.desired_count)?);
    }
    let placed = |it: &Service| (it.subnets.clone(), it.security_groups.clone(), it.assign_public_ip);
    if placed(service) != placed(actual) {
        call = call.network_configuration(network(service)?);
    }
    let registered = |it: &Service| (it.target_groups.clone(), it.container_name.clone(), it.container_port);
    if registered(service) != registered(actual) {
        call = call.set_load_balancers(load_balancers(service));
    }
    if service.circuit_breaker != actual.circuit_breaker {
        call = call.deployment_configuration(deployment(service));
    }
    if service.health_check_grace_seconds != actual.health_check_grace_seconds {
        call = call.health_check_grace_period_seconds(count(service.health_check_grace_seconds)?);
    }
    if service.enable_execute_command != actual.enable_execute_command {
        call = call.enable_execute_command(service.enable_execute_command);
    }
    // A task keeps what it was started with, so the tasks that run are replaced.
    let started_with = |it: &Service| (it.enable_execute_command, it.secret_versions.clone());
    if started_with(service) != started_with(actual) {
        call = call.force_new_deployment(true);
    }
    Ok(call)
}

fn network(service: &Service) -> Result<NetworkConfiguration> {
    let network = AwsVpcConfiguration::builder()
        .set_subnets(list(&service.subnets))
        .set_security_groups(list(&service.security_groups))
        .assign_public_ip(match service.assign_public_ip {
            true => AssignPublicIp::Enabled,
            false => AssignPublicIp::Disabled,
        })
        .build()
        .or_fault("ecs CreateService")?;
    Ok(NetworkConfiguration::builder().awsvpc_configuration(network).build())
}

fn load_balancers(service: &Service) -> Option<Vec<LoadBalancer>> {
    let registered = |group: &TargetGroupArn| {
        LoadBalancer::builder()
            .target_group_arn(group.as_str())
            .container_name(&service.container_name)
            .container_port(i32::from(service.container_port))
            .build()
    };
    Some(service.target_groups.iter().map(registered).collect())
}

fn deployment(service: &Service) -> DeploymentConfiguration {
    DeploymentConfiguration::builder()
        .deployment_circuit_breaker(service.circuit_breaker.wire())
        .minimum_healthy_percent(HEALTHY_AT_LEAST_PERCENT)
        .maximum_percent(RUNNING_AT_MOST_PERCENT)
        .build()
}

fn count(number: u32) -> Result<i32> {
    number
        .try_into()
        .map_err(|_| Fault::new(Class::Invalid, "ecs CreateService", format!("{number} is too large")))
}
