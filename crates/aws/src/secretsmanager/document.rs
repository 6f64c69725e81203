//! The JSON object that is a secret's value: how its fields stand to what is asked, and how they are filled.
//!
//! Makes no calls. What it says about a document to others names the fields and never quotes them.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rand::CryptoRng;
use rand::distr::{Alphanumeric, SampleString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sidekick_engine::{Class, Fault, Result};

use super::WRITE;
use crate::{Secret as SecretValue, Supplied};

/// How one field of a secret comes by its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// It is no secret: this text.
    Plain(String),
    /// Random letters and digits, made once and then kept.
    Generated {
        /// How many; never fewer than [`MIN_LENGTH`].
        length: u8,
    },
    /// A URL in which `{name}` stands for the percent-encoded value of another field of the same secret, which need
    /// not be asked for here and must not be composed itself.
    Composed(String),
    /// Whatever the operator supplies in the variable of the field's name, or else what is stored.
    Supplied,
    /// Never asked for, only observed: it is absent, or not as asked. What it is instead may be a secret.
    #[serde(rename = "(secret)")]
    Differs,
}

/// The fields of a secret that sidekick is asked for, by name.
pub type Fields = BTreeMap<String, Field>;

/// No generated value is shorter, whatever was asked.
const MIN_LENGTH: u8 = 32;

/// Everything that RFC 3986 does not leave unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A secret's value. It has neither `Debug` nor `Serialize`, so that it cannot be shown by accident.
#[derive(Clone, Default)]
pub(super) struct Document(Map<String, Value>);

impl Document {
    /// Reads a value; `None` unless it is a JSON object.
    pub(super) fn unseal(value: &SecretValue) -> Option<Self> {
        match serde_json::from_str(value.expose()) {
            Ok(Value::Object(fields)) => Some(Self(fields)),
            _ => None,
        }
    }

    /// The whole document as Secrets Manager stores it.
    pub(super) fn seal(self) -> SecretValue {
        SecretValue::new(Value::Object(self.0).to_string())
    }

    /// The names of the fields that hold a text.
    pub(super) fn keys(&self) -> BTreeSet<String> {
        self.0.keys().filter(|name| self.text(name).is_some()).cloned().collect()
    }

    /// The value of one field, if it holds a text.
    pub(super) fn field(&self, name: &str) -> Option<SecretValue> {
        self.text(name).map(SecretValue::new)
    }

    /// Every text in it that is or may be secret: all but the plain ones that are asked for.
    pub(super) fn secrets(&self, asked: &Fields) -> Vec<SecretValue> {
        let secret = self.0.keys().filter(|name| !matches!(asked.get(*name), Some(Field::Plain(_))));
        secret.filter_map(|name| self.field(name)).collect()
    }

    /// How each field that is asked for stands: as asked, or [`Field::Differs`].
    pub(super) fn classify(&self, asked: &Fields, supplied: &Supplied) -> Fields {
        let classified = |(name, field): (&String, &Field)| {
            let met = self.meets(name, field, asked, supplied);
            (name.clone(), if met { field.clone() } else { Field::Differs })
        };
        asked.iter().map(classified).collect()
    }

    fn meets(&self, name: &str, field: &Field, asked: &Fields, supplied: &Supplied) -> bool {
        let Some(stored) = self.text(name) else { return false };
        match field {
            Field::Plain(text) => stored == text,
            Field::Generated { .. } => true,
            Field::Composed(template) => self.fill(template, asked).is_ok_and(|filled| filled == stored),
            Field::Supplied => given(supplied, name).is_none_or(|value| value == stored),
            Field::Differs => false,
        }
    }

    /// Fills the fields that are asked for and keeps all others.
    ///
    /// # Errors
    /// Invalid, if supplied fields are neither given nor stored (all of them are named), or a template names a field
    /// that holds no text or is composed itself.
    pub(super) fn complete(
        mut self,
        asked: &Fields,
        supplied: &Supplied,
        random: &mut impl CryptoRng,
    ) -> Result<Self> {
        for (name, field) in asked {
            let value = match field {
                Field::Plain(text) => Some(text.clone()),
                Field::Generated { length } if self.text(name).is_none() => {
                    Some(Alphanumeric.sample_string(random, usize::from(*length.max(&MIN_LENGTH))))
                }
                Field::Supplied => given(supplied, name).map(str::to_owned),
                Field::Generated { .. } | Field::Composed(_) | Field::Differs => None,
            };
            if let Some(value) = value {
                self.0.insert(name.clone(), Value::String(value));
            }
        }
        self.require_supplied(asked)?;
        for (name, field) in asked {
            if let Field::Composed(template) = field {
                let filled = self.fill(template, asked).map_err(|part| unfit(name, part))?;
                self.0.insert(name.clone(), Value::String(filled));
            }
        }
        Ok(self)
    }

    fn require_supplied(&self, asked: &Fields) -> Result<()> {
        let lacks =
            |(name, field): &(&String, &Field)| **field == Field::Supplied && self.text(name).is_none();
        let lacking: Vec<_> = asked.iter().filter(lacks).map(|(name, _)| name.as_str()).collect();
        if lacking.is_empty() {
            return Ok(());
        }
        let names = lacking.join(", ");
        let message = format!("no value was given for {names}, and none is stored");
        let hint = format!("set {names} in the environment, or in a dotenv file named by --secrets-file");
        Err(Fault::new(Class::Invalid, WRITE, message).with_hint(hint))
    }

    /// Puts stored values into a template; fails with the name of a part that has none, or is composed itself.
    fn fill<'a>(&self, template: &'a str, asked: &Fields) -> std::result::Result<String, &'a str> {
        let mut filled = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or(after)?;
            let is_composed = matches!(asked.get(name), Some(Field::Composed(_)));
            let value = self.text(name).filter(|_| !is_composed).ok_or(name)?;
            filled.push_str(before);
            filled.extend(utf8_percent_encode(value, RESERVED));
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    /// A field's text. An empty one, and anything that is not a text, counts as absent.
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }
}

/// The value that the operator supplies; an empty variable supplies none.
fn given<'a>(supplied: &'a Supplied, name: &str) -> Option<&'a str> {
    supplied.get(name).map(SecretValue::expose).filter(|value| !value.is_empty())
}

fn unfit(name: &str, part: &str) -> Fault {
    let message = format!("{name} is composed of {{{part}}}, which holds no text or is composed itself");
    Fault::new(Class::Invalid, WRITE, message)
}

#[cfg(test)]
#[path = "document_tests.rs"]
mod tests;
