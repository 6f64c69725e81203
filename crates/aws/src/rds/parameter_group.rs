//! RDS DB parameter group: the settings of PostgreSQL itself.

use std::collections::BTreeMap;

use aws_sdk_rds::types::DbParameterGroup;
use serde::{Deserialize, Serialize};
use sidekick_engine::{Diff, Intent, Live, Mark, Observed, Resource, Result};

use super::{parameters, tags};
use crate::fault::{Answer, missing};
use crate::spelling::folded;
use crate::{Aws, DbParameterGroupName, Tags};

const DESCRIBE: &str = "rds DescribeDBParameterGroups";

/// Parameters by name, each as AWS writes its value.
pub type Parameters = BTreeMap<String, String>;

/// The parameter group we want.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParameterGroup {
    /// Its name, unique in account and region; RDS keeps it in lower case.
    pub name: String,
    /// What it is for; must not be empty.
    pub description: String,
    /// The versions that it is for: `postgres17`.
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
    pub name: DbParameterGroupName,
}

impl Resource for ParameterGroup {
    const KIND: &'static str = "rds.parameter_group";
    const CREATES_ONCE: bool = true;

    type Cloud = Aws;
    type Id = DbParameterGroupName;
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

    async fn find(&self, aws: &Aws, _: &Mark) -> Result<Option<DbParameterGroupName>> {
        let found = describe(aws, &self.name).await?;
        Ok(found.and_then(|group| group.db_parameter_group_name).map(DbParameterGroupName::new))
    }

    async fn observe(&self, aws: &Aws, id: &DbParameterGroupName) -> Result<Observed<Self>> {
        let Some(group) = describe(aws, id.as_str()).await? else { return Ok(Observed::Absent) };
        let field = |name| missing(DESCRIBE, name);
        let arn = group.db_parameter_group_arn().ok_or_else(|| field("DBParameterGroupArn"))?;
        let (tagged, parameters) =
            tokio::try_join!(tags::of(aws, arn), parameters::overridden(aws, id.as_str()))?;
        let (Some((tags, owner)), Some(parameters)) = (tagged, parameters) else {
            return Ok(Observed::Absent);
        };
        let actual = Self {
            name: folded(&self.name, id.as_str()),
            description: group.description().ok_or_else(|| field("Description"))?.to_owned(),
            family: group
                .db_parameter_group_family()
                .ok_or_else(|| field("DBParameterGroupFamily"))?
                .to_owned(),
            parameters,
            tags,
        };
        Ok(Observed::Steady(Live { actual, outputs: ParameterGroupOutputs { name: id.clone() }, owner }))
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> Result<DbParameterGroupName> {
        let call = aws.rds.create_db_parameter_group().db_parameter_group_name(&self.name);
        let call = call.db_parameter_group_family(&self.family).description(&self.description);
        let call = call.set_tags(tags::specification(&self.tags, intent));
        call.send().await.or_fault("rds CreateDBParameterGroup")?;
        Ok(DbParameterGroupName::new(self.name.to_lowercase()))
    }

    async fn update(&self, actual: &Self, aws: &Aws, id: &DbParameterGroupName, _: &Intent) -> Result<()> {
        parameters::update(aws, id.as_str(), &self.parameters, &actual.parameters).await?;
        if self.tags != actual.tags {
            let arn = describe(aws, id.as_str()).await?.and_then(|group| group.db_parameter_group_arn);
            let arn = arn.ok_or_else(|| missing(DESCRIBE, "DBParameterGroupArn"))?;
            tags::update(aws, &arn, &self.tags, &actual.tags).await?;
        }
        Ok(())
    }

    async fn delete(&self, aws: &Aws, id: &DbParameterGroupName, _: &Intent) -> Result<()> {
        let call = aws.rds.delete_db_parameter_group().db_parameter_group_name(id.as_str());
        call.send().await.found("rds DeleteDBParameterGroup")?;
        Ok(())
    }
}

async fn describe(aws: &Aws, name: &str) -> Result<Option<DbParameterGroup>> {
    let call = aws.rds.describe_db_parameter_groups().db_parameter_group_name(name);
    let found = call.send().await.found(DESCRIBE)?;
    Ok(found.and_then(|found| found.db_parameter_groups.unwrap_or_default().into_iter().next()))
}
