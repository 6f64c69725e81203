//! What is asked of ElastiCache about a replication group.
//!
//! The request that makes one may hold a token, which the SDK does not hide in its `Debug`: it is sent, never shown.

use aws_sdk_elasticache::operation::create_replication_group::builders::CreateReplicationGroupFluentBuilder;
use aws_sdk_elasticache::operation::modify_replication_group::builders::ModifyReplicationGroupFluentBuilder;
use aws_sdk_elasticache::types::{CacheCluster, ReplicationGroup as Described};
use sidekick_engine::{Intent, Result};

use super::{ReplicationGroup, tags};
use crate::fault::{Answer, missing};
use crate::id::list;
use crate::{Aws, ReplicationGroupId, Secret};

/// The operation that reads a group.
pub(super) const DESCRIBE: &str = "elasticache DescribeReplicationGroups";
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

/// The request for a group as `desired`.
pub(super) fn create(
    desired: &ReplicationGroup,
    aws: &Aws,
    token: Option<&Secret>,
    intent: &Intent,
) -> CreateReplicationGroupFluentBuilder {
    aws.elasticache
        .create_replication_group()
        .replication_group_id(&desired.name)
        .replication_group_description(&desired.description)
        .engine("redis")
        .engine_version(&desired.engine_version)
        .cache_node_type(&desired.node_type)
        .num_cache_clusters(i32::from(desired.replicas) + 1)
        .automatic_failover_enabled(desired.automatic_failover)
        .multi_az_enabled(desired.multi_az)
        .at_rest_encryption_enabled(desired.at_rest_encryption)
        .transit_encryption_enabled(desired.transit_encryption)
        .set_auth_token(token.map(|token| token.expose().to_owned()))
        .cache_parameter_group_name(&desired.parameter_group)
        .port(i32::from(desired.port))
        .cache_subnet_group_name(desired.subnet_group.as_str())
        .set_security_group_ids(list(&desired.security_groups))
        .auto_minor_version_upgrade(true)
        .set_tags(tags::specification(&desired.tags, intent))
}

/// Starts one step from `actual` towards `desired`: ElastiCache takes one change at a time, and the next one only once
/// the group is available again.
///
/// Replicas come before the failover that needs them, and go after it.
pub(super) async fn change(
    desired: &ReplicationGroup,
    actual: &ReplicationGroup,
    aws: &Aws,
    id: &ReplicationGroupId,
) -> Result<()> {
    let settled =
        ReplicationGroup { replicas: desired.replicas, tags: desired.tags.clone(), ..actual.clone() };
    if desired.replicas > actual.replicas {
        let call = aws.elasticache.increase_replica_count().replication_group_id(id.as_str());
        let call = call.new_replica_count(i32::from(desired.replicas)).apply_immediately(true);
        call.send().await.or_fault("elasticache IncreaseReplicaCount")?;
    } else if *desired != settled {
        modify(desired, actual, aws, id).send().await.or_fault("elasticache ModifyReplicationGroup")?;
    } else if desired.replicas < actual.replicas {
        let call = aws.elasticache.decrease_replica_count().replication_group_id(id.as_str());
        let call = call.new_replica_count(i32::from(desired.replicas)).apply_immediately(true);
        call.send().await.or_fault("elasticache DecreaseReplicaCount")?;
    }
    Ok(())
}

/// The request for all changed attributes at once and now, not in the next maintenance window.
fn modify(
    desired: &ReplicationGroup,
    actual: &ReplicationGroup,
    aws: &Aws,
    id: &ReplicationGroupId,
) -> ModifyReplicationGroupFluentBuilder {
    let groups = changed(&desired.security_groups, &actual.security_groups);
    aws.elasticache
        .modify_replication_group()
        .replication_group_id(id.as_str())
        .apply_immediately(true)
        .set_replication_group_description(changed(&desired.description, &actual.description))
        .set_engine_version(changed(&desired.engine_version, &actual.engine_version))
        .set_cache_node_type(changed(&desired.node_type, &actual.node_type))
        .set_automatic_failover_enabled(changed(&desired.automatic_failover, &actual.automatic_failover))
        .set_multi_az_enabled(changed(&desired.multi_az, &actual.multi_az))
        .set_cache_parameter_group_name(changed(&desired.parameter_group, &actual.parameter_group))
        .set_security_group_ids(groups.as_ref().and_then(list))
}

fn changed<T: Clone + PartialEq>(desired: &T, actual: &T) -> Option<T> {
    (desired != actual).then(|| desired.clone())
}
