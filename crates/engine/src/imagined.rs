//! Outputs that nobody knows yet, in whatever shape they are wanted: where a text will be, the address of its resource
//! stands for it; numbers are zero, flags are off, and what may be left out is.

use serde::de::value::{Error, MapDeserializer, SeqDeserializer};
use serde::de::{Error as _, IntoDeserializer, Visitor};
use serde::{Deserializer, forward_to_deserialize_any};

use crate::Address;

/// The outputs of the resource at an address.
#[derive(Clone, Copy)]
pub(crate) struct Imagined<'a>(pub(crate) &'a Address);

impl IntoDeserializer<'_> for Imagined<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// Every number as the smallest one that every type of number takes.
macro_rules! zero {
    ($($number:ident)*) => { $(
        fn $number<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.visit_u8(0)
        }
    )* };
}

impl<'de> Deserializer<'de> for Imagined<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(self.0.as_str())
    }

    forward_to_deserialize_any! { char str string bytes byte_buf identifier }

    zero! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_bool(false)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_none()
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
        visitor.visit_seq(SeqDeserializer::new(std::iter::empty::<Self>()))
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
        visitor.visit_map(MapDeserializer::new(std::iter::empty::<(&str, Self)>()))
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
        let outputs = Outputs::deserialize(Imagined(&address)).unwrap();
        let text = || "network.vpc".to_owned();
        let (id, inner) = (Id(text()), Inner { account: text() });
        let (members, tags) = (Vec::new(), BTreeMap::new());
        assert_eq!(outputs, Outputs { id, port: 0, is_public: false, zone: None, members, tags, inner });
    }

    #[test]
    fn no_choice_is_imagined() {
        #[derive(Debug, Deserialize)]
        enum Choice {
            One,
        }
        assert!(Choice::deserialize(Imagined(&Address::from("a"))).is_err());
    }
}
