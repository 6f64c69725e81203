//! Which node types of a cache a region has, as far as ElastiCache tells.

use sidekick_engine::Result;

use crate::Aws;
use crate::fault::Answer;

/// The fewest offerings that ElastiCache lets be asked for at once.
const FEW: i32 = 20;

/// Whether ElastiCache sells reservations of a node type in the region, by which alone it tells of its types. What it does
/// not sell it may have all the same: a new type can be had before it can be reserved.
///
/// # Errors
/// When the question may not be asked.
pub async fn is_reservable(aws: &Aws, node_type: &str) -> Result<bool> {
    let offerings = aws.elasticache.describe_reserved_cache_nodes_offerings();
    let offerings = offerings.cache_node_type(node_type).max_records(FEW).send().await;
    let offerings = offerings.or_fault("elasticache DescribeReservedCacheNodesOfferings")?;
    Ok(!offerings.reserved_cache_nodes_offerings().is_empty())
}
