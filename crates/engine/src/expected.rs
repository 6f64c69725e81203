//! A value of a spec as far as it can be said before the run: what is known, and what is known after something was made.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Address;
use crate::imagined::{noted, without_notes};

/// The key of what stands in the place of a value that is not known.
const KNOWN_AFTER: &str = "known_after";

/// The value that a field is to get. As JSON it is the value itself, with `{"known_after": ["network.vpc"]}` in the place
/// of each part that is not known; no spec has a map of that form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, from = "Value")]
pub enum Expected {
    /// It is known once these were made or changed. In a list it may become several items or none, and in a map it may
    /// turn out that there is no such entry.
    Unknown {
        /// Where it comes from.
        known_after: BTreeSet<Address>,
    },
    /// Items of which each is known or not.
    List(Vec<Self>),
    /// Entries of which each is known or not. Where a name is not known, the address that it comes from stands for it.
    Map(BTreeMap<String, Self>),
    /// A text, a number, a flag, or that there is none.
    Known(Value),
}

impl Expected {
    /// Where the value, or part of it, comes from that is not known.
    pub fn known_after(&self) -> BTreeSet<&Address> {
        match self {
            Self::Unknown { known_after } => known_after.iter().collect(),
            Self::List(items) => items.iter().flat_map(Self::known_after).collect(),
            Self::Map(entries) => entries.values().flat_map(Self::known_after).collect(),
            Self::Known(_) => BTreeSet::new(),
        }
    }

    /// What can be said of a value that was imagined in two ways: known is what is the same in both.
    ///
    /// Of a text the second way tells where it comes from; of all else, `unfinished` is where it may come from.
    pub(crate) fn of(least: &Value, most: &Value, unfinished: &BTreeSet<Address>) -> Self {
        match (least, most) {
            (least, most) if least == most => least.clone().into(),
            (Value::Array(least), Value::Array(most)) => Self::List(items(least, most, unfinished)),
            (Value::Object(least), Value::Object(most)) => entries(least, most, unfinished),
            (_, most) => Self::unknown([most], unfinished),
        }
    }

    fn unknown<'a>(most: impl IntoIterator<Item = &'a Value>, unfinished: &BTreeSet<Address>) -> Self {
        let mut known_after = BTreeSet::new();
        most.into_iter().for_each(|value| collect_notes(value, &mut known_after));
        if known_after.is_empty() {
            known_after.clone_from(unfinished);
        }
        Self::Unknown { known_after }
    }
}

impl From<Value> for Expected {
    fn from(value: Value) -> Self {
        match value {
            Value::Array(items) => Self::List(items.into_iter().map(Self::from).collect()),
            Value::Object(entries) => match addresses(&entries) {
                Some(known_after) => Self::Unknown { known_after },
                None => Self::Map(entries.into_iter().map(|(name, value)| (name, value.into())).collect()),
            },
            single => Self::Known(single),
        }
    }
}

fn addresses(entries: &Map<String, Value>) -> Option<BTreeSet<Address>> {
    let listed = entries.get(KNOWN_AFTER).filter(|_| entries.len() == 1)?.as_array()?;
    listed.iter().map(|address| address.as_str().map(Address::from)).collect()
}

/// Compares items in pairs, or lines up those that both have and looks at what stands between them, whichever of the two
/// finds more that is known.
fn items(least: &[Value], most: &[Value], unfinished: &BTreeSet<Address>) -> Vec<Expected> {
    let paired = least.iter().zip(most).filter(|(least, most)| least == most).count();
    let in_both = in_both(least, most);
    if least.len() == most.len() && paired >= in_both.len() {
        return between(least, most, unfinished);
    }
    let (mut items, mut at) = (Vec::new(), (0, 0));
    for (here, there) in in_both.into_iter().chain([(least.len(), most.len())]) {
        items.extend(between(&least[at.0..here], &most[at.1..there], unfinished));
        items.extend(least.get(here).cloned().map(Expected::from));
        at = (here + 1, there + 1);
    }
    items
}

/// The places of the items that both have in the same order.
fn in_both(least: &[Value], most: &[Value]) -> Vec<(usize, usize)> {
    let (mut places, mut next) = (Vec::new(), 0);
    for (here, item) in least.iter().enumerate() {
        if let Some(distance) = most[next..].iter().position(|other| other == item) {
            places.push((here, next + distance));
            next += distance + 1;
        }
    }
    places
}

