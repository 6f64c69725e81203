//! EC2's tags: one shape in create calls, one pair of calls to change them, one filter to find a mark.

use aws_sdk_ec2::types::{Filter, ResourceType, Tag, TagSpecification};
use sidekick_engine::{Intent, Mark, Owner, Result};

use crate::Aws;
use crate::fault::Answer;
use crate::tags::{ADDRESS, STACK, Tags, changes, marked, marked_as, split};

/// The tags of a create call, ownership tags included.
pub(super) fn specification(kind: ResourceType, tags: &Tags, intent: &Intent) -> TagSpecification {
    specification_of(kind, tags, intent.mark())
}

/// The same for a create that nobody intends yet.
pub(crate) fn specification_of(kind: ResourceType, tags: &Tags, mark: &Mark) -> TagSpecification {
    let tags = marked_as(tags, mark);
    TagSpecification::builder().resource_type(kind).set_tags(Some(sdk_tags(&tags))).build()
}

/// Filters that only the resource with this mark passes.
pub(super) fn by_mark(mark: &Mark) -> Vec<Filter> {
    vec![
        filter(&format!("tag:{STACK}"), &mark.stack),
        filter(&format!("tag:{ADDRESS}"), mark.address.as_str()),
    ]
}

/// A filter with one value.
pub(super) fn filter(name: &str, value: &str) -> Filter {
    Filter::builder().name(name).values(value).build()
}

/// The configured tags and the owner in an answer's tags.
pub(super) fn read(tags: &[Tag]) -> (Tags, Owner) {
    split(tags.iter().map(|tag| (tag.key().unwrap_or_default(), tag.value().unwrap_or_default())))
}

/// Marks what AWS made by itself as ours, with the configured tags.
pub(super) async fn mark(aws: &Aws, id: &str, tags: &Tags, intent: &Intent) -> Result<()> {
    let call = aws.ec2.create_tags().resources(id).set_tags(Some(sdk_tags(&marked(tags, intent))));
    call.send().await.or_fault("ec2 CreateTags")?;
    Ok(())
}

/// Takes our mark and the configured tags away again.
pub(super) async fn unmark(aws: &Aws, id: &str, tags: &Tags) -> Result<()> {
    let keys = tags.keys().map(String::as_str).chain([STACK, ADDRESS]);
    remove(aws, id, keys.map(str::to_owned).collect()).await
}

/// Brings the configured tags of any EC2 resource from `actual` to `desired`.
pub(super) async fn update(aws: &Aws, id: &str, desired: &Tags, actual: &Tags) -> Result<()> {
    let (write, remove) = changes(desired, actual);
    if !write.is_empty() {
        let call = aws.ec2.create_tags().resources(id).set_tags(Some(sdk_tags(&write)));
        call.send().await.or_fault("ec2 CreateTags")?;
    }
    if !remove.is_empty() {
        self::remove(aws, id, remove).await?;
    }
    Ok(())
}

async fn remove(aws: &Aws, id: &str, keys: Vec<String>) -> Result<()> {
    let keys = keys.into_iter().map(|key| Tag::builder().key(key).build()).collect();
    let call = aws.ec2.delete_tags().resources(id).set_tags(Some(keys));
    call.send().await.or_fault("ec2 DeleteTags")?;
    Ok(())
}

fn sdk_tags(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}
