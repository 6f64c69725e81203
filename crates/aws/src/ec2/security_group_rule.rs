//! One rule of a security group: how it is read and written.

use aws_sdk_ec2::types::{
    IpPermission, IpRange, SecurityGroupRule, SecurityGroupRuleRequest, SecurityGroupRuleUpdate,
    UserIdGroupPair,
};
use serde::{Deserialize, Serialize};
use sidekick_engine::Result;

use crate::SecurityGroupId;
use crate::fault::missing;

/// One kind of traffic that a security group lets in or out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Rule {
    /// The protocol as AWS writes it: `tcp`, or `-1` for all.
    pub protocol: String,
    /// The first port; `None` for protocols without ports.
    pub from_port: Option<u16>,
    /// The last port; `None` for protocols without ports.
    pub to_port: Option<u16>,
    /// Who is at the other end.
    pub peer: Peer,
    /// Why the rule is there; empty for none.
    pub description: String,
}

/// The other end of a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Peer {
    /// An IPv4 range, canonical.
    Cidr(String),
    /// Whatever carries this security group.
    Group(SecurityGroupId),
}

impl Rule {
    /// One TCP port.
    pub fn tcp(port: u16, peer: Peer, description: &str) -> Self {
        let description = description.to_owned();
        Self { protocol: "tcp".to_owned(), from_port: Some(port), to_port: Some(port), peer, description }
    }

    /// Everything to everywhere: the rule out that AWS gives each new group.
    pub fn all_egress() -> Self {
        let peer = Peer::Cidr("0.0.0.0/0".to_owned());
        Self { protocol: "-1".to_owned(), from_port: None, to_port: None, peer, description: String::new() }
    }

    /// All but the description: what makes two rules one to AWS.
    pub(super) fn traffic(&self) -> (&str, Option<u16>, Option<u16>, &Peer) {
        (&self.protocol, self.from_port, self.to_port, &self.peer)
    }

    /// The rule as AWS shows it. Ranges that sidekick never writes (IPv6, prefix lists) stand as they are.
    pub(super) fn read(rule: &SecurityGroupRule) -> Result<Self> {
        let field = |name| missing("ec2 DescribeSecurityGroupRules", name);
        let group = rule.referenced_group_info().and_then(|group| group.group_id());
        let range = rule.cidr_ipv4().or(rule.cidr_ipv6()).or(rule.prefix_list_id());
        let peer = match group {
            Some(group) => Peer::Group(SecurityGroupId::new(group)),
            None => Peer::Cidr(range.ok_or_else(|| field("CidrIpv4"))?.to_owned()),
        };
        // AWS writes "no port" as -1.
        let port = |port: Option<i32>| port.and_then(|port| u16::try_from(port).ok());
        Ok(Self {
            protocol: rule.ip_protocol().ok_or_else(|| field("IpProtocol"))?.to_owned(),
            from_port: port(rule.from_port()),
            to_port: port(rule.to_port()),
            peer,
            description: rule.description().unwrap_or_default().to_owned(),
        })
    }

    pub(super) fn description(&self) -> Option<String> {
        (!self.description.is_empty()).then(|| self.description.clone())
    }

    pub(super) fn permission(&self) -> IpPermission {
        let permission = IpPermission::builder()
            .ip_protocol(&self.protocol)
            .set_from_port(self.from_port.map(i32::from))
            .set_to_port(self.to_port.map(i32::from));
        let description = self.description();
        let permission = match &self.peer {
            Peer::Group(id) => permission.user_id_group_pairs(
                UserIdGroupPair::builder().group_id(id.as_str()).set_description(description).build(),
            ),
            Peer::Cidr(range) => {
                permission.ip_ranges(IpRange::builder().cidr_ip(range).set_description(description).build())
            }
        };
        permission.build()
    }

    /// The change of the existing rule `id` into this one.
    pub(super) fn update(&self, id: &str) -> SecurityGroupRuleUpdate {
        let request = SecurityGroupRuleRequest::builder()
            .ip_protocol(&self.protocol)
            .set_from_port(self.from_port.map(i32::from))
            .set_to_port(self.to_port.map(i32::from))
            .set_description(self.description());
        let request = match &self.peer {
            Peer::Group(id) => request.referenced_group_id(id.as_str()),
            Peer::Cidr(range) => request.cidr_ipv4(range),
        };
        let update = SecurityGroupRuleUpdate::builder().security_group_rule_id(id);
        update.security_group_rule(request.build()).build()
    }
}
