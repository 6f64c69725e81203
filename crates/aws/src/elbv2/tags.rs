//! ELB's tags: one shape in create calls, one call of their own to read them, one pair of calls to change them.

use aws_sdk_elasticloadbalancingv2::types::Tag;
use sidekick_engine::{Intent, Owner, Result};

use crate::Aws;
use crate::fault::Answer;
use crate::tags::{Tags, changes, marked, split};

/// The tags of a create call, ownership tags included.
pub(super) fn specification(tags: &Tags, intent: &Intent) -> Vec<Tag> {
    sdk_tags(&marked(tags, intent))
}

/// The configured tags and the owner of a load balancer, target group or listener; none if it is not there.
pub(super) async fn read(aws: &Aws, arn: &str) -> Result<Option<(Tags, Owner)>> {
    let answer = aws.elbv2.describe_tags().resource_arns(arn).send().await.found("elbv2 DescribeTags")?;
    let tags = |tag: &Tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned()));
    Ok(answer.map(|answer| {
        split(answer.tag_descriptions().iter().flat_map(|resource| resource.tags()).filter_map(tags))
    }))
}

/// Brings the configured tags of any of them from `actual` to `desired`.
pub(super) async fn update(aws: &Aws, arn: &str, desired: &Tags, actual: &Tags) -> Result<()> {
    let (write, remove) = changes(desired, actual);
    if !write.is_empty() {
        let call = aws.elbv2.add_tags().resource_arns(arn).set_tags(Some(sdk_tags(&write)));
        call.send().await.or_fault("elbv2 AddTags")?;
    }
    if !remove.is_empty() {
        let call = aws.elbv2.remove_tags().resource_arns(arn).set_tag_keys(Some(remove));
        call.send().await.or_fault("elbv2 RemoveTags")?;
    }
    Ok(())
}

fn sdk_tags(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}
