//! The JSON schema of an environment's file, for editors that complete and check it.
//!
//! It is what the typed reader asks for while it reads a sample that leaves nothing out, with the words and values of
//! `default.toml`; so it cannot say anything else than the reader does.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::project;
use super::reading::{Reading, join};
use super::settings::json as as_json;
use super::shape::{Asked, Shape};
use super::source::{Layer, Source};
use super::tree::{self, Node};
use super::value::Value;

const DEFAULT: &str = include_str!("../../../../config/default.toml");
/// What completes the default values to a sample. The first leaves nothing out; the others are for the keys that are read
/// in one variant of a table only.
const SAMPLES: &[&str] = &[
    include_str!("sample.toml"),
    "[app.signer]\ntype = \"aws_kms\"\nkey_id = \"key\"",
    "[app.signer]\ntype = \"google_kms\"",
    "[alb]\nrules = [{ action = { type = \"redirect\", host = \"a\", path = \"/\", status = 301 } }]",
    "[public_alb]\nrules = [{ action = { type = \"redirect\", host = \"a\", path = \"/\", status = 301 } }]",
    "[alb]\nrules = [{ action = { type = \"forward\" } }]",
    "[public_alb]\nrules = [{ action = { type = \"forward\" } }]",
];
/// What stands for any element in the path of a list.
const ELEMENT: &str = "[0]";

/// The JSON schema (draft 2020-12) of an environment's own file.
pub fn schema() -> Json {
    let default = parse(DEFAULT);
    let mut root = Branch::default();
    for (path, asked) in asked() {
        root.add(&path, asked);
    }
    let comments = comments(DEFAULT);
    let mut schema = root.schema("", Some(&default), &comments, false);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("An environment of sidekick");
    schema
}

fn parse(text: &str) -> Node {
    let parsed = tree::parse(&Source::new(Layer::Default, "sample", text), text);
    parsed.unwrap_or_else(|_| unreachable!("BUG: what ships is valid TOML"))
}

/// What the reader asks for, by path.
fn asked() -> BTreeMap<String, Asked> {
    let readings: Vec<_> = SAMPLES.iter().map(|sample| asked_in(sample)).collect();
    let mut all: BTreeMap<String, Asked> = BTreeMap::new();
    for (path, asked) in readings.iter().flatten() {
        let known = all.entry(path.clone()).or_default();
        known.optional |= asked.optional;
        let others: Vec<_> = asked.shapes.iter().filter(|it| !known.shapes.contains(it)).cloned().collect();
        known.shapes.extend(others);
    }
    // A key that a table is read without belongs to one of its variants.
    for (path, asked) in &mut all {
        let Some((table, _)) = path.rsplit_once('.') else { continue };
        // One that was only looked for, and was not there, was not read.
        let is_read = |it: &BTreeMap<String, Asked>| it.get(table).is_some_and(|it| !it.shapes.is_empty());
        asked.optional |= readings.iter().any(|it| is_read(it) && !it.contains_key(path));
    }
    all
}

/// What the reader asks for in one sample. It breaks rules about values, on which what is asked for does not depend.
fn asked_in(sample: &str) -> BTreeMap<String, Asked> {
    let (reading, tree) = (Reading::default(), tree::overlay(parse(DEFAULT), parse(sample)));
    project::read(&Value::root(&reading, &tree), "dev");
    reading.asked().clone()
}

/// The keys of a table or the element of a list, with what they take.
#[derive(Default)]
struct Branch {
    asked: Asked,
    inner: BTreeMap<String, Self>,
}

impl Branch {
    fn add(&mut self, path: &str, asked: Asked) {
        match split(path) {
            None => self.asked = asked,
            Some((first, rest)) => self.inner.entry(first.to_owned()).or_default().add(rest, asked),
        }
    }

