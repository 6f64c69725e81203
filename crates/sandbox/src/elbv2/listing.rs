//! How describe calls of load balancing cut their answers into pages.

use serde_json::{Value, json};

use crate::call::{Answer, Refusal};
use crate::page;
use crate::params::Params;

/// The largest `PageSize`.
const LARGEST: usize = 400;

/// One page of `items`, which come with their ARNs, as the list `set`.
pub(super) fn answer(params: &Params, set: &str, mut items: Vec<(String, Value)>) -> Answer {
    items.sort_by(|(one, _), (other, _)| one.cmp(other));
    let limit = match params.number("PageSize")? {
        None => LARGEST,
        Some(size) if (1..=LARGEST as i64).contains(&size) => size as usize,
        Some(size) => return Err(params.invalid("PageSize", size, "It must be between 1 and 400.")),
    };
    let page = page::cut(items, Some(limit), params.text_if("Marker")?)
        .ok_or_else(|| Refusal::illegal("ValidationError", "Invalid marker"))?;
    Ok(json!({ set: page.items, "NextMarker": page.next }))
}
