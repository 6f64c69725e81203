//! ElastiCache's tags: one shape in create calls and answers, one pair of calls to change them, all by ARN.

use aws_sdk_elasticache::types::Tag;
use sidekick_engine::{Class, Intent, Owner, Result};

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

/// The configured tags and the owner of the resource with this ARN. `None` if it is gone, or too busy to be asked: a
/// replication group shows its tags only while it is `available`.
pub(super) async fn of(aws: &Aws, arn: &str) -> Result<Option<(Tags, Owner)>> {
    Ok(all(aws, arn).await?.map(|tags| read(&tags)))
}

/// All tags of the resource with this ARN, in the cases of [`of`].
pub(super) async fn all(aws: &Aws, arn: &str) -> Result<Option<Vec<Tag>>> {
    let call = aws.elasticache.list_tags_for_resource().resource_name(arn);
    match call.send().await.found("elasticache ListTagsForResource") {
        Err(fault) if fault.class == Class::Blocked => Ok(None),
        listed => Ok(listed?.map(|listed| listed.tag_list.unwrap_or_default())),
    }
}

/// The value of one tag.
pub(super) fn value<'a>(tags: &'a [Tag], key: &str) -> Option<&'a str> {
    tags.iter().find(|tag| tag.key() == Some(key)).and_then(Tag::value)
}

/// Brings the configured tags of any ElastiCache resource from `actual` to `desired`.
pub(super) async fn update(aws: &Aws, arn: &str, desired: &Tags, actual: &Tags) -> Result<()> {
    let (write, remove) = changes(desired, actual);
    if !write.is_empty() {
        let call = aws.elasticache.add_tags_to_resource().resource_name(arn).set_tags(Some(sdk_tags(&write)));
        call.send().await.or_fault("elasticache AddTagsToResource")?;
    }
    if !remove.is_empty() {
        let call = aws.elasticache.remove_tags_from_resource().resource_name(arn).set_tag_keys(Some(remove));
        call.send().await.or_fault("elasticache RemoveTagsFromResource")?;
    }
    Ok(())
}

fn sdk_tags(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}
