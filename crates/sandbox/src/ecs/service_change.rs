//! Services: changed and deleted.

use serde_json::json;

use super::deployment::{Deployment, Revision};
use super::registration::{check_container, read_grace};
use super::service::{EcsService, Status, arn};
use super::service_choice::{read_desired, read_platform, read_propagation, read_rebalancing};
use super::task_definition::named;
use super::{cluster, network, registration, rules, task_definition};
use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::world::World;

/// The service that a call names, if there is one at all.
fn find(world: &World, params: &Params) -> Result<EcsService, Refusal> {
    let cluster = cluster::active(world, params)?;
    let arn = arn(world, &cluster, params.text("service")?);
    let absent = || Refusal::absent("ServiceNotFoundException", "Service not found.");
    world.ecs.services.get(&arn).cloned().ok_or_else(absent)
}

fn not_active() -> Refusal {
    Refusal::absent("ServiceNotActiveException", "Service was not ACTIVE.")
}

pub(super) fn update(world: &mut World, params: &Params) -> Answer {
    let mut service = find(world, params)?;
    let Some(primary) = service.deployments.first().filter(|_| service.is_active()) else {
        return Err(not_active());
    };
    let before = primary.revision.clone();
    let revision = read_revision(world, params, &before)?;
    let is_balanced = !revision.registrations.is_empty();
    service.grace = read_grace(params, is_balanced)?.unwrap_or(service.grace);
    service.rules = rules::read(params, &service.rules)?;
    service.desired = read_desired(params)?.unwrap_or(service.desired);
    service.execute_command = params.flag("enableExecuteCommand")?.unwrap_or(service.execute_command);
    service.managed_tags = params.flag("enableECSManagedTags")?.unwrap_or(service.managed_tags);
    let text = |given: Option<&str>, before: &str| given.unwrap_or(before).to_owned();
    service.propagate_tags = text(read_propagation(params)?, &service.propagate_tags);
    service.rebalancing = text(read_rebalancing(params)?, &service.rebalancing);
    let platform = text(read_platform(params)?, &service.platform);
    let is_forced = params.flag("forceNewDeployment")? == Some(true);
    // The number of tasks changes in place; what the tasks are changes by a new deployment.
    if is_forced || revision != before || platform != service.platform {
        service.platform = platform;
        service.deployments.insert(0, Deployment::new(world, revision));
    }
    let view = service.view(world, true);
    world.ecs.services.insert(service.arn.clone(), service);
    Ok(json!({ "service": view }))
}

/// What the service shall run from now on; what the call leaves out stays as it was.
fn read_revision(world: &World, params: &Params, before: &Revision) -> Result<Revision, Refusal> {
    let given = task_definition::read_active(world, params)?;
    let task_definition = given.map_or(&before.task_definition, |definition| &definition.arn).clone();
    let network = network::read(world, params)?.unwrap_or_else(|| before.network.clone());
    let Some(definition) = given.or_else(|| named(world, &task_definition)) else {
        return Err(Refusal::illegal("ClientException", "TaskDefinition is inactive"));
    };
    let registrations = registration::read(world, params, definition)?;
    let registrations = registrations.unwrap_or_else(|| before.registrations.clone());
    registrations.iter().try_for_each(|registration| check_container(definition, registration))?;
    Ok(Revision { task_definition, network, registrations })
}

/// Starts to drain a service. It is inactive as soon as no task of it runs any more.
pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let mut service = find(world, params)?;
    let is_forced = params.flag("force")? == Some(true);
    match service.status {
        Status::Inactive(_) => return Err(not_active()),
        Status::Active if !is_forced && service.desired > 0 => {
            let words = "The service cannot be stopped while it is scaled above 0.";
            return Err(Refusal::illegal("InvalidParameterException", words));
        }
        Status::Active | Status::Draining => (),
    }
    service.status = Status::Draining;
    service.desired = 0;
    let view = service.view(world, true);
    world.ecs.services.insert(service.arn.clone(), service);
    Ok(json!({ "service": view }))
}
