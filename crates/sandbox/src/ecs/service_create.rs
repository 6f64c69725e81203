//! Services: made.

use serde_json::json;

use super::deployment::{Deployment, Revision};
use super::registration::read_grace;
use super::rules::Rules;
use super::service::{EcsService, Status, arn};
use super::service_choice::{read_desired, read_platform, read_propagation, read_rebalancing};
use super::{cluster, network, registration, rules, task_definition};
use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::tags;
use crate::world::World;

pub(super) fn create(world: &mut World, params: &Params) -> Answer {
    let cluster = cluster::active(world, params)?;
    let name = params.text("serviceName")?;
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !(1..=255).contains(&name.len()) || !name.chars().all(is_allowed) {
        return Err(params.invalid("serviceName", name, "Its characters or its length are not allowed."));
    }
    let arn = arn(world, &cluster, name);
    refuse_taken(world, &arn)?;
    refuse_unmodelled(params)?;
    refuse_without_linked_role(world, &cluster)?;
    let definition =
        task_definition::read_active(world, params)?.ok_or_else(|| params.missing("taskDefinition"))?;
    let network = network::read(world, params)?.ok_or_else(|| {
        let words = "Network Configuration must be provided when networkMode 'awsvpc' is specified.";
        Refusal::illegal("InvalidParameterException", words)
    })?;
    let registrations = registration::read(world, params, definition)?.unwrap_or_default();
    let grace = read_grace(params, !registrations.is_empty())?.unwrap_or(0);
    let rules = rules::read(params, &Rules::DEFAULT)?;
    let desired = read_desired(params)?.ok_or_else(|| params.missing("desiredCount"))?;
    let tags = tags::read(params, "tags", "key", "value")?;
    let revision = Revision { task_definition: definition.arn.clone(), network, registrations };
    let service = EcsService {
        arn,
        name: name.to_owned(),
        cluster,
        tags,
        status: Status::Active,
        desired,
        rules,
        grace,
        deployments: vec![Deployment::new(world, revision)],
        steady: None,
        execute_command: params.flag("enableExecuteCommand")?.unwrap_or(false),
        managed_tags: params.flag("enableECSManagedTags")?.unwrap_or(false),
        propagate_tags: read_propagation(params)?.unwrap_or("NONE").to_owned(),
        rebalancing: read_rebalancing(params)?.unwrap_or("ENABLED").to_owned(),
        platform: read_platform(params)?.unwrap_or("LATEST").to_owned(),
        events: Vec::new(),
        created: world.now,
    };
    let view = service.view(world, true);
    world.ecs.services.insert(service.arn.clone(), service);
    Ok(json!({ "service": view }))
}

/// A name is free again when its service is inactive.
fn refuse_taken(world: &World, arn: &str) -> Result<(), Refusal> {
    let code = "InvalidParameterException";
    match world.ecs.services.get(arn).map(|service| service.status) {
        None | Some(Status::Inactive(_)) => Ok(()),
        Some(Status::Active) => Err(Refusal::illegal(code, "Creation of service was not idempotent.")),
        Some(Status::Draining) => {
            Err(Refusal::blocked(code, "Unable to Start a service that is still Draining."))
        }
    }
}

/// The first cluster makes ECS its role in the account, which then spreads like any other.
fn refuse_without_linked_role(world: &World, cluster: &str) -> Result<(), Refusal> {
    let made = world.ecs.clusters.get(cluster).map_or(0.0, |cluster| cluster.created);
    if made + world.faults.propagation_seconds <= world.now {
        return Ok(());
    }
    let words =
        "Unable to assume the service linked role. Please verify that the ECS service linked role exists.";
    Err(Refusal::blocked("InvalidParameterException", words))
}

fn refuse_unmodelled(params: &Params) -> Result<(), Refusal> {
    for (name, only) in [("launchType", "FARGATE"), ("schedulingStrategy", "REPLICA")] {
        if let Some(other) = params.text_if(name)?.filter(|value| *value != only) {
            return Err(params.invalid(name, other, &format!("The sandbox models {only} only.")));
        }
    }
    if !params.has("launchType") {
        return Err(params.invalid(
            "launchType",
            "",
            "The sandbox models FARGATE only, not the default EC2.",
        ));
    }
    if let Some(controller) = params.object("deploymentController")?
        && let Some(other) = controller.text_if("type")?.filter(|kind| *kind != "ECS")
    {
        return Err(controller.invalid("type", other, "The sandbox models ECS only."));
    }
    Ok(())
}
