//! Networks that are peered with the VPC.

use ipnet::Ipv4Net;

use super::cidr;
use super::names::PEER;
use super::network::Network;
use super::problem::Refusal;
use super::project::{account_id, check_region};
use super::value::{Value, refuse_repeated};

/// A network that may reach the service through a VPC peering connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// What we call it; unique among the peers.
    pub name: String,
    /// Its address block; overlaps neither the VPC nor another peer.
    pub cidr: Ipv4Net,
    /// The connection to it. Without one the security groups admit the peer, but no route leads there yet.
    pub connection: Option<Connection>,
}

/// The VPC peering connection to a peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Connection {
    /// One that exists (`pcx-…`) and is its maker's.
    Existing(String),
    /// One that sidekick requests.
    Requested(PeerVpc),
}

/// The VPC at the other side of a connection that sidekick requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerVpc {
    /// Its id (`vpc-…`).
    pub id: String,
    /// Its account; left out if it is the environment's.
    pub account: Option<String>,
    /// Its region; left out if it is the environment's.
    pub region: Option<String>,
    /// Whether public host names of ours are resolved to private addresses for it.
    pub dns_resolution: bool,
}

impl Peer {
    /// The VPC to which sidekick requests a connection.
    pub fn requested(&self) -> Option<&PeerVpc> {
        match &self.connection {
            Some(Connection::Requested(vpc)) => Some(vpc),
            _ => None,
        }
    }

    /// The connection that exists already.
    pub fn existing(&self) -> Option<&str> {
        match &self.connection {
            Some(Connection::Existing(id)) => Some(id),
            _ => None,
        }
    }
}

pub(super) fn read(list: &Value<'_>, vpc: &Value<'_>, network: &Network) -> Vec<Peer> {
    let items = list.items();
    let peers: Vec<Peer> = items.iter().map(|item| peer(item, network)).collect();
    let names: Vec<_> =
        items.iter().map(|item| item.at("name")).zip(peers.iter().map(|peer| &peer.name)).collect();
    refuse_repeated(&names, "name");
    let vpcs =
        items.iter().zip(&peers).filter_map(|(item, peer)| Some((item.at("vpc_id"), peer.requested()?)));
    refuse_repeated(&vpcs.map(|(key, vpc)| (key, &vpc.id)).collect::<Vec<_>>(), "VPC");
    let (keys, blocks): (Vec<Value<'_>>, Vec<Ipv4Net>) = items
        .iter()
        .map(|item| item.at("cidr"))
        .zip(peers.iter().map(|peer| peer.cidr))
        .filter(|(key, _)| key.is_sound())
        .unzip();
    for (key, block) in keys.iter().zip(&blocks) {
        if vpc.is_sound() && cidr::overlap(*block, network.vpc_cidr) {
            key.refuse(Refusal::new(
                format!("the peer's `{block}` collides with the VPC, which is `{}`", network.vpc_cidr),
                "AWS connects only networks without a common address: change one of the two",
            ));
        }
    }
    for (first, second) in cidr::overlapping_pairs(&blocks) {
        keys[second].refuse(Refusal::new(
            format!(
                "the peer's `{}` collides with `{}` of `{}`",
                blocks[second],
                blocks[first],
                keys[first].path()
            ),
            "a route leads to one of them only: give each peer addresses of its own",
        ));
    }
    peers
}

fn peer(item: &Value<'_>, network: &Network) -> Peer {
    Peer {
        name: item.at("name").text(|text| PEER.check(text).map(|()| text.to_owned())),
        cidr: item.at("cidr").text(cidr::parse),
        connection: connection(item, network),
    }
}

fn connection(item: &Value<'_>, network: &Network) -> Option<Connection> {
    let given = |key: &str, rule: fn(&str) -> Result<String, Refusal>| {
        item.at(key).optional().map(|value| value.text(rule))
    };
    let existing = given("connection_id", |text| {
        id("pcx-", text).ok_or_else(|| {
            Refusal::new(
                format!("{text:?} is not the id of a VPC peering connection"),
                "copy it from the VPC console, like \"pcx-0123456789abcdef0\"; leave the key out while there is none",
            )
        })
    });
    let vpc = given("vpc_id", |text| {
        id("vpc-", text).ok_or_else(|| {
            Refusal::new(
                format!("{text:?} is not the id of a VPC"),
                "copy it from the VPC console of the other side, like \"vpc-0123456789abcdef0\"",
            )
        })
    });
    let (account, region) = (given("account_id", account_id), given("region", check_region));
    let dns_key = item.at("dns_resolution");
    let dns_resolution = dns_key.optional().map(Value::flag);
    if dns_resolution == Some(true) && !(network.dns_support && network.dns_hostnames) {
        dns_key.refuse(Refusal::new(
            "names are resolved for peers only where the VPC has both `dns_support` and `dns_hostnames`",
            "turn them on in [network], or leave this key out",
        ));
    }
    if existing.is_some() && vpc.is_some() {
        item.at("vpc_id").refuse_key(Refusal::new(
            "a peer has a `connection_id` or a `vpc_id`, not both",
            "leave `vpc_id` out to use the connection that exists, or `connection_id` to have one requested",
        ));
    }
    let places = [
        ("account_id", account.is_some()),
        ("region", region.is_some()),
        ("dns_resolution", dns_resolution.is_some()),
    ];
    for (key, _) in places.iter().filter(|(_, given)| vpc.is_none() && *given) {
        item.at(key).refuse_key(Refusal::new(
            format!("`{key}` is about a connection that is requested, and no `vpc_id` is given"),
            "give the `vpc_id` to which a connection is requested, or leave this key out",
        ));
    }
    let dns_resolution = dns_resolution.unwrap_or_default();
    let requested = vpc.map(|id| Connection::Requested(PeerVpc { id, account, region, dns_resolution }));
    requested.or(existing.map(Connection::Existing))
}

/// An id of EC2: the prefix and eight or seventeen hexadecimal digits.
fn id(prefix: &str, text: &str) -> Option<String> {
    let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    let digits = text.strip_prefix(prefix)?;
    (matches!(digits.len(), 8 | 17) && digits.chars().all(is_hex)).then(|| text.to_owned())
}
