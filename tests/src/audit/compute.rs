//! The log groups, and all of ECS.

use aws_sdk_ecs::types::{
    ClusterField, ContainerDefinition, Service, ServiceField, Tag, TaskDefinition, TaskDefinitionField,
    TaskDefinitionStatus,
};
use serde_json::{Map, Value, json};

use super::{Inventory, Trouble};
use crate::cloud::Cloud;

pub(super) async fn read(cloud: &Cloud, inventory: &mut Inventory) -> Result<(), Trouble> {
    log_groups(cloud, inventory).await?;
    clusters(cloud, inventory).await?;
    task_definitions(cloud, inventory).await
}

fn tags(tags: &[Tag]) -> Value {
    super::tags(tags.iter().map(|tag| (tag.key(), tag.value())))
}

async fn log_groups(cloud: &Cloud, inventory: &mut Inventory) -> Result<(), Trouble> {
    for group in cloud.logs.describe_log_groups().send().await?.log_groups() {
        let name = group.log_group_name().unwrap_or_default();
        let arn = group.arn().unwrap_or_default().trim_end_matches(":*");
        let listed = cloud.logs.list_tags_for_resource().resource_arn(arn).send().await?;
        let listed = listed.tags().into_iter().flatten().map(|(key, value)| (Some(key), Some(value)));
        let attributes = json!({
            "retention_days": group.retention_in_days(),
            "tags": super::tags(listed),
        });
        inventory.call(arn, &format!("log-group {name}"));
        inventory.add("log-group", name, &format!("{name} of {:?}", group.creation_time()), attributes);
    }
    Ok(())
}

async fn clusters(cloud: &Cloud, inventory: &mut Inventory) -> Result<(), Trouble> {
    for arn in cloud.ecs.list_clusters().send().await?.cluster_arns() {
        let call = cloud.ecs.describe_clusters().clusters(arn);
        let found = call.include(ClusterField::Tags).include(ClusterField::Settings).send().await?;
        // A deleted cluster stays listed, INACTIVE.
        for cluster in found.clusters().iter().filter(|it| it.status() != Some("INACTIVE")) {
            let settings = cluster.settings().iter();
            let settings = settings.map(|it| (it.name().map(|name| name.as_str()), it.value()));
            let attributes = json!({
                "status": cluster.status(),
                "settings": super::tags(settings),
                "tags": tags(cluster.tags()),
            });
            let name = cluster.cluster_name().unwrap_or_default();
            inventory.add("cluster", name, arn, attributes);
            services(cloud, inventory, arn).await?;
        }
    }
    Ok(())
}

async fn services(cloud: &Cloud, inventory: &mut Inventory, cluster: &str) -> Result<(), Trouble> {
    for arn in cloud.ecs.list_services().cluster(cluster).send().await?.service_arns() {
        let call = cloud.ecs.describe_services().cluster(cluster).services(arn);
        let found = call.include(ServiceField::Tags).send().await?;
        for own in found.services().iter().filter(|it| it.status() != Some("INACTIVE")) {
            let name = own.service_name().unwrap_or_default();
            let identity = format!("{arn} of {:?}", own.created_at());
            inventory.add("service", name, &identity, service(own));
        }
    }
    Ok(())
}

fn service(service: &Service) -> Value {
    let network = service.network_configuration().and_then(|it| it.awsvpc_configuration());
    let balancers = service.load_balancers().iter().map(|it| {
        json!({ "target_group": it.target_group_arn(), "container": it.container_name(), "port": it.container_port() })
    });
    let deployment = service.deployment_configuration();
    let breaker = deployment.and_then(|it| it.deployment_circuit_breaker());
    json!({
        "status": service.status(),
        "cluster": service.cluster_arn(),
        "task_definition": service.task_definition(),
        "launch_type": service.launch_type().map(|it| it.as_str()),
        "desired": service.desired_count(),
        "subnets": network.map(|it| it.subnets()),
        "security_groups": network.map(|it| it.security_groups()),
        "public_ip": network.and_then(|it| it.assign_public_ip()).map(|it| it.as_str()),
        "load_balancers": balancers.collect::<Vec<_>>(),
        "health_check_grace_seconds": service.health_check_grace_period_seconds(),
        "circuit_breaker": breaker.map(|it| json!({ "enable": it.enable(), "rollback": it.rollback() })),
        "execute_command": service.enable_execute_command(),
        "tags": tags(service.tags()),
    })
}

/// All revisions, those that are no longer in use as well: they cost nothing, but they are left behind.
async fn task_definitions(cloud: &Cloud, inventory: &mut Inventory) -> Result<(), Trouble> {
    for status in [TaskDefinitionStatus::Active, TaskDefinitionStatus::Inactive] {
        let listed = cloud.ecs.list_task_definitions().status(status).send().await?;
        for arn in listed.task_definition_arns() {
            let call = cloud.ecs.describe_task_definition().task_definition(arn);
            let found = call.include(TaskDefinitionField::Tags).send().await?;
            let task = found.task_definition().ok_or("a listed task definition cannot be read")?;
            let name = format!("{}:{}", task.family().unwrap_or_default(), task.revision());
            inventory.add("task-definition", &name, arn, task_definition(task, found.tags()));
        }
    }
    Ok(())
}

fn task_definition(task: &TaskDefinition, own_tags: &[Tag]) -> Value {
    json!({
        "status": task.status().map(|it| it.as_str()),
        "network_mode": task.network_mode().map(|it| it.as_str()),
        "requires": task.requires_compatibilities().iter().map(|it| it.as_str()).collect::<Vec<_>>(),
        "cpu": task.cpu(),
        "memory": task.memory(),
        "platform": task.runtime_platform().map(|it| {
            let architecture = it.cpu_architecture().map_or("?", |it| it.as_str());
            format!("{} {architecture}", it.operating_system_family().map_or("?", |it| it.as_str()))
        }),
        "execution_role": task.execution_role_arn(),
        "task_role": task.task_role_arn(),
        "containers": task.container_definitions().iter().map(container).collect::<Vec<_>>(),
        "tags": tags(own_tags),
    })
}

fn container(container: &ContainerDefinition) -> Value {
    let environment = container.environment().iter().map(|it| (it.name(), it.value()));
    let secrets = container.secrets().iter().map(|it| (Some(it.name()), Some(it.value_from())));
    let ports = container.port_mappings().iter();
    let logs = container.log_configuration();
    let options = logs.and_then(|it| it.options()).into_iter().flatten();
    let options: Map<_, _> = options.map(|(name, value)| (name.clone(), value.clone().into())).collect();
    json!({
        "name": container.name(),
        "image": container.image(),
        "essential": container.essential(),
        "ports": ports.map(|it| json!([it.container_port(), it.protocol().map(|it| it.as_str())])).collect::<Vec<_>>(),
        "environment": super::tags(environment),
        "secrets": super::tags(secrets),
        "log_driver": logs.map(|it| it.log_driver().as_str()),
        "log_options": options,
    })
}
