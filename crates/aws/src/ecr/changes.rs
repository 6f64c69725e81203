//! The calls that change an ECR repository where it is.

use aws_sdk_ecr::types::{ImageScanningConfiguration, ImageTagMutability, Tag};
use serde_json::Value;
use sidekick_engine::Result;

use super::Repository;
use crate::fault::Answer;
use crate::tags::{Tags, changes};
use crate::{Aws, RepositoryName};

pub(super) const fn mutability(immutable_tags: bool) -> ImageTagMutability {
    if immutable_tags { ImageTagMutability::Immutable } else { ImageTagMutability::Mutable }
}

pub(super) fn scanning(on_push: bool) -> ImageScanningConfiguration {
    ImageScanningConfiguration::builder().scan_on_push(on_push).build()
}

pub(super) fn sdk_tags(tags: &Tags) -> Result<Vec<Tag>> {
    let tag = |(key, value): (&String, &String)| {
        Tag::builder().key(key).value(value).build().or_fault("ecr TagResource")
    };
    tags.iter().map(tag).collect()
}

/// Brings everything but the tags from `actual` to `desired`.
pub(super) async fn settings(
    desired: &Repository,
    actual: &Repository,
    aws: &Aws,
    id: &RepositoryName,
) -> Result<()> {
    if desired.scan_on_push != actual.scan_on_push {
        let call = aws.ecr.put_image_scanning_configuration().repository_name(id.as_str());
        let call = call.image_scanning_configuration(scanning(desired.scan_on_push));
        call.send().await.or_fault("ecr PutImageScanningConfiguration")?;
    }
    if desired.immutable_tags != actual.immutable_tags {
        let call = aws.ecr.put_image_tag_mutability().repository_name(id.as_str());
        let call = call.image_tag_mutability(mutability(desired.immutable_tags));
        call.send().await.or_fault("ecr PutImageTagMutability")?;
    }
    if desired.lifecycle_policy == actual.lifecycle_policy {
        return Ok(());
    }
    lifecycle_policy(aws, id, desired.lifecycle_policy.as_ref()).await
}

async fn lifecycle_policy(aws: &Aws, id: &RepositoryName, policy: Option<&Value>) -> Result<()> {
    if let Some(policy) = policy {
        let call = aws.ecr.put_lifecycle_policy().repository_name(id.as_str());
        let call = call.lifecycle_policy_text(policy.to_string());
        call.send().await.or_fault("ecr PutLifecyclePolicy")?;
    } else {
        let call = aws.ecr.delete_lifecycle_policy().repository_name(id.as_str());
        call.send().await.found("ecr DeleteLifecyclePolicy")?;
    }
    Ok(())
}

/// Brings the configured tags from `actual` to `desired`.
pub(super) async fn tags(aws: &Aws, arn: &str, desired: &Tags, actual: &Tags) -> Result<()> {
    let (write, remove) = changes(desired, actual);
    if !write.is_empty() {
        let call = aws.ecr.tag_resource().resource_arn(arn).set_tags(Some(sdk_tags(&write)?));
        call.send().await.or_fault("ecr TagResource")?;
    }
    if !remove.is_empty() {
        let call = aws.ecr.untag_resource().resource_arn(arn).set_tag_keys(Some(remove));
        call.send().await.or_fault("ecr UntagResource")?;
    }
    Ok(())
}
