//! What the configuration promises about who can reach what, held against the network.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;
use serde::Serialize;

use crate::Facts;
use crate::access::{ALB, CACHE, DATABASE, PUBLIC_ALB, SERVICE, Seen, connections};
use crate::config::{Config, Peer, Posture};
use crate::reachability::{Direction, Endpoint, Peer as Source, Target, Way, is_within};

/// What to do about a promise that does not hold.
pub const HINT: &str = "run `sidekick up`: it takes back what was changed of the environment's own resources. What others \
                        put beside them, and `sidekick plan` does not show, is for others to remove";

/// One promise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Promise {
    /// What is promised.
    pub promise: String,
    /// Whether it holds.
    pub kept: bool,
    /// The rules and routes that break it.
    pub broken_by: Vec<String>,
}

/// Every promise of the configuration, and whether it holds. About what does not exist, it does.
pub fn promises(config: &Config, facts: &Facts, seen: &Seen<'_>) -> Vec<Promise> {
    let holder = Holder { config, seen, connections: connections(config, facts, seen.outputs) };
    let mut promises = Vec::new();
    if config.alb.internal {
        promises.push(holder.internal_only());
    }
    promises.extend(holder.allowed_only());
    promises.extend(holder.closed());
    promises.extend(holder.posture());
    promises
}

struct Holder<'a> {
    config: &'a Config,
    seen: &'a Seen<'a>,
    /// The peers by the ids of their connections.
    connections: BTreeMap<String, &'a Peer>,
}

impl Promise {
    fn new(promise: impl Into<String>, broken_by: BTreeSet<String>) -> Self {
        let (kept, broken_by) = (broken_by.is_empty(), broken_by.into_iter().collect());
        Self { promise: promise.into(), kept, broken_by }
    }
}

impl Holder<'_> {
    fn internal_only(&self) -> Promise {
        let broken = self.ways(ALB, |way| self.is_by_peer(way));
        Promise::new("only the VPC and its peers reach the load balancer", broken)
    }

    fn allowed_only(&self) -> Option<Promise> {
        let public = self.config.public_alb.as_ref()?;
        let allowed: Vec<IpNet> = public.allowed_cidrs.iter().map(|cidr| (*cidr).into()).collect();
        let is_allowed = |way: &Way| matches!(way.source, Source::Range(range) if is_within(range, &allowed));
        let broken = self.ways(PUBLIC_ALB, is_allowed);
        Some(Promise::new("only the allowed networks reach the public load balancer", broken))
    }

    /// What is for the inside is not reached from outside, whatever its groups admit.
    fn closed(&self) -> Vec<Promise> {
        let peers_too = self.config.security.data_admits_peers;
        let closed = [
            ("the tasks of the service", SERVICE, true),
            ("the database", DATABASE, peers_too),
            ("the cache", CACHE, peers_too),
        ];
        let promise = |(what, address, peers_too): (&str, &str, bool)| {
            let whom = if peers_too { "the VPC and its peers reach" } else { "the VPC reaches" };
            let broken = self.ways(address, |way| peers_too && self.is_by_peer(way));
            Promise::new(format!("only {whom} {what}"), broken)
        };
        closed.map(promise).into()
    }

    /// The groups admit nobody whom the posture does not, even where no route leads there now.
    fn posture(&self) -> Vec<Promise> {
        let strict = self.config.security.posture == Posture::Strict;
        let peers_too = self.config.security.data_admits_peers;
        let whom = match (strict, peers_too) {
            (true, _) => "the service",
            (false, true) => "the VPC and the peers",
            (false, false) => "the VPC",
        };
        let posture = if strict { "strict" } else { "reference" };
        let mut promises = Vec::new();
        for (what, address) in [("the database", DATABASE), ("the cache", CACHE)] {
            let broken = self.rules(address, |source| match source {
                Source::Group(id) if strict => self.is_service(id),
                _ => !strict && self.is_inside(source, peers_too),
            });
            let promise = format!("the groups of {what} admit {whom} only (posture `{posture}`)");
            promises.push(Promise::new(promise, broken));
        }
        if strict {
            let broken = self.rules(ALB, |source| self.is_inside(source, true));
            let promise =
                "the groups of the load balancer admit the VPC and the peers only (posture `strict`)";
            promises.push(Promise::new(promise, broken));
        }
        promises
    }

    /// The ways to where an endpoint listens that are not as promised.
    fn ways(&self, address: &str, is_promised: impl Fn(&Way) -> bool) -> BTreeSet<String> {
        let Some(endpoint) = self.seen.endpoint(address) else { return BTreeSet::new() };
        let network = &self.seen.environment.network;
        let ways = endpoint.ports.iter().flat_map(|port| network.ways_in(endpoint, *port));
        let broken = ways.filter(|way| !is_promised(way)).map(|way| {
            let (source, through) = (network.peer(&way.source), network.name(way.through.id()));
            format!("{address} is reached from {source} through {through}: {}", way.because())
        });
        broken.collect()
    }

    /// The rules of an endpoint's groups that admit somebody to where it listens who is not promised.
    fn rules(&self, address: &str, is_promised: impl Fn(&Source) -> bool) -> BTreeSet<String> {
        let Some(endpoint) = self.seen.endpoint(address) else { return BTreeSet::new() };
        let network = &self.seen.environment.network;
        let rules = endpoint.ports.iter().flat_map(|port| network.rules(endpoint, Direction::In, *port));
        let broken = rules.filter(|(_, rule)| !is_promised(&rule.peer));
        broken.map(|(group, rule)| network.rule(group, "in", rule)).collect()
    }

    /// Whether somebody comes through a peer's own connection, and from nowhere else than its network.
    fn is_by_peer(&self, way: &Way) -> bool {
        let Target::Peering(id) = &way.through else { return false };
        let peer: Option<IpNet> = self.connections.get(id).map(|peer| peer.cidr.into());
        matches!((&way.source, peer), (Source::Range(range), Some(peer)) if peer.contains(range))
    }

    /// Whether a rule is about nobody outside of the VPC, or of the peers.
    fn is_inside(&self, source: &Source, peers_too: bool) -> bool {
        let network = &self.seen.environment.network;
        let mut inside: Vec<IpNet> = network.own_ranges().collect();
        inside.push(self.config.network.vpc_cidr.into());
        if peers_too {
            inside.extend(self.config.peers.iter().map(|peer| IpNet::from(peer.cidr)));
        }
        match source {
            Source::Range(range) => is_within(*range, &inside),
            Source::Group(id) => network.groups.contains_key(id),
            Source::List(_) => false,
        }
    }

    /// Whether a group is the service's own.
    fn is_service(&self, group: &str) -> bool {
        let names = &self.seen.environment.network.names;
        names.get(group).is_some_and(|address| address == "security.service")
            && self.seen.endpoint(SERVICE).is_none_or(|service: &Endpoint| service.groups.contains(group))
    }
}
