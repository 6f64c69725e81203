//! Every value of a configuration, and where it came from.

use serde::Serialize;
use serde_json::Value as Json;

use super::names;
use super::reading::{contains, join};
use super::tree::{Content, Node};

/// One value that counts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Setting {
    /// The key with the tables that it stands in, such as `database.multi_az`.
    pub path: String,
    /// The value, with the project's name filled in; `null` if nobody sets it.
    pub value: Json,
    /// The file, or the profile, that it comes from.
    pub origin: Option<String>,
    /// The line there, counted from one.
    pub line: Option<usize>,
}

/// All values of the merged tree, in the order of their paths, and then the keys that may be left out and are.
pub(super) fn of(root: &Node, project: &str, optional: &[String]) -> Vec<Setting> {
    let mut settings = Vec::new();
    visit("", root, project, &mut settings);
    let is_set = |path: &String| settings.iter().any(|setting| contains(path, &setting.path));
    // What an element of a list leaves out is to be seen beside what it has.
    let unset = optional.iter().filter(|path| !path.contains('[') && !is_set(path));
    let unset = unset.map(|path| Setting { path: path.clone(), value: Json::Null, origin: None, line: None });
    let unset: Vec<_> = unset.collect();
    settings.extend(unset);
    settings
}

fn visit(path: &str, node: &Node, project: &str, settings: &mut Vec<Setting>) {
    match &node.content {
        Content::Table(entries) => {
            for (key, entry) in entries {
                visit(&join(path, key), entry, project, settings);
            }
        }
        // A list is replaced as a whole, so it has one origin.
        content => settings.push(Setting {
            path: path.to_owned(),
            value: json(content, project),
            origin: Some(node.place.source.name().to_owned()),
            line: Some(node.place.line()),
        }),
    }
}

/// A value as JSON, with the project's name filled in.
pub(super) fn json(content: &Content, project: &str) -> Json {
    match content {
        Content::Text(text) => names::expand(text, project).into(),
        Content::Number(number) => (*number).into(),
        Content::Flag(flag) => (*flag).into(),
        Content::List(items) => items.iter().map(|item| json(&item.content, project)).collect(),
        Content::Table(entries) => {
            let entries = entries.iter().map(|(key, entry)| (key.clone(), json(&entry.content, project)));
            Json::Object(entries.collect())
        }
        // No key takes one, so a configuration that was accepted has none.
        Content::Foreign(kind) => (*kind).into(),
    }
}