/// Items of which it is not known how many there will be, unless there are as many in both.
fn between(least: &[Value], most: &[Value], unfinished: &BTreeSet<Address>) -> Vec<Expected> {
    if least.len() == most.len() {
        least.iter().zip(most).map(|(least, most)| Expected::of(least, most, unfinished)).collect()
    } else {
        vec![Expected::unknown(most, unfinished)]
    }
}

fn entries(
    least: &Map<String, Value>,
    most: &Map<String, Value>,
    unfinished: &BTreeSet<Address>,
) -> Expected {
    let is_named_alike = |name: &String| most.keys().any(|other| without_notes(other) == *name);
    if !least.is_empty() && !most.is_empty() && !least.keys().any(is_named_alike) {
        // One of several forms, and not even that is known.
        return Expected::unknown(most.values(), unfinished);
    }
    let mut entries = BTreeMap::new();
    for (name, value) in most {
        let (plain, from) = (without_notes(name), noted(name));
        let expected = match least.get(&plain) {
            _ if !from.is_empty() => Expected::Unknown { known_after: from.into_iter().collect() },
            Some(least) => Expected::of(least, value, unfinished),
            None => Expected::unknown([value], unfinished),
        };
        entries.insert(plain, expected);
    }
    for name in least.keys() {
        entries.entry(name.clone()).or_insert_with(|| Expected::unknown([], unfinished));
    }
    Expected::Map(entries)
}

fn collect_notes(value: &Value, found: &mut BTreeSet<Address>) {
    match value {
        Value::String(text) => found.extend(noted(text)),
        Value::Array(items) => items.iter().for_each(|item| collect_notes(item, found)),
        Value::Object(entries) => entries.iter().for_each(|(name, value)| {
            found.extend(noted(name));
            collect_notes(value, found);
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::imagined::with_note;

    fn expected(least: &Value, most: &Value) -> Value {
        let unfinished = [Address::from("data.cache")].into();
        let expected = Expected::of(least, most, &unfinished);
        let json = json!(expected);
        assert_eq!(Expected::from(json.clone()), expected, "it is read as it was written");
        json
    }

    fn after(address: &str) -> Value {
        json!({ KNOWN_AFTER: [address] })
    }

    fn vpc() -> String {
        with_note(&"network.vpc".into())
    }

    #[test]
    fn what_is_the_same_in_both_is_known() {
        for value in
            [json!("a"), json!(0), json!(null), json!([]), json!({}), json!({ "a": [{ "b": false }] })]
        {
            assert_eq!(expected(&value, &value), value);
        }
    }

    #[test]
    fn a_text_tells_where_it_comes_from_and_all_else_may_come_from_whatever_is_unfinished() {
        let (least, most) = (json!("arn:network.vpc:*"), json!(format!("arn:{}:*", vpc())));
        assert_eq!(expected(&least, &most), after("network.vpc"));
        assert_eq!(expected(&json!(null), &json!(vpc())), after("network.vpc"));
        for (least, most) in [(json!(0), json!(1)), (json!(false), json!(true)), (json!("4"), json!("5"))] {
            assert_eq!(expected(&least, &most), after("data.cache"));
        }
    }

    #[test]
    fn a_list_keeps_what_is_known_in_its_place() {
        let (least, most) = (json!(["a", "network.vpc", "b"]), json!(["a", vpc(), "b"]));
        assert_eq!(expected(&least, &most), json!(["a", after("network.vpc"), "b"]));
        assert_eq!(expected(&json!(["a"]), &json!([vpc(), "a"])), json!([after("network.vpc"), "a"]));
        assert_eq!(expected(&json!([]), &json!([1])), json!([after("data.cache")]));
        assert_eq!(
            expected(&json!([0, 5]), &json!([5, 9])),
            json!([after("data.cache"), 5, after("data.cache")])
        );
        assert_eq!(expected(&json!([0, 0]), &json!([1, 0])), json!([after("data.cache"), 0]));
    }

    #[test]
    fn a_map_keeps_what_is_known_under_its_name() {
        let (least, most) = (json!({ "a": 1, "b": "network.vpc" }), json!({ "a": 1, "b": vpc(), "c": 2 }));
        let entries = json!({ "a": 1, "b": after("network.vpc"), "c": after("data.cache") });
        assert_eq!(expected(&least, &most), entries);
        let named = json!({ "network.vpc": after("network.vpc") });
        assert_eq!(expected(&json!({ "network.vpc": 1 }), &json!({ vpc(): 1 })), named);
        assert_eq!(expected(&json!({}), &json!({ vpc(): 1 })), named);
        assert_eq!(
            expected(&json!({ "one": 1 }), &json!({ "two": 1 })),
            after("data.cache"),
            "one of two forms"
        );
    }
}
