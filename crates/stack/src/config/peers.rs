//! Networks that are peered with the VPC.

use ipnet::Ipv4Net;

use super::cidr;
use super::names::PEER;
use super::network::Network;
use super::problem::Refusal;
use super::value::{Value, refuse_repeated};

/// A network that may reach the service through a VPC peering connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// What we call it; unique among the peers.
    pub name: String,
    /// Its address block; overlaps neither the VPC nor another peer.
    pub cidr: Ipv4Net,
    /// The existing connection (`pcx-…`). Without it the security groups admit the peer, but no route leads
    /// there yet.
    pub connection_id: Option<String>,
}

pub(super) fn read(list: &Value<'_>, vpc: &Value<'_>, network: &Network) -> Vec<Peer> {
    let items = list.items();
    let peers: Vec<Peer> = items.iter().map(peer).collect();
    let names: Vec<_> =
        items.iter().map(|item| item.at("name")).zip(peers.iter().map(|peer| &peer.name)).collect();
    refuse_repeated(&names, "name");
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

fn peer(item: &Value<'_>) -> Peer {
    Peer {
        name: item.at("name").text(|text| PEER.check(text).map(|()| text.to_owned())),
        cidr: item.at("cidr").text(cidr::parse),
        connection_id: item.at("connection_id").optional().map(|value| value.text(connection_id)),
    }
}

fn connection_id(text: &str) -> Result<String, Refusal> {
    let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    match text.strip_prefix("pcx-") {
        Some(id) if matches!(id.len(), 8 | 17) && id.chars().all(is_hex) => Ok(text.to_owned()),
        _ => Err(Refusal::new(
            format!("{text:?} is not the id of a VPC peering connection"),
            "copy it from the VPC console, like \"pcx-0123456789abcdef0\"; leave the key out while there is none",
        )),
    }
}
