//! ElastiCache replication group: a Redis primary and its replicas.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sidekick_engine::{Diff, Intent, Mark, Observed, Owner, Pace, Resource, Result, Teardown};

use super::{reading, request, tags};
use crate::fault::{Answer, missing};
use crate::secretsmanager::PasswordRef;
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
    /// Whether what is stored is encrypted.
    pub at_rest_encryption: bool,
    /// Whether clients must speak TLS.
    pub transit_encryption: bool,
    /// Where the token lies that clients must send, if they must; needs TLS. Read once, when the group is made.
    pub auth_token: Option<PasswordRef>,
    /// Its parameter group: `default.redis7`.
    pub parameter_group: String,
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

    type Cloud = Aws;
    type Id = ReplicationGroupId;
    type Outputs = ReplicationGroupOutputs;

    #[rustfmt::skip]
    fn diff(&self, actual: &Self) -> Diff {
        let Self {
            name, description, engine_version, node_type, replicas, automatic_failover, multi_az,
            at_rest_encryption, transit_encryption, auth_token, parameter_group, port, subnet_group,
            security_groups, tags,
        } = self;
        Diff::default()
            .immutable("name", name, &actual.name)
            .mutable("description", description, &actual.description)
            .mutable("engine_version", engine_version, &actual.engine_version)
            .mutable("node_type", node_type, &actual.node_type)
            .mutable("replicas", replicas, &actual.replicas)
            .mutable("automatic_failover", automatic_failover, &actual.automatic_failover)
            .mutable("multi_az", multi_az, &actual.multi_az)
            .immutable("at_rest_encryption", at_rest_encryption, &actual.at_rest_encryption)
            .immutable("transit_encryption", transit_encryption, &actual.transit_encryption)
            // No API tells the token, only whether there is one.
            .immutable("auth_token", &auth_token.is_some(), &actual.auth_token.is_some())
            .mutable("parameter_group", parameter_group, &actual.parameter_group)
            .immutable("port", port, &actual.port)
            .immutable("subnet_group", subnet_group, &actual.subnet_group)
            .mutable("security_groups", security_groups, &actual.security_groups)
            .mutable("tags", tags, &actual.tags)
    }

    async fn find(&self, aws: &Aws, _: &Mark) -> Result<Option<ReplicationGroupId>> {
        let found =
            request::describe(aws, &self.name).await?.filter(|group| group.status() != Some("deleting"));
        Ok(found.and_then(|group| group.replication_group_id).map(ReplicationGroupId::new))
    }

    async fn observe(&self, aws: &Aws, id: &ReplicationGroupId) -> Result<Observed<Self>> {
        let Some(group) = request::describe(aws, id.as_str()).await? else { return Ok(Observed::Absent) };
        let note = group.status().ok_or_else(|| missing(request::DESCRIBE, "Status"))?.to_owned();
        if note == "deleting" {
            return Ok(Observed::Deleting);
        }
        if let ("available", Some(arn)) = (note.as_str(), group.arn()) {
            let (tags, member) = tokio::try_join!(tags::of(aws, arn), request::member(aws, &group))?;
            if let Some(tags) = tags {
                return reading::read(self, &group, &member, tags);
            }
        }
        let tags = match (note.as_str(), group.arn()) {
            ("create-failed", Some(arn)) => tags::of(aws, arn).await?,
            // AWS refuses to show its tags, and every change as well: whose it is matters only later.
            _ => None,
        };
        Ok(reading::unready(note, tags.map_or(Owner::Parent, |(_, owner)| owner)))
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> Result<ReplicationGroupId> {
        let token = match &self.auth_token {
            Some(token) => Some(aws.secret_field(&token.secret, &token.key).await?),
            None => None,
        };
        let call = request::create(self, aws, token.as_ref(), intent);
        call.send().await.or_fault_without(&token, "elasticache CreateReplicationGroup")?;
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
