//! Parameters of a database or cache that differ from those of its version.

use std::collections::BTreeMap;

use super::problem::Refusal;
use super::value::Value;

/// What AWS gives its own groups as a name to begin with.
pub(super) const DEFAULT: &str = "default.";

/// Reads the parameters, each as AWS writes its value. `switch` is how it writes true and false.
///
/// They are set in a group of their own, so no other group can be named beside them.
pub(super) fn read(table: &Value<'_>, switch: [&str; 2], group: &str) -> BTreeMap<String, String> {
    let parameters = table.at("parameters");
    let Some(given) = parameters.optional() else { return BTreeMap::new() };
    let read: BTreeMap<String, String> = given
        .entries()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), read_one(name, &value, switch)))
        .collect();
    let named = table.at("parameter_group");
    if !read.is_empty() && named.is_sound() && !group.starts_with(DEFAULT) {
        named.refuse(Refusal::new(
            format!(
                "`{group}` is a parameter group of your own, and `{}` are set in another one",
                given.path()
            ),
            "set the parameters in your group and leave them out here, or leave `parameter_group` out",
        ));
    }
    read
}

fn read_one(name: &str, value: &Value<'_>, [on, off]: [&str; 2]) -> String {
    let is_name = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.-".contains(c));
    if name.is_empty() || !is_name {
        value.refuse_key(Refusal::new(
            format!("{name:?} is not the name of a parameter"),
            "it has lower-case letters, digits, underscores, hyphens and full stops",
        ));
    }
    match value.scalar().as_str() {
        "true" => on.to_owned(),
        "false" => off.to_owned(),
        "" if value.is_sound() => {
            value.refuse(Refusal::new("a parameter cannot be empty", "leave it out for its default"));
            String::new()
        }
        text => text.to_owned(),
    }
}
