//! Who can reach whom, as the configuration and the state of the resources make it.

use std::collections::BTreeMap;

use serde::Serialize;
use sidekick_engine::{Address, State};

use crate::Facts;
use crate::config::{Config, PublicAlb};
use crate::outputs::open_to;

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

/// Lists the paths of the environment. `outputs` are what is known of it by name.
pub fn access(
    config: &Config,
    facts: &Facts,
    state: &dyn Fn(&Address) -> Option<State>,
    outputs: &BTreeMap<&'static str, String>,
) -> Vec<Access> {
    let ready = |address: &str| state(&Address::from(address)) == Some(State::Ready);
    let mut paths = vec![from_the_internet(config, &ready)];
    paths.extend(config.public_alb.as_ref().map(|public| from_allowed_networks(public, &ready, outputs)));
    paths.extend(config.peers.iter().map(|peer| {
        let path = format!("peer {} ({}) → service", peer.name, peer.cidr);
        let connection = peer.connection_id.as_deref();
        let (state, note) = match (connection, connection.and_then(|id| facts.peerings.get(id))) {
            (Some(id), Some(status)) if status == "active" => (Reach::Active, format!("through {id}")),
            (Some(id), Some(status)) => (
                Reach::Pending,
                format!("{id} is {status}; the other side has to accept it, then run `sidekick up`"),
            ),
            (Some(id), None) => (Reach::Pending, format!("{id} does not exist")),
            (None, _) => (Reach::Pending, "no peering connection is configured (`connection_id`)".to_owned()),
        };
        Access { path, state, note }
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
