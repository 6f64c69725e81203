//! VPC peering connections: made elsewhere, only looked at here.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::Filter;
use sidekick_engine::Result;

use crate::fault::Answer;
use crate::{Aws, PeeringConnectionId};

/// The status code, such as `active` or `pending-acceptance`, of each of these connections that exists.
pub async fn peerings(
    aws: &Aws,
    ids: &[PeeringConnectionId],
) -> Result<BTreeMap<PeeringConnectionId, String>> {
    let mut status = BTreeMap::new();
    // AWS takes 200 values in a filter, and a filter without values is a bad request.
    for ids in ids.chunks(200) {
        let values = ids.iter().map(|id| id.as_str().to_owned()).collect();
        let filter = Filter::builder().name("vpc-peering-connection-id").set_values(Some(values)).build();
        let call = aws.ec2.describe_vpc_peering_connections().filters(filter);
        let found = call.into_paginator().items().send().try_collect().await;
        for connection in found.or_fault("ec2 DescribeVpcPeeringConnections")? {
            let id = connection.vpc_peering_connection_id().map(PeeringConnectionId::new);
            let code = connection.status().and_then(|status| status.code());
            if let (Some(id), Some(code)) = (id, code)
                && ids.contains(&id)
            {
                status.insert(id, code.to_string());
            }
        }
    }
    Ok(status)
}
