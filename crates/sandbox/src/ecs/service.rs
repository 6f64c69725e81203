//! Services: what they are, and looked at.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::deployment::{Deployment, Revision};
use super::registration::Registration;
use super::rules::Rules;
use super::{cluster, last_part, read_limit};
use crate::call::Answer;
use crate::page;
use crate::params::Params;
use crate::tags::{self, Tags};
use crate::world::World;

/// The most events that AWS keeps.
const EVENTS: usize = 100;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct EcsService {
    pub(super) arn: String,
    pub(super) name: String,
    pub(super) cluster: String,
    pub(super) tags: Tags,
    pub(super) status: Status,
    pub(super) desired: i64,
    pub(super) rules: Rules,
    pub(super) grace: i64,
    /// The newest first; it is the primary one.
    pub(super) deployments: Vec<Deployment>,
    /// What was last rolled out with success.
    pub(super) steady: Option<Revision>,
    pub(super) execute_command: bool,
    pub(super) managed_tags: bool,
    pub(super) propagate_tags: String,
    pub(super) rebalancing: String,
    pub(super) platform: String,
    pub(super) events: Vec<Event>,
    pub(super) created: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Status {
    Active,
    Draining,
    /// Since this time.
    Inactive(f64),
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Event {
    id: String,
    at: f64,
    message: String,
}

impl EcsService {
    pub(super) fn is_active(&self) -> bool {
        self.status == Status::Active
    }

    pub(super) fn is_inactive(&self) -> bool {
        matches!(self.status, Status::Inactive(_))
    }

    /// Whether any of its deployments runs this task definition.
    pub(super) fn uses(&self, task_definition: &str) -> bool {
        self.deployments.iter().any(|deployment| deployment.revision.task_definition == task_definition)
    }

    /// Tells what happened, in the words of AWS's service events.
    pub(super) fn say(&mut self, world: &mut World, what: &str) {
        let event =
            Event { id: world.uuid(), at: world.now, message: format!("(service {}) {what}", self.name) };
        self.events.insert(0, event);
        self.events.truncate(EVENTS);
    }

    fn revision(&self) -> Option<&Revision> {
        self.deployments.first().map(|primary| &primary.revision)
    }

    pub(super) fn view(&self, world: &World, with_tags: bool) -> Value {
        let tasks = || world.ecs.tasks.values().filter(|task| task.service == self.arn);
        let status = match self.status {
            Status::Active => "ACTIVE",
            Status::Draining => "DRAINING",
            Status::Inactive(_) => "INACTIVE",
        };
        let deployments = self.deployments.iter().enumerate();
        let deployment = |(n, deployment): (usize, &Deployment)| deployment.view(world, n == 0, self.desired);
        let event =
            |event: &Event| json!({ "id": event.id, "createdAt": event.at, "message": event.message });
        let registrations = self.revision().map(|revision| &revision.registrations).into_iter().flatten();
        let registrations: Value = registrations.map(Registration::view).collect();
        let mut view = json!({
            "serviceArn": self.arn,
            "serviceName": self.name,
            "clusterArn": self.cluster,
            "status": status,
            "desiredCount": self.desired,
            "runningCount": tasks().filter(|task| task.is_running()).count(),
            "pendingCount": tasks().filter(|task| task.is_pending()).count(),
            "launchType": "FARGATE",
            "platformVersion": self.platform,
            "platformFamily": "Linux",
            "taskDefinition": self.revision().map(|revision| &revision.task_definition),
            "networkConfiguration": self.revision().map(|revision| revision.network.view()),
            "loadBalancers": registrations,
            "serviceRegistries": [],
            "deploymentConfiguration": self.rules.view(),
            "deploymentController": { "type": "ECS" },
            "deployments": deployments.map(deployment).collect::<Value>(),
            "events": self.events.iter().map(event).collect::<Value>(),
            "healthCheckGracePeriodSeconds": self.grace,
            "schedulingStrategy": "REPLICA",
            "availabilityZoneRebalancing": self.rebalancing,
            "enableExecuteCommand": self.execute_command,
            "enableECSManagedTags": self.managed_tags,
            "propagateTags": self.propagate_tags,
            "placementConstraints": [],
            "placementStrategy": [],
            "createdAt": self.created,
            "createdBy": format!("arn:aws:iam::{}:user/sandbox", world.account),
            "roleArn": format!(
                "arn:aws:iam::{}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
                world.account
            ),
        });
        if with_tags {
            view["tags"] = tags::lower(&self.tags);
        }
        view
    }
}

/// The ARN of the service that a call names by name or ARN, within the call's cluster.
pub(super) fn arn(world: &World, cluster: &str, name: &str) -> String {
    world.arn("ecs", &format!("service/{}/{}", last_part(cluster), last_part(name)))
}

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    let cluster = cluster::active(world, params)?;
    let names = params.texts("services")?;
    let with_tags = params.texts("include")?.iter().any(|included| included == "TAGS");
    if !(1..=10).contains(&names.len()) {
        return Err(params.invalid("services", names.len(), "It takes one to ten services."));
    }
    let (mut services, mut failures) = (Vec::new(), Vec::new());
    for name in &names {
        let arn = arn(world, &cluster, name);
        match world.ecs.services.get(&arn).filter(|service| !world.hides(service.created)) {
            Some(service) => services.push(service.view(world, with_tags)),
            None => failures.push(json!({ "arn": arn, "reason": "MISSING" })),
        }
    }
    Ok(json!({ "services": services, "failures": failures }))
}

pub(super) fn list(world: &World, params: &Params) -> Answer {
    let cluster = cluster::active(world, params)?;
    for (name, only) in [("launchType", "FARGATE"), ("schedulingStrategy", "REPLICA")] {
        if params.text_if(name)?.is_some_and(|value| value != only) {
            return Ok(json!({ "serviceArns": [] }));
        }
    }
    let listed =
        world.ecs.services.values().filter(|service| service.cluster == cluster && service.is_active());
    let items = listed.map(|service| (service.arn.clone(), service.arn.clone())).collect();
    let limit = params.number("maxResults")?.map_or(Ok(10), |_| read_limit(params, 100))?;
    let token = params.text_if("nextToken")?;
    let page = page::cut(items, Some(limit), token)
        .ok_or_else(|| params.invalid("nextToken", token.unwrap_or_default(), ""))?;
    Ok(json!({ "serviceArns": page.items, "nextToken": page.next }))
}
