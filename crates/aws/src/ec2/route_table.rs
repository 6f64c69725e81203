//! EC2 route table. Its routes and its associations with subnets are fields.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::ResourceType;
use serde::{Deserialize, Serialize};
use sidekick_engine::{Diff, Intent, Live, Mark, Observed, Resource, Result};

use super::route::{self, Routes};
use super::{Vpc, route_table_association as association, tags};
use crate::fault::{Answer, missing};
use crate::{Aws, RouteTableId, SubnetId, Tags, VpcId};

/// The route table we want.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RouteTable {
    /// The VPC it belongs to.
    pub vpc: VpcId,
    /// Its IPv4 routes by destination, the local one left out.
    pub routes: Routes,
    /// The subnets that follow it.
    pub subnets: BTreeSet<SubnetId>,
    /// The configured tags.
    pub tags: Tags,
}

/// What dependents may read once the table is as desired.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RouteTableOutputs {
    /// The table's id.
    pub id: RouteTableId,
}

impl Resource for RouteTable {
    const KIND: &'static str = "ec2.route_table";
    const CREATES_ONCE: bool = true;
    const WITHIN: Option<&'static str> = Some(Vpc::KIND);
    const UNIQUE_ID: bool = true;

    type Cloud = Aws;
    type Id = RouteTableId;
    type Outputs = RouteTableOutputs;

    fn diff(&self, actual: &Self) -> Diff {
        let Self { vpc, routes, subnets, tags } = self;
        Diff::default()
            .immutable("vpc", vpc, &actual.vpc)
            .mutable("routes", routes, &actual.routes)
            .mutable("subnets", subnets, &actual.subnets)
            .mutable("tags", tags, &actual.tags)
    }

    fn as_created(&self) -> Option<Self> {
        Some(Self { routes: Routes::default(), subnets: BTreeSet::new(), ..self.clone() })
    }

    async fn find(&self, aws: &Aws, mark: &Mark) -> Result<Option<RouteTableId>> {
        let call = aws.ec2.describe_route_tables().set_filters(Some(tags::by_mark(mark)));
        let found = call.send().await.or_fault("ec2 DescribeRouteTables")?;
        Ok(found.route_tables().first().and_then(|table| table.route_table_id()).map(RouteTableId::new))
    }

    async fn observe(&self, aws: &Aws, id: &RouteTableId) -> Result<Observed<Self>> {
        let Some(table) = aws.ec2_reads.route_tables.get(id.as_str()).await? else {
            return Ok(Observed::Absent);
        };
        let (tags, owner) = tags::read(table.tags());
        let vpc = table.vpc_id().ok_or_else(|| missing("ec2 DescribeRouteTables", "VpcId"))?;
        let actual = Self {
            vpc: VpcId::new(vpc),
            routes: route::routes(&table),
            subnets: association::associations(&table).into_keys().collect(),
            tags,
        };
        Ok(Observed::Steady(Live { actual, outputs: RouteTableOutputs { id: id.clone() }, owner }))
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> Result<RouteTableId> {
        let call = aws.ec2.create_route_table().vpc_id(self.vpc.as_str()).client_token(intent.token());
        let call = call.tag_specifications(tags::specification(ResourceType::RouteTable, &self.tags, intent));
        let made = call.send().await.or_fault("ec2 CreateRouteTable")?;
        let id = made.route_table().and_then(|table| table.route_table_id());
        id.map(RouteTableId::new).ok_or_else(|| missing("ec2 CreateRouteTable", "RouteTableId"))
    }

    async fn update(&self, actual: &Self, aws: &Aws, id: &RouteTableId, _: &Intent) -> Result<()> {
        // Routes first: a subnet that changes its table finds its way from the first packet on.
        route::converge(aws, id, &self.routes, &actual.routes).await?;
        association::converge(aws, id, &self.subnets, &actual.subnets).await?;
        tags::update(aws, id.as_str(), &self.tags, &actual.tags).await
    }

    async fn delete(&self, aws: &Aws, id: &RouteTableId, _: &Intent) -> Result<()> {
        let table = aws.ec2_reads.route_tables.get(id.as_str()).await?;
        for standing in table.iter().flat_map(|table| association::associations(table).into_values()) {
            association::disassociate(aws, &standing).await?;
        }
        let call = aws.ec2.delete_route_table().route_table_id(id.as_str());
        call.send().await.found("ec2 DeleteRouteTable")?;
        Ok(())
    }
}
