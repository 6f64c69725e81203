//! EC2 security group. Its rules are fields.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::ResourceType;
use serde::{Deserialize, Serialize};
use sidekick_engine::{Diff, Intent, Live, Mark, Observed, Pace, Resource, Result};

use super::holders::{self, Held};
use super::security_group_changes::{converge, kept, rules};
use super::security_group_rule::Rule;
use super::{Vpc, tags};
use crate::fault::{Answer, missing};
use crate::{Aws, SecurityGroupId, Tags, VpcId};

/// The security group we want.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SecurityGroup {
    /// The VPC it belongs to.
    pub vpc: VpcId,
    /// Its name, unique in the VPC.
    pub name: String,
    /// What it is for; AWS wants it and never changes it.
    pub description: String,
    /// What it lets in; no two rules may differ in their description only.
    pub ingress: BTreeSet<Rule>,
    /// Whether what it lets in is kept as long as something may still use it: the tasks that had another port, or that
    /// were in another group.
    #[serde(default)]
    pub keeps_ways_in: bool,
    /// What it lets out; no two rules may differ in their description only.
    pub egress: BTreeSet<Rule>,
    /// The configured tags.
    pub tags: Tags,
}

/// What dependents may read once the group has its rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SecurityGroupOutputs {
    /// The group's id.
    pub id: SecurityGroupId,
}

impl Resource for SecurityGroup {
    const KIND: &'static str = "ec2.security_group";
    const DISTINCT_BY: &'static [&'static str] = &["name"];
    const DOWN: Pace = holders::LINGERING;
    const CREATES_ONCE: bool = true;
    const WITHIN: Option<&'static str> = Some(Vpc::KIND);
    const UNIQUE_ID: bool = true;

    type Cloud = Aws;
    type Id = SecurityGroupId;
    type Outputs = SecurityGroupOutputs;

    fn diff(&self, actual: &Self) -> Diff {
        // When its rules go is nothing that AWS knows of.
        let Self { vpc, name, description, ingress, keeps_ways_in: _, egress, tags } = self;
        Diff::default()
            .immutable("vpc", vpc, &actual.vpc)
            .immutable("name", name, &actual.name)
            .immutable("description", description, &actual.description)
            .mutable("ingress", ingress, &actual.ingress)
            .mutable("egress", egress, &actual.egress)
            .mutable("tags", tags, &actual.tags)
    }

    /// Who is let in at another port stays let in at this one, and so do groups. A range that is let in nowhere any more
    /// is shut out at once.
    fn meanwhile(&self, actual: &Self) -> Self {
        let mut wanted = self.clone();
        if self.keeps_ways_in {
            wanted.ingress.extend(kept(&self.ingress, &actual.ingress).cloned());
        }
        wanted
    }

    fn as_created(&self) -> Option<Self> {
        let (ingress, egress) = (BTreeSet::new(), [Rule::all_egress()].into());
        Some(Self { ingress, egress, ..self.clone() })
    }

    async fn find(&self, aws: &Aws, _: &Mark) -> Result<Option<SecurityGroupId>> {
        let call = aws.ec2.describe_security_groups();
        let call = call.filters(tags::filter("vpc-id", self.vpc.as_str()));
        let call = call.filters(tags::filter("group-name", &self.name));
        let found = call.send().await.or_fault("ec2 DescribeSecurityGroups")?;
        Ok(found.security_groups().first().and_then(|group| group.group_id()).map(SecurityGroupId::new))
    }

    async fn observe(&self, aws: &Aws, id: &SecurityGroupId) -> Result<Observed<Self>> {
        let Some(ruled) = aws.ec2_reads.security_groups.get(id.as_str()).await? else {
            return Ok(Observed::Absent);
        };
        let (tags, owner) = tags::read(ruled.group.tags());
        let field = |name| missing("ec2 DescribeSecurityGroups", name);
        let actual = Self {
            vpc: VpcId::new(ruled.group.vpc_id().ok_or_else(|| field("VpcId"))?),
            name: ruled.group.group_name().ok_or_else(|| field("GroupName"))?.to_owned(),
            description: ruled.group.description().ok_or_else(|| field("Description"))?.to_owned(),
            ingress: rules(&ruled.rules, false)?.into_keys().collect(),
            keeps_ways_in: self.keeps_ways_in,
            egress: rules(&ruled.rules, true)?.into_keys().collect(),
            tags,
        };
        Ok(Observed::Steady(Live { actual, outputs: SecurityGroupOutputs { id: id.clone() }, owner }))
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> Result<SecurityGroupId> {
        let call = aws.ec2.create_security_group().vpc_id(self.vpc.as_str());
        let call = call.group_name(&self.name).description(&self.description);
        let specification = tags::specification(ResourceType::SecurityGroup, &self.tags, intent);
        let made = call.tag_specifications(specification).send().await.or_fault("ec2 CreateSecurityGroup")?;
        made.group_id().map(SecurityGroupId::new).ok_or_else(|| missing("ec2 CreateSecurityGroup", "GroupId"))
    }

    async fn update(&self, actual: &Self, aws: &Aws, id: &SecurityGroupId, _: &Intent) -> Result<()> {
        if self.ingress != actual.ingress || self.egress != actual.egress {
            converge(aws, id, self, actual).await?;
        }
        tags::update(aws, id.as_str(), &self.tags, &actual.tags).await
    }

    async fn delete(&self, aws: &Aws, id: &SecurityGroupId, _: &Intent) -> Result<()> {
        let call = aws.ec2.delete_security_group().group_id(id.as_str());
        let answer = call.send().await.found("ec2 DeleteSecurityGroup");
        holders::named(aws, answer, Held::Group(id)).await
    }
}
