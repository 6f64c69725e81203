//! Which container of a service's tasks is a target of which target group.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::task_definition::TaskDefinition;
use crate::call::Refusal;
use crate::params::Params;
use crate::world::World;

/// The most target groups of a service.
const LIMIT: usize = 5;

/// A target group in which tasks register one of their containers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Registration {
    pub(super) target_group: String,
    pub(super) container: String,
    pub(super) port: i64,
}

impl Registration {
    pub(super) fn view(&self) -> Value {
        json!({
            "targetGroupArn": self.target_group,
            "containerName": self.container,
            "containerPort": self.port,
        })
    }
}

fn refuse(words: impl Into<String>) -> Refusal {
    Refusal::illegal("InvalidParameterException", words)
}

/// The load balancers that a call names; the containers are those of `definition`.
pub(super) fn read(
    world: &World,
    params: &Params,
    definition: &TaskDefinition,
) -> Result<Option<Vec<Registration>>, Refusal> {
    if !params.has("loadBalancers") {
        return Ok(None);
    }
    let read = |params: &Params| {
        let registration = Registration {
            target_group: params.text("targetGroupArn")?.to_owned(),
            container: params.text("containerName")?.to_owned(),
            port: params.number("containerPort")?.ok_or_else(|| params.missing("containerPort"))?,
        };
        check_target_group(world, &registration.target_group)?;
        check_container(definition, &registration)?;
        Ok(registration)
    };
    let named = params.objects("loadBalancers")?;
    if named.len() > LIMIT {
        return Err(refuse(format!("load balancers can have at most {LIMIT} items.")));
    }
    named.iter().map(read).collect::<Result<_, _>>().map(Some)
}

fn check_target_group(world: &World, arn: &str) -> Result<(), Refusal> {
    let group = world.elbv2.target_groups.get(arn).ok_or_else(|| {
        let words = format!("The target group with targetGroupArn {arn} does not exist.");
        Refusal::absent("InvalidParameterException", words)
    })?;
    if group.target_type != "ip" {
        return Err(refuse(format!(
            "The provided target group {arn} has target type {}, which is incompatible with the awsvpc network \
             mode specified in the task definition.",
            group.target_type
        )));
    }
    if crate::elbv2::balancer_of(world, arn).is_none() {
        return Err(refuse(format!(
            "The target group with targetGroupArn {arn} does not have an associated load balancer."
        )));
    }
    Ok(())
}

/// Whether the registered container and port are in a task definition.
pub(super) fn check_container(
    definition: &TaskDefinition,
    registration: &Registration,
) -> Result<(), Refusal> {
    let (name, port) = (&registration.container, registration.port);
    let container = definition.container(name);
    let container = container
        .ok_or_else(|| refuse(format!("The container {name} does not exist in the task definition.")))?;
    if container.ports.contains(&port) {
        Ok(())
    } else {
        Err(refuse(format!("The container {name} did not have a container port {port} defined.")))
    }
}

/// Refuses a grace period of a service that no load balancer checks.
pub(super) fn read_grace(params: &Params, is_balanced: bool) -> Result<Option<i64>, Refusal> {
    match params.number("healthCheckGracePeriodSeconds")? {
        Some(_) if !is_balanced => Err(refuse(
            "Health check grace period is only valid for services configured to use load balancers",
        )),
        Some(seconds) if seconds < 0 => {
            Err(params.invalid("healthCheckGracePeriodSeconds", seconds, "It must not be negative."))
        }
        grace => Ok(grace),
    }
}
