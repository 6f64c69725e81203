//! Everything that was found, by kind and name, and how two such lists differ.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// What there is: attributes by `kind name`. Lists of texts are sets; ids are told by the names of what has them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inventory {
    found: BTreeMap<String, Value>,
    /// The key of each physical identity.
    keys: BTreeMap<String, String>,
}

impl Inventory {
    /// Adds one thing. Values anywhere that contain its identity will tell its key instead.
    pub fn add(&mut self, kind: &str, name: &str, identity: &str, attributes: Value) {
        let key = format!("{kind} {name}");
        self.keys.insert(identity.to_owned(), key.clone());
        // Two of the same kind and name are a finding, not something to lose one of.
        let key = if self.found.contains_key(&key) { format!("{key} ({identity})") } else { key };
        self.found.insert(key, attributes);
    }

    /// Adds what is expected, by its key.
    pub fn put(&mut self, key: &str, attributes: Value) {
        self.found.insert(key.to_owned(), attributes);
    }

    /// Makes a value that differs from run to run comparable, by a name for it.
    pub fn call(&mut self, value: &str, name: &str) {
        self.keys.insert(value.to_owned(), name.to_owned());
    }

    /// Replaces every identity in the attributes by its key.
    #[must_use]
    pub(super) fn named(self) -> Self {
        // The longest first: an identity can be the beginning of another one.
        let mut keys: Vec<_> =
            self.keys.iter().map(|(identity, key)| (identity.as_str(), key.as_str())).collect();
        keys.sort_by_key(|(identity, _)| std::cmp::Reverse(identity.len()));
        let found = self.found.into_iter().map(|(mut key, mut attributes)| {
            rename_text(&mut key, &keys);
            rename(&mut attributes, &keys);
            (key, attributes)
        });
        Self { found: found.collect(), keys: self.keys.clone() }
    }

    /// The same under another project's name, in keys, attributes and the keys of identities.
    #[must_use]
    pub fn renamed(mut self, from: &str, to: &str) -> Self {
        if from == to {
            return self;
        }
        for key in self.keys.values_mut() {
            *key = key.replace(from, to);
        }
        for (key, mut attributes) in std::mem::take(&mut self.found) {
            rename(&mut attributes, &[(from, to)]);
            let new = key.replace(from, to);
            // What has the other name already is somebody else's; neither is lost.
            let new = if self.found.contains_key(&new) { format!("{new} ({key})") } else { new };
            self.found.insert(new, attributes);
        }
        self
    }

    /// Drops what is not to be compared: `kind name` or the beginning of it, with ` / attribute` for only a part.
    pub fn forgive(&mut self, place: &str) {
        let mut parts = place.split(" / ");
        let beginning = parts.next().unwrap_or_default();
        let attributes: Vec<_> = parts.collect();
        let Some((last, path)) = attributes.split_last() else {
            return self.found.retain(|key, _| !key.starts_with(beginning));
        };
        for (_, value) in self.found.iter_mut().filter(|(key, _)| key.starts_with(beginning)) {
            let inner = path.iter().try_fold(value, |value, name| value.get_mut(name));
            if let Some(fields) = inner.and_then(Value::as_object_mut) {
                fields.remove(*last);
            }
        }
    }

    /// The same without what is exactly so in `other`.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        let mut rest = self.clone();
        rest.found.retain(|key, attributes| other.found.get(key) != Some(attributes));
        rest
    }

    /// The attributes of one thing; null if there is none.
    pub fn get(&self, key: &str) -> &Value {
        self.found.get(key).unwrap_or(&Value::Null)
    }

    /// The attributes of one thing, to change what is expected of it.
    ///
    /// # Panics
    /// If there is no such thing.
    pub fn expect(&mut self, key: &str) -> &mut Value {
        self.found.get_mut(key).unwrap_or_else(|| panic!("there is no {key}"))
    }

    /// Drops one thing.
    pub fn remove(&mut self, key: &str) {
        self.found.remove(key);
    }

    /// The attributes of everything.
    pub fn all(&mut self) -> impl Iterator<Item = (&str, &mut Value)> {
        self.found.iter_mut().map(|(key, attributes)| (key.as_str(), attributes))
    }

    /// The physical identities by key.
    pub fn identities(&self) -> BTreeMap<&str, &str> {
        self.keys.iter().map(|(identity, key)| (key.as_str(), identity.as_str())).collect()
    }

    /// Whether both list the same things with the same attributes; if not, every difference.
    pub fn differences(&self, expected: &Self) -> Result<(), String> {
        let mut differences = Vec::new();
        let keys: BTreeSet<_> = self.found.keys().chain(expected.found.keys()).collect();
        for key in keys {
            match (expected.found.get(key), self.found.get(key)) {
                (Some(expected), Some(found)) => compare(key, expected, found, &mut differences),
                (Some(_), None) => differences.push(format!("{key} is missing")),
                (None, Some(found)) => differences.push(format!("{key} should not be there: {found}")),
                (None, None) => {}
            }
        }
        if differences.is_empty() { Ok(()) } else { Err(differences.join("\n")) }
    }
}

