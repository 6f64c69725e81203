//! Tasks: one running copy of a task definition each, on a network interface of its own.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::registration::Registration;
use super::{cluster, last_part, read_limit};
use crate::call::{Answer, Refusal};
use crate::page;
use crate::params::Params;
use crate::tags::{self, Tags};
use crate::world::World;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Task {
    pub(super) arn: String,
    pub(super) cluster: String,
    /// The ARN of the service that it belongs to.
    pub(super) service: String,
    /// The id of the deployment that started it.
    pub(super) deployment: String,
    /// The ARN of its task definition.
    pub(super) task_definition: String,
    pub(super) registrations: Vec<Registration>,
    pub(super) interface: String,
    pub(super) subnet: String,
    pub(super) address: Ipv4Addr,
    pub(super) groups: Vec<String>,
    pub(super) public: bool,
    pub(super) tags: Tags,
    pub(super) step: Step,
    /// When it goes on to the next step, if that is decided.
    pub(super) due: Option<f64>,
    /// Whether its load balancers have found it healthy.
    pub(super) healthy: bool,
    pub(super) created: f64,
    pub(super) started: Option<f64>,
    pub(super) end: Option<End>,
    pub(super) stopped: Option<f64>,
}

/// Why and since when a task is on its way out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct End {
    pub(super) since: f64,
    pub(super) code: String,
    pub(super) reason: String,
    pub(super) exit_code: Option<i64>,
}

/// The steps of a task's life, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Step {
    Provisioning,
    Initializing,
    Pulling,
    /// The container runs and gets ready.
    Booting,
    /// The container listens.
    Serving,
    Draining,
    Stopping,
    Deprovisioning,
    Stopped,
}

impl Task {
    pub(super) fn last_status(&self) -> &'static str {
        match self.step {
            Step::Provisioning => "PROVISIONING",
            Step::Initializing | Step::Pulling => "PENDING",
            Step::Booting | Step::Serving => "RUNNING",
            Step::Draining => "DEACTIVATING",
            Step::Stopping => "STOPPING",
            Step::Deprovisioning => "DEPROVISIONING",
            Step::Stopped => "STOPPED",
        }
    }

    /// Whether it shall run on.
    pub(super) fn is_wanted(&self) -> bool {
        self.end.is_none()
    }

    /// Whether it counts as pending.
    pub(super) fn is_pending(&self) -> bool {
        self.is_wanted() && self.step < Step::Booting
    }

    /// Whether it counts as running, which it does until its last connections are drained.
    pub(super) fn is_running(&self) -> bool {
        (Step::Booting..=Step::Draining).contains(&self.step)
    }

    /// Whether its containers are gone.
    pub(super) fn is_over(&self) -> bool {
        self.step >= Step::Deprovisioning
    }

    fn view(&self, world: &World, with_tags: bool) -> Value {
        let definition = world.ecs.task_definitions.get(&self.task_definition);
        let containers = definition.map(|definition| definition.containers.as_slice()).unwrap_or_default();
        let subnet = world.ec2.subnets.get(&self.subnet);
        let detail = |name: &str, value: String| json!({ "name": name, "value": value });
        let container = |container: &super::container_definition::Container| {
            let mut view = json!({
                "containerArn": format!("{}/{}", self.arn.replacen(":task/", ":container/", 1), container.name),
                "taskArn": self.arn,
                "name": container.name,
                "image": container.image,
                "lastStatus": if self.is_over() { "STOPPED" } else { self.last_status() },
                "healthStatus": "UNKNOWN",
                "networkInterfaces": [{ "attachmentId": self.interface, "privateIpv4Address": self.address }],
            });
            if let Some(code) = self.end.as_ref().and_then(|end| end.exit_code) {
                view["exitCode"] = json!(code);
            } else if let Some(end) = self.end.as_ref().filter(|end| end.code == "TaskFailedToStart") {
                view["reason"] = json!(end.reason);
            }
            view
        };
        let mut view = json!({
            "taskArn": self.arn,
            "clusterArn": self.cluster,
            "taskDefinitionArn": self.task_definition,
            "group": format!("service:{}", last_part(&self.service)),
            "startedBy": self.deployment,
            "lastStatus": self.last_status(),
            "desiredStatus": if self.is_wanted() { "RUNNING" } else { "STOPPED" },
            "launchType": "FARGATE",
            "platformVersion": "1.4.0",
            "platformFamily": "Linux",
            "cpu": definition.map(|definition| &definition.cpu),
            "memory": definition.map(|definition| &definition.memory),
            "availabilityZone": subnet.map(|subnet| &subnet.zone),
            "connectivity": "CONNECTED",
            "healthStatus": "UNKNOWN",
            "createdAt": self.created,
            "containers": containers.iter().map(container).collect::<Value>(),
            "attachments": [{
                "id": self.interface,
                "type": "ElasticNetworkInterface",
                "status": if self.step == Step::Stopped { "DELETED" } else { "ATTACHED" },
                "details": [
                    detail("subnetId", self.subnet.clone()),
                    detail("networkInterfaceId", self.interface.clone()),
                    detail("privateIPv4Address", self.address.to_string()),
                ],
            }],
            "tags": if with_tags { tags::lower(&self.tags) } else { json!([]) },
        });
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                view[name] = value;
            }
        };
        set("startedAt", self.started.map(|at| json!(at)));
        set("stoppingAt", self.end.as_ref().map(|end| json!(end.since)));
        set("stopCode", self.end.as_ref().map(|end| json!(end.code)));
        set("stoppedReason", self.end.as_ref().map(|end| json!(end.reason)));
        set("stoppedAt", self.stopped.map(|at| json!(at)));
        view
    }
}

