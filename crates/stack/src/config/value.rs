//! The typed reader: one key of the tree, there or not, and the ways to read it.

use std::fmt::Display;
use std::ops::RangeInclusive;

use serde_json::Value as Json;

use super::names::{NameRule, Project};
use super::problem::Refusal;
use super::reading::{Reading, join};
use super::shape::Shape;
use super::source::{Layer, Place};
use super::tree::{Content, Node};

/// One key of the configuration. Every read of it answers a value; see [`Reading`] for why that is safe.
#[derive(Debug, Clone)]
pub(super) struct Value<'a> {
    reading: &'a Reading,
    path: String,
    found: Found<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Found<'a> {
    Present(&'a Node),
    /// Absent from the table that stands here.
    Absent(&'a Place),
    /// Out of reach, and the reason has been reported.
    Unreachable,
}

impl<'a> Value<'a> {
    /// The whole document.
    pub(super) fn root(reading: &'a Reading, node: &'a Node) -> Self {
        Self { reading, path: String::new(), found: Found::Present(node) }
    }

    /// The key of this name in this table.
    pub(super) fn at(&self, key: &str) -> Self {
        self.reading.takes(&self.path, Shape::Table);
        self.key(key)
    }

    fn key(&self, key: &str) -> Self {
        let path = join(&self.path, key);
        self.reading.ask(&path);
        let found = match self.expect("a table", Content::as_table) {
            Some((table, entries)) => entries.get(key).map_or(Found::Absent(&table.place), Found::Present),
            None => Found::Unreachable,
        };
        Self { reading: self.reading, path, found }
    }

    /// Every key of this table with its value; for tables whose keys the user chooses.
    pub(super) fn entries(&self) -> Vec<(&'a str, Self)> {
        self.reading.takes(&self.path, Shape::Map);
        let entries = self.expect("a table", Content::as_table);
        let keys = entries.into_iter().flat_map(|(_, entries)| entries.keys());
        keys.map(|key| (key.as_str(), self.key(key))).collect()
    }

    /// Every element of this list.
    pub(super) fn items(&self) -> Vec<Self> {
        self.reading.takes(&self.path, Shape::List);
        let items = self.expect("a list", Content::as_list);
        let items = items.into_iter().flat_map(|(_, items)| items).enumerate();
        items.map(|(index, node)| self.item(index, node)).collect()
    }

    fn item(&self, index: usize, node: &'a Node) -> Self {
        Self { reading: self.reading, path: format!("{}[{index}]", self.path), found: Found::Present(node) }
    }

    /// This value if it is there; a key read through `optional` may be left out.
    pub(super) fn optional(&self) -> Option<&Self> {
        self.reading.may_be_absent(&self.path);
        matches!(self.found, Found::Present(_)).then_some(self)
    }

    /// True or false.
    pub(super) fn flag(&self) -> bool {
        self.reading.takes(&self.path, Shape::Flag);
        let flag = self.expect("true or false", Content::as_flag);
        flag.is_some_and(|(_, flag)| flag)
    }

    /// A string that the rule turns into what it stands for.
    pub(super) fn text<T: Default>(&self, rule: impl FnOnce(&str) -> Result<T, Refusal>) -> T {
        self.reading.takes(&self.path, Shape::Text);
        self.ruled(rule)
    }

    fn ruled<T: Default>(&self, rule: impl FnOnce(&str) -> Result<T, Refusal>) -> T {
        let text = self.expect("a string", Content::as_text);
        text.map_or_else(T::default, |(_, text)| self.accepted(rule(text)))
    }

    /// A string, number or switch as the text it is written with; for variables of the container.
    pub(super) fn scalar(&self) -> String {
        self.reading.takes(&self.path, Shape::Scalar);
        let text = self.expect("a string, a number, true or false", Content::to_scalar);
        text.map_or_else(String::new, |(_, text)| text)
    }

    /// A whole number in a range.
    pub(super) fn number<T>(&self, range: RangeInclusive<T>) -> T
    where
        T: TryFrom<i64> + PartialOrd + Display + Default,
    {
        // Every type of number in a configuration writes itself as one of 64 bits.
        let [least, most] =
            [range.start(), range.end()].map(|end| end.to_string().parse().unwrap_or_default());
        self.reading.takes(&self.path, Shape::Number(least, most));
        let hint = format!("use a whole number from {least} to {most}");
        self.number_where(hint, |number| range.contains(number))
    }

    /// One of the numbers that AWS knows.
    pub(super) fn number_of<T>(&self, known: &[T]) -> T
    where
        T: TryFrom<i64> + PartialEq + Display + Default,
    {
        let known_numbers: Vec<String> = known.iter().map(T::to_string).collect();
        let numbers = known_numbers.iter().filter_map(|number| number.parse::<i64>().ok());
        self.reading.takes(&self.path, Shape::OneOf(numbers.map(Json::from).collect()));
        self.number_where(format!("use one of {}", known_numbers.join(", ")), |number| known.contains(number))
    }

    fn number_where<T>(&self, hint: String, is_valid: impl FnOnce(&T) -> bool) -> T
    where
        T: TryFrom<i64> + Default,
    {
        let number = self.expect("a whole number", Content::as_number);
        let Some((_, number)) = number else { return T::default() };
        let valid = T::try_from(number).ok().filter(is_valid);
        self.accepted(valid.ok_or_else(|| Refusal::new(format!("{number} is not a possible value"), hint)))
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy + Default>(&self, words: &[(&str, T)]) -> T {
        let known = words.iter().map(|(word, _)| Json::from(*word));
        self.reading.takes(&self.path, Shape::OneOf(known.collect()));
        self.ruled(|text| match words.iter().find(|(word, _)| *word == text) {
            Some((_, meaning)) => Ok(*meaning),
            None => {
                let known: Vec<String> = words.iter().map(|(word, _)| format!("{word:?}")).collect();
                Err(Refusal::new(
                    format!("{text:?} is not a possible value"),
                    format!("use one of {}", known.join(", ")),
                ))
            }
        })
    }

    /// The name of an AWS resource, with `{name}` filled in.
    ///
    /// A name from the default file that the environment's own `name` makes invalid is reported at that
    /// `name`, because there it has to be mended.
    pub(super) fn name(&self, project: &Project, rule: &NameRule) -> String {
        let Some(text) = self.text(|text| Ok(Some(text.to_owned()))) else { return String::new() };
        if !project.is_sound() && project.is_part_of(&text) {
            return text;
        }
        let name = project.expand(&text);
        if let (Err(refusal), Found::Present(node)) = (rule.check(&name), self.found) {
            let own_name = project.place().filter(|place| {
                project.is_part_of(&text)
                    && place.layer() == Layer::Environment
                    && node.place.layer() == Layer::Default
            });
            self.reading.refuse(&self.path, refusal, own_name.unwrap_or(&node.place));
        }
        name
    }

    /// Reports that this value, though of the right type, cannot be.
    pub(super) fn refuse(&self, refusal: Refusal) {
        match self.found {
            Found::Present(node) => self.reading.refuse(&self.path, refusal, &node.place),
            Found::Absent(table) => self.reading.refuse(&self.path, refusal, table),
            Found::Unreachable => {}
        }
    }

    /// Reports that this key cannot be, whatever its value.
    pub(super) fn refuse_key(&self, refusal: Refusal) {
        match self.found {
            Found::Present(Node { key: Some(key), .. }) => self.reading.refuse(&self.path, refusal, key),
            _ => self.refuse(refusal),
        }
    }

    /// Whether nothing was reported about this value, so that it can be compared with others.
    pub(super) fn is_sound(&self) -> bool {
        self.reading.is_sound(&self.path)
    }

    /// Where the value stands.
    pub(super) fn place(&self) -> Option<&'a Place> {
        match self.found {
            Found::Present(node) => Some(&node.place),
            Found::Absent(_) | Found::Unreachable => None,
        }
    }

    /// The path of the key, for messages about another one.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    fn accepted<T: Default>(&self, result: Result<T, Refusal>) -> T {
        result.unwrap_or_else(|refusal| {
            self.refuse(refusal);
            T::default()
        })
    }

    /// The content as the type wanted; reports once if it is missing or of another type.
    fn expect<T>(&self, wanted: &str, read: impl FnOnce(&'a Content) -> Option<T>) -> Option<(&'a Node, T)> {
        match self.found {
            Found::Present(node) => match read(&node.content) {
                Some(content) => return Some((node, content)),
                None => self.refuse_once(Refusal::new(
                    format!("{} stands where {wanted} is needed", node.content.describe()),
                    format!("give {wanted}"),
                )),
            },
            Found::Absent(_) => self.refuse_once(Refusal::new(
                format!("the key `{}` is missing", self.path),
                format!("give {wanted}; the shipped default.toml has a value for every key that is needed"),
            )),
            Found::Unreachable => {}
        }
        None
    }

    fn refuse_once(&self, refusal: Refusal) {
        if !self.reading.has_problem_at(&self.path) {
            self.refuse(refusal);
        }
    }
}

/// Reports every value that an earlier one of the list already has.
pub(super) fn refuse_repeated<T: PartialEq>(values: &[(Value<'_>, T)], noun: &str) {
    for (index, (value, content)) in values.iter().enumerate() {
        let earlier = values[..index].iter().find(|(_, other)| other == content);
        if let Some((other, _)) = earlier.filter(|(other, _)| value.is_sound() && other.is_sound()) {
            value.refuse(Refusal::new(
                format!("the {noun} of `{}` and `{}` is the same", other.path(), value.path()),
                format!("give each its own {noun}"),
            ));
        }
    }
}
