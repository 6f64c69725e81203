//! What EC2 tells of the account itself.

use serde_json::{Value, json};

use super::address;
use crate::call::Answer;
use crate::params::Params;
use crate::world::World;

pub(super) fn describe(_: &World, params: &Params) -> Answer {
    let addresses = address::LIMIT.to_string();
    let all = [
        ("default-vpc", "none"),
        ("max-elastic-ips", addresses.as_str()),
        ("supported-platforms", "VPC"),
        ("vpc-max-elastic-ips", addresses.as_str()),
        ("vpc-max-security-groups-per-interface", "5"),
    ];
    let wanted = params.texts("AttributeName")?;
    if let Some(unknown) = wanted.iter().find(|name| !all.iter().any(|(known, _)| known == name)) {
        return Err(params.invalid("attributeName", unknown, ""));
    }
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name);
    let view =
        |(name, value)| json!({ "attributeName": name, "attributeValueSet": [{ "attributeValue": value }] });
    let shown: Vec<Value> = all.into_iter().filter(|(name, _)| is_wanted(name)).map(view).collect();
    Ok(json!({ "accountAttributeSet": shown }))
}
