//! What an operator wants to know of a running environment, by name.

use std::collections::{BTreeMap, BTreeSet};

use sidekick_engine::{Address, Row};

/// Name, address, and the field of the resource's outputs.
const OUTPUTS: &[(&str, &str, &str)] = &[
    ("alb_dns_name", "edge.alb", "dns_name"),
    ("app_secret_arn", "compute.app-secret", "arn"),
    ("cluster", "compute.cluster", "name"),
    ("database_endpoint", "data.postgres", "endpoint"),
    ("log_group", "compute.log-group", "name"),
    ("postgres_secret_arn", "data.postgres-secret", "arn"),
    ("public_alb_dns_name", "edge.public-alb", "dns_name"),
    ("redis_endpoint", "data.redis", "primary_endpoint"),
    ("redis_secret_arn", "data.redis-secret", "arn"),
    ("repository_url", "compute.repository", "url"),
    ("service", "compute.service", "name"),
    ("vpc_id", "network.vpc", "id"),
];

/// How many networks on the internet may reach the environment.
const EXTERNAL_ACCESS: &str = "external_access";

/// The names of all outputs.
pub fn names() -> impl Iterator<Item = &'static str> {
    OUTPUTS.iter().map(|(name, ..)| *name).chain([EXTERNAL_ACCESS])
}

/// The outputs of what is on record; those of resources that are not ready yet are missing.
pub fn outputs(rows: &BTreeMap<Address, Row>) -> BTreeMap<&'static str, String> {
    let value = |address: &str, field: &str| {
        let value = rows.get(&Address::from(address))?.outputs.as_ref()?.get(field)?;
        value.as_str().map(str::to_owned)
    };
    let known = OUTPUTS.iter().filter_map(|(name, address, field)| Some((*name, value(address, field)?)));
    known.chain(external_access(rows).map(|access| (EXTERNAL_ACCESS, access))).collect()
}

/// What the group of the public load balancer admits, once it stands.
fn external_access(rows: &BTreeMap<Address, Row>) -> Option<String> {
    let group = rows.get(&Address::from("security.public-alb")).filter(|row| row.outputs.is_some())?;
    let rules = group.spec.get("ingress")?.as_array()?;
    let networks: BTreeSet<_> = rules.iter().filter_map(|rule| rule["peer"]["cidr"].as_str()).collect();
    let is_everybody = |range: &str| range.ends_with("/0");
    Some(open_to(networks.len(), networks.iter().any(|range| is_everybody(range))))
}

/// `open to 2 CIDRs`, unless one of them is everybody.
pub(crate) fn open_to(networks: usize, everybody: bool) -> String {
    match networks {
        _ if everybody => "open to the whole internet".to_owned(),
        1 => "open to 1 CIDR".to_owned(),
        networks => format!("open to {networks} CIDRs"),
    }
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

    #[test]
    fn external_access_counts_networks_and_not_rules() {
        let rule = |port: u16, cidr: &str| serde_json::json!({ "from_port": port, "peer": { "cidr": cidr } });
        let two = [rule(80, "203.0.113.0/24"), rule(443, "203.0.113.0/24"), rule(80, "198.51.100.0/24")];
        let everybody = [rule(80, "203.0.113.0/24"), rule(443, "0.0.0.0/0")];
        for (ingress, words) in [(&two[..], "open to 2 CIDRs"), (&everybody, "open to the whole internet")] {
            let row: Row = serde_json::from_value(serde_json::json!({
                "kind": "ec2.security_group", "id": "sg-1", "spec": { "ingress": ingress }, "outputs": { "id": "sg-1" }
            }))
            .unwrap();
            let rows = BTreeMap::from([(Address::from("security.public-alb"), row)]);
            assert_eq!(outputs(&rows), BTreeMap::from([(EXTERNAL_ACCESS, words.to_owned())]));
        }
        assert!(names().any(|name| name == EXTERNAL_ACCESS));
    }
}
