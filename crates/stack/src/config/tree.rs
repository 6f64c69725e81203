//! The raw tree: both files parsed, each value with its place, the environment's laid over the default.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::problem::{Problem, Refusal};
use super::source::{Place, Source};

/// One value of the merged configuration.
#[derive(Debug)]
pub(super) struct Node {
    /// Where its key stands; a list element and the whole document have none.
    pub(super) key: Option<Place>,
    /// Where the value itself stands; for a table its header.
    pub(super) place: Place,
    pub(super) content: Content,
}

/// What a value is.
#[derive(Debug)]
pub(super) enum Content {
    Text(String),
    Number(i64),
    Flag(bool),
    List(Vec<Node>),
    Table(BTreeMap<String, Node>),
    /// Something that no key of the configuration takes, by its name in a message.
    Foreign(&'static str),
}

impl Content {
    /// The type with its article, as a message names it.
    pub(super) fn describe(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Number(_) => "a number",
            Self::Flag(_) => "true or false",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
            Self::Foreign(kind) => kind,
        }
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(super) fn as_number(&self) -> Option<i64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    pub(super) fn as_flag(&self) -> Option<bool> {
        if let Self::Flag(flag) = self { Some(*flag) } else { None }
    }

    pub(super) fn as_list(&self) -> Option<&[Node]> {
        if let Self::List(items) = self { Some(items) } else { None }
    }

    pub(super) fn as_table(&self) -> Option<&BTreeMap<String, Node>> {
        if let Self::Table(entries) = self { Some(entries) } else { None }
    }

    /// A string, number or switch as the text it is written with.
    pub(super) fn to_scalar(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Number(number) => Some(number.to_string()),
            Self::Flag(flag) => Some(flag.to_string()),
            Self::List(_) | Self::Table(_) | Self::Foreign(_) => None,
        }
    }
}

/// Parses one file. Syntax errors are all reported, but one for each line: what follows an error on its line
/// is usually the same mistake.
pub(super) fn parse(source: &Arc<Source>, text: &str) -> Result<Node, Vec<Problem>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        let content = Content::Table(table(source, document.into_inner()));
        return Ok(Node { key: None, place: place(source, 0..0), content });
    }
    let mut problems: Vec<Problem> = errors.iter().map(|error| syntax_problem(source, error)).collect();
    problems.sort_by_key(|problem| (problem.line(), problem.column()));
    problems.dedup_by_key(|problem| problem.line());
    Err(problems)
}

/// Lays the environment's values over the default ones. Tables merge key by key; anything else is replaced
/// as a whole, lists included, so that an environment can also shorten a list.
pub(super) fn overlay(default: Node, environment: Node) -> Node {
    match (default.content, environment.content) {
        (Content::Table(mut merged), Content::Table(over)) => {
            for (key, value) in over {
                let value = match merged.remove(&key) {
                    Some(base) => overlay(base, value),
                    None => value,
                };
                merged.insert(key, value);
            }
            // A missing key belongs into the default file, so the merged table keeps the default's place.
            Node { key: default.key, place: default.place, content: Content::Table(merged) }
        }
        (_, content) => Node { content, ..environment },
    }
}

fn syntax_problem(source: &Arc<Source>, error: &toml::de::Error) -> Problem {
    let refusal = Refusal::new(
        format!("not valid TOML: {}", error.message()),
        "the values of this file are checked once it can be read",
    );
    let end = source.shown().inner().len();
    // An error at the end of a line starts on its newline, or after the last one; it is shown on the line.
    let span = error.span().map_or(0..0, |span| span.start.min(end)..span.end.min(end));
    Problem::new("", refusal, Some(place(source, span)))
}

fn table(source: &Arc<Source>, entries: DeTable<'_>) -> BTreeMap<String, Node> {
    entries.into_iter().map(|(key, value)| entry(source, key, value)).collect()
}

fn entry(source: &Arc<Source>, key: Spanned<DeString<'_>>, value: Spanned<DeValue<'_>>) -> (String, Node) {
    let mut node = node(source, value);
    node.key = Some(place(source, key.span()));
    (key.into_inner().into_owned(), node)
}

fn node(source: &Arc<Source>, value: Spanned<DeValue<'_>>) -> Node {
    let place = place(source, value.span());
    let content = match value.into_inner() {
        DeValue::String(text) => Content::Text(text.into_owned()),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Content::Number(number),
            Err(_) => Content::Foreign("a number beyond 64 bits"),
        },
        DeValue::Boolean(flag) => Content::Flag(flag),
        DeValue::Array(items) => Content::List(items.into_iter().map(|item| node(source, item)).collect()),
        DeValue::Table(entries) => Content::Table(table(source, entries)),
        DeValue::Float(_) => Content::Foreign("a fraction"),
        DeValue::Datetime(_) => Content::Foreign("a date"),
    };
    Node { key: None, place, content }
}

fn place(source: &Arc<Source>, span: Range<usize>) -> Place {
    Place { source: Arc::clone(source), span }
}
