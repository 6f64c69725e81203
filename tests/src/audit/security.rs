//! The security groups with their rules.

use aws_sdk_ec2::types::SecurityGroupRule;
use serde_json::json;

use super::network::tags;
use super::{Inventory, Trouble};
use crate::cloud::Cloud;

pub(super) async fn read(cloud: &Cloud, inventory: &mut Inventory) -> Result<(), Trouble> {
    let rules = cloud.ec2.describe_security_group_rules().send().await?;
    for group in cloud.ec2.describe_security_groups().send().await?.security_groups() {
        let id = group.group_id().unwrap_or_default();
        let of = |egress: bool| {
            let own = rules.security_group_rules().iter().filter(|rule| rule.group_id() == Some(id));
            own.filter(|rule| rule.is_egress() == Some(egress)).map(rule).collect::<Vec<_>>()
        };
        let attributes = json!({
            "vpc": group.vpc_id(),
            "name": group.group_name(),
            "description": group.description(),
            "ingress": of(false),
            "egress": of(true),
            "tags": tags(group.tags()),
        });
        let name = match group.group_name().unwrap_or_default() {
            "default" => format!("default of {}", group.vpc_id().unwrap_or_default()),
            name => name.to_owned(),
        };
        inventory.add("security-group", &name, id, attributes);
    }
    Ok(())
}

/// A rule in one line: `tcp 443-443 10.0.0.0/8 the VPC`.
fn rule(rule: &SecurityGroupRule) -> String {
    let group = rule.referenced_group_info().and_then(|it| it.group_id());
    let range = rule.cidr_ipv4().or(rule.cidr_ipv6()).or(rule.prefix_list_id());
    let ports = match (rule.from_port(), rule.to_port()) {
        (None | Some(-1), None | Some(-1)) => "all".to_owned(),
        (from, to) => format!("{}-{}", from.unwrap_or(-1), to.unwrap_or(-1)),
    };
    let (protocol, peer) = (rule.ip_protocol().unwrap_or("?"), group.or(range).unwrap_or("?"));
    format!("{protocol} {ports} {peer} {}", rule.description().unwrap_or_default()).trim_end().to_owned()
}
