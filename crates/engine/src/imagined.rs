//! Outputs that nobody knows yet, in whatever shape they are wanted: where a text will be, the address of its resource
//! stands for it; numbers are zero, flags are off, and what may be left out is. Or all of that is otherwise.

use serde::de::value::{Error, MapDeserializer, SeqDeserializer};
use serde::de::{Error as _, IntoDeserializer, Visitor};
use serde::{Deserializer, forward_to_deserialize_any};

use crate::Address;

/// One of two ways to imagine a value. Whatever depends on an imagined value differs between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guise {
    /// Numbers are zero, flags are off, and nothing is there that may be left out.
    Least,
    /// Numbers are one, flags are on, all is there and once, and every text has a note of where it comes from.
    Most,
}

/// The outputs of the resource at an address.
#[derive(Clone, Copy)]
pub(crate) struct Imagined<'a>(pub(crate) &'a Address, pub(crate) Guise);

/// A note begins and ends with what is in no text of a configuration and in none of AWS's.
const BEGIN: char = '\u{2}';
const END: char = '\u{3}';

/// The address with a note of it behind, so that texts which differ only in their notes have the same order.
pub(crate) fn with_note(address: &Address) -> String {
    format!("{address}{BEGIN}{address}{END}")
}

/// The addresses in the notes of a text.
pub(crate) fn noted(text: &str) -> Vec<Address> {
    let notes = text.split(BEGIN).skip(1);
    notes.filter_map(|rest| rest.split_once(END)).map(|(address, _)| address.into()).collect()
}

/// The text as it is where it is imagined without notes.
pub(crate) fn without_notes(text: &str) -> String {
    let (first, rest) = text.split_once(BEGIN).unwrap_or((text, ""));
    let between = rest.split(BEGIN).map(|rest| rest.split_once(END).map_or("", |(_, plain)| plain));
    std::iter::once(first).chain(between).collect()
}

impl Imagined<'_> {
    fn is_most(self) -> bool {
        self.1 == Guise::Most
    }

    /// How many there are of what may be absent.
    fn count(self) -> usize {
        usize::from(self.is_most())
    }

    fn text(self) -> String {
        if self.is_most() { with_note(self.0) } else { self.0.to_string() }
    }
}

impl IntoDeserializer<'_> for Imagined<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// Every number as one of the smallest two that every type of number takes.
macro_rules! number {
    ($($number:ident)*) => { $(
        fn $number<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.visit_u8(u8::from(self.is_most()))
        }
    )* };
}

impl<'de> Deserializer<'de> for Imagined<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_string(self.text())
    }

    forward_to_deserialize_any! { char str string bytes byte_buf identifier }

    number! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_bool(self.is_most())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.is_most() { visitor.visit_some(self) } else { visitor.visit_none() }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(SeqDeserializer::new(std::iter::repeat_n(self, self.count())))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(SeqDeserializer::new(std::iter::repeat_n(self, length)))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_map(MapDeserializer::new(std::iter::repeat_n((self, self), self.count())))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_map(MapDeserializer::new(fields.iter().map(|field| (*field, self))))
    }

    /// Which of several there will be is nothing to guess at.
    fn deserialize_enum<V: Visitor<'de>>(self, name: &str, _: &[&str], _: V) -> Result<V::Value, Error> {
        Err(Error::custom(format!("no {name} can be imagined")))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(transparent)]
    struct Id(String);

    #[derive(Debug, PartialEq, Deserialize)]
    struct Outputs {
        id: Id,
        port: u16,
        is_public: bool,
        zone: Option<String>,
        members: Vec<Id>,
        tags: BTreeMap<String, String>,
        inner: Inner,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Inner {
        account: String,
    }

    #[test]
    fn the_address_stands_for_every_text_that_is_not_known_yet() {
        let address = Address::from("network.vpc");
        let outputs = Outputs::deserialize(Imagined(&address, Guise::Least)).unwrap();
        let text = || "network.vpc".to_owned();
        let (id, inner) = (Id(text()), Inner { account: text() });
        let (members, tags) = (Vec::new(), BTreeMap::new());
        assert_eq!(outputs, Outputs { id, port: 0, is_public: false, zone: None, members, tags, inner });
    }

    #[test]
    fn everything_differs_between_the_two_ways() {
        let address = Address::from("network.vpc");
        let outputs = Outputs::deserialize(Imagined(&address, Guise::Most)).unwrap();
        let text = || with_note(&address);
        let (id, inner, zone) = (Id(text()), Inner { account: text() }, Some(text()));
        let (members, tags) = (vec![Id(text())], BTreeMap::from([(text(), text())]));
        assert_eq!(outputs, Outputs { id, port: 1, is_public: true, zone, members, tags, inner });
    }

    #[test]
    fn notes_are_found_in_a_text_and_taken_out_of_it() {
        let [vpc, gateway] = ["network.vpc", "network.gateway"].map(Address::from);
        let text = format!("arn:{}/{}:*", with_note(&vpc), with_note(&gateway));
        assert_eq!(without_notes(&text), "arn:network.vpc/network.gateway:*");
        assert_eq!(noted(&text), [vpc, gateway]);
        assert_eq!((without_notes("plain").as_str(), noted("plain")), ("plain", Vec::new()));
    }

    #[test]
    fn no_choice_is_imagined() {
        #[derive(Debug, Deserialize)]
        enum Choice {
            One,
        }
        assert!(Choice::deserialize(Imagined(&Address::from("a"), Guise::Most)).is_err());
    }
}
