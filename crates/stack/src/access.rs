//! Who can reach whom, as the configuration and the state of the resources make it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sidekick_aws::ec2::{Peering, PeeringState, VpcPeeringConnectionOutputs};
use sidekick_engine::{Address, State};

use crate::config::{Config, Connection, Peer, PublicAlb};
use crate::outputs::open_to;
use crate::{Facts, peering};

/// One way in, out or across.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Access {
    /// From where to where.
    pub path: String,
    /// Whether it is open.
    pub state: Reach,
    /// Why, or what is waited for.
    pub note: String,
}

/// Whether a path is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Reach {
    /// Open.
    Active,
    /// Closed on purpose.
    Blocked,
    /// Not open yet.
    Pending,
}

/// What was seen of a resource: how it is, and its outputs.
pub struct Seen<'a> {
    /// How it is.
    pub state: &'a dyn Fn(&Address) -> Option<State>,
    /// What dependents may read of it.
    pub outputs: &'a dyn Fn(&Address) -> Option<Value>,
}

/// Lists the paths of the environment. `outputs` are what is known of it by name.
pub fn access(
    config: &Config,
    facts: &Facts,
    seen: &Seen<'_>,
    outputs: &BTreeMap<&'static str, String>,
) -> Vec<Access> {
    let state = seen.state;
    let ready = |address: &str| state(&Address::from(address)) == Some(State::Ready);
    let mut paths = vec![from_the_internet(config, &ready)];
    paths.extend(config.public_alb.as_ref().map(|public| from_allowed_networks(public, &ready, outputs)));
    paths.extend(config.peers.iter().map(|peer| {
        let (state, note) = match known(peer, facts, seen.outputs) {
            Some((id, peering)) => through(&id, &peering),
            None => (Reach::Pending, unknown(peer, state)),
        };
        Access { path: path(peer), state, note }
    }));
    let internal = [
        (
            "service → database",
            config.database.port,
            ["data.postgres", "security.postgres", "compute.service"],
        ),
        ("service → cache", config.cache.port, ["data.redis", "security.redis", "compute.service"]),
        ("load balancer → service", config.service.port, ["edge.alb", "security.service", "compute.service"]),
    ];
    let public = config.public_alb.iter().map(|_| {
        let needs = ["edge.public-alb", "security.public-service", "compute.service"];
        ("public load balancer → service", config.service.port, needs)
    });
    paths.extend(internal.into_iter().chain(public).map(|(path, port, needs)| {
        let missing: Vec<_> = needs.into_iter().filter(|address| !ready(address)).collect();
        let state = if missing.is_empty() { Reach::Active } else { Reach::Pending };
        let note =
            if missing.is_empty() { String::new() } else { format!("not ready: {}", missing.join(", ")) };
        Access { path: format!("{path}, {port}/tcp"), state, note }
    }));
    paths.push(to_the_internet(config, &ready));
    paths
}

/// The peers whose connection is known and not active: it waits for somebody to accept it, or is dead.
pub fn pending(config: &Config, facts: &Facts, outputs: &dyn Fn(&Address) -> Option<Value>) -> Vec<Access> {
    let is_pending = |peer: &Peer| {
        let (id, peering) = known(peer, facts, outputs)?;
        let (state, note) = through(&id, &peering);
        (state != Reach::Active).then(|| Access { path: path(peer), state, note })
    };
    config.peers.iter().filter_map(is_pending).collect()
}

fn path(peer: &Peer) -> String {
    format!("peer {} ({}) → service", peer.name, peer.cidr)
}

/// The id of a peer's connection and how it is, if there is one.
fn known(
    peer: &Peer,
    facts: &Facts,
    outputs: &dyn Fn(&Address) -> Option<Value>,
) -> Option<(String, Peering)> {
    match peer.connection.as_ref()? {
        Connection::Existing(id) => Some((id.clone(), facts.peerings.get(id)?.0.clone())),
        Connection::Requested(vpc) => {
            let outputs = outputs(&peering::address(vpc))?;
            let VpcPeeringConnectionOutputs { id, peering } = Deserialize::deserialize(outputs).ok()?;
            Some((id.to_string(), peering))
        }
    }
}

/// Whether traffic can go through a connection, and else what is waited for and what there is to do.
fn through(id: &str, peering: &Peering) -> (Reach, String) {
    let Peering { status, account, region, .. } = peering;
    match peering.state() {
        PeeringState::Active => (Reach::Active, format!("through {id}")),
        PeeringState::Waiting => (
            Reach::Pending,
            format!(
                "{id} is {status} and waits for account {account} to accept it: `aws ec2 \
                 accept-vpc-peering-connection --vpc-peering-connection-id {id} --region {region}` there, then \
                 `sidekick up` here"
            ),
        ),
        PeeringState::Settling => (Reach::Pending, format!("{id} is {status}")),
        PeeringState::Deleting | PeeringState::Dead => {
            (Reach::Pending, format!("{id} leads nowhere: {}", peering.why()))
        }
    }
}

/// Why nothing is known of a peer's connection.
fn unknown(peer: &Peer, state: &dyn Fn(&Address) -> Option<State>) -> String {
    match &peer.connection {
        None => "no peering connection is configured (`connection_id` or `vpc_id`)".to_owned(),
        Some(Connection::Existing(id)) => format!("{id} does not exist"),
        Some(Connection::Requested(vpc)) => match state(&peering::address(vpc)) {
            Some(State::Settling(note)) => format!("the connection is {note}"),
            Some(State::Failed(why)) => format!("{why}; `sidekick up` requests it anew"),
            Some(State::Foreign) => format!(
                "a connection to {} exists that sidekick did not request; name it by its `connection_id`",
                vpc.id
            ),
            _ => "the connection is not requested yet; run `sidekick up`".to_owned(),
        },
    }
}

fn from_the_internet(config: &Config, ready: &dyn Fn(&str) -> bool) -> Access {
    let path = "internet → load balancer".to_owned();
    match (config.alb.internal, ready("edge.alb")) {
        (true, _) => Access { path, state: Reach::Blocked, note: "the load balancer is internal".to_owned() },
        (false, true) => {
            Access { path, state: Reach::Active, note: "the load balancer is internet-facing".to_owned() }
        }
        (false, false) => Access { path, state: Reach::Pending, note: "not ready: edge.alb".to_owned() },
    }
}

fn from_allowed_networks(
    public: &PublicAlb,
    ready: &dyn Fn(&str) -> bool,
    outputs: &BTreeMap<&'static str, String>,
) -> Access {
    let path = "internet → public load balancer".to_owned();
    let missing: Vec<_> =
        ["edge.public-alb", "security.public-alb"].into_iter().filter(|address| !ready(address)).collect();
    match (missing.as_slice(), outputs.get("public_alb_dns_name")) {
        ([], Some(name)) => {
            let note = format!("external access is {}, at {name}", open_to(public.allowed_cidrs.len()));
            Access { path, state: Reach::Active, note }
        }
        _ => Access { path, state: Reach::Pending, note: format!("not ready: {}", missing.join(", ")) },
    }
}

fn to_the_internet(config: &Config, ready: &dyn Fn(&str) -> bool) -> Access {
    let zone = config.network.nat_subnets.first().map(|subnet| subnet.zone.as_str()).unwrap_or_default();
    let gateway = format!("network.nat-gateway.{zone}");
    let (state, note) = match ready(&gateway) {
        true => (Reach::Active, "through the NAT gateway".to_owned()),
        false => (Reach::Pending, format!("not ready: {gateway}")),
    };
    Access { path: "service → internet".to_owned(), state, note }
}
