//! ElastiCache replication group: a Redis primary and its replicas.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sidekick_engine::{Diff, Intent, Mark, Observed, Pace, Resource, Result, Revises, Teardown};

use super::disruptions::DISRUPTS;
use super::{Encryption, Upkeep, reading, request};
use crate::fault::Answer;
use crate::{Aws, CacheSubnetGroupName, ReplicationGroupId, SecurityGroupId, Tags};

/// The replication group we want, of one shard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReplicationGroup {
    /// Its id, unique in account and region, at most 40 characters; ElastiCache keeps it in lower case.
    pub name: String,
    /// What it is for; must not be empty.
    pub description: String,
    /// Redis's version; `7.1` is met by `7.1.0`.
    pub engine_version: String,
    /// Its nodes' size: `cache.t4g.micro`.
    pub node_type: String,
    /// How many replicas the primary has.
    pub replicas: u8,
    /// Whether a replica takes over when the primary fails; needs one.
    pub automatic_failover: bool,
    /// Whether the nodes are spread over zones; needs the failover.
    pub multi_az: bool,
    /// Its encryption, and who may connect.
    #[serde(flatten)]
    pub encryption: Encryption,
    /// Its snapshots and its maintenance.
    #[serde(flatten)]
    pub upkeep: Upkeep,
    /// Its parameter group: `default.redis7`.
    pub parameter_group: String,
    /// What is left to the operator, in words. Never asked for, only observed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
    /// The port it listens on.
    pub port: u16,
    /// The subnets it may be placed in.
    pub subnet_group: CacheSubnetGroupName,
    /// What may reach it; not empty.
    pub security_groups: BTreeSet<SecurityGroupId>,
    /// The configured tags.
    pub tags: Tags,
}

/// What dependents may read once the group is available.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReplicationGroupOutputs {
    /// The group's id.
    pub name: ReplicationGroupId,
    /// The group's ARN.
    pub arn: String,
    /// The DNS name of whichever node is the primary.
    pub primary_endpoint: String,
    /// The port it answers at.
    pub port: u16,
}

impl Resource for ReplicationGroup {
    const KIND: &'static str = "elasticache.replication_group";
    const UP: Pace = Pace::seconds(300, 385, 560, 3600);
    const DOWN: Pace = Pace::seconds(180, 300, 540, 2700);
    const CREATES_ONCE: bool = true;
    const TEARDOWN: Teardown = Teardown::Anytime;
    const STATEFUL: bool = true;
    const DISRUPTS: &'static [(&'static str, &'static str)] = DISRUPTS;
    /// It answers at another name with TLS.
    const REVISES: Revises = Revises::With(&["transit_encryption"]);

    type Cloud = Aws;
    type Id = ReplicationGroupId;
    type Outputs = ReplicationGroupOutputs;

    #[rustfmt::skip]
    fn diff(&self, actual: &Self) -> Diff {
        let Self {
            name, description, engine_version, node_type, replicas, automatic_failover, multi_az, encryption,
            upkeep, parameter_group, port, subnet_group, security_groups, tags,
            remarks: _, // The operator is told what an update cannot do, or must not.
        } = self;
        let diff = Diff::default()
            .immutable("name", name, &actual.name)
            .mutable("description", description, &actual.description)
            .mutable("engine_version", engine_version, &actual.engine_version)
            .mutable("node_type", node_type, &actual.node_type)
            .mutable("replicas", replicas, &actual.replicas)
            .mutable("automatic_failover", automatic_failover, &actual.automatic_failover)
            .mutable("multi_az", multi_az, &actual.multi_az);
        upkeep.compare(encryption.compare(diff, &actual.encryption), &actual.upkeep)
            .mutable("parameter_group", parameter_group, &actual.parameter_group)
            .immutable("port", port, &actual.port)
            .immutable("subnet_group", subnet_group, &actual.subnet_group)
            .mutable("security_groups", security_groups, &actual.security_groups)
            .mutable("tags", tags, &actual.tags)
    }

    fn notice(&self) -> Option<String> {
        (!self.remarks.is_empty()).then(|| self.remarks.join("; "))
    }

    fn meanwhile(&self, actual: &Self) -> Self {
        Self { encryption: self.encryption.meanwhile(&actual.encryption), ..self.clone() }
    }

    async fn find(&self, aws: &Aws, _: &Mark) -> Result<Option<ReplicationGroupId>> {
        let found =
            request::describe(aws, &self.name).await?.filter(|group| group.status() != Some("deleting"));
        Ok(found.and_then(|group| group.replication_group_id).map(ReplicationGroupId::new))
    }

    async fn observe(&self, aws: &Aws, id: &ReplicationGroupId) -> Result<Observed<Self>> {
        reading::observe(self, aws, id).await
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> Result<ReplicationGroupId> {
        request::create(self, aws, intent).await?;
        Ok(ReplicationGroupId::new(self.name.to_lowercase()))
    }

    async fn update(&self, actual: &Self, aws: &Aws, id: &ReplicationGroupId, _: &Intent) -> Result<()> {
        request::retag(self, actual, aws, id).await?;
        request::change(self, actual, aws, id).await
    }

    async fn delete(&self, aws: &Aws, id: &ReplicationGroupId, _: &Intent) -> Result<()> {
        let call = aws.elasticache.delete_replication_group().replication_group_id(id.as_str());
        call.send().await.found("elasticache DeleteReplicationGroup")?;
        Ok(())
    }
}
