//! What is asked of ElastiCache about a replication group.
//!
//! The request that makes one may hold a token, which the SDK does not hide in its `Debug`: it is sent, never shown.

use aws_sdk_elasticache::types::{CacheCluster, ReplicationGroup as Described};
use sidekick_engine::{Intent, Result};

use super::token::{self, Step};
use super::{ReplicationGroup, tags};
use crate::changed::changed;
use crate::fault::{Answer, missing};
use crate::id::list;
use crate::{Aws, ReplicationGroupId};

/// The operation that reads a group.
pub(super) const DESCRIBE: &str = "elasticache DescribeReplicationGroups";
/// The operation that changes one.
pub(super) const MODIFY: &str = "elasticache ModifyReplicationGroup";
const DESCRIBE_MEMBER: &str = "elasticache DescribeCacheClusters";

/// What ElastiCache says about the group of this name, if there is one.
pub(super) async fn describe(aws: &Aws, name: &str) -> Result<Option<Described>> {
    let call = aws.elasticache.describe_replication_groups().replication_group_id(name);
    let found = call.send().await.found(DESCRIBE)?;
    Ok(found.and_then(|found| found.replication_groups.unwrap_or_default().into_iter().next()))
}

/// Brings the tags from `actual` to `desired`. They are written by ARN, so that is looked up first.
pub(super) async fn retag(
    desired: &ReplicationGroup,
    actual: &ReplicationGroup,
    aws: &Aws,
    id: &ReplicationGroupId,
) -> Result<()> {
    if desired.tags == actual.tags {
        return Ok(());
    }
    let arn = describe(aws, id.as_str()).await?.and_then(|found| found.arn);
    let arn = arn.ok_or_else(|| missing(DESCRIBE, "ARN"))?;
    tags::update(aws, &arn, &desired.tags, &actual.tags).await
}

/// A member, which shows what all members share and the group itself does not show.
pub(super) async fn member(aws: &Aws, group: &Described) -> Result<CacheCluster> {
    let name = group.member_clusters().first().ok_or_else(|| missing(DESCRIBE, "MemberClusters"))?;
    let found = aws.elasticache.describe_cache_clusters().cache_cluster_id(name).send().await;
    let member = found.or_fault(DESCRIBE_MEMBER)?.cache_clusters.unwrap_or_default().into_iter().next();
    member.ok_or_else(|| missing(DESCRIBE_MEMBER, "CacheClusters"))
}

/// Whether AWS is still at work on another token.
pub(super) fn changes_token(group: &Described) -> bool {
    group.pending_modified_values().is_some_and(|pending| pending.auth_token_status().is_some())
}

/// Makes a group as `desired`, with the token that its secret holds now, if it shall have one.
pub(super) async fn create(desired: &ReplicationGroup, aws: &Aws, intent: &Intent) -> Result<()> {
    let token = match &desired.encryption.auth_token {
        Some(token) => Some((aws.secret_field(&token.secret, &token.key).await?, token.key.clone())),
        None => None,
    };
    let (token, key) = token.unzip();
    let mut tags = desired.tags.clone();
    tags.extend(key.map(|key| (token::TAG.to_owned(), key)));
    let call = desired.encryption.ask(desired.upkeep.ask(aws.elasticache.create_replication_group()));
    let call = call
        .replication_group_id(&desired.name)
        .replication_group_description(&desired.description)
        .engine("redis")
        .engine_version(&desired.engine_version)
        .cache_node_type(&desired.node_type)
        .num_cache_clusters(i32::from(desired.replicas) + 1)
        .automatic_failover_enabled(desired.automatic_failover)
        .multi_az_enabled(desired.multi_az)
        .set_auth_token(token.as_ref().map(|token| token.expose().to_owned()))
        .cache_parameter_group_name(&desired.parameter_group)
        .port(i32::from(desired.port))
        .cache_subnet_group_name(desired.subnet_group.as_str())
        .set_security_group_ids(list(&desired.security_groups))
        .set_tags(tags::specification(&tags, intent));
    call.send().await.or_fault_without(&token, "elasticache CreateReplicationGroup")?;
    Ok(())
}

/// Starts one step from `actual` towards `desired`: ElastiCache takes one change at a time, and the next one only once
/// the group is available again.
///
/// Replicas come before the failover that needs them, and go after it. TLS comes before the token that needs it.
pub(super) async fn change(
    desired: &ReplicationGroup,
    actual: &ReplicationGroup,
    aws: &Aws,
    id: &ReplicationGroupId,
) -> Result<()> {
    let (wanted, given) = (&desired.encryption, &actual.encryption);
    let settled = ReplicationGroup {
        replicas: desired.replicas,
        encryption: wanted.clone(),
        remarks: desired.remarks.clone(),
        tags: desired.tags.clone(),
        ..actual.clone()
    };
    if desired.replicas > actual.replicas {
        let call = aws.elasticache.increase_replica_count().replication_group_id(id.as_str());
        let call = call.new_replica_count(i32::from(desired.replicas)).apply_immediately(true);
        call.send().await.or_fault("elasticache IncreaseReplicaCount")?;
    } else if *desired != settled {
        modify(desired, actual, aws, id).await?;
    } else if (wanted.transit_encryption, wanted.transit_optional)
        != (given.transit_encryption, given.transit_optional)
    {
        let group = described(aws, id).await?;
        let call = aws.elasticache.modify_replication_group().replication_group_id(id.as_str());
        let call = wanted.step(&group, call.apply_immediately(true));
        call.send().await.or_fault(MODIFY)?;
    } else if let Some(token) = wanted.auth_token.as_ref().filter(|_| wanted.auth_token != given.auth_token) {
        token::change(aws, id, token, Step::Rotate).await?;
    } else if desired.replicas < actual.replicas {
        let call = aws.elasticache.decrease_replica_count().replication_group_id(id.as_str());
        let call = call.new_replica_count(i32::from(desired.replicas)).apply_immediately(true);
        call.send().await.or_fault("elasticache DecreaseReplicaCount")?;
    }
    Ok(())
}

/// Asks for all changed attributes at once and now, not in the next maintenance window.
async fn modify(
    desired: &ReplicationGroup,
    actual: &ReplicationGroup,
    aws: &Aws,
    id: &ReplicationGroupId,
) -> Result<()> {
    let groups = changed(&desired.security_groups, &actual.security_groups);
    let member = match desired.upkeep.begins_snapshots(&actual.upkeep) {
        true => described(aws, id).await?.member_clusters().first().cloned(),
        false => None,
    };
    let call = aws.elasticache.modify_replication_group();
    let call = desired.upkeep.change(&actual.upkeep, member, call);
    let call = call
        .replication_group_id(id.as_str())
        .apply_immediately(true)
        .set_replication_group_description(changed(&desired.description, &actual.description))
        .set_engine_version(changed(&desired.engine_version, &actual.engine_version))
        .set_cache_node_type(changed(&desired.node_type, &actual.node_type))
        .set_automatic_failover_enabled(changed(&desired.automatic_failover, &actual.automatic_failover))
        .set_multi_az_enabled(changed(&desired.multi_az, &actual.multi_az))
        .set_cache_parameter_group_name(changed(&desired.parameter_group, &actual.parameter_group))
        .set_security_group_ids(groups.as_ref().and_then(list));
    call.send().await.or_fault(MODIFY)?;
    Ok(())
}

/// What ElastiCache says about a group that is there.
pub(super) async fn described(aws: &Aws, id: &ReplicationGroupId) -> Result<Described> {
    describe(aws, id.as_str()).await?.ok_or_else(|| missing(DESCRIBE, "ReplicationGroups"))
}
