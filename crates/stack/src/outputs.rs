//! What an operator wants to know of a running environment, by name.

use std::collections::BTreeMap;

use sidekick_engine::{Address, Row};

/// Name, address, and the field of the resource's outputs.
const OUTPUTS: &[(&str, &str, &str)] = &[
    ("alb_dns_name", "edge.alb", "dns_name"),
    ("app_secret_arn", "compute.app-secret", "arn"),
    ("cluster", "compute.cluster", "name"),
    ("database_endpoint", "data.postgres", "endpoint"),
    ("log_group", "compute.log-group", "name"),
    ("postgres_secret_arn", "data.postgres-secret", "arn"),
    ("redis_endpoint", "data.redis", "primary_endpoint"),
    ("redis_secret_arn", "data.redis-secret", "arn"),
    ("repository_url", "compute.repository", "url"),
    ("service", "compute.service", "name"),
    ("vpc_id", "network.vpc", "id"),
];

/// The names of all outputs.
pub fn names() -> impl Iterator<Item = &'static str> {
    OUTPUTS.iter().map(|(name, ..)| *name)
}

/// The outputs of what is on record; those of resources that are not ready yet are missing.
pub fn outputs(rows: &BTreeMap<Address, Row>) -> BTreeMap<&'static str, String> {
    let value = |address: &str, field: &str| {
        let value = rows.get(&Address::from(address))?.outputs.as_ref()?.get(field)?;
        value.as_str().map(str::to_owned)
    };
    OUTPUTS.iter().filter_map(|(name, address, field)| Some((*name, value(address, field)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_is_missing_until_its_resource_is_ready() {
        let row: Row = serde_json::from_value(serde_json::json!({
            "kind": "ec2.vpc", "id": "vpc-1", "spec": {}, "outputs": { "id": "vpc-1" }
        }))
        .unwrap();
        let rows = BTreeMap::from([(Address::from("network.vpc"), row)]);
        assert_eq!(outputs(&rows), BTreeMap::from([("vpc_id", "vpc-1".to_owned())]));
    }
}