    /// `strict` says that its keys have no default values, as those of a list's elements.
    fn schema(
        &self,
        path: &str,
        default: Option<&Node>,
        comments: &BTreeMap<String, String>,
        strict: bool,
    ) -> Json {
        let mut shapes = self.asked.shapes.iter().map(|shape| match shape {
            Shape::Table => self.table(path, default, comments, strict),
            Shape::Map => {
                let any = self.inner.iter().next();
                let any = any.map(|(key, any)| any.schema(&join(path, key), None, comments, true));
                json!({ "type": "object", "additionalProperties": any })
            }
            Shape::List => {
                let of_element = format!("{path}{ELEMENT}");
                let element = self.inner.get(ELEMENT);
                let element = element.map(|any| any.schema(&of_element, None, comments, true));
                json!({ "type": "array", "items": element })
            }
            Shape::Flag => json!({ "type": "boolean" }),
            Shape::Text => json!({ "type": "string" }),
            Shape::Scalar => json!({ "type": ["string", "integer", "boolean"] }),
            Shape::Number(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
            Shape::OneOf(values) => json!({ "enum": values }),
        });
        let mut schema = match self.asked.shapes.len() {
            0 | 1 => shapes.next().unwrap_or_default(),
            _ => json!({ "anyOf": shapes.collect::<Vec<_>>() }),
        };
        if let Some(words) = comments.get(path) {
            schema["description"] = json!(words);
        }
        if let Some(Node { content, .. }) = default.filter(|node| node.content.as_table().is_none()) {
            schema["default"] = as_json(content, "{name}");
        }
        schema
    }

    fn table(
        &self,
        path: &str,
        default: Option<&Node>,
        comments: &BTreeMap<String, String>,
        strict: bool,
    ) -> Json {
        let mut properties = Map::new();
        for (key, branch) in &self.inner {
            let default = default.and_then(|node| node.content.as_table()?.get(key));
            // Of a table that is not there by default, no key is.
            let strict = strict || default.is_none();
            properties.insert(key.clone(), branch.schema(&join(path, key), default, comments, strict));
        }
        let mut schema = json!({ "type": "object", "properties": properties, "additionalProperties": false });
        let required: Vec<_> =
            self.inner.iter().filter(|(_, branch)| strict && !branch.asked.optional).collect();
        if !required.is_empty() {
            schema["required"] = required.into_iter().map(|(key, _)| key.as_str()).collect();
        }
        schema
    }
}

/// The first step of a path, and the rest.
fn split(path: &str) -> Option<(&str, &str)> {
    let path = path.strip_prefix('.').unwrap_or(path);
    if path.is_empty() {
        return None;
    }
    let end = match path.strip_prefix('[') {
        Some(_) => path.find(']').map_or(path.len(), |end| end + 1),
        None => path.find(['.', '[']).unwrap_or(path.len()),
    };
    Some(path.split_at(end))
}

/// What the comments of `default.toml` say of the key or table below them, by its path; also of a key that is shown in a
/// comment, because it has no default value.
fn comments(text: &str) -> BTreeMap<String, String> {
    let (mut comments, mut words, mut table) = (BTreeMap::new(), Vec::new(), String::new());
    for line in text.lines() {
        let bare = line.strip_prefix("# ").unwrap_or(line);
        let key = bare.split_once(" = ").map(|(key, _)| key).filter(|key| {
            !key.is_empty() && key.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '_' | '0'..='9'))
        });
        let path = match (line.strip_prefix('['), key) {
            (Some(header), _) => {
                table = header.trim_matches(['[', ']']).to_owned();
                Some(table.clone())
            }
            (None, Some(key)) => Some(join(&table, key)),
            (None, None) => None,
        };
        match path {
            Some(path) if !words.is_empty() => drop(comments.insert(path, words.join(" "))),
            None if line.starts_with('#') => {
                words.push(bare.trim_start_matches('#').trim());
                continue;
            }
            _ => {}
        }
        words.clear();
    }
    comments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_leaves_nothing_out() {
        let unknown: Vec<_> =
            asked().into_iter().filter(|(_, asked)| asked.shapes.is_empty()).map(|(path, _)| path).collect();
        assert_eq!(unknown, [""; 0], "`sample.toml` has every key that may be left out");
    }

    #[test]
    fn the_schema_says_what_the_reader_asks_for() {
        let schema = schema();
        let at = |pointer: &str| schema.pointer(pointer).cloned().unwrap_or_default();
        assert_eq!(at("/properties/database/properties/multi_az/type"), "boolean");
        assert_eq!(at("/properties/database/properties/multi_az/default"), false);
        assert_eq!(at("/properties/database/properties/port/minimum"), 1150);
        assert_eq!(at("/properties/database/additionalProperties"), false);
        assert_eq!(at("/properties/security/properties/posture/enum"), json!(["reference", "strict"]));
        assert_eq!(at("/properties/peers/items/required"), json!(["cidr", "name"]));
        let rate_limit = at("/properties/waf/properties/rate_limit/required");
        assert_eq!(rate_limit, json!(["priority", "requests", "window_seconds"]), "it is whole or not there");
        let autoscaling = at("/properties/service/properties/autoscaling/required");
        assert_eq!(autoscaling, json!(["max", "min"]), "its targets are for choice");
        let name = at("/properties/peers/items/properties/name/description");
        assert_eq!(name, Json::Null, "what is said of the project's name is not said of a peer's");
        let action = "/properties/alb/properties/rules/items/properties/action";
        assert_eq!(
            at(&format!("{action}/required")),
            json!(["type"]),
            "a status is for one sort of action only"
        );
        let status = at(&format!("{action}/properties/status/anyOf"));
        assert_eq!(
            status,
            json!([{ "type": "integer", "minimum": 200, "maximum": 599 }, { "enum": [301, 302] }])
        );
        assert_eq!(at("/properties/tags/additionalProperties/type"), "string");
        assert_eq!(at("/properties/app/properties/signer/properties/key_ring/type"), "string");
        assert_eq!(at("/properties/alb/properties/tls_policy/description"), Json::Null);
        let certificate = at("/properties/alb/properties/certificate_arn/description");
        assert!(certificate.as_str().is_some_and(|words| words.contains("HTTPS")), "{certificate}");
        assert_eq!(at("/required"), Json::Null, "every key has a default value");
    }

    /// Editors find it beside the files that name it.
    #[test]
    fn the_schema_beside_the_configuration_is_this_one() {
        let file: Json =
            serde_json::from_str(include_str!("../../../../config/schema.json")).expect("it is JSON");
        assert_eq!(file, schema(), "run `sidekick config schema > config/schema.json`");
    }
}
