//! What one security group rule allows: protocol, ports and peer; and how answers show many of them.

use std::collections::BTreeMap;
use std::fmt;

use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::security_group_rule::SecurityGroupRule;
use crate::world::World;

/// Ports, or ICMP type and code; none when the protocol is all or has no ports.
pub(super) type Ports = Option<(i64, i64)>;

/// One protocol, port range and peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Permission {
    pub(crate) protocol: String,
    pub(crate) ports: Ports,
    pub(crate) peer: Peer,
}

/// The other end of what a rule allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Peer {
    Ipv4(Ipv4Net),
    Ipv6(Ipv6Net),
    Group(String),
}

impl Peer {
    /// All IPv4 addresses.
    pub(super) const ANYWHERE: Self = Self::Ipv4(Ipv4Net::new_assert(std::net::Ipv4Addr::UNSPECIFIED, 0));
}

impl fmt::Display for Peer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ipv4(block) => block.fmt(formatter),
            Self::Ipv6(block) => block.fmt(formatter),
            Self::Group(group) => group.fmt(formatter),
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let protocol = if self.protocol == "-1" { "ALL".to_owned() } else { self.protocol.to_uppercase() };
        write!(formatter, "peer: {}, {protocol}", self.peer)?;
        if let Some((from, to)) = self.ports {
            write!(formatter, ", from port: {from}, to port: {to}")?;
        }
        formatter.write_str(", ALLOW")
    }
}

impl Permission {
    /// Everything from or to a peer.
    pub(super) fn all(peer: Peer) -> Self {
        Self { protocol: "-1".to_owned(), ports: None, peer }
    }

    /// The permission's values under the last part of an `ip-permission.*` filter.
    pub(super) fn filter(&self, name: &str) -> Option<Vec<String>> {
        let peer = self.peer.to_string();
        let only = |applies: bool| if applies { vec![peer] } else { Vec::new() };
        Some(match name {
            "protocol" => vec![self.protocol.clone()],
            "from-port" => self.ports.iter().map(|(from, _)| from.to_string()).collect(),
            "to-port" => self.ports.iter().map(|(_, to)| to.to_string()).collect(),
            "cidr" => only(matches!(self.peer, Peer::Ipv4(_))),
            "ipv6-cidr" => only(matches!(self.peer, Peer::Ipv6(_))),
            "group-id" => only(matches!(self.peer, Peer::Group(_))),
            _ => return None,
        })
    }
}

/// The peers of rules that agree in protocol and ports.
#[derive(Default)]
struct Peers {
    ipv4: Vec<Value>,
    ipv6: Vec<Value>,
    groups: Vec<Value>,
}

/// Rules as `DescribeSecurityGroups` shows them: those with the same protocol and ports are one permission.
pub(super) fn merged<'a>(rules: impl Iterator<Item = &'a SecurityGroupRule>, world: &World) -> Vec<Value> {
    let mut sets: BTreeMap<(&str, Ports), Peers> = BTreeMap::new();
    for rule in rules {
        let peers = sets.entry((&rule.permission.protocol, rule.permission.ports)).or_default();
        let text = &rule.description;
        match &rule.permission.peer {
            Peer::Ipv4(block) => peers.ipv4.push(json!({ "cidrIp": block, "description": text })),
            Peer::Ipv6(block) => peers.ipv6.push(json!({ "cidrIpv6": block, "description": text })),
            Peer::Group(group) => {
                peers.groups.push(json!({ "groupId": group, "userId": world.account, "description": text }));
            }
        }
    }
    let show = |((protocol, ports), peers): ((&str, Ports), Peers)| {
        json!({
            "ipProtocol": protocol,
            "fromPort": ports.map(|(from, _)| from),
            "toPort": ports.map(|(_, to)| to),
            "ipRanges": peers.ipv4,
            "ipv6Ranges": peers.ipv6,
            "groups": peers.groups,
            "prefixListIds": [],
        })
    };
    sets.into_iter().map(show).collect()
}