fn rename_text(text: &mut String, keys: &[(&str, &str)]) {
    for (identity, key) in keys {
        if text.contains(identity) {
            *text = text.replace(identity, key);
        }
    }
}

fn rename(value: &mut Value, keys: &[(&str, &str)]) {
    match value {
        Value::String(text) => rename_text(text, keys),
        Value::Array(items) => {
            items.iter_mut().for_each(|item| rename(item, keys));
            if items.iter().all(Value::is_string) {
                items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            }
        }
        Value::Object(fields) => {
            for (mut name, mut field) in std::mem::take(fields) {
                rename_text(&mut name, keys);
                rename(&mut field, keys);
                fields.insert(name, field);
            }
        }
        _ => {}
    }
}

fn compare(path: &str, expected: &Value, found: &Value, differences: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            let names: BTreeSet<_> = expected.keys().chain(found.keys()).collect();
            for name in names {
                let side = |fields: &serde_json::Map<_, _>| fields.get(name).cloned().unwrap_or_default();
                compare(&format!("{path} / {name}"), &side(expected), &side(found), differences);
            }
        }
        (expected, found) if expected == found => {}
        (expected, found) => differences.push(format!("{path}: expected {expected}, found {found}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn inventory() -> Inventory {
        let mut inventory = Inventory::default();
        inventory.add("vpc", "main", "vpc-1", json!({ "cidr": "10.0.0.0/16" }));
        inventory.add("subnet", "a", "subnet-1", json!({ "vpc": "vpc-1", "tags": ["z", "arn:vpc-1/x"] }));
        inventory.named()
    }

    #[test]
    fn identities_are_told_by_name_and_lists_of_texts_are_sets() {
        let found = inventory();
        assert_eq!(found.get("subnet a"), &json!({ "vpc": "vpc main", "tags": ["arn:vpc main/x", "z"] }));
    }

    #[test]
    fn every_difference_is_told() {
        let (found, mut expected) = (inventory(), inventory());
        assert_eq!(found.differences(&expected), Ok(()));
        *expected.expect("vpc main") = json!({ "cidr": "10.1.0.0/16", "dns": true });
        expected.put("vpc other", json!({}));
        expected.remove("subnet a");
        let told = found.differences(&expected).unwrap_err();
        let lines: Vec<_> = told.lines().collect();
        assert_eq!(lines.len(), 4, "{told}");
        assert!(lines[0].starts_with("subnet a should not be there"), "{told}");
        assert_eq!(lines[1], r#"vpc main / cidr: expected "10.1.0.0/16", found "10.0.0.0/16""#);
        assert_eq!(lines[2], "vpc main / dns: expected true, found null");
        assert_eq!(lines[3], "vpc other is missing");
    }

    #[test]
    fn another_projects_name_is_told_as_the_references() {
        let mut found = Inventory::default();
        found.add("vpc", "sidekick-vpc", "vpc-1", json!({}));
        found.add("vpc", "trial-1-vpc", "vpc-2", json!({ "trial-1-policy": { "Name": "trial-1-vpc" } }));
        let found = found.named().renamed("trial-1", "sidekick");
        assert_eq!(
            found.found.keys().collect::<Vec<_>>(),
            ["vpc sidekick-vpc", "vpc sidekick-vpc (vpc trial-1-vpc)"]
        );
        assert_eq!(
            found.get("vpc sidekick-vpc (vpc trial-1-vpc)"),
            &json!({ "sidekick-policy": { "Name": "sidekick-vpc" } })
        );
    }

    #[test]
    fn what_is_forgiven_is_not_compared() {
        let (mut found, mut expected) = (inventory(), inventory());
        *found.expect("vpc main") = json!({ "cidr": "10.0.0.0/16", "more": { "a": 1, "b": 2 } });
        expected.expect("vpc main")["more"] = json!({ "a": 1 });
        found.put("interface of somebody", json!({}));
        for place in ["vpc / more / b", "interface "] {
            assert_ne!(found.differences(&expected), Ok(()));
            found.forgive(place);
        }
        assert_eq!(found.differences(&expected), Ok(()));
    }

    #[test]
    fn a_second_thing_of_the_same_name_is_not_lost() {
        let mut found = Inventory::default();
        found.add("listener", "80", "arn-1", json!({}));
        found.add("listener", "80", "arn-2", json!({}));
        assert_eq!(found.all().count(), 2);
    }
}
