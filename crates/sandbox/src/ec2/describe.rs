//! What all things of EC2 have in common: how they are found, filtered, listed and paged.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::call::{Answer, Refusal};
use crate::filter::Filters;
use crate::page;
use crate::params::Params;
use crate::tags::Tags;
use crate::world::World;

/// A kind of thing, in the words of its errors.
pub(crate) struct Kind {
    /// What its ids begin with.
    pub(crate) prefix: &'static str,
    /// What is said of an id that does not exist; `{id}` stands for it.
    pub(crate) words: &'static str,
    /// The code for an id that does not exist.
    pub(crate) absent: &'static str,
    /// The code for an id that cannot be one.
    pub(crate) malformed: &'static str,
}

/// A thing that describe calls list.
pub(crate) trait Described {
    const KIND: Kind;

    fn tags(&self) -> &Tags;

    /// When the thing was made.
    fn created(&self) -> f64;

    /// The thing's values under a filter name, or nothing if there is no such filter. Tags are handled elsewhere.
    fn filter(&self, name: &str, world: &World) -> Option<Vec<String>>;

    /// The thing as answers show it.
    fn view(&self, world: &World) -> Value;
}

/// The names of one describe call.
pub(crate) struct Listing {
    /// The parameter with the ids.
    pub(crate) ids: &'static str,
    /// The parameter with the filters.
    pub(crate) filters: &'static str,
    /// The list in the answer.
    pub(crate) set: &'static str,
    /// The largest `MaxResults`; zero for calls without pages.
    pub(crate) largest: usize,
}

impl Listing {
    /// The usual names.
    pub(crate) const fn new(ids: &'static str, set: &'static str) -> Self {
        Self { ids, set, filters: "Filter", largest: 1000 }
    }
}

/// The thing with this id, or the refusal that names it.
pub(crate) fn find<'a, T: Described>(table: &'a BTreeMap<String, T>, id: &str) -> Result<&'a T, Refusal> {
    table.get(id).ok_or_else(|| absent(&T::KIND, id))
}

/// The thing with this id, to change it.
pub(crate) fn find_mut<'a, T: Described>(
    table: &'a mut BTreeMap<String, T>,
    id: &str,
) -> Result<&'a mut T, Refusal> {
    table.get_mut(id).ok_or_else(|| absent(&T::KIND, id))
}

/// The refusal that names what does not exist.
pub(super) fn absent(kind: &Kind, id: &str) -> Refusal {
    if id.strip_prefix(kind.prefix).is_some_and(|rest| rest.starts_with('-')) {
        Refusal::absent(kind.absent, kind.words.replace("{id}", id))
    } else {
        Refusal::illegal(kind.malformed, format!("Invalid id: \"{id}\" (expecting \"{}-...\")", kind.prefix))
    }
}

/// Answers a describe call: by ids, filters and pages.
pub(crate) fn describe<T: Described>(
    world: &World,
    table: &BTreeMap<String, T>,
    params: &Params,
    listing: &Listing,
) -> Answer {
    let ids = params.texts(listing.ids)?;
    let filters = Filters::read(params, listing.filters, "Name", "Value")?;
    let mut found = Vec::new();
    for id in &ids {
        found.push((id.clone(), find(table, id)?));
        if world.hides(find(table, id)?.created()) {
            return Err(absent(&T::KIND, id));
        }
    }
    if ids.is_empty() {
        let visible = table.iter().filter(|(_, thing)| !world.hides(thing.created()));
        found.extend(visible.map(|(id, thing)| (id.clone(), thing)));
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut passed = Vec::new();
    for (id, thing) in found {
        if filters.pass(thing.tags(), |name| thing.filter(name, world))? {
            passed.push((id, thing.view(world)));
        }
    }
    page_of(passed, params, listing, !ids.is_empty())
}

fn page_of(items: Vec<(String, Value)>, params: &Params, listing: &Listing, by_id: bool) -> Answer {
    if listing.largest == 0 {
        return Ok(json!({ listing.set: items.into_iter().map(|(_, view)| view).collect::<Value>() }));
    }
    let limit = params.number("MaxResults")?;
    if let Some(limit) = limit {
        if by_id {
            let words = format!("The parameter {} cannot be used with the parameter maxResults", listing.ids);
            return Err(Refusal::illegal("InvalidParameterCombination", words));
        }
        if !(5..=listing.largest as i64).contains(&limit) {
            let why = format!("Expecting a value between 5 and {}.", listing.largest);
            return Err(params.invalid("maxResults", limit, &why));
        }
    }
    let limit = limit.map_or(listing.largest, |limit| limit as usize);
    let token = params.text_if("NextToken")?;
    let page = page::cut(items, Some(limit), token)
        .ok_or_else(|| Refusal::illegal("InvalidNextToken", "The token is not valid."))?;
    Ok(json!({ listing.set: page.items, "nextToken": page.next }))
}
