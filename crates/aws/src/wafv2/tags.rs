//! WAF's tags: one shape in create calls, one call of their own to read them, one pair of calls to change them.

use aws_sdk_wafv2::types::Tag;
use sidekick_engine::{Intent, Owner, Result};

use crate::Aws;
use crate::fault::Answer;
use crate::tags::{Tags, changes, marked, split};

/// The tags of a create call, ownership tags included.
pub(super) fn specification(tags: &Tags, intent: &Intent) -> Result<Vec<Tag>> {
    sdk_tags(&marked(tags, intent))
}

/// The configured tags and the owner of a web ACL; none if it is not there.
pub(super) async fn read(aws: &Aws, arn: &str) -> Result<Option<(Tags, Owner)>> {
    let call = aws.wafv2.list_tags_for_resource().resource_arn(arn);
    let Some(answer) = call.send().await.found("wafv2 ListTagsForResource")? else { return Ok(None) };
    let resource = answer.tag_info_for_resource();
    let tags = resource.into_iter().flat_map(|resource| resource.tag_list());
    Ok(Some(split(tags.map(|tag| (tag.key(), tag.value())))))
}

/// Brings the configured tags of a web ACL from `actual` to `desired`.
pub(super) async fn update(aws: &Aws, arn: &str, desired: &Tags, actual: &Tags) -> Result<()> {
    let (write, remove) = changes(desired, actual);
    if !write.is_empty() {
        let call = aws.wafv2.tag_resource().resource_arn(arn).set_tags(Some(sdk_tags(&write)?));
        call.send().await.or_fault("wafv2 TagResource")?;
    }
    if !remove.is_empty() {
        let call = aws.wafv2.untag_resource().resource_arn(arn).set_tag_keys(Some(remove));
        call.send().await.or_fault("wafv2 UntagResource")?;
    }
    Ok(())
}

fn sdk_tags(tags: &Tags) -> Result<Vec<Tag>> {
    let tag = |(key, value)| Tag::builder().key(key).value(value).build().or_fault("wafv2 TagResource");
    tags.iter().map(tag).collect()
}
