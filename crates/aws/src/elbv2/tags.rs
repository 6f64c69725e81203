//! ELB's tags: one shape in create calls, one call of their own to read them, one pair of calls to change them.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types::{Tag, TagDescription};
use futures::future::try_join_all;
use sidekick_engine::{Intent, Owner, Result};

use crate::Aws;
use crate::fault::Answer;
use crate::reads::Reads;
use crate::tags::{Tags, changes, marked, split};

/// How many resources one call may name.
const ARNS_MOST: usize = 20;

/// The tags of a create call, ownership tags included.
pub(super) fn specification(tags: &Tags, intent: &Intent) -> Vec<Tag> {
    sdk_tags(&marked(tags, intent))
}

/// The configured tags and the owner of a load balancer, target group, listener or rule; none if it is not there.
pub(super) async fn read(aws: &Aws, arn: &str) -> Result<Option<(Tags, Owner)>> {
    let found = aws.elbv2_tags.get(arn).await?;
    let tags = |tag: &Tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned()));
    let found = found.map(|found| split(found.tags().iter().filter_map(tags)));
    if let Some((_, owner)) = &found {
        aws.elbv2_owners.all().insert(arn.to_owned(), owner.clone());
    }
    Ok(found)
}

/// Whose each of them is, as far as it was read. That does not change: an ARN is given to one thing only.
#[derive(Default)]
pub(crate) struct Owners(Mutex<BTreeMap<String, Owner>>);

/// Whose it is, if that was read before.
pub(super) fn met(aws: &Aws, arn: &str) -> Option<Owner> {
    aws.elbv2_owners.all().get(arn).cloned()
}

impl Owners {
    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Owner>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The open look-ups of tags.
pub(crate) fn reads(elbv2: &Client) -> Reads<TagDescription> {
    Reads::new(elbv2, all, TagDescription::resource_arn)
}

/// The tags of all these that are there. AWS refuses the whole call for one that is not, so then each is asked for alone.
async fn all(elbv2: Client, arns: Vec<String>) -> Result<Vec<TagDescription>> {
    let mut found = Vec::new();
    for arns in arns.chunks(ARNS_MOST) {
        match few(&elbv2, arns).await? {
            Some(tags) => found.extend(tags),
            None if arns.len() == 1 => {}
            None => {
                let alone = arns.iter().map(|arn| few(&elbv2, std::slice::from_ref(arn)));
                found.extend(try_join_all(alone).await?.into_iter().flatten().flatten());
            }
        }
    }
    Ok(found)
}

async fn few(elbv2: &Client, arns: &[String]) -> Result<Option<Vec<TagDescription>>> {
    let call = elbv2.describe_tags().set_resource_arns(Some(arns.to_vec()));
    let answer = call.send().await.found("elbv2 DescribeTags")?;
    Ok(answer.map(|answer| answer.tag_descriptions.unwrap_or_default()))
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
