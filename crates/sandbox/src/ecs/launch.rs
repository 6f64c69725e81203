//! The birth of a task.

use std::net::Ipv4Addr;

use super::service::EcsService;
use super::task::{Step, Task};
use crate::call::Refusal;
use crate::duration;
use crate::ec2::network_interface::{self, Interface};
use crate::tags::Tags;
use crate::world::World;

/// Starts a task of the service's primary deployment in the subnet where the fewest of its tasks are.
pub(super) fn launch(world: &mut World, service: &EcsService) -> Result<String, Refusal> {
    let Some(primary) = service.deployments.first() else { return Ok(String::new()) };
    let (revision, network) = (&primary.revision, &primary.revision.network);
    let id = world.uuid().replace('-', "");
    let arn = world.arn("ecs", &format!("task/{}/{id}", super::last_part(&service.cluster)));
    let crowd = |subnet: &&String| {
        world.ecs.tasks.values().filter(|task| task.subnet == **subnet && !task.is_over()).count()
    };
    let subnet = network.subnets.iter().min_by_key(crowd).cloned().unwrap_or_default();
    let attachment = world.uuid();
    let wanted = Interface {
        subnet: &subnet,
        groups: &network.groups,
        description: &world.arn("ecs", &format!("attachment/{attachment}")),
        kind: "interface",
        requester: "amazon-ecs",
        public: network.public,
        holder: &arn,
    };
    let interface = network_interface::attach(world, &wanted)?;
    let held = world.ec2.network_interfaces.get(&interface);
    let address = held.map_or(Ipv4Addr::UNSPECIFIED, |interface| interface.address);
    let due = world.now + world.takes(duration::TASK_PROVISION);
    let task = Task {
        arn: arn.clone(),
        cluster: service.cluster.clone(),
        service: service.arn.clone(),
        deployment: primary.id.clone(),
        task_definition: revision.task_definition.clone(),
        registrations: revision.registrations.clone(),
        interface,
        subnet,
        address,
        groups: network.groups.clone(),
        public: network.public,
        tags: tags(world, service, &revision.task_definition),
        step: Step::Provisioning,
        due: Some(due),
        healthy: false,
        created: world.now,
        started: None,
        end: None,
        stopped: None,
    };
    world.ecs.tasks.insert(arn.clone(), task);
    Ok(arn)
}

/// The tags that a service hands on to its tasks.
fn tags(world: &World, service: &EcsService, task_definition: &str) -> Tags {
    let mut tags = match service.propagate_tags.as_str() {
        "SERVICE" => service.tags.clone(),
        "TASK_DEFINITION" => {
            world.ecs.task_definitions.get(task_definition).map(|one| one.tags.clone()).unwrap_or_default()
        }
        _ => Tags::new(),
    };
    if service.managed_tags {
        tags.insert("aws:ecs:clusterName".to_owned(), super::last_part(&service.cluster).to_owned());
        tags.insert("aws:ecs:serviceName".to_owned(), service.name.clone());
    }
    tags
}
