//! Tags: read from every service's spelling, checked by AWS's rules, shown in every service's spelling.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::call::Refusal;
use crate::params::Params;

/// The tags of one resource.
pub(crate) type Tags = BTreeMap<String, String>;

/// Reads a list of tags; `key` and `value` are the service's spellings (`Key`, `Value` or lower case).
pub(crate) fn read(params: &Params, list: &str, key: &str, value: &str) -> Result<Tags, Refusal> {
    let mut tags = Tags::new();
    for tag in params.objects(list)? {
        let name = tag.text(key)?.to_owned();
        check(&name)?;
        let text = tag.text_if(value)?.unwrap_or_default().to_owned();
        if tags.insert(name.clone(), text).is_some() {
            let words = format!("Duplicate tag key '{name}' specified.");
            return Err(Refusal::illegal("InvalidParameterValue", words));
        }
    }
    check_count(&tags)?;
    Ok(tags)
}

/// Reads a map of tags, which may be absent.
pub(crate) fn read_map(params: &Params, map: &str) -> Result<Tags, Refusal> {
    let Some(value) = params.value(map) else { return Ok(Tags::new()) };
    let wrong = || params.invalid(map, "given", "It must be a map of texts without reserved keys.");
    let fields = value.as_object().ok_or_else(wrong)?;
    let tag = |(key, value): (&String, &Value)| {
        let fits = !key.is_empty() && !key.starts_with("aws:") && key.chars().count() <= 128;
        value.as_str().filter(|_| fits).map(|text| (key.clone(), text.to_owned())).ok_or_else(wrong)
    };
    let tags = fields.iter().map(tag).collect::<Result<Tags, _>>()?;
    check_count(&tags)?;
    Ok(tags)
}

/// A resource has at most fifty tags.
pub(crate) fn check_count(tags: &Tags) -> Result<(), Refusal> {
    if tags.len() > 50 {
        return Err(Refusal::illegal("TagLimitExceeded", "The maximum number of Tags for a resource is 50."));
    }
    Ok(())
}

/// Reads EC2's `TagSpecification.N`, of which each must name the kind of thing that is being made.
pub(crate) fn read_specification(params: &Params, kind: &str) -> Result<Tags, Refusal> {
    let mut tags = Tags::new();
    for specification in params.objects("TagSpecification")? {
        let named = specification.text("ResourceType")?;
        if named != kind {
            let words = format!("'{named}' is not a valid taggable resource type for this operation.");
            return Err(Refusal::illegal("InvalidParameterValue", words));
        }
        tags.extend(read(&specification, "Tag", "Key", "Value")?);
    }
    Ok(tags)
}

fn check(key: &str) -> Result<(), Refusal> {
    let refuse = |words: &str| Err(Refusal::illegal("InvalidParameterValue", words));
    match key {
        "" => refuse("Tag key cannot be empty."),
        _ if key.starts_with("aws:") => refuse("Tag keys starting with 'aws:' are reserved for internal use"),
        _ if key.chars().count() > 128 => refuse("Tag key exceeds the maximum length of 128 characters"),
        _ => Ok(()),
    }
}

/// Tags as `[{key, value}]`: EC2 and ECS.
pub(crate) fn lower(tags: &Tags) -> Value {
    tags.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect()
}

/// Tags as `[{Key, Value}]`: the other services.
pub(crate) fn upper(tags: &Tags) -> Value {
    tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
}
