//! The main route table of a VPC, as far as it leads to peers. It comes and goes with the VPC, so that making this
//! resource is to mark the table, and deleting it is to take our routes and the mark from it.

use serde::{Deserialize, Serialize};
use sidekick_engine::{Class, Diff, Fault, Intent, Live, Mark, Observed, Owner, Resource, Result};

use super::route::{self, RouteTarget, Routes};
use super::{Vpc, tags};
use crate::fault::Answer;
use crate::{Aws, RouteTableId, Tags};

/// The routes we want in the main table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MainRouteTable {
    /// The table that AWS made with the VPC.
    pub table: RouteTableId,
    /// Its routes to peering connections, by destination. What else others put there stays theirs.
    pub routes: Routes,
    /// The configured tags.
    pub tags: Tags,
}

/// What dependents may read once the routes stand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MainRouteTableOutputs {
    /// The table's id.
    pub id: RouteTableId,
}

impl Resource for MainRouteTable {
    const KIND: &'static str = "ec2.main_route_table";
    // Marked twice it is marked once.
    const CREATES_ONCE: bool = true;
    const WITHIN: Option<&'static str> = Some(Vpc::KIND);

    type Cloud = Aws;
    type Id = RouteTableId;
    type Outputs = MainRouteTableOutputs;

    fn diff(&self, actual: &Self) -> Diff {
        let Self { table, routes, tags } = self;
        Diff::default()
            .immutable("table", table, &actual.table)
            .mutable("routes", routes, &actual.routes)
            .mutable("tags", tags, &actual.tags)
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
        // The table outlives its mark, and without it nothing of it is ours.
        if owner == Owner::Unmarked {
            return Ok(Observed::Absent);
        }
        let actual = Self { table: id.clone(), routes: to_peers(route::routes(&table)), tags };
        Ok(Observed::Steady(Live { actual, outputs: MainRouteTableOutputs { id: id.clone() }, owner }))
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> Result<RouteTableId> {
        let table = aws.ec2_reads.route_tables.get(self.table.as_str()).await?;
        let owner = table.map_or(Owner::Unmarked, |table| tags::read(table.tags()).1);
        if owner != Owner::Unmarked && !owner.is(intent.mark()) {
            let message =
                format!("the VPC's main table {} is another resource of an environment", self.table);
            let hint = "make the table that AWS made with the VPC its main one again";
            return Err(Fault::new(Class::Invalid, "ec2 CreateTags", message).with_hint(hint));
        }
        tags::mark(aws, self.table.as_str(), &self.tags, intent).await?;
        Ok(self.table.clone())
    }

    async fn update(&self, actual: &Self, aws: &Aws, id: &RouteTableId, _: &Intent) -> Result<()> {
        route::converge(aws, id, &self.routes, &actual.routes).await?;
        tags::update(aws, id.as_str(), &self.tags, &actual.tags).await
    }

    async fn delete(&self, aws: &Aws, id: &RouteTableId, _: &Intent) -> Result<()> {
        let Some(table) = aws.ec2_reads.route_tables.get(id.as_str()).await? else { return Ok(()) };
        route::converge(aws, id, &Routes::new(), &to_peers(route::routes(&table))).await?;
        // The mark goes last, for by it the routes are known as ours.
        tags::unmark(aws, id.as_str(), &self.tags).await
    }
}

fn to_peers(mut routes: Routes) -> Routes {
    routes.retain(|_, target| matches!(target, RouteTarget::Peering(_)));
    routes
}
