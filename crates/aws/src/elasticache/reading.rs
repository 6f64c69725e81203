//! How a replication group that ElastiCache describes is read in the terms of the spec.

use aws_sdk_elasticache::types::{
    AutomaticFailoverStatus, CacheCluster, MultiAzStatus, ReplicationGroup as Described,
};
use sidekick_engine::{Fault, Live, Observed, Owner, Result};

use super::request::DESCRIBE;
use super::{ReplicationGroup, ReplicationGroupOutputs};
use crate::fault::missing;
use crate::secretsmanager::PasswordRef;
use crate::spelling::{folded, version};
use crate::{CacheSubnetGroupName, ReplicationGroupId, SecretArn, SecurityGroupId, Tags};

/// A group that is not available and not on its way out.
pub(super) fn unready(note: String, owner: Owner) -> Observed<ReplicationGroup> {
    match note.as_str() {
        "create-failed" => Observed::Failed { why: format!("its status is {note}"), owner },
        _ => Observed::Settling { note, owner },
    }
}

/// Reads an available group, by the wish where AWS's answer means the same in other words.
pub(super) fn read(
    desired: &ReplicationGroup,
    group: &Described,
    member: &CacheCluster,
    (tags, owner): (Tags, Owner),
) -> Result<Observed<ReplicationGroup>> {
    if let Some(status @ ("incompatible-network" | "restore-failed")) = member.cache_cluster_status() {
        return Ok(Observed::Failed { why: format!("its members' status is {status}"), owner });
    }
    let name = text(group.replication_group_id(), "ReplicationGroupId")?;
    let endpoint = group.node_groups().first().and_then(|shard| shard.primary_endpoint());
    let port = endpoint.and_then(|endpoint| endpoint.port()).and_then(|port| u16::try_from(port).ok());
    let port = port.ok_or_else(|| lacks("PrimaryEndpoint.Port"))?;
    let parameters = member.cache_parameter_group().and_then(|group| group.cache_parameter_group_name());
    let replicas = group.member_clusters().len().checked_sub(1).and_then(|count| u8::try_from(count).ok());
    let groups = member.security_groups().iter().filter_map(|group| group.security_group_id());
    let actual = ReplicationGroup {
        name: folded(&desired.name, name),
        description: text(group.description(), "Description")?.to_owned(),
        engine_version: version(&desired.engine_version, text(member.engine_version(), "EngineVersion")?),
        node_type: text(group.cache_node_type(), "CacheNodeType")?.to_owned(),
        replicas: replicas.ok_or_else(|| lacks("MemberClusters"))?,
        automatic_failover: matches!(
            group.automatic_failover(),
            Some(AutomaticFailoverStatus::Enabled | AutomaticFailoverStatus::Enabling)
        ),
        multi_az: group.multi_az() == Some(&MultiAzStatus::Enabled),
        // These three are documented to be off where they are left out.
        at_rest_encryption: group.at_rest_encryption_enabled().unwrap_or(false),
        transit_encryption: group.transit_encryption_enabled().unwrap_or(false),
        auth_token: group.auth_token_enabled().unwrap_or(false).then(|| token_of(desired)),
        parameter_group: text(parameters, "CacheParameterGroup")?.to_owned(),
        port,
        subnet_group: CacheSubnetGroupName::new(folded(
            desired.subnet_group.as_str(),
            text(member.cache_subnet_group_name(), "CacheSubnetGroupName")?,
        )),
        security_groups: groups.map(SecurityGroupId::new).collect(),
        tags,
    };
    let outputs = ReplicationGroupOutputs {
        name: ReplicationGroupId::new(name),
        arn: text(group.arn(), "ARN")?.to_owned(),
        primary_endpoint: text(endpoint.and_then(|endpoint| endpoint.address()), "PrimaryEndpoint.Address")?
            .to_owned(),
        port,
    };
    Ok(Observed::Steady(Live { actual, outputs, owner }))
}

/// There is a token; which secret holds it, only the wish knows.
fn token_of(desired: &ReplicationGroup) -> PasswordRef {
    let unknown = || PasswordRef { secret: SecretArn::new(""), key: String::new() };
    desired.auth_token.clone().unwrap_or_else(unknown)
}

fn text<'a>(value: Option<&'a str>, field: &str) -> Result<&'a str> {
    value.ok_or_else(|| lacks(field))
}

fn lacks(field: &str) -> Fault {
    missing(DESCRIBE, field)
}
