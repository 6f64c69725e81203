//! IAM role: who may assume it, and what it may do.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::types::Tag;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sidekick_engine::{Diff, Intent, Live, Mark, Observed, Owner, Resource, Result};

use super::{document, policies};
use crate::fault::{Answer, missing};
use crate::tags::{changes, marked, split};
use crate::{Aws, RoleName, Tags};

/// The role we want.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Role {
    /// Its name, unique in the account, at most 64 characters.
    pub name: String,
    /// Where it stands in the account's order of names: `/` or `/sidekick/`.
    pub path: String,
    /// What it is for.
    pub description: String,
    /// The policy that says who may assume it.
    pub trust: Value,
    /// The ARNs of the managed policies attached to it; no others stay attached.
    pub managed_policies: BTreeSet<String>,
    /// The policies that are a part of it, by name; no others stay.
    pub inline_policies: BTreeMap<String, Value>,
    /// The configured tags.
    pub tags: Tags,
}

/// What dependents may read once the role exists.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoleOutputs {
    /// The role's name.
    pub name: RoleName,
    /// The role's ARN.
    pub arn: String,
}

impl Resource for Role {
    const KIND: &'static str = "iam.role";
    const DISTINCT_BY: &'static [&'static str] = &["name"];
    const CREATES_ONCE: bool = true;

    type Cloud = Aws;
    type Id = RoleName;
    type Outputs = RoleOutputs;

    fn diff(&self, actual: &Self) -> Diff {
        let Self { name, path, description, trust, managed_policies, inline_policies, tags } = self;
        Diff::default()
            .immutable("name", name, &actual.name)
            .immutable("path", path, &actual.path)
            .mutable("description", description, &actual.description)
            .mutable("trust", trust, &actual.trust)
            .mutable("managed_policies", managed_policies, &actual.managed_policies)
            .mutable("inline_policies", inline_policies, &actual.inline_policies)
            .mutable("tags", tags, &actual.tags)
    }

    fn as_created(&self) -> Option<Self> {
        let (managed_policies, inline_policies) = Default::default();
        Some(Self { managed_policies, inline_policies, ..self.clone() })
    }

    async fn find(&self, aws: &Aws, _: &Mark) -> Result<Option<RoleName>> {
        let found = aws.iam.get_role().role_name(&self.name).send().await.found("iam GetRole")?;
        Ok(found.and_then(|found| found.role).map(|role| RoleName::new(role.role_name)))
    }

    async fn observe(&self, aws: &Aws, id: &RoleName) -> Result<Observed<Self>> {
        let call = aws.iam.get_role().role_name(id.as_str());
        let (found, managed_policies, inline_policies) = tokio::try_join!(
            async { call.send().await.found("iam GetRole") },
            policies::attached(aws, id),
            policies::inline(aws, id, &self.inline_policies),
        )?;
        let Some(role) = found.and_then(|found| found.role) else { return Ok(Observed::Absent) };
        let (tags, owner) = read_tags(role.tags());
        // For a moment a new role shows its inner id in the place of its ARN.
        if !role.arn().starts_with("arn:") {
            return Ok(Observed::Settling { note: "its ARN is not known yet".to_owned(), owner });
        }
        let trust = role.assume_role_policy_document();
        let trust = trust.ok_or_else(|| missing("iam GetRole", "AssumeRolePolicyDocument"))?;
        let actual = Self {
            name: role.role_name().to_owned(),
            path: role.path().to_owned(),
            // IAM leaves an empty description out.
            description: role.description().unwrap_or_default().to_owned(),
            trust: document::read(trust, Some(&self.trust), "iam GetRole")?,
            managed_policies,
            inline_policies,
            tags,
        };
        let outputs = RoleOutputs { name: id.clone(), arn: role.arn().to_owned() };
        Ok(Observed::Steady(Live { actual, outputs, owner }))
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> Result<RoleName> {
        let call = aws.iam.create_role().role_name(&self.name).path(&self.path);
        let call = call.description(&self.description).assume_role_policy_document(self.trust.to_string());
        let call = call.set_tags(Some(sdk_tags(&marked(&self.tags, intent))));
        call.send().await.or_fault("iam CreateRole")?;
        Ok(RoleName::new(&self.name))
    }

    async fn update(&self, actual: &Self, aws: &Aws, id: &RoleName, _: &Intent) -> Result<()> {
        if self.description != actual.description {
            let call = aws.iam.update_role().role_name(id.as_str()).description(&self.description);
            call.send().await.or_fault("iam UpdateRole")?;
        }
        if self.trust != actual.trust {
            let call = aws.iam.update_assume_role_policy().role_name(id.as_str());
            let call = call.policy_document(self.trust.to_string());
            call.send().await.or_fault("iam UpdateAssumeRolePolicy")?;
        }
        policies::attach(aws, id, &self.managed_policies, &actual.managed_policies).await?;
        policies::put(aws, id, &self.inline_policies, &actual.inline_policies).await?;
        let (write, remove) = changes(&self.tags, &actual.tags);
        if !write.is_empty() {
            let call = aws.iam.tag_role().role_name(id.as_str()).set_tags(Some(sdk_tags(&write)));
            call.send().await.or_fault("iam TagRole")?;
        }
        if !remove.is_empty() {
            let call = aws.iam.untag_role().role_name(id.as_str()).set_tag_keys(Some(remove));
            call.send().await.or_fault("iam UntagRole")?;
        }
        Ok(())
    }

    async fn delete(&self, aws: &Aws, id: &RoleName, _: &Intent) -> Result<()> {
        policies::remove_all(aws, id).await?;
        aws.iam.delete_role().role_name(id.as_str()).send().await.found("iam DeleteRole").map(drop)
    }
}

fn read_tags(tags: &[Tag]) -> (Tags, Owner) {
    split(tags.iter().map(|tag| (tag.key(), tag.value())))
}

fn sdk_tags(tags: &Tags) -> Vec<Tag> {
    let tag = |(key, value)| {
        Tag::builder().key(key).value(value).build().expect("a tag with key and value is complete")
    };
    tags.iter().map(tag).collect()
}
