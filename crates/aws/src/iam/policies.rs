//! A role's policies, attached and inline: read as sets, brought from one set to another, taken away.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::try_join_all;
use serde_json::Value;
use sidekick_engine::Result;

use super::document;
use crate::fault::Answer;
use crate::{Aws, RoleName};

/// The ARNs of the managed policies that are attached to the role; none if the role is gone.
pub(super) async fn attached(aws: &Aws, role: &RoleName) -> Result<BTreeSet<String>> {
    let call = aws.iam.list_attached_role_policies().role_name(role.as_str());
    let pages = call.into_paginator().items().send().collect::<std::result::Result<Vec<_>, _>>().await;
    let attached = pages.found("iam ListAttachedRolePolicies")?.unwrap_or_default();
    Ok(attached.into_iter().filter_map(|policy| policy.policy_arn).collect())
}

/// The inline policies of the role by name, those that mean the same as the desired one in its words.
pub(super) async fn inline(
    aws: &Aws,
    role: &RoleName,
    desired: &BTreeMap<String, Value>,
) -> Result<BTreeMap<String, Value>> {
    let policies = inline_names(aws, role).await?.into_iter().map(|name| async move {
        let call = aws.iam.get_role_policy().role_name(role.as_str()).policy_name(&name);
        let Some(policy) = call.send().await.found("iam GetRolePolicy")? else { return Ok(None) };
        let document = document::read(policy.policy_document(), desired.get(&name), "iam GetRolePolicy")?;
        Ok(Some((name, document)))
    });
    Ok(try_join_all(policies).await?.into_iter().flatten().collect())
}

/// Attaches what is missing, then detaches what is not wanted, so that nothing that stays allowed is cut off.
pub(super) async fn attach(
    aws: &Aws,
    role: &RoleName,
    desired: &BTreeSet<String>,
    actual: &BTreeSet<String>,
) -> Result<()> {
    for policy in desired.difference(actual) {
        let call = aws.iam.attach_role_policy().role_name(role.as_str()).policy_arn(policy);
        call.send().await.or_fault("iam AttachRolePolicy")?;
    }
    for policy in actual.difference(desired) {
        let call = aws.iam.detach_role_policy().role_name(role.as_str()).policy_arn(policy);
        call.send().await.found("iam DetachRolePolicy")?;
    }
    Ok(())
}

/// Writes the inline policies that differ, then deletes those that are not wanted.
pub(super) async fn put(
    aws: &Aws,
    role: &RoleName,
    desired: &BTreeMap<String, Value>,
    actual: &BTreeMap<String, Value>,
) -> Result<()> {
    for (name, document) in desired.iter().filter(|(name, document)| actual.get(*name) != Some(*document)) {
        let call = aws.iam.put_role_policy().role_name(role.as_str()).policy_name(name);
        call.policy_document(document.to_string()).send().await.or_fault("iam PutRolePolicy")?;
    }
    for name in actual.keys().filter(|name| !desired.contains_key(*name)) {
        delete(aws, role, name).await?;
    }
    Ok(())
}

/// Takes all policies away, also those that somebody else gave the role: it cannot be deleted with any.
pub(super) async fn remove_all(aws: &Aws, role: &RoleName) -> Result<()> {
    attach(aws, role, &BTreeSet::new(), &attached(aws, role).await?).await?;
    for name in inline_names(aws, role).await? {
        delete(aws, role, &name).await?;
    }
    Ok(())
}

async fn inline_names(aws: &Aws, role: &RoleName) -> Result<Vec<String>> {
    let call = aws.iam.list_role_policies().role_name(role.as_str());
    let pages = call.into_paginator().items().send().collect::<std::result::Result<Vec<_>, _>>().await;
    Ok(pages.found("iam ListRolePolicies")?.unwrap_or_default())
}

async fn delete(aws: &Aws, role: &RoleName, name: &str) -> Result<()> {
    let call = aws.iam.delete_role_policy().role_name(role.as_str()).policy_name(name);
    call.send().await.found("iam DeleteRolePolicy")?;
    Ok(())
}
