//! ElastiCache subnet group: the subnets in which a cache may be placed.

use std::collections::BTreeSet;

use aws_sdk_elasticache::types::CacheSubnetGroup;
use serde::{Deserialize, Serialize};
use sidekick_engine::{Diff, Intent, Live, Mark, Observed, Resource, Result};

use super::tags;
use crate::fault::{Answer, missing};
use crate::id::list;
use crate::spelling::folded;
use crate::{Aws, CacheSubnetGroupName, SubnetId, Tags};

const DESCRIBE: &str = "elasticache DescribeCacheSubnetGroups";

/// The subnet group we want.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubnetGroup {
    /// Its name, unique in account and region; ElastiCache keeps it in lower case.
    pub name: String,
    /// What it is for; must not be empty.
    pub description: String,
    /// Its subnets; in two availability zones at least, where a standby takes over.
    pub subnets: BTreeSet<SubnetId>,
    /// The configured tags.
    pub tags: Tags,
}

/// What dependents may read once the subnet group exists.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubnetGroupOutputs {
    /// The subnet group's name.
    pub name: CacheSubnetGroupName,
}

impl Resource for SubnetGroup {
    const KIND: &'static str = "elasticache.subnet_group";
    const CREATES_ONCE: bool = true;

    type Cloud = Aws;
    type Id = CacheSubnetGroupName;
    type Outputs = SubnetGroupOutputs;

    fn diff(&self, actual: &Self) -> Diff {
        let Self { name, description, subnets, tags } = self;
        Diff::default()
            .immutable("name", name, &actual.name)
            .mutable("description", description, &actual.description)
            .mutable("subnets", subnets, &actual.subnets)
            .mutable("tags", tags, &actual.tags)
    }

    async fn find(&self, aws: &Aws, _: &Mark) -> Result<Option<CacheSubnetGroupName>> {
        let found = describe(aws, &self.name).await?;
        Ok(found.and_then(|group| group.cache_subnet_group_name).map(CacheSubnetGroupName::new))
    }

    async fn observe(&self, aws: &Aws, id: &CacheSubnetGroupName) -> Result<Observed<Self>> {
        let Some(group) = describe(aws, id.as_str()).await? else { return Ok(Observed::Absent) };
        let field = |name| missing(DESCRIBE, name);
        let arn = group.arn().ok_or_else(|| field("ARN"))?;
        let Some((tags, owner)) = tags::of(aws, arn).await? else { return Ok(Observed::Absent) };
        let description =
            group.cache_subnet_group_description().ok_or_else(|| field("CacheSubnetGroupDescription"))?;
        let actual = Self {
            name: folded(&self.name, id.as_str()),
            description: description.to_owned(),
            subnets: group
                .subnets()
                .iter()
                .filter_map(|subnet| subnet.subnet_identifier())
                .map(SubnetId::new)
                .collect(),
            tags,
        };
        Ok(Observed::Steady(Live { actual, outputs: SubnetGroupOutputs { name: id.clone() }, owner }))
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> Result<CacheSubnetGroupName> {
        let call = aws.elasticache.create_cache_subnet_group().cache_subnet_group_name(&self.name);
        let call = call.cache_subnet_group_description(&self.description).set_subnet_ids(list(&self.subnets));
        let call = call.set_tags(tags::specification(&self.tags, intent));
        let made = call.send().await.or_fault("elasticache CreateCacheSubnetGroup")?;
        let name = made.cache_subnet_group().and_then(|group| group.cache_subnet_group_name());
        name.map(CacheSubnetGroupName::new)
            .ok_or_else(|| missing("elasticache CreateCacheSubnetGroup", "CacheSubnetGroupName"))
    }

    async fn update(&self, actual: &Self, aws: &Aws, id: &CacheSubnetGroupName, _: &Intent) -> Result<()> {
        if (&self.description, &self.subnets) != (&actual.description, &actual.subnets) {
            let call = aws.elasticache.modify_cache_subnet_group().cache_subnet_group_name(id.as_str());
            let call =
                call.cache_subnet_group_description(&self.description).set_subnet_ids(list(&self.subnets));
            call.send().await.or_fault("elasticache ModifyCacheSubnetGroup")?;
        }
        if self.tags != actual.tags {
            let arn = describe(aws, id.as_str()).await?.and_then(|group| group.arn);
            let arn = arn.ok_or_else(|| missing(DESCRIBE, "ARN"))?;
            tags::update(aws, &arn, &self.tags, &actual.tags).await?;
        }
        Ok(())
    }

    async fn delete(&self, aws: &Aws, id: &CacheSubnetGroupName, _: &Intent) -> Result<()> {
        let call = aws.elasticache.delete_cache_subnet_group().cache_subnet_group_name(id.as_str());
        call.send().await.found("elasticache DeleteCacheSubnetGroup")?;
        Ok(())
    }
}

async fn describe(aws: &Aws, name: &str) -> Result<Option<CacheSubnetGroup>> {
    let found = aws
        .elasticache
        .describe_cache_subnet_groups()
        .cache_subnet_group_name(name)
        .send()
        .await
        .found(DESCRIBE)?;
    Ok(found.and_then(|found| found.cache_subnet_groups.unwrap_or_default().into_iter().next()))
}
