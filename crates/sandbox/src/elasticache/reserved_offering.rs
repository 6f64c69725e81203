//! Which node types can be reserved. The newest family has no reservations yet, though it can be had.

use serde_json::{Value, json};

use super::{PAGING, engine};
use crate::call::Answer;
use crate::params::Params;
use crate::world::World;

const ENGINES: &[&str] = &["redis", "valkey"];
const YEAR: u32 = 365 * 24 * 3600;

pub(super) fn describe(_: &World, params: &Params) -> Answer {
    let wanted = params.text_if("CacheNodeType")?;
    let mut offerings: Vec<(String, Value)> = Vec::new();
    for node_type in engine::node_types().filter(|own| wanted.is_none_or(|wanted| wanted == own)) {
        if node_type.starts_with(&format!("cache.{}.", engine::NEWEST_FAMILY)) {
            continue;
        }
        for product in ENGINES {
            let id = format!("{node_type} {product}");
            let offering = json!({
                "ReservedCacheNodesOfferingId": id,
                "CacheNodeType": node_type,
                "Duration": YEAR,
                "ProductDescription": product,
                "OfferingType": "All Upfront",
                "UsagePrice": 0,
            });
            offerings.push((id, offering));
        }
    }
    PAGING.answer(params, "ReservedCacheNodesOfferings", offerings)
}
