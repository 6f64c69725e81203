//! RDS's tags: one shape in create calls and answers, one pair of calls to change them, all by ARN.

use aws_sdk_rds::types::Tag;
use sidekick_engine::{Intent, Owner, Result};

use crate::Aws;
use crate::fault::Answer;
use crate::tags::{Tags, changes, marked, split};

/// The tags of a create call, ownership tags included.
pub(super) fn specification(tags: &Tags, intent: &Intent) -> Option<Vec<Tag>> {
    Some(sdk_tags(&marked(tags, intent)))
}

/// The configured tags and the owner in an answer's tags.
pub(super) fn read(tags: &[Tag]) -> (Tags, Owner) {
    split(tags.iter().map(|tag| (tag.key().unwrap_or_default(), tag.value().unwrap_or_default())))
}

/// The configured tags and the owner of the resource with this ARN. `None` if it is gone.
pub(super) async fn of(aws: &Aws, arn: &str) -> Result<Option<(Tags, Owner)>> {
    let call = aws.rds.list_tags_for_resource().resource_name(arn);
    let listed = call.send().await.found("rds ListTagsForResource")?;
    Ok(listed.map(|listed| read(listed.tag_list())))
}

/// Brings the configured tags of any RDS resource from `actual` to `desired`.
pub(super) async fn update(aws: &Aws, arn: &str, desired: &Tags, actual: &Tags) -> Result<()> {
    let (write, remove) = changes(desired, actual);
    if !write.is_empty() {
        let call = aws.rds.add_tags_to_resource().resource_name(arn).set_tags(Some(sdk_tags(&write)));
        call.send().await.or_fault("rds AddTagsToResource")?;
    }
    if !remove.is_empty() {
        let call = aws.rds.remove_tags_from_resource().resource_name(arn).set_tag_keys(Some(remove));
        call.send().await.or_fault("rds RemoveTagsFromResource")?;
    }
    Ok(())
}

fn sdk_tags(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}
