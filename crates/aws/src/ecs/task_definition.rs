//! ECS task definition. Its identity is the family: a revision cannot change but for its tags, but a family can, by a
//! new revision.

use aws_sdk_ecs::types::{
    Compatibility, CpuArchitecture, NetworkMode, OsFamily, RuntimePlatform, TaskDefinitionStatus,
};
use serde::{Deserialize, Serialize};
use sidekick_engine::{Diff, Intent, Live, Mark, Observed, Resource, Result, Revises};

use super::container::Container;
use super::revisions::{DESCRIBE, newest, revisions};
use super::tags;
use crate::fault::{Answer, missing};
use crate::{Aws, Tags, TaskFamily};

/// How many revisions one call deletes at the most.
const DELETED_AT_ONCE: usize = 10;

/// The newest revision we want.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskDefinition {
    /// The name of the family.
    pub family: String,
    /// CPU units, 1024 to a core.
    pub cpu: u32,
    /// Memory in MiB.
    pub memory_mib: u32,
    /// What the image is built for: `X86_64` or `ARM64`.
    pub architecture: String,
    /// The ARN of the role by which ECS starts a task.
    pub execution_role: String,
    /// The ARN of the role of the application.
    pub task_role: Option<String>,
    /// The one container.
    pub container: Container,
    /// The configured tags.
    pub tags: Tags,
    /// Whether every revision was deregistered, which is never wanted.
    #[serde(default)]
    pub deregistered: bool,
}

/// What dependents may read once the revision is registered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskDefinitionOutputs {
    /// The ARN of the newest active revision.
    pub arn: String,
}

impl Resource for TaskDefinition {
    const KIND: &'static str = "ecs.task_definition";
    /// Tags are the only part of a revision that can change.
    const REVISES: Revises = Revises::With(&[
        "cpu",
        "memory_mib",
        "architecture",
        "execution_role",
        "task_role",
        "container",
        "deregistered",
    ]);

    type Cloud = Aws;
    type Id = TaskFamily;
    type Outputs = TaskDefinitionOutputs;

    #[rustfmt::skip]
    fn diff(&self, actual: &Self) -> Diff {
        let Self {
            family, cpu, memory_mib, architecture, execution_role, task_role, container, tags, deregistered,
        } = self;
        Diff::default()
            .immutable("family", family, &actual.family)
            .mutable("cpu", cpu, &actual.cpu)
            .mutable("memory_mib", memory_mib, &actual.memory_mib)
            .mutable("architecture", architecture, &actual.architecture)
            .mutable("execution_role", execution_role, &actual.execution_role)
            .mutable("task_role", task_role, &actual.task_role)
            .mutable("container", container, &actual.container)
            .mutable("tags", tags, &actual.tags)
            .mutable("deregistered", deregistered, &actual.deregistered)
    }

    async fn find(&self, aws: &Aws, _: &Mark) -> Result<Option<TaskFamily>> {
        Ok(newest(aws, &self.family).await?.map(|_| TaskFamily::new(&self.family)))
    }

    async fn observe(&self, aws: &Aws, id: &TaskFamily) -> Result<Observed<Self>> {
        let Some((found, (tags, owner))) = newest(aws, id.as_str()).await? else {
            return Ok(Observed::Absent);
        };
        let field = |name| missing(DESCRIBE, name);
        let number =
            |text: Option<&str>, name| text.and_then(|text| text.parse().ok()).ok_or_else(|| field(name));
        let container = found.container_definitions().first().ok_or_else(|| field("containerDefinitions"))?;
        let platform = found.runtime_platform().and_then(RuntimePlatform::cpu_architecture);
        let actual = Self {
            family: found.family().ok_or_else(|| field("family"))?.to_owned(),
            cpu: number(found.cpu(), "cpu")?,
            memory_mib: number(found.memory(), "memory")?,
            architecture: platform.unwrap_or(&CpuArchitecture::X8664).as_str().to_owned(),
            execution_role: found.execution_role_arn().unwrap_or_default().to_owned(),
            task_role: found.task_role_arn().map(str::to_owned),
            container: Container::read(container)?,
            tags,
            deregistered: found.status() == Some(&TaskDefinitionStatus::Inactive),
        };
        let arn = found.task_definition_arn().ok_or_else(|| field("taskDefinitionArn"))?.to_owned();
        Ok(Observed::Steady(Live { actual, outputs: TaskDefinitionOutputs { arn }, owner }))
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> Result<TaskFamily> {
        let architecture = CpuArchitecture::from(self.architecture.as_str());
        let platform = RuntimePlatform::builder().cpu_architecture(architecture);
        let call = aws.ecs.register_task_definition().family(&self.family);
        let call = call.network_mode(NetworkMode::Awsvpc).requires_compatibilities(Compatibility::Fargate);
        let call = call.cpu(self.cpu.to_string()).memory(self.memory_mib.to_string());
        let call = call.runtime_platform(platform.operating_system_family(OsFamily::Linux).build());
        let call = call.execution_role_arn(&self.execution_role).set_task_role_arn(self.task_role.clone());
        let call = call.container_definitions(self.container.definition()?);
        let call = call.set_tags(Some(tags::specification(&self.tags, intent)));
        call.send().await.or_fault("ecs RegisterTaskDefinition")?;
        Ok(TaskFamily::new(&self.family))
    }

    async fn update(&self, actual: &Self, aws: &Aws, id: &TaskFamily, intent: &Intent) -> Result<()> {
        if *self != (Self { tags: self.tags.clone(), ..actual.clone() }) {
            return self.create(aws, intent).await.map(drop);
        }
        let newest = newest(aws, id.as_str()).await?.and_then(|(found, _)| found.task_definition_arn);
        let newest = newest.ok_or_else(|| missing(DESCRIBE, "taskDefinitionArn"))?;
        tags::update(aws, &newest, &self.tags, &actual.tags).await
    }

    /// Takes all revisions, old ones too: they hold the environment of earlier deployments.
    async fn delete(&self, aws: &Aws, id: &TaskFamily, _: &Intent) -> Result<()> {
        for revision in revisions(aws, id.as_str(), TaskDefinitionStatus::Active).await? {
            let call = aws.ecs.deregister_task_definition().task_definition(revision);
            call.send().await.found("ecs DeregisterTaskDefinition")?;
        }
        let inactive = revisions(aws, id.as_str(), TaskDefinitionStatus::Inactive).await?;
        for batch in inactive.chunks(DELETED_AT_ONCE) {
            let call = aws.ecs.delete_task_definitions().set_task_definitions(Some(batch.to_vec()));
            call.send().await.found("ecs DeleteTaskDefinitions")?;
        }
        Ok(())
    }
}
