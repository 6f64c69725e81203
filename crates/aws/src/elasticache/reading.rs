//! How a replication group that ElastiCache describes is read in the terms of the spec.

use aws_sdk_elasticache::types::{
    AutomaticFailoverStatus, CacheCluster, CacheParameterGroupStatus, MultiAzStatus,
    ReplicationGroup as Described, Tag,
};
use sidekick_engine::{Fault, Live, Observed, Owner, Result};

use super::request::DESCRIBE;
use super::token::{self, Token};
use super::{ReplicationGroup, ReplicationGroupOutputs, request, tags};
use crate::fault::missing;
use crate::spelling::{folded, is_beyond, version};
use crate::{Aws, CacheSubnetGroupName, ReplicationGroupId, SecurityGroupId};

/// Looks at a group.
pub(super) async fn observe(
    desired: &ReplicationGroup,
    aws: &Aws,
    id: &ReplicationGroupId,
) -> Result<Observed<ReplicationGroup>> {
    let Some(group) = request::describe(aws, id.as_str()).await? else { return Ok(Observed::Absent) };
    let note = group.status().ok_or_else(|| lacks("Status"))?.to_owned();
    if note == "deleting" {
        return Ok(Observed::Deleting);
    }
    if let ("available", Some(arn)) = (note.as_str(), group.arn()) {
        let (tagged, member) = tokio::try_join!(tags::all(aws, arn), request::member(aws, &group))?;
        if let Some(tagged) = tagged {
            return read(desired, &group, &member, &tagged);
        }
    }
    let tags = match (note.as_str(), group.arn()) {
        ("create-failed", Some(arn)) => tags::of(aws, arn).await?,
        // AWS refuses to show its tags, and every change as well: whose it is matters only later.
        _ => None,
    };
    Ok(unready(note, tags.map_or(Owner::Parent, |(_, owner)| owner)))
}

/// A group that is not available and not on its way out.
fn unready(note: String, owner: Owner) -> Observed<ReplicationGroup> {
    match note.as_str() {
        "create-failed" => Observed::Failed { why: format!("its status is {note}"), owner },
        _ => Observed::Settling { note, owner },
    }
}

/// Reads an available group, by the wish where AWS's answer means the same in other words.
fn read(
    desired: &ReplicationGroup,
    group: &Described,
    member: &CacheCluster,
    tagged: &[Tag],
) -> Result<Observed<ReplicationGroup>> {
    let (tags, owner) = tags::read(tagged);
    if let Some(status @ ("incompatible-network" | "restore-failed")) = member.cache_cluster_status() {
        return Ok(Observed::Failed { why: format!("its members' status is {status}"), owner });
    }
    if request::changes_token(group) {
        return Ok(Observed::Settling { note: "changing the token".to_owned(), owner });
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
        encryption: desired.encryption.read(group, &Token::read(tags::value(tagged, token::TAG))),
        upkeep: desired.upkeep.read(group, member)?,
        parameter_group: text(parameters, "CacheParameterGroup")?.to_owned(),
        remarks: remarks(desired, member),
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

/// What the operator is told.
fn remarks(desired: &ReplicationGroup, member: &CacheCluster) -> Vec<String> {
    let reboot = member.cache_parameter_group().is_some_and(waits).then(|| {
        let how = "`aws elasticache reboot-cache-cluster --cache-node-ids-to-reboot 0001 --cache-cluster-id`";
        format!("changed parameters wait for a reboot, which is left to you: {how} for each node")
    });
    let wanted = &desired.engine_version;
    let newer = member.engine_version().filter(|runs| is_beyond(wanted, runs)).map(|runs| {
        format!(
            "runs Redis {runs} and {wanted} is configured; ElastiCache does not go back to an earlier version"
        )
    });
    reboot.into_iter().chain(newer).collect()
}

/// Whether parameters wait for a reboot.
fn waits(parameters: &CacheParameterGroupStatus) -> bool {
    parameters.parameter_apply_status() == Some("pending-reboot")
        || !parameters.cache_node_ids_to_reboot().is_empty()
}

fn text<'a>(value: Option<&'a str>, field: &str) -> Result<&'a str> {
    value.ok_or_else(|| lacks(field))
}

fn lacks(field: &str) -> Fault {
    missing(DESCRIBE, field)
}
