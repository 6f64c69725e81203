//! The revisions of a task definition's family, as ECS lists and describes them.

use aws_sdk_ecs::types::{SortOrder, TaskDefinition as Found, TaskDefinitionField, TaskDefinitionStatus};
use sidekick_engine::{Class, Fault, Owner, Result};

use super::tags;
use crate::fault::Answer;
use crate::{Aws, Tags};

pub(super) const DESCRIBE: &str = "ecs DescribeTaskDefinition";

/// The newest active revision with its tags. A family without one does not exist as far as we are concerned.
pub(super) async fn newest(aws: &Aws, family: &str) -> Result<Option<(Found, (Tags, Owner))>> {
    let call = aws.ecs.list_task_definitions().family_prefix(family);
    let call = call.status(TaskDefinitionStatus::Active).sort(SortOrder::Desc);
    let listed = call.send().await.or_fault("ecs ListTaskDefinitions")?;
    // The prefix is matched against whole families, but another family may begin alike.
    let own =
        |arn: &&String| arn.rsplit_once('/').is_some_and(|(_, name)| name.split(':').next() == Some(family));
    let Some(arn) = listed.task_definition_arns().iter().find(own) else { return Ok(None) };
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
    let listed = call.into_paginator().items().send().try_collect().await;
    let own =
        |arn: &String| arn.rsplit_once('/').is_some_and(|(_, name)| name.split(':').next() == Some(family));
    Ok(listed.or_fault("ecs ListTaskDefinitions")?.into_iter().filter(own).collect())
}
