//! What a plan makes, field by field, with words in the place of what is not known yet.

use std::collections::BTreeSet;

use serde_json::Value;
use sidekick_engine::{Address, Expected, Field};

use super::value::{Part, bare, inner, parts};

/// How many rows a value may take before its entries or items get a line each.
const ROWS: usize = 2;

/// What the further rows of a value begin with.
const HANGING: &str = "    ";

/// The differences of a field that may change, as far as they are known.
pub(crate) fn changing(Field { old, new, .. }: &Field) -> Vec<Part> {
    old.as_ref().map(|old| parts(old, &shown(new))).unwrap_or_default()
}

/// The names and values of a field that is to be made, where a row has room for so many characters. What is not there is
/// not named.
pub(crate) fn made(Field { field, new, .. }: &Field, room: usize) -> Vec<(String, String)> {
    let mut made = Vec::new();
    collect(field.clone(), &shown(new), room, &mut made);
    made
}

fn collect(name: String, value: &Value, room: usize, made: &mut Vec<(String, String)>) {
    let text = bare(value);
    let is_long = || rows(&format!("{name}: {text}"), room).len() > ROWS;
    match value {
        Value::Null => {}
        Value::Array(items) if items.is_empty() => {}
        Value::Object(entries) if entries.is_empty() => {}
        Value::Object(entries) if entries.values().any(is_nested) || is_long() => {
            for (key, value) in entries {
                collect(inner(&name, key), value, room, made);
            }
        }
        Value::Array(items) if items.iter().any(is_nested) || is_long() => {
            made.extend(items.iter().map(|item| (name.clone(), bare(item))));
        }
        _ => made.push((name, text)),
    }
}

const fn is_nested(value: &Value) -> bool {
    matches!(value, Value::Array(_) | Value::Object(_))
}

/// What begins the words for an unknown value, and keeps together with what follows.
const KNOWN_AFTER: &str = "(known after ";

/// The rows of a line, which is broken between words only.
pub(super) fn rows(line: &str, room: usize) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    for word in line.replace(KNOWN_AFTER, &KNOWN_AFTER.replace(' ', "\u{a0}")).split(' ') {
        match rows.last_mut() {
            Some(row) if row.chars().count() + 1 + word.chars().count() <= room => {
                row.push(' ');
                row.push_str(word);
            }
            Some(_) => rows.push(format!("{HANGING}{word}")),
            None => rows.push(word.to_owned()),
        }
    }
    rows.into_iter().map(|row| row.replace('\u{a0}', " ")).collect()
}

/// The value with words for what is not known. Neighbours in a list share them.
fn shown(expected: &Expected) -> Value {
    match expected {
        Expected::Unknown { known_after } => unknown(known_after.iter()),
        Expected::Known(value) => value.clone(),
        Expected::Map(entries) => {
            let entries = entries.iter().map(|(name, value)| (name.clone(), shown(value)));
            Value::Object(entries.collect())
        }
        Expected::List(items) => {
            let together = items.chunk_by(|one, other| is_unknown(one) && is_unknown(other));
            let told = together.map(|items| match items {
                [item] => shown(item),
                items => unknown(items.iter().flat_map(Expected::known_after)),
            });
            told.collect()
        }
    }
}

const fn is_unknown(expected: &Expected) -> bool {
    matches!(expected, Expected::Unknown { .. })
}

fn unknown<'a>(known_after: impl Iterator<Item = &'a Address>) -> Value {
    let addresses: BTreeSet<_> = known_after.map(Address::as_str).collect();
    format!("{KNOWN_AFTER}{})", addresses.into_iter().collect::<Vec<_>>().join(", ")).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(value: Value, room: usize) -> Vec<String> {
        let field = Field { field: "field".to_owned(), old: None, new: value.into() };
        made(&field, room).into_iter().map(|(name, value)| format!("{name}: {value}")).collect()
    }

    #[test]
    fn what_fits_two_rows_is_told_at_once_and_else_each_part_by_itself() {
        let flat = json!({ "a": "one", "b": "two", "c": "three" });
        assert_eq!(told(flat.clone(), 20), ["field: a=one b=two c=three"]);
        assert_eq!(rows("field: a=one b=two c=three", 20), ["field: a=one b=two", "    c=three"]);
        assert_eq!(told(flat, 12), ["field.a: one", "field.b: two", "field.c: three"]);
        let rules = json!([{ "port": 80, "peer": { "cidr": "a" } }, { "port": 81, "peer": null }]);
        assert_eq!(told(rules, 80), ["field: peer=cidr:a port=80", "field: port=81"]);
        assert_eq!(told(json!({ "a": { "b": [] , "c": null, "d": "" } }), 80), ["field.a.d: (empty)"]);
        assert_eq!(told(json!(null), 80), [""; 0]);
    }

    #[test]
    fn words_stand_for_what_is_not_known() {
        let after = |address: &str| json!({ "known_after": [address] });
        assert_eq!(told(after("a.b"), 80), ["field: (known after a.b)"]);
        let list = json!([after("a.b"), after("a.c"), "known", after("a.b")]);
        assert_eq!(told(list, 80), ["field: (known after a.b, a.c), known, (known after a.b)"]);
        assert_eq!(told(json!({ "x": 1, "y": after("a.b") }), 80), ["field: x=1 y=(known after a.b)"]);
        let (field, old) = ("field".to_owned(), Some(json!(["x"])));
        let may_change = Field { field, old, new: json!([after("a.b")]).into() };
        let lines: Vec<_> = changing(&may_change).iter().map(|part| part.line("field")).collect();
        assert_eq!(lines, ["field: - x", "field: + (known after a.b)"]);
    }
}
