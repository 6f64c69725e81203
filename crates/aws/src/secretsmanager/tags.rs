//! Secrets Manager's tags: one shape in create calls and in answers, one pair of calls to change them.

use aws_sdk_secretsmanager::types::Tag;
use sidekick_engine::{Intent, Owner, Result};

use crate::Aws;
use crate::fault::Answer;
use crate::tags::{Tags, changes, marked, split};

/// The tags of a create call, ownership tags included.
pub(super) fn specification(tags: &Tags, intent: &Intent) -> Vec<Tag> {
    sdk_tags(&marked(tags, intent))
}

/// The configured tags and the owner in an answer's tags.
pub(super) fn read(tags: &[Tag]) -> (Tags, Owner) {
    split(tags.iter().map(|tag| (tag.key().unwrap_or_default(), tag.value().unwrap_or_default())))
}

/// Brings the configured tags of a secret from `actual` to `desired`.
pub(super) async fn update(aws: &Aws, secret: &str, desired: &Tags, actual: &Tags) -> Result<()> {
    let (write, remove) = changes(desired, actual);
    if !write.is_empty() {
        let call = aws.secretsmanager.tag_resource().secret_id(secret).set_tags(Some(sdk_tags(&write)));
        call.send().await.or_fault("secretsmanager TagResource")?;
    }
    if !remove.is_empty() {
        let call = aws.secretsmanager.untag_resource().secret_id(secret).set_tag_keys(Some(remove));
        call.send().await.or_fault("secretsmanager UntagResource")?;
    }
    Ok(())
}

fn sdk_tags(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}
