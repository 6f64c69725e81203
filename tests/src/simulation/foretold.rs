//! What a plan told of fields before they were made, against what was made of them.

use std::collections::BTreeMap;

use serde_json::Value;
use sidekick_engine::{Address, Expected, Field, Preview, Row};

/// The fields that were not made as they were told. Whatever was said to be unknown may be anything. What may change is
/// told in the terms of the kind's comparison, and not looked at here.
pub fn untrue(previews: &[Preview], rows: &BTreeMap<Address, Row>) -> Vec<String> {
    let mut untrue = Vec::new();
    for Preview { address, fields } in previews {
        let Some(Value::Object(made)) = rows.get(address).map(|row| &row.spec) else { continue };
        let told: BTreeMap<&String, &Expected> = fields
            .iter()
            .filter(|it| it.old.is_none())
            .map(|Field { field, new, .. }| (field, new))
            .collect();
        if told.is_empty() {
            continue;
        }
        for (field, made) in made {
            match told.get(field) {
                Some(told) if holds(told, made) => {}
                told => untrue.push(format!("{address}: {field} was told as {told:?} and is {made}")),
            }
        }
    }
    untrue
}

/// Lists are compared as sets: what is sorted by identities has another order before they are known.
fn holds(told: &Expected, made: &Value) -> bool {
    let is_open = |told: &Expected| matches!(told, Expected::Unknown { .. });
    match (told, made) {
        (Expected::Unknown { .. }, _) => true,
        (Expected::Known(told), made) => told == made,
        (Expected::List(told), Value::Array(made)) => {
            let known = || told.iter().filter(|told| !is_open(told));
            known().all(|told| made.iter().any(|made| holds(told, made)))
                && (told.iter().any(is_open) || made.len() == told.len())
        }
        (Expected::Map(told), Value::Object(made)) => {
            let stands = |(name, told): (&String, &Expected)| {
                made.get(name).map_or_else(|| is_open(told), |made| holds(told, made))
            };
            told.iter().all(stands)
                && made.keys().all(|name| told.contains_key(name) || told.values().any(is_open))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn another_value_than_was_told_is_found() {
        let after = || json!({ "known_after": ["network.vpc"] });
        for (told, made, is_true) in [
            (json!(1), json!(1), true),
            (json!(1), json!(2), false),
            (after(), json!(["vpc-1"]), true),
            (json!(["a", after()]), json!(["0", "a"]), true),
            (json!(["a", after()]), json!(["b", "c"]), false),
            (json!(["a"]), json!(["a", "b"]), false),
            (json!({ "a": 1, "b": after() }), json!({ "a": 1 }), true),
            (json!({ "a": 1 }), json!({ "a": 1, "b": 2 }), false),
            (json!({ "a": 1 }), json!({}), false),
        ] {
            assert_eq!(holds(&told.clone().into(), &made), is_true, "{told} {made}");
        }
    }
}
