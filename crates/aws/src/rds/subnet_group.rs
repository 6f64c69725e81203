//! RDS DB subnet group: the subnets in which a database may be placed.

use std::collections::BTreeSet;

use aws_sdk_rds::types::DbSubnetGroup;
use serde::{Deserialize, Serialize};
use sidekick_engine::{Diff, Intent, Live, Mark, Observed, Resource, Result};

use super::tags;
use crate::fault::{Answer, missing};
use crate::id::list;
use crate::spelling::folded;
use crate::{Aws, DbSubnetGroupName, SubnetId, Tags};

const DESCRIBE: &str = "rds DescribeDBSubnetGroups";

/// The subnet group we want.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubnetGroup {
    /// Its name, unique in account and region; RDS keeps it in lower case.
    pub name: String,
    /// What it is for; must not be empty.
    pub description: String,
    /// Its subnets, in at least two availability zones.
    pub subnets: BTreeSet<SubnetId>,
    /// The configured tags.
    pub tags: Tags,
}

/// What dependents may read once the subnet group exists.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubnetGroupOutputs {
    /// The subnet group's name.
    pub name: DbSubnetGroupName,
}

impl Resource for SubnetGroup {
    const KIND: &'static str = "rds.subnet_group";
    const CREATES_ONCE: bool = true;

    type Cloud = Aws;
    type Id = DbSubnetGroupName;
    type Outputs = SubnetGroupOutputs;

    fn diff(&self, actual: &Self) -> Diff {
        let Self { name, description, subnets, tags } = self;
        Diff::default()
            .immutable("name", name, &actual.name)
            .mutable("description", description, &actual.description)
            .mutable("subnets", subnets, &actual.subnets)
            .mutable("tags", tags, &actual.tags)
    }

    async fn find(&self, aws: &Aws, _: &Mark) -> Result<Option<DbSubnetGroupName>> {
        let found = describe(aws, &self.name).await?;
        Ok(found.and_then(|group| group.db_subnet_group_name).map(DbSubnetGroupName::new))
    }

    async fn observe(&self, aws: &Aws, id: &DbSubnetGroupName) -> Result<Observed<Self>> {
        let Some(group) = describe(aws, id.as_str()).await? else { return Ok(Observed::Absent) };
        let field = |name| missing(DESCRIBE, name);
        let arn = group.db_subnet_group_arn().ok_or_else(|| field("DBSubnetGroupArn"))?;
        let Some((tags, owner)) = tags::of(aws, arn).await? else { return Ok(Observed::Absent) };
        let description =
            group.db_subnet_group_description().ok_or_else(|| field("DBSubnetGroupDescription"))?;
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

    async fn create(&self, aws: &Aws, intent: &Intent) -> Result<DbSubnetGroupName> {
        let call = aws.rds.create_db_subnet_group().db_subnet_group_name(&self.name);
        let call = call.db_subnet_group_description(&self.description).set_subnet_ids(list(&self.subnets));
        let call = call.set_tags(tags::specification(&self.tags, intent));
        let made = call.send().await.or_fault("rds CreateDBSubnetGroup")?;
        let name = made.db_subnet_group().and_then(|group| group.db_subnet_group_name());
        name.map(DbSubnetGroupName::new)
            .ok_or_else(|| missing("rds CreateDBSubnetGroup", "DBSubnetGroupName"))
    }

    async fn update(&self, actual: &Self, aws: &Aws, id: &DbSubnetGroupName, _: &Intent) -> Result<()> {
        if (&self.description, &self.subnets) != (&actual.description, &actual.subnets) {
            let call = aws.rds.modify_db_subnet_group().db_subnet_group_name(id.as_str());
            let call =
                call.db_subnet_group_description(&self.description).set_subnet_ids(list(&self.subnets));
            call.send().await.or_fault("rds ModifyDBSubnetGroup")?;
        }
        if self.tags != actual.tags {
            let arn = describe(aws, id.as_str()).await?.and_then(|group| group.db_subnet_group_arn);
            let arn = arn.ok_or_else(|| missing(DESCRIBE, "DBSubnetGroupArn"))?;
            tags::update(aws, &arn, &self.tags, &actual.tags).await?;
        }
        Ok(())
    }

    async fn delete(&self, aws: &Aws, id: &DbSubnetGroupName, _: &Intent) -> Result<()> {
        let call = aws.rds.delete_db_subnet_group().db_subnet_group_name(id.as_str());
        call.send().await.found("rds DeleteDBSubnetGroup")?;
        Ok(())
    }
}

async fn describe(aws: &Aws, name: &str) -> Result<Option<DbSubnetGroup>> {
    let found =
        aws.rds.describe_db_subnet_groups().db_subnet_group_name(name).send().await.found(DESCRIBE)?;
    Ok(found.and_then(|found| found.db_subnet_groups.unwrap_or_default().into_iter().next()))
}
