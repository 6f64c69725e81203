//! The tags that every resource carries.

use std::collections::BTreeMap;

use super::problem::Refusal;
use super::value::Value;

/// AWS takes 50 tags a resource; the others are for `Name`, `AZ` and the tags of ownership.
const MOST_TAGS: usize = 40;

pub(super) fn read(table: &Value<'_>, region: Option<&str>) -> BTreeMap<String, String> {
    let entries = table.entries();
    if entries.len() > MOST_TAGS {
        table.refuse(Refusal::new(
            format!("{} tags are too many", entries.len()),
            format!("use at most {MOST_TAGS}: AWS takes 50, and some are needed for `Name` and ownership"),
        ));
    }
    let mut tags = BTreeMap::new();
    for (key, value) in entries {
        if let Err(refusal) = check_key(key) {
            value.refuse_key(refusal);
        }
        tags.insert(key.to_owned(), value.text(|text| check_value(key, text, region)));
    }
    tags
}

fn check_key(key: &str) -> Result<(), Refusal> {
    let lower = key.to_lowercase();
    if lower.starts_with("aws:") || lower.starts_with("sidekick:") {
        return Err(Refusal::new(
            format!("`{key}` cannot be set here: its prefix is reserved"),
            "`aws:` is kept by AWS, and by `sidekick:` an environment finds again what it owns",
        ));
    }
    if key == "Name" || key == "AZ" {
        return Err(Refusal::new(
            format!("`{key}` cannot be set here: each resource has its own"),
            "remove it; `sidekick` sets it on every resource",
        ));
    }
    if (1..=128).contains(&key.chars().count()) && key.chars().all(is_permitted) {
        return Ok(());
    }
    Err(Refusal::new(
        format!("{key:?} cannot be the key of a tag"),
        "use 1 to 128 letters, digits, spaces and _.:/=+-@",
    ))
}

/// The reference has a tag for the region; one that names another region would mislead.
fn check_value(key: &str, text: &str, region: Option<&str>) -> Result<String, Refusal> {
    if let Some(region) = region.filter(|region| key == "AWSRegion" && text != *region) {
        return Err(Refusal::new(
            format!("the tag says {text:?}, and the environment is in {region}"),
            format!("set it to \"{region}\""),
        ));
    }
    if text.chars().count() <= 256 && text.chars().all(is_permitted) {
        return Ok(text.to_owned());
    }
    Err(Refusal::new(
        format!("{text:?} cannot be the value of a tag"),
        "use at most 256 letters, digits, spaces and _.:/=+-@",
    ))
}

fn is_permitted(c: char) -> bool {
    c.is_alphanumeric() || "_.:/=+-@ ".contains(c)
}
