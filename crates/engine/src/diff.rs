//! What differs between the desired and the observed state of one resource, field by field.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One field whose desired value is not the observed one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The field of the spec.
    pub field: String,
    /// The observed value.
    pub old: Value,
    /// The desired value.
    pub new: Value,
    /// Whether AWS can only change this field by making the resource anew.
    pub replaces: bool,
    /// The value last recorded, where it is not the observed one: the difference between them is somebody else's doing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded: Option<Value>,
}

impl Change {
    /// Whether all of it undoes what was done outside of sidekick.
    pub fn is_drift(&self) -> bool {
        self.recorded.as_ref() == Some(&self.new)
    }
}

/// The differences of one resource; empty when it is as desired.
///
/// Built by destructuring the spec and naming each field once, so that a new field does not compile undecided.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Diff(Vec<Change>);

impl Diff {
    /// Compares a field that can be changed in place.
    #[must_use]
    pub fn mutable<T: Serialize + PartialEq>(self, field: &str, desired: &T, actual: &T) -> Self {
        self.compare(field, desired, actual, false)
    }

    /// Compares a field that can only change by replacing the resource.
    #[must_use]
    pub fn immutable<T: Serialize + PartialEq>(self, field: &str, desired: &T, actual: &T) -> Self {
        self.compare(field, desired, actual, true)
    }

    fn compare<T: Serialize + PartialEq>(
        mut self,
        field: &str,
        desired: &T,
        actual: &T,
        replaces: bool,
    ) -> Self {
        if desired != actual {
            let (old, new) = (json(actual), json(desired));
            self.0.push(Change { field: field.to_owned(), old, new, replaces, recorded: None });
        }
        self
    }

    /// Whether the resource is as desired.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether only a replacement can bring the resource to its desired state.
    pub fn replaces(&self) -> bool {
        self.0.iter().any(|change| change.replaces)
    }

    /// The differences, in the order of the spec's fields.
    pub fn changes(&self) -> &[Change] {
        &self.0
    }

    /// The differences, in the order of the spec's fields.
    pub fn into_changes(self) -> Vec<Change> {
        self.0
    }

    /// The same with what was last recorded, given the differences of that from the observed state.
    #[must_use]
    pub(crate) fn since(mut self, recorded: &Self) -> Self {
        for change in &mut self.0 {
            let before = recorded.0.iter().find(|before| before.field == change.field);
            change.recorded = before.map(|before| before.new.clone());
        }
        self
    }
}

/// Specs are plain data with text keys, which always serialise; a value that does not is shown as its error.
fn json<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or_else(|error| Value::String(format!("(not serialisable: {error})")))
}
