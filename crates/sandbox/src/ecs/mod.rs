//! ECS on Fargate: clusters, task definitions, and services whose tasks depend on the world around them.

mod cluster;
mod container_definition;
mod deployment;
mod events;
mod fargate;
mod image;
mod launch;
mod life;
mod network;
mod output;
mod registration;
mod rules;
mod scheduler;
mod secret;
mod service;
mod service_change;
mod service_choice;
mod service_create;
mod start;
mod tagging;
mod task;
mod task_definition;
mod task_definition_end;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::call::Refusal;
use crate::params::Params;
use crate::service::{Dialect, Operation, Protocol, Service, mutates, reads};
use crate::world::World;

use cluster::Cluster;
use service::EcsService;
use task::Task;
use task_definition::TaskDefinition;

pub(crate) static SERVICE: Service = Service {
    name: "ecs",
    protocol: Protocol::AwsJson,
    dialect: &Dialect {
        missing: "InvalidParameterException",
        invalid: "InvalidParameterException",
        unknown_operation: "UnknownOperationException",
        throttled: "ThrottlingException",
        throttled_words: "Rate exceeded",
        throttled_status: 400,
        internal: "ServerException",
        token_mismatch: "InvalidParameterException",
    },
    operations: OPERATIONS,
    settle: events::settle,
    // Tasks hold subnets and groups by their network interfaces; roles, secrets and log groups can go at any time.
    references: |_| Vec::new(),
};

static OPERATIONS: &[Operation] = &[
    mutates("CreateCluster", cluster::create),
    reads("DescribeClusters", cluster::describe),
    mutates("UpdateCluster", cluster::update),
    mutates("UpdateClusterSettings", cluster::update),
    mutates("DeleteCluster", cluster::delete),
    mutates("RegisterTaskDefinition", task_definition::register),
    reads("DescribeTaskDefinition", task_definition::describe),
    reads("ListTaskDefinitions", task_definition::list),
    mutates("DeregisterTaskDefinition", task_definition_end::deregister),
    mutates("DeleteTaskDefinitions", task_definition_end::delete),
    mutates("CreateService", service_create::create).token("clientToken"),
    reads("DescribeServices", service::describe),
    reads("ListServices", service::list),
    mutates("UpdateService", service_change::update),
    mutates("DeleteService", service_change::delete),
    reads("ListTasks", task::list),
    reads("DescribeTasks", task::describe),
    mutates("TagResource", tagging::add),
    mutates("UntagResource", tagging::remove),
    reads("ListTagsForResource", tagging::list),
];

/// Everything of ECS, by ARN.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Ecs {
    clusters: BTreeMap<String, Cluster>,
    services: BTreeMap<String, EcsService>,
    tasks: BTreeMap<String, Task>,
    task_definitions: BTreeMap<String, TaskDefinition>,
    /// The newest revision of every family, which is never used again.
    revisions: BTreeMap<String, i64>,
    /// Up to when the schedulers have done their work.
    settled: f64,
}

/// How many tasks the active service with this ARN shall run.
pub(crate) fn desired_count(world: &World, service: &str) -> Option<i64> {
    let service = world.ecs.services.get(service).filter(|service| service.is_active());
    service.map(|service| service.desired)
}

/// Lets the service with this ARN run so many tasks from now on.
pub(crate) fn set_desired_count(world: &mut World, service: &str, count: i64) {
    if let Some(service) = world.ecs.services.get_mut(service) {
        service.desired = count;
    }
}

/// The last part of an ARN, or a plain name as it is.
fn last_part(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// A role's ARN that is at least well-formed; whether there is such a role shows when a task starts.
fn read_role(params: &Params, name: &str) -> Result<Option<String>, Refusal> {
    let Some(role) = params.text_if(name)? else { return Ok(None) };
    let is_arn = role.strip_prefix("arn:aws:iam::").and_then(|rest| rest.split_once(":role/"));
    match is_arn {
        Some((account, path))
            if account.len() == 12 && account.chars().all(|c| c.is_ascii_digit()) && !path.is_empty() =>
        {
            Ok(Some(role.to_owned()))
        }
        _ => Err(Refusal::illegal("ClientException", format!("Role '{role}' is not valid"))),
    }
}

/// `maxResults`, within what the operation allows.
fn read_limit(params: &Params, largest: i64) -> Result<usize, Refusal> {
    match params.number("maxResults")? {
        None => Ok(largest as usize),
        Some(limit) if (1..=largest).contains(&limit) => Ok(limit as usize),
        Some(limit) => {
            Err(params.invalid("maxResults", limit, &format!("It must be between 1 and {largest}.")))
        }
    }
}

/// The most recent time of anything that ECS decides: it never acts in its own past.
fn settled(world: &World) -> f64 {
    world.ecs.settled
}
