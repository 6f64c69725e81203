//! Values of specs as people read them.

use std::collections::BTreeSet;

use serde_json::Value;

/// A value on one line, text without its quotes.
pub(crate) fn bare(value: &Value) -> String {
    match value {
        Value::String(text) if text.is_empty() => "(empty)".to_owned(),
        Value::String(text) => text.clone(),
        Value::Null => "(none)".to_owned(),
        Value::Array(items) if items.is_empty() => "(none)".to_owned(),
        Value::Array(items) => items.iter().map(bare).collect::<Vec<_>>().join(", "),
        // A record reads as its fields: `from_port=443 peer=cidr:0.0.0.0/0 protocol=tcp to_port=443`.
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(_, value)| !value.is_null());
            fields.map(|(name, value)| format!("{name}={}", enclosed(value))).collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    }
}

/// A value inside a record, whose end can be seen.
fn enclosed(value: &Value) -> String {
    match value {
        Value::Object(fields) if fields.len() == 1 => {
            fields.iter().map(|(name, value)| format!("{name}:{}", enclosed(value))).collect()
        }
        Value::Object(fields) if !fields.is_empty() => format!("{{{}}}", bare(value)),
        Value::Array(items) if items.len() > 1 => format!("[{}]", bare(value)),
        other => bare(other),
    }
}

/// The first line of what may have several.
pub(super) fn headline(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// One difference inside a field.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// This is to become that; the path names the inner field, empty for the whole.
    Changed { path: String, old: String, new: String },
    /// This is to be there.
    Added { path: String, new: String },
    /// This is to go.
    Removed { path: String, old: String },
}

impl Part {
    /// The difference on one line: `ingress.port: 80 → 443`.
    pub(super) fn line(&self, field: &str) -> String {
        match self {
            Self::Changed { path, old, new } => format!("{}: {old} → {new}", inner(field, path)),
            Self::Added { path, new } => format!("{}: + {new}", inner(field, path)),
            Self::Removed { path, old } => format!("{}: - {old}", inner(field, path)),
        }
    }
}

/// The name of what is inside a field, or of the field as a whole.
pub(crate) fn inner(field: &str, path: &str) -> String {
    if path.is_empty() { field.to_owned() } else { format!("{field}.{path}") }
}

/// The differences inside a field: maps key by key, lists as sets, all else as a whole.
pub(crate) fn parts(old: &Value, new: &Value) -> Vec<Part> {
    let mut parts = Vec::new();
    collect(String::new(), old, new, &mut parts);
    parts
}

fn collect(path: String, old: &Value, new: &Value, parts: &mut Vec<Part>) {
    match (old, new) {
        (old, new) if old == new => {}
        (Value::Object(before), Value::Object(after)) => {
            for key in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                match (before.get(key), after.get(key)) {
                    (Some(old), Some(new)) => collect(path, old, new, parts),
                    (None, Some(new)) => parts.push(Part::Added { path, new: bare(new) }),
                    (Some(old), None) => parts.push(Part::Removed { path, old: bare(old) }),
                    (None, None) => {}
                }
            }
        }
        (Value::Array(before), Value::Array(after)) => {
            let removed = before.iter().filter(|item| !after.contains(item));
            parts.extend(removed.map(|item| Part::Removed { path: path.clone(), old: bare(item) }));
            let added = after.iter().filter(|item| !before.contains(item));
            parts.extend(added.map(|item| Part::Added { path: path.clone(), new: bare(item) }));
        }
        (old, new) => parts.push(Part::Changed { path, old: bare(old), new: bare(new) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_set_shows_what_comes_and_what_goes() {
        let found = parts(&json!(["a", "b"]), &json!(["b", "c"]));
        let (removed, added) = (
            Part::Removed { path: String::new(), old: "a".into() },
            Part::Added { path: String::new(), new: "c".into() },
        );
        assert_eq!(found, [removed, added]);
    }

    #[test]
    fn what_is_inside_a_record_can_be_told_from_what_is_beside_it() {
        let rule = json!({ "peer": { "cidr": "10.0.0.0/8" }, "ports": [80, 443], "to": { "a": 1, "b": null }, "z": [] });
        assert_eq!(bare(&rule), "peer=cidr:10.0.0.0/8 ports=[80, 443] to={a=1} z=(none)");
    }

    #[test]
    fn a_map_shows_only_the_keys_that_differ() {
        let found = parts(&json!({ "Env": "dev", "Owner": "a" }), &json!({ "Env": "dev", "Owner": "b" }));
        assert_eq!(found, [Part::Changed { path: "Owner".into(), old: "a".into(), new: "b".into() }]);
    }
}
