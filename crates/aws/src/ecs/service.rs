//! ECS service: keeps tasks of one definition running behind its target groups.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sidekick_engine::{Diff, Intent, Mark, Observed, Pace, Resource, Result};

use super::{CircuitBreaker, Cluster, reading, request, tags};
use crate::fault::{Answer, missing};
use crate::{Aws, ClusterName, SecurityGroupId, ServiceArn, SubnetId, Tags, TargetGroupArn};

/// The service we want.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Service {
    /// Its name, unique in the cluster.
    pub name: String,
    /// The cluster it belongs to.
    pub cluster: ClusterName,
    /// The ARN of the revision its tasks are made of.
    pub task_definition: String,
    /// How many tasks run; if their number is scaled, how many at first.
    pub desired_count: u32,
    /// Whether the number of tasks is Application Auto Scaling's, and none of ours to set or to compare.
    #[serde(default)]
    pub autoscaled: bool,
    /// The subnets the tasks are placed in.
    pub subnets: BTreeSet<SubnetId>,
    /// What may reach the tasks.
    pub security_groups: BTreeSet<SecurityGroupId>,
    /// Whether each task gets a public address.
    #[serde(default)]
    pub assign_public_ip: bool,
    /// Where the tasks are registered.
    #[serde(default)]
    pub target_groups: BTreeSet<TargetGroupArn>,
    /// Those of them that are to go and that no load balancer has any more, so that ECS takes them in no call.
    #[serde(default)]
    pub detached: BTreeSet<TargetGroupArn>,
    /// The container that is registered.
    pub container_name: String,
    /// The container's port that is registered.
    pub container_port: u16,
    /// For how long a new task's failing health checks do not count.
    pub health_check_grace_seconds: u32,
    /// What happens to a deployment that does not come up.
    pub circuit_breaker: CircuitBreaker,
    /// Whether operators may run commands in the tasks.
    pub enable_execute_command: bool,
    /// The versions of the secrets that its tasks read when they start.
    #[serde(default)]
    pub secret_versions: BTreeSet<String>,
    /// The configured tags.
    pub tags: Tags,
}

/// What dependents may read once the service is steady.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceOutputs {
    /// The service's ARN.
    pub arn: ServiceArn,
    /// The service's name.
    pub name: String,
}

impl Resource for Service {
    const KIND: &'static str = "ecs.service";
    const UP: Pace = Pace::seconds(60, 95, 160, 1200);
    const DOWN: Pace = Pace::seconds(30, 45, 90, 1200);
    const CREATES_ONCE: bool = true;
    const WITHIN: Option<&'static str> = Some(Cluster::KIND);
    const HIDDEN: &'static [&'static str] = &["secret_versions"];

    type Cloud = Aws;
    type Id = ServiceArn;
    type Outputs = ServiceOutputs;

    #[rustfmt::skip]
    fn diff(&self, actual: &Self) -> Diff {
        let Self {
            name, cluster, task_definition, desired_count, autoscaled, subnets, security_groups, assign_public_ip,
            target_groups, detached, container_name, container_port, health_check_grace_seconds, circuit_breaker,
            enable_execute_command, secret_versions, tags,
        } = self;
        Diff::default()
            .immutable("name", name, &actual.name)
            .immutable("cluster", cluster, &actual.cluster)
            .mutable("task_definition", task_definition, &actual.task_definition)
            .mutable("desired_count", desired_count, &actual.desired_count)
            .mutable("autoscaled", autoscaled, &actual.autoscaled)
            .mutable("subnets", subnets, &actual.subnets)
            .mutable("security_groups", security_groups, &actual.security_groups)
            .mutable("assign_public_ip", assign_public_ip, &actual.assign_public_ip)
            .mutable("target_groups", target_groups, &actual.target_groups)
            .mutable("detached", detached, &actual.detached)
            .mutable("container_name", container_name, &actual.container_name)
            .mutable("container_port", container_port, &actual.container_port)
            .mutable("health_check_grace_seconds", health_check_grace_seconds, &actual.health_check_grace_seconds)
            .mutable("circuit_breaker", circuit_breaker, &actual.circuit_breaker)
            .mutable("enable_execute_command", enable_execute_command, &actual.enable_execute_command)
            .mutable("secret_versions", secret_versions, &actual.secret_versions)
            .mutable("tags", tags, &actual.tags)
    }

    /// Its tasks stay in the target groups that listeners may forward to, and within the reach of those.
    fn meanwhile(&self, actual: &Self) -> Self {
        let target_groups = &self.target_groups | &(&actual.target_groups - &actual.detached);
        if target_groups == self.target_groups {
            return self.clone();
        }
        let security_groups = &self.security_groups | &actual.security_groups;
        Self { target_groups, security_groups, ..self.clone() }
    }

    async fn find(&self, aws: &Aws, _: &Mark) -> Result<Option<ServiceArn>> {
        let found = request::describe(aws, self.cluster.as_str(), &self.name).await?;
        let found = found.filter(|service| service.status() == Some("ACTIVE"));
        Ok(found.and_then(|service| service.service_arn).map(ServiceArn::new))
    }

    async fn observe(&self, aws: &Aws, id: &ServiceArn) -> Result<Observed<Self>> {
        reading::observe(self, aws, id).await
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> Result<ServiceArn> {
        let made = request::create(self, aws, intent)?.send().await.or_fault("ecs CreateService")?;
        let arn = made.service.and_then(|service| service.service_arn);
        arn.map(ServiceArn::new).ok_or_else(|| missing("ecs CreateService", "serviceArn"))
    }

    async fn update(&self, actual: &Self, aws: &Aws, id: &ServiceArn, _: &Intent) -> Result<()> {
        let kept = Self { tags: self.tags.clone(), ..actual.clone() };
        // Without a difference, the last deployment failed: it is tried again.
        if *self != kept || self.tags == actual.tags {
            request::update(self, actual, aws, id)?.send().await.or_fault("ecs UpdateService")?;
        }
        tags::update(aws, id.as_str(), &self.tags, &actual.tags).await
    }

    async fn delete(&self, aws: &Aws, id: &ServiceArn, _: &Intent) -> Result<()> {
        let call = aws.ecs.delete_service().cluster(request::cluster(id)?).service(id.as_str()).force(true);
        call.send().await.found("ecs DeleteService")?;
        Ok(())
    }
}
