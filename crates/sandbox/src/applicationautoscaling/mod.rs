//! Application Auto Scaling for the number of tasks of ECS services: the targets, and the policies under them.
//!
//! No load and no alarm is modelled. How many tasks the load needs is said by [`Sandbox::demand`].
//!
//! [`Sandbox::demand`]: crate::Sandbox::demand

mod demand;
mod policy;
mod tagging;
mod target;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::call::Refusal;
use crate::params::Params;
use crate::service::{Dialect, Operation, Protocol, Service, mutates, reads};

pub(crate) use demand::demand;
use policy::Policy;
use target::Target;

pub(crate) static SERVICE: Service = Service {
    name: "application-autoscaling",
    protocol: Protocol::AwsJson,
    dialect: &Dialect {
        missing: INVALID,
        invalid: INVALID,
        unknown_operation: "UnknownOperationException",
        throttled: "ThrottlingException",
        internal: "InternalServiceException",
        ..Dialect::QUERY
    },
    operations: OPERATIONS,
    settle: |_| (),
    references: |_| Vec::new(),
};

static OPERATIONS: &[Operation] = &[
    mutates("RegisterScalableTarget", target::register),
    reads("DescribeScalableTargets", target::describe),
    mutates("DeregisterScalableTarget", target::deregister),
    mutates("PutScalingPolicy", policy::put),
    reads("DescribeScalingPolicies", policy::describe),
    mutates("DeleteScalingPolicy", policy::delete),
    mutates("TagResource", tagging::tag),
    mutates("UntagResource", tagging::untag),
    reads("ListTagsForResource", tagging::list),
];

/// Nearly everything is refused with this code.
const INVALID: &str = "ValidationException";
const DIMENSION: &str = "ecs:service:DesiredCount";

/// Everything of Application Auto Scaling.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ApplicationAutoScaling {
    /// Scalable targets by what they scale, such as `service/cluster/name`.
    targets: BTreeMap<String, Target>,
    /// Policies by what they scale and their names.
    policies: BTreeMap<String, Policy>,
}

fn refuse(words: impl Into<String>) -> Refusal {
    Refusal::illegal(INVALID, words)
}

/// Only services of ECS are scaled here.
fn check_namespace(params: &Params) -> Result<(), Refusal> {
    match params.text("ServiceNamespace")? {
        "ecs" => Ok(()),
        other => Err(params.invalid("ServiceNamespace", other, "The sandbox models ecs only.")),
    }
}

/// What a call is about: `service/CLUSTER/NAME`.
fn read_resource<'a>(params: &Params<'a>) -> Result<&'a str, Refusal> {
    check_namespace(params)?;
    let dimension = params.text("ScalableDimension")?;
    if dimension != DIMENSION {
        return Err(refuse(format!(
            "Unsupported service namespace, resource type or scalable dimension: {dimension}"
        )));
    }
    let resource = params.text("ResourceId")?;
    let parts: Vec<&str> = resource.split('/').collect();
    match parts[..] {
        ["service", cluster, name] if !cluster.is_empty() && !name.is_empty() => Ok(resource),
        _ => Err(refuse(format!("Unsupported resource type: {resource}"))),
    }
}

/// What is said of a target or a policy that is not there.
fn absent(what: &str, resource: &str) -> Refusal {
    let words = format!(
        "No {what} found for service namespace: ecs, resource ID: {resource}, scalable dimension: {DIMENSION}"
    );
    Refusal::absent("ObjectNotFoundException", words)
}
