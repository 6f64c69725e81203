//! What a key takes, as the typed reader asks for it.

use serde_json::Value as Json;

/// What is known of one key from its being read.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Asked {
    /// Whether it may be left out.
    pub(super) optional: bool,
    /// What it takes, in the variants of its table; nothing is known of an optional key that was not there.
    pub(super) shapes: Vec<Shape>,
}

/// What is taken.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    /// A table of known keys.
    Table,
    /// A table whose keys the user chooses.
    Map,
    List,
    Flag,
    Text,
    /// Text, a number or a flag.
    Scalar,
    /// A whole number, from the one to the other.
    Number(i64, i64),
    OneOf(Vec<Json>),
}
