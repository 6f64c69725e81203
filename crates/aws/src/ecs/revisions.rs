//! The revisions of a task definition's family, as ECS lists and describes them.

use aws_sdk_ecs::types::{SortOrder, TaskDefinition as Found, TaskDefinitionField, TaskDefinitionStatus};
use sidekick_engine::{Class, Fault, Owner, Result};

use super::tags;
use crate::fault::Answer;
use crate::{Aws, Tags};

pub(super) const DESCRIBE: &str = "ecs DescribeTaskDefinition";
const LIST: &str = "ecs ListTaskDefinitions";

/// The newest revision of a family, active if there is one, with its tags.
///
/// Inactive revisions of other tools stay for ever, so one that carries no environment's mark does not count. Ours does:
/// a family of which somebody deregistered everything is not gone, and would be left behind if it passed for that.
pub(super) async fn newest(aws: &Aws, family: &str) -> Result<Option<(Found, (Tags, Owner))>> {
    if let Some(active) = newest_in(aws, family, TaskDefinitionStatus::Active).await? {
        return Ok(Some(active));
    }
    let inactive = newest_in(aws, family, TaskDefinitionStatus::Inactive).await?;
    Ok(inactive.filter(|(_, (_, owner))| matches!(owner, Owner::Marked(_))))
}

/// The newest revision of a family in this status, with its tags.
async fn newest_in(
    aws: &Aws,
    family: &str,
    status: TaskDefinitionStatus,
) -> Result<Option<(Found, (Tags, Owner))>> {
    let call = aws.ecs.list_task_definitions().family_prefix(family);
    let listed = call.status(status).sort(SortOrder::Desc).send().await.or_fault(LIST)?;
    let Some(arn) = listed.task_definition_arns().iter().find(|arn| is_of(family, arn)) else {
        return Ok(None);
    };
    let call = aws.ecs.describe_task_definition().task_definition(arn).include(TaskDefinitionField::Tags);
    // What is listed exists, even if it is too new to be described: it must not count as gone.
    let answer = call.send().await.found(DESCRIBE)?.ok_or_else(|| {
        Fault::new(Class::NotYetVisible, DESCRIBE, format!("{arn} is listed and cannot be described yet"))
    })?;
    let tags = tags::read(answer.tags());
    Ok(answer.task_definition.map(|found| (found, tags)))
}

/// All revisions of a family in this status.
pub(super) async fn revisions(aws: &Aws, family: &str, status: TaskDefinitionStatus) -> Result<Vec<String>> {
    let call = aws.ecs.list_task_definitions().family_prefix(family).status(status);
    let listed: Result<Vec<String>> = call.into_paginator().items().send().try_collect().await.or_fault(LIST);
    Ok(listed?.into_iter().filter(|arn| is_of(family, arn)).collect())
}

/// Whether a revision is of this family. ECS matches whole families, but another may begin alike.
fn is_of(family: &str, arn: &str) -> bool {
    arn.rsplit_once('/').is_some_and(|(_, name)| name.split(':').next() == Some(family))
}
