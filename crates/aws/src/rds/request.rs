//! What is asked of RDS about an instance. The request that makes one holds a password: it is sent, never shown.

use aws_sdk_rds::types::DbInstance;
use sidekick_engine::{Intent, Result};

use super::{Instance, reading, tags};
use crate::changed::changed;
use crate::fault::{Answer, missing};
use crate::id::list;
use crate::{Aws, DbInstanceId};

const DESCRIBE: &str = "rds DescribeDBInstances";

/// What RDS says about the instance of this name, if there is one.
pub(super) async fn describe(aws: &Aws, name: &str) -> Result<Option<DbInstance>> {
    let found = aws.rds.describe_db_instances().db_instance_identifier(name).send().await.found(DESCRIBE)?;
    Ok(found.and_then(|found| found.db_instances.unwrap_or_default().into_iter().next()))
}

/// Brings the tags from `actual` to `desired`. They are written by ARN, so that is looked up first.
pub(super) async fn retag(desired: &Instance, actual: &Instance, aws: &Aws, id: &DbInstanceId) -> Result<()> {
    if desired.tags == actual.tags {
        return Ok(());
    }
    let arn = describe(aws, id.as_str()).await?.and_then(|found| found.db_instance_arn);
    let arn = arn.ok_or_else(|| missing(DESCRIBE, "DBInstanceArn"))?;
    tags::update(aws, &arn, &desired.tags, &actual.tags).await
}

/// Makes an instance as `desired`, with the password that its secret holds now.
pub(super) async fn create(desired: &Instance, aws: &Aws, intent: &Intent) -> Result<()> {
    let password = aws.secret_field(&desired.password.secret, &desired.password.key).await?;
    let call = desired.storage.ask(desired.upkeep.ask(aws.rds.create_db_instance()));
    let call = call
        .db_instance_identifier(&desired.name)
        .engine("postgres")
        .engine_version(&desired.engine_version)
        .db_instance_class(&desired.instance_class)
        .db_name(&desired.database)
        .master_username(&desired.username)
        .master_user_password(password.expose())
        .port(i32::from(desired.port))
        .multi_az(desired.multi_az)
        .deletion_protection(desired.deletion_protection)
        .db_parameter_group_name(&desired.parameter_group)
        .db_subnet_group_name(desired.subnet_group.as_str())
        .set_vpc_security_group_ids(list(&desired.security_groups))
        .set_tags(tags::specification(&desired.tags, intent))
        // Left out, AWS makes it public where the VPC has an internet gateway …
        .publicly_accessible(desired.publicly_accessible)
        // … and bills for support beyond the version's life.
        .engine_lifecycle_support("open-source-rds-extended-support-disabled");
    call.send().await.or_fault_without([&password], "rds CreateDBInstance")?;
    Ok(())
}

/// The request that brings the changed attributes of an instance from `actual` to `desired`, all at once and now, not
/// in the next maintenance window.
pub(super) async fn modify(
    desired: &Instance,
    actual: &Instance,
    aws: &Aws,
    id: &DbInstanceId,
) -> Result<()> {
    let password = match changed(&desired.password, &actual.password) {
        Some(place) => Some(aws.secret_field(&place.secret, &place.key).await?),
        None => None,
    };
    let version = changed(&desired.engine_version, &actual.engine_version);
    let groups = changed(&desired.security_groups, &actual.security_groups);
    let call = aws.rds.modify_db_instance();
    let call = desired.storage.change(&actual.storage, desired.upkeep.change(&actual.upkeep, call));
    let call = call
        .db_instance_identifier(id.as_str())
        .apply_immediately(true)
        .set_allow_major_version_upgrade(version.as_ref().map(|_| true))
        .set_engine_version(version)
        .set_db_instance_class(changed(&desired.instance_class, &actual.instance_class))
        .set_db_port_number(changed(&desired.port, &actual.port).map(i32::from))
        .set_multi_az(changed(&desired.multi_az, &actual.multi_az))
        .set_deletion_protection(changed(&desired.deletion_protection, &actual.deletion_protection))
        .set_db_parameter_group_name(changed(&desired.parameter_group, &actual.parameter_group))
        .set_vpc_security_group_ids(groups.as_ref().and_then(list))
        .set_publicly_accessible(changed(&desired.publicly_accessible, &actual.publicly_accessible))
        .set_master_user_password(password.as_ref().map(|password| password.expose().to_owned()));
    call.send().await.or_fault_without(&password, "rds ModifyDBInstance")?;
    Ok(())
}

/// Starts to delete an instance, with the snapshot that its record asks for.
pub(super) async fn delete(recorded: &Instance, aws: &Aws, id: &DbInstanceId, intent: &Intent) -> Result<()> {
    // AWS takes no snapshot of an instance that never worked, and refuses to delete it with one.
    let dead = describe(aws, id.as_str()).await?.is_some_and(|found| reading::is_dead(&found));
    let snapshot = (recorded.final_snapshot && !dead).then(|| format!("{id}-final-{:.8}", intent.token()));
    let call = aws.rds.delete_db_instance().db_instance_identifier(id.as_str());
    let call = call.skip_final_snapshot(snapshot.is_none()).set_final_db_snapshot_identifier(snapshot);
    call.send().await.found("rds DeleteDBInstance")?;
    Ok(())
}
