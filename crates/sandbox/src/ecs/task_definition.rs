//! Task definitions: families of numbered, immutable revisions.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::container_definition::{self, Container};
use super::{fargate, last_part, read_limit, read_role};
use crate::call::{Answer, Refusal};
use crate::page;
use crate::params::Params;
use crate::tags::{self, Tags};
use crate::world::World;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct TaskDefinition {
    pub(super) arn: String,
    pub(super) tags: Tags,
    pub(super) status: Status,
    pub(super) cpu: String,
    pub(super) memory: String,
    pub(super) execution_role: Option<String>,
    pub(super) containers: Vec<Container>,
    pub(super) deregistered: Option<f64>,
    family: String,
    revision: i64,
    task_role: Option<String>,
    architecture: Option<String>,
    registered: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Status {
    Active,
    Inactive,
    Deleting,
}

impl Status {
    fn word(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Inactive => "INACTIVE",
            Self::Deleting => "DELETE_IN_PROGRESS",
        }
    }
}

impl TaskDefinition {
    pub(super) fn view(&self, world: &World) -> Value {
        let mut view = json!({
            "taskDefinitionArn": self.arn,
            "family": self.family,
            "revision": self.revision,
            "status": self.status.word(),
            "networkMode": "awsvpc",
            "requiresCompatibilities": ["FARGATE"],
            "compatibilities": ["EC2", "FARGATE"],
            "cpu": self.cpu,
            "memory": self.memory,
            "containerDefinitions": self.containers.iter().map(Container::view).collect::<Value>(),
            "volumes": [],
            "placementConstraints": [],
            "requiresAttributes": [{ "name": "ecs.capability.task-eni" }],
            "registeredAt": self.registered,
            "registeredBy": format!("arn:aws:iam::{}:user/sandbox", world.account),
        });
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                view[name] = value;
            }
        };
        set("executionRoleArn", self.execution_role.as_ref().map(|role| json!(role)));
        set("taskRoleArn", self.task_role.as_ref().map(|role| json!(role)));
        set("deregisteredAt", self.deregistered.map(|at| json!(at)));
        let platform = |architecture: &String| json!({ "cpuArchitecture": architecture, "operatingSystemFamily": "LINUX" });
        set("runtimePlatform", self.architecture.as_ref().map(platform));
        view
    }

    /// The container with this name.
    pub(super) fn container(&self, name: &str) -> Option<&Container> {
        self.containers.iter().find(|container| container.name == name)
    }
}

pub(super) fn register(world: &mut World, params: &Params) -> Answer {
    let family = params.text("family")?;
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let refuse = |words: &str| Err(Refusal::illegal("ClientException", words));
    if !(1..=255).contains(&family.len()) || !family.chars().all(is_allowed) {
        return refuse("Family contains invalid characters.");
    }
    if params.texts("requiresCompatibilities")? != ["FARGATE"] {
        return Err(params.invalid("requiresCompatibilities", "", "The sandbox models FARGATE only."));
    }
    if params.text_if("networkMode")? != Some("awsvpc") {
        return refuse("Fargate only supports network mode \u{2018}awsvpc\u{2019}.");
    }
    if !params.objects("volumes")?.is_empty() || !params.objects("placementConstraints")?.is_empty() {
        return Err(params.invalid("volumes", "", "The sandbox models neither volumes nor constraints."));
    }
    let size = |name: &str| {
        let words = "Fargate requires that 'cpu' and 'memory' be defined at the task level.";
        params.text_if(name)?.ok_or_else(|| Refusal::illegal("ClientException", words))
    };
    let (cpu, memory) = (size("cpu")?, size("memory")?);
    fargate::check(cpu, memory)?;
    let (execution_role, task_role) =
        (read_role(params, "executionRoleArn")?, read_role(params, "taskRoleArn")?);
    let containers = container_definition::read(params)?;
    let needs_role = |container: &Container| container.log_group.is_some() || !container.secrets.is_empty();
    if execution_role.is_none() && containers.iter().any(needs_role) {
        return refuse(
            "Fargate requires task definition to have execution role ARN to support log driver awslogs and secrets.",
        );
    }
    let architecture = read_architecture(params)?;
    let tags = tags::read(params, "tags", "key", "value")?;
    let newest = world.ecs.revisions.entry(family.to_owned()).or_default();
    *newest += 1;
    let revision = *newest;
    // Its ARN needs no randomness; drawing some all the same marks the account, and thus its region, as used.
    world.draw();
    let definition = TaskDefinition {
        arn: world.arn("ecs", &format!("task-definition/{family}:{revision}")),
        tags,
        status: Status::Active,
        cpu: cpu.to_owned(),
        memory: memory.to_owned(),
        execution_role,
        containers,
        deregistered: None,
        family: family.to_owned(),
        revision,
        task_role,
        architecture,
        registered: world.now,
    };
    let answer = json!({ "taskDefinition": definition.view(world), "tags": tags::lower(&definition.tags) });
    world.ecs.task_definitions.insert(definition.arn.clone(), definition);
    Ok(answer)
}

