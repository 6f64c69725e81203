//! Typed readers of a call's parameters.
//!
//! They remember what was read: a parameter that no handler looked at is one the sandbox does not model, and such
//! a call is refused instead of pretending that the setting was applied.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::call::Refusal;
use crate::service::Dialect;

/// The paths of the parameters that were read.
#[derive(Default)]
pub(crate) struct Trace(RefCell<BTreeSet<String>>);

/// The parameters of a call, or of a structure in it.
pub(crate) struct Params<'a> {
    fields: &'a Map<String, Value>,
    path: String,
    trace: &'a Trace,
    dialect: &'static Dialect,
}

impl<'a> Params<'a> {
    /// The parameters of a whole call.
    pub(crate) fn new(fields: &'a Map<String, Value>, trace: &'a Trace, dialect: &'static Dialect) -> Self {
        Self { fields, path: String::new(), trace, dialect }
    }

    /// A text that must be there.
    pub(crate) fn text(&self, name: &str) -> Result<&'a str, Refusal> {
        self.text_if(name)?.ok_or_else(|| self.missing(name))
    }

    /// A text that may be there.
    pub(crate) fn text_if(&self, name: &str) -> Result<Option<&'a str>, Refusal> {
        match self.value(name) {
            None => Ok(None),
            Some(value) => value.as_str().map(Some).ok_or_else(|| self.mistyped(name, value)),
        }
    }

    /// A true or false that may be there.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(value) => Err(self.mistyped(name, value)),
        }
    }

    /// A whole number that may be there.
    pub(crate) fn number(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let number = value.as_i64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
        number.map(Some).ok_or_else(|| self.mistyped(name, value))
    }

    /// A list of texts; an absent list is empty.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<String>, Refusal> {
        let items = self.items(name)?;
        self.note(name);
        let text = |item: &Value| item.as_str().map(str::to_owned).ok_or_else(|| self.mistyped(name, item));
        items.iter().map(text).collect()
    }

    /// A list of structures; an absent list is empty.
    pub(crate) fn objects(&self, name: &str) -> Result<Vec<Self>, Refusal> {
        let open = |(index, item): (usize, &'a Value)| {
            let fields = item.as_object().ok_or_else(|| self.mistyped(name, item))?;
            Ok(self.inner(fields, format!("{}.{}", self.at(name), index + 1)))
        };
        self.items(name)?.iter().enumerate().map(open).collect()
    }

    /// A structure that may be there.
    pub(crate) fn object(&self, name: &str) -> Result<Option<Self>, Refusal> {
        match self.fields.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(fields)) => Ok(Some(self.inner(fields, self.at(name)))),
            Some(value) => Err(self.mistyped(name, value)),
        }
    }

    /// A parameter as it came, whatever it is; everything beneath it counts as read.
    pub(crate) fn value(&self, name: &str) -> Option<&'a Value> {
        self.note(name);
        self.fields.get(name).filter(|value| !value.is_null())
    }

    /// Whether a parameter was given. It does not count as read.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.get(name).is_some_and(|value| !value.is_null())
    }

    /// The names of all parameters that were given. They do not count as read.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(|(_, value)| !value.is_null()).map(|(name, _)| name.as_str())
    }

    /// Names parameters that change nothing in a simulation; each use says why.
    pub(crate) fn ignore(&self, names: &[&str]) {
        names.iter().for_each(|name| self.note(name));
    }

    /// The service's words for a value that it does not take.
    pub(crate) fn invalid(&self, name: &str, value: impl std::fmt::Display, why: &str) -> Refusal {
        let words = format!("Value ({value}) for parameter {name} is invalid. {why}");
        Refusal::illegal(self.dialect.invalid, words.trim_end())
    }

    /// The service's words for a parameter that should be there.
    pub(crate) fn missing(&self, name: &str) -> Refusal {
        let words = format!("The request must contain the parameter {}", self.at(name));
        Refusal::illegal(self.dialect.missing, words)
    }

    /// The path of the first parameter that nobody has read.
    pub(crate) fn unread(&self) -> Option<String> {
        let read = self.trace.0.borrow();
        self.fields.iter().find_map(|(name, value)| unread(self.at(name), value, &read))
    }

    fn inner(&self, fields: &'a Map<String, Value>, path: String) -> Self {
        Self { fields, path, trace: self.trace, dialect: self.dialect }
    }

    fn items(&self, name: &str) -> Result<&'a [Value], Refusal> {
        match self.fields.get(name) {
            None | Some(Value::Null) => Ok(&[]),
            Some(Value::Array(items)) => Ok(items),
            // Query protocols write an empty list as a name without a value.
            Some(Value::String(text)) if text.is_empty() => {
                self.note(name);
                Ok(&[])
            }
            Some(value) => Err(self.mistyped(name, value)),
        }
    }

    fn mistyped(&self, name: &str, value: &Value) -> Refusal {
        // The value itself is not repeated: it may be a secret.
        let kind = match value {
            Value::Object(_) => "a structure",
            Value::Array(_) => "a list",
            Value::String(_) => "a text",
            _ => "a number or a flag",
        };
        self.invalid(&self.at(name), kind, "It has the wrong type.")
    }

    fn note(&self, name: &str) {
        self.trace.0.borrow_mut().insert(self.at(name));
    }

    fn at(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}

fn unread(path: String, value: &Value, read: &BTreeSet<String>) -> Option<String> {
    if read.contains(&path) {
        return None;
    }
    match value {
        Value::Null => None,
        Value::Object(fields) => {
            fields.iter().find_map(|(name, value)| unread(format!("{path}.{name}"), value, read))
        }
        Value::Array(items) => {
            let indexed = items.iter().enumerate();
            indexed.into_iter().find_map(|(n, value)| unread(format!("{path}.{}", n + 1), value, read))
        }
        _ => Some(path),
    }
}
