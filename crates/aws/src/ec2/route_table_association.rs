//! The associations of a route table with subnets: how they are read and written.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::{Filter, RouteTable, RouteTableAssociationStateCode};
use sidekick_engine::Result;

use crate::fault::Answer;
use crate::id::list;
use crate::{Aws, RouteTableId, SubnetId};

/// The subnets that are explicitly associated with the table, each with the association's id.
pub(super) fn associations(table: &RouteTable) -> BTreeMap<SubnetId, String> {
    use RouteTableAssociationStateCode::{Disassociated, Disassociating, Failed};
    let all = table.associations().iter().filter(|association| {
        let state = association.association_state().and_then(|state| state.state());
        !matches!(state, Some(Disassociated | Disassociating | Failed))
    });
    all.filter_map(|association| {
        let subnet = SubnetId::new(association.subnet_id()?);
        Some((subnet, association.route_table_association_id()?.to_owned()))
    })
    .collect()
}

/// Associates the table with the subnets of `desired`, taking each from the table that has it now, and lets go of the
/// others.
pub(super) async fn converge(
    aws: &Aws,
    id: &RouteTableId,
    desired: &BTreeSet<SubnetId>,
    actual: &BTreeSet<SubnetId>,
) -> Result<()> {
    let differing: BTreeSet<_> = desired.symmetric_difference(actual).cloned().collect();
    if differing.is_empty() {
        return Ok(());
    }
    let standing = standing(aws, &differing).await?;
    for subnet in &differing {
        match standing.get(subnet) {
            Some((table, _)) if (table == id) == desired.contains(subnet) => {}
            Some((_, association)) if desired.contains(subnet) => {
                let call = aws.ec2.replace_route_table_association().association_id(association);
                let call = call.route_table_id(id.as_str()).send();
                call.await.or_fault("ec2 ReplaceRouteTableAssociation")?;
            }
            Some((_, association)) => disassociate(aws, association).await?,
            None if desired.contains(subnet) => {
                let call = aws.ec2.associate_route_table().route_table_id(id.as_str());
                call.subnet_id(subnet.as_str()).send().await.or_fault("ec2 AssociateRouteTable")?;
            }
            None => {}
        }
    }
    Ok(())
}

pub(super) async fn disassociate(aws: &Aws, association: &str) -> Result<()> {
    let call = aws.ec2.disassociate_route_table().association_id(association);
    call.send().await.found("ec2 DisassociateRouteTable")?;
    Ok(())
}

/// The table and the association that each of these subnets has now, if it has one.
async fn standing(
    aws: &Aws,
    subnets: &BTreeSet<SubnetId>,
) -> Result<BTreeMap<SubnetId, (RouteTableId, String)>> {
    let filter = Filter::builder().name("association.subnet-id").set_values(list(subnets)).build();
    let found = aws.ec2.describe_route_tables().filters(filter).send().await;
    let found = found.or_fault("ec2 DescribeRouteTables")?;
    let mut standing = BTreeMap::new();
    for table in found.route_tables() {
        let Some(id) = table.route_table_id().map(RouteTableId::new) else { continue };
        standing.extend(associations(table).into_iter().map(|(subnet, it)| (subnet, (id.clone(), it))));
    }
    Ok(standing)
}