fn read_architecture(params: &Params) -> Result<Option<String>, Refusal> {
    let Some(platform) = params.object("runtimePlatform")? else { return Ok(None) };
    if let Some(other) = platform.text_if("operatingSystemFamily")?.filter(|family| *family != "LINUX") {
        return Err(platform.invalid("operatingSystemFamily", other, "The sandbox models LINUX only."));
    }
    match platform.text_if("cpuArchitecture")?.unwrap_or("X86_64") {
        architecture @ ("X86_64" | "ARM64") => Ok(Some(architecture.to_owned())),
        other => Err(platform.invalid("cpuArchitecture", other, "")),
    }
}

/// The task definition named by ARN, `family:revision`, or for its newest active revision by family.
pub(super) fn named<'a>(world: &'a World, name: &str) -> Option<&'a TaskDefinition> {
    let name = last_part(name);
    let all = world.ecs.task_definitions.values();
    match name.split_once(':') {
        Some((family, revision)) => {
            let revision: i64 = revision.parse().ok()?;
            all.into_iter().find(|one| one.family == family && one.revision == revision)
        }
        None => {
            let active = all.filter(|one| one.family == name && one.status == Status::Active);
            active.max_by_key(|one| one.revision)
        }
    }
}

/// The active task definition that a call names.
pub(super) fn read_active<'a>(
    world: &'a World,
    params: &Params,
) -> Result<Option<&'a TaskDefinition>, Refusal> {
    let Some(name) = params.text_if("taskDefinition")? else { return Ok(None) };
    let absent = || Refusal::absent("ClientException", "Unable to find task definition.");
    match named(world, name).ok_or_else(absent)? {
        definition if definition.status == Status::Active => Ok(Some(definition)),
        _ => Err(Refusal::illegal("ClientException", "TaskDefinition is inactive")),
    }
}

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    let words = "Unable to describe task definition.";
    let found = named(world, params.text("taskDefinition")?).filter(|one| !world.hides(one.registered));
    let definition = found.ok_or_else(|| Refusal::absent("ClientException", words))?;
    let mut answer = json!({ "taskDefinition": definition.view(world) });
    if params.texts("include")?.iter().any(|included| included == "TAGS") {
        answer["tags"] = tags::lower(&definition.tags);
    }
    Ok(answer)
}

pub(super) fn list(world: &World, params: &Params) -> Answer {
    let family = params.text_if("familyPrefix")?;
    let status = params.text_if("status")?.unwrap_or("ACTIVE");
    let is_wanted = |one: &&TaskDefinition| {
        family.is_none_or(|family| one.family == family) && one.status.word() == status
    };
    let mut found: Vec<_> = world.ecs.task_definitions.values().filter(is_wanted).collect();
    found.sort_by_key(|one| (&one.family, one.revision));
    match params.text_if("sort")? {
        None | Some("ASC") => (),
        Some("DESC") => found.reverse(),
        Some(other) => return Err(params.invalid("sort", other, "")),
    }
    // The order is that of the answer, so the positions serve as keys.
    let items = found.into_iter().enumerate();
    let items = items.map(|(position, one)| (format!("{position:08}"), one.arn.clone())).collect();
    let token = params.text_if("nextToken")?;
    let page = page::cut(items, Some(read_limit(params, 100)?), token)
        .ok_or_else(|| params.invalid("nextToken", token.unwrap_or_default(), ""))?;
    Ok(json!({ "taskDefinitionArns": page.items, "nextToken": page.next }))
}