pub(super) fn list(world: &World, params: &Params) -> Answer {
    let cluster = cluster::active(world, params)?;
    let service = params.text_if("serviceName")?.map(|name| super::service::arn(world, &cluster, name));
    if service.as_ref().is_some_and(|arn| !world.ecs.services.contains_key(arn)) {
        return Err(Refusal::absent("ServiceNotFoundException", "Service not found."));
    }
    let (family, started_by) = (params.text_if("family")?, params.text_if("startedBy")?);
    let desired = params.text_if("desiredStatus")?.unwrap_or("RUNNING");
    if !matches!(desired, "RUNNING" | "PENDING" | "STOPPED") {
        return Err(params.invalid("desiredStatus", desired, ""));
    }
    let is_family = |task: &Task, family: &str| {
        last_part(&task.task_definition).split(':').next().is_some_and(|found| found == family)
    };
    let chosen = world.ecs.tasks.values().filter(|task| {
        task.cluster == cluster
            && service.as_ref().is_none_or(|service| task.service == *service)
            && family.is_none_or(|family| is_family(task, family))
            && started_by.is_none_or(|started_by| task.deployment == started_by)
            && desired == if task.is_wanted() { "RUNNING" } else { "STOPPED" }
    });
    let items = chosen.map(|task| (task.arn.clone(), task.arn.clone())).collect();
    let token = params.text_if("nextToken")?;
    let page = page::cut(items, Some(read_limit(params, 100)?), token)
        .ok_or_else(|| params.invalid("nextToken", token.unwrap_or_default(), ""))?;
    Ok(json!({ "taskArns": page.items, "nextToken": page.next }))
}

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    let cluster = cluster::active(world, params)?;
    let names = params.texts("tasks")?;
    let with_tags = params.texts("include")?.iter().any(|included| included == "TAGS");
    if !(1..=100).contains(&names.len()) {
        return Err(params.invalid("tasks", names.len(), "It takes one to a hundred tasks."));
    }
    let (mut tasks, mut failures) = (Vec::new(), Vec::new());
    for name in &names {
        let arn = world.arn("ecs", &format!("task/{}/{}", last_part(&cluster), last_part(name)));
        match world.ecs.tasks.get(&arn) {
            Some(task) => tasks.push(task.view(world, with_tags)),
            None => failures.push(json!({ "arn": arn, "reason": "MISSING" })),
        }
    }
    Ok(json!({ "tasks": tasks, "failures": failures }))
}
