//! Permissions as requests name them: `IpPermissions` with lists of peers, or one rule with one peer.

use ipnet::Ipv6Net;

use super::cidr;
use super::describe::find;
use super::permission::{Peer, Permission, Ports};
use crate::call::Refusal;
use crate::params::Params;
use crate::world::World;

/// A permission and the description of the rule that grants it.
pub(super) type Described = (Permission, Option<String>);

/// Reads `IpPermissions`: one permission for each peer.
pub(super) fn read_sets(world: &World, params: &Params, group: &str) -> Result<Vec<Described>, Refusal> {
    let mut all = Vec::new();
    for set in params.objects("IpPermissions")? {
        let protocol = read_protocol(&set)?;
        let ports = read_ports(&set, &protocol)?;
        let before = all.len();
        for (list, name, read_peer) in PEERS {
            for item in set.objects(list)? {
                let peer = read_peer(world, &item, name, group)?;
                let description = item.text_if("Description")?.map(str::to_owned);
                all.push((Permission { protocol: protocol.clone(), ports, peer }, description));
            }
        }
        if all.len() == before {
            let words = "Invalid value 'Must specify at least one peer' for ipPermissions.";
            return Err(Refusal::illegal("InvalidParameterValue", words));
        }
    }
    Ok(all)
}

/// Reads a rule with its one peer, as `ModifySecurityGroupRules` writes it.
pub(super) fn read_rule(world: &World, rule: &Params, group: &str) -> Result<Described, Refusal> {
    let protocol = read_protocol(rule)?;
    let ports = read_ports(rule, &protocol)?;
    let description = rule.text_if("Description")?.map(str::to_owned);
    let given = |(name, _): &&(&str, ReadPeer)| rule.has(name);
    let mut peers = RULE_PEERS.iter().filter(given);
    match (peers.next(), peers.next()) {
        (Some((name, read_peer)), None) => {
            let peer = read_peer(world, rule, name, group)?;
            Ok((Permission { protocol, ports, peer }, description))
        }
        _ => {
            let words = "Exactly one of the peers of a rule must be specified.";
            Err(Refusal::illegal("InvalidParameterCombination", words))
        }
    }
}

/// How a parameter names a peer.
type ReadPeer = fn(&World, &Params, &str, &str) -> Result<Peer, Refusal>;

/// The lists of a permission set, each with the parameter of its items that names the peer.
const PEERS: [(&str, &str, ReadPeer); 3] = [
    ("IpRanges", "CidrIp", read_ipv4),
    ("Ipv6Ranges", "CidrIpv6", read_ipv6),
    ("Groups", "GroupId", read_group),
];

/// The parameters of a rule that name its peer.
const RULE_PEERS: [(&str, ReadPeer); 3] =
    [("CidrIpv4", read_ipv4), ("CidrIpv6", read_ipv6), ("ReferencedGroupId", read_group)];

fn read_ipv4(_: &World, item: &Params, name: &str, _: &str) -> Result<Peer, Refusal> {
    let text = item.text(name)?;
    cidr::parse(text).map(Peer::Ipv4).ok_or_else(|| malformed(text))
}

fn read_ipv6(_: &World, item: &Params, name: &str, _: &str) -> Result<Peer, Refusal> {
    let text = item.text(name)?;
    text.parse::<Ipv6Net>().map(|block| Peer::Ipv6(block.trunc())).map_err(|_| malformed(text))
}

fn malformed(text: &str) -> Refusal {
    Refusal::illegal("InvalidParameterValue", format!("CIDR block {text} is malformed"))
}

/// A peer group lies in the same VPC, or in one behind an active peering connection.
fn read_group(world: &World, item: &Params, name: &str, group: &str) -> Result<Peer, Refusal> {
    if let Some(owner) = item.text_if("UserId")?.filter(|owner| *owner != world.account) {
        return Err(item.invalid("userId", owner, "The sandbox models groups of its own account only."));
    }
    let peer = find(&world.ec2.security_groups, item.text(name)?)?;
    let own = find(&world.ec2.security_groups, group)?;
    let mut peerings = world.ec2.peerings.values();
    let is_peered = peerings.any(|p| p.state(world) == "active" && p.joins(&own.vpc) && p.joins(&peer.vpc));
    if peer.vpc == own.vpc || is_peered {
        Ok(Peer::Group(peer.id.clone()))
    } else {
        let words = "You have specified two resources that belong to different networks.";
        Err(Refusal::illegal("InvalidGroup.NotFound", words))
    }
}

/// AWS answers with names where it knows them.
fn read_protocol(set: &Params) -> Result<String, Refusal> {
    let text = set.text("IpProtocol")?.to_lowercase();
    Ok(match text.as_str() {
        "6" | "tcp" => "tcp".to_owned(),
        "17" | "udp" => "udp".to_owned(),
        "1" | "icmp" => "icmp".to_owned(),
        "58" | "icmpv6" => "icmpv6".to_owned(),
        "-1" | "all" => "-1".to_owned(),
        other if other.parse::<u8>().is_ok() => text,
        other => {
            let words = format!("Invalid value '{other}' for IP protocol. Unknown protocol.");
            return Err(Refusal::illegal("InvalidParameterValue", words));
        }
    })
}

/// Only TCP, UDP and ICMP have ports; for the others AWS drops what was sent.
fn read_ports(set: &Params, protocol: &str) -> Result<Ports, Refusal> {
    let ports = (set.number("FromPort")?, set.number("ToPort")?);
    let refuse = |words: String| Err(Refusal::illegal("InvalidParameterValue", words));
    match (protocol, ports) {
        ("tcp" | "udp", (Some(from), Some(to)))
            if !(0..=65535).contains(&from) || !(0..=65535).contains(&to) =>
        {
            refuse(format!("Invalid value '{from}-{to}' for portRange. Ports lie between 0 and 65535."))
        }
        ("tcp" | "udp", (Some(from), Some(to))) if from > to => {
            refuse(format!("Invalid TCP/UDP port range ({from}, {to})"))
        }
        ("tcp" | "udp" | "icmp" | "icmpv6", (Some(from), Some(to))) => Ok(Some((from, to))),
        ("tcp" | "udp" | "icmp", _) => refuse(
            "Invalid value 'Must specify both from and to ports with TCP/UDP/ICMP.' for portRange."
                .to_owned(),
        ),
        _ => Ok(None),
    }
}
