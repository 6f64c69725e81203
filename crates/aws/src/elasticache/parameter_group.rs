//! ElastiCache parameter group: the settings of Redis itself.

use std::collections::BTreeMap;

use aws_sdk_elasticache::types::CacheParameterGroup;
use serde::{Deserialize, Serialize};
use sidekick_engine::{Diff, Intent, Live, Mark, Observed, Resource, Result};

use super::{parameters, tags};
use crate::fault::{Answer, missing};
use crate::spelling::folded;
use crate::{Aws, CacheParameterGroupName, Tags};

const DESCRIBE: &str = "elasticache DescribeCacheParameterGroups";

/// Parameters by name, each as AWS writes its value.
pub type Parameters = BTreeMap<String, String>;

/// The parameter group we want.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParameterGroup {
    /// Its name, unique in account and region; ElastiCache keeps it in lower case.
    pub name: String,
    /// What it is for; must not be empty.
    pub description: String,
    /// The versions that it is for: `redis7`.
    pub family: String,
    /// The parameters that differ from the family's own.
    pub parameters: Parameters,
    /// The configured tags.
    pub tags: Tags,
}

/// What dependents may read once the parameters are set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParameterGroupOutputs {
    /// The parameter group's name.
    pub name: CacheParameterGroupName,
}

impl Resource for ParameterGroup {
    const KIND: &'static str = "elasticache.parameter_group";
    const CREATES_ONCE: bool = true;

    type Cloud = Aws;
    type Id = CacheParameterGroupName;
    type Outputs = ParameterGroupOutputs;

    fn diff(&self, actual: &Self) -> Diff {
        let Self { name, description, family, parameters, tags } = self;
        Diff::default()
            .immutable("name", name, &actual.name)
            .immutable("description", description, &actual.description)
            .immutable("family", family, &actual.family)
            .mutable("parameters", parameters, &actual.parameters)
            .mutable("tags", tags, &actual.tags)
    }

    async fn find(&self, aws: &Aws, _: &Mark) -> Result<Option<CacheParameterGroupName>> {
        let found = describe(aws, &self.name).await?;
        Ok(found.and_then(|group| group.cache_parameter_group_name).map(CacheParameterGroupName::new))
    }

    async fn observe(&self, aws: &Aws, id: &CacheParameterGroupName) -> Result<Observed<Self>> {
        let Some(group) = describe(aws, id.as_str()).await? else { return Ok(Observed::Absent) };
        let field = |name| missing(DESCRIBE, name);
        let arn = group.arn().ok_or_else(|| field("ARN"))?;
        let (tagged, parameters) =
            tokio::try_join!(tags::of(aws, arn), parameters::overridden(aws, id.as_str()))?;
        let (Some((tags, owner)), Some(parameters)) = (tagged, parameters) else {
            return Ok(Observed::Absent);
        };
        let actual = Self {
            name: folded(&self.name, id.as_str()),
            description: group.description().ok_or_else(|| field("Description"))?.to_owned(),
            family: group
                .cache_parameter_group_family()
                .ok_or_else(|| field("CacheParameterGroupFamily"))?
                .to_owned(),
            parameters,
            tags,
        };
        Ok(Observed::Steady(Live { actual, outputs: ParameterGroupOutputs { name: id.clone() }, owner }))
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> Result<CacheParameterGroupName> {
        let call = aws.elasticache.create_cache_parameter_group().cache_parameter_group_name(&self.name);
        let call = call.cache_parameter_group_family(&self.family).description(&self.description);
        let call = call.set_tags(tags::specification(&self.tags, intent));
        call.send().await.or_fault("elasticache CreateCacheParameterGroup")?;
        Ok(CacheParameterGroupName::new(self.name.to_lowercase()))
    }

    async fn update(&self, actual: &Self, aws: &Aws, id: &CacheParameterGroupName, _: &Intent) -> Result<()> {
        parameters::update(aws, id.as_str(), &self.parameters, &actual.parameters).await?;
        if self.tags != actual.tags {
            let arn = describe(aws, id.as_str()).await?.and_then(|group| group.arn);
            let arn = arn.ok_or_else(|| missing(DESCRIBE, "ARN"))?;
            tags::update(aws, &arn, &self.tags, &actual.tags).await?;
        }
        Ok(())
    }

    async fn delete(&self, aws: &Aws, id: &CacheParameterGroupName, _: &Intent) -> Result<()> {
        let call = aws.elasticache.delete_cache_parameter_group().cache_parameter_group_name(id.as_str());
        call.send().await.found("elasticache DeleteCacheParameterGroup")?;
        Ok(())
    }
}

async fn describe(aws: &Aws, name: &str) -> Result<Option<CacheParameterGroup>> {
    let call = aws.elasticache.describe_cache_parameter_groups().cache_parameter_group_name(name);
    let found = call.send().await.found(DESCRIBE)?;
    Ok(found.and_then(|found| found.cache_parameter_groups.unwrap_or_default().into_iter().next()))
}
