//! Who can reach whom in the environment, with the rules and routes that decide it.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sidekick_aws::Aws;
use sidekick_aws::ec2::{Peering, PeeringState, VpcPeeringConnectionOutputs};
use sidekick_engine::{Address, Contents, Graph, State, Survey};

use crate::config::{Alb, Config, Connection, HTTPS_PORT, Peer};
use crate::outputs::{open_to, outputs};
use crate::reachability::{Answer, Endpoint, Environment, Peer as PeerRange, Way};
use crate::{Facts, peering};

pub(crate) const ALB: &str = "edge.alb";
pub(crate) const PUBLIC_ALB: &str = "edge.public-alb";
pub(crate) const SERVICE: &str = "compute.service";
pub(crate) const DATABASE: &str = "data.postgres";
pub(crate) const CACHE: &str = "data.redis";

/// One way in, out or across.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Access {
    /// From where to where.
    pub path: String,
    /// Whether it is open.
    pub state: Reach,
    /// For whom, or what is waited for.
    pub note: String,
    /// The rules and routes that allow it, or the one that blocks it.
    pub because: Vec<String>,
}

/// Whether a path is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Reach {
    /// Open.
    Active,
    /// Closed.
    Blocked,
    /// Not open yet.
    Pending,
}

/// What was seen of the environment, or is foreseen of it.
pub struct Seen<'a> {
    /// Its network, and what is in it.
    pub environment: &'a Environment,
    /// How a resource is.
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
    let public = config.public_alb.as_ref().map(|own| &own.alb);
    // What stands and is not configured any more is as open as ever, until it goes.
    let has_public = public.is_some() || seen.endpoint(PUBLIC_ALB).is_some();
    let (service, database, cache) = (config.service.port, config.database.port, config.cache.port);
    let (balancers, mut paths) = (seen.ports(ALB, Some(&config.alb)), Vec::new());
    paths.extend(balancers.iter().map(|port| seen.internet_to("load balancer", ALB, *port)));
    for port in seen.ports(PUBLIC_ALB, public) {
        let mut path = seen.internet_to("public load balancer", PUBLIC_ALB, port);
        if let (Reach::Active, Some(name)) = (path.state, outputs.get("public_alb_dns_name")) {
            path.note = format!("external access is {}, at {name}", path.note);
        }
        paths.push(path);
    }
    for (what, at, port) in
        [("service", SERVICE, service), ("database", DATABASE, database), ("cache", CACHE, cache)]
    {
        paths.push(seen.internet_to(what, at, port));
    }
    for peer in &config.peers {
        paths.extend(balancers.iter().map(|port| seen.peer_to(facts, peer, ("load balancer", ALB, *port))));
        if config.security.data_admits_peers {
            paths.push(seen.peer_to(facts, peer, ("database", DATABASE, database)));
            paths.push(seen.peer_to(facts, peer, ("cache", CACHE, cache)));
        }
    }
    paths.extend(balancers.iter().flat_map(|port| seen.others_to(config, ("load balancer", ALB, *port))));
    paths.push(seen.within(("load balancer", ALB), ("service", SERVICE), service));
    if has_public {
        paths.push(seen.within(("public load balancer", PUBLIC_ALB), ("service", SERVICE), service));
    }
    paths.push(seen.within(("service", SERVICE), ("database", DATABASE), database));
    paths.push(seen.within(("service", SERVICE), ("cache", CACHE), cache));
    paths.push(seen.to_internet());
    paths
}

/// The paths that a plan opens, and those that it closes.
///
/// It is compared what is let through, whether the ends work meanwhile or not: a rollout that failed closes nothing.
pub fn changes(
    (config, facts): (&Config, &Facts),
    graph: &Graph<Aws>,
    (contents, survey): (&Contents, &Survey),
) -> Vec<Access> {
    let outputs_of = |address: &Address| survey.outputs(address).cloned();
    let named = outputs(&contents.rows);
    let paths = |environment: &Environment| {
        let seen = Seen { environment, state: &|address| survey.state(address), outputs: &outputs_of };
        access(config, facts, &seen, &named)
    };
    let before = paths(&Environment::standing(contents, survey).at_work());
    differences(&before, &paths(&Environment::foreseen(graph, survey)))
}

/// The paths that are open after and were not before, and those that were and will not be.
fn differences(before: &[Access], after: &[Access]) -> Vec<Access> {
    let is_open =
        |paths: &[Access], path: &str| paths.iter().any(|it| it.path == path && it.state == Reach::Active);
    let opens = after.iter().filter(|it| it.state == Reach::Active && !is_open(before, &it.path));
    let closes = before.iter().filter(|it| it.state == Reach::Active && !is_open(after, &it.path));
    let closed = closes.map(|it| {
        let after = after.iter().find(|after| after.path == it.path).cloned();
        after.unwrap_or_else(|| {
            Access::new(it.path.clone(), Reach::Blocked, "not configured any more".to_owned())
        })
    });
    opens.cloned().chain(closed).collect()
}

/// The peers whose connection is known and not active: it waits for somebody to accept it, or is dead.
pub fn pending(config: &Config, facts: &Facts, outputs: &dyn Fn(&Address) -> Option<Value>) -> Vec<Access> {
    let is_pending = |peer: &Peer| {
        let (id, peering) = known(peer, facts, outputs)?;
        let (state, note) = through(&id, &peering);
        (state != Reach::Active).then(|| Access::new(path(peer, "load balancer"), state, note))
    };
    config.peers.iter().filter_map(is_pending).collect()
}

impl Access {
    fn new(path: String, state: Reach, note: String) -> Self {
        Self { path, state, note, because: Vec::new() }
    }

    /// What the network answers, as far as the ends work.
    fn answered(path: String, answer: Answer, ends: &[&Endpoint]) -> Self {
        let unready = unready(ends);
        match answer {
            Answer::Blocked(why) => {
                Self { because: vec![why], ..Self::new(path, Reach::Blocked, String::new()) }
            }
            Answer::Open(because) if unready.is_empty() => {
                Self { because, ..Self::new(path, Reach::Active, String::new()) }
            }
            Answer::Open(because) => Self { because, ..Self::new(path, Reach::Pending, unready) },
        }
    }
}

/// Which of the ends do not work, and why.
fn unready(ends: &[&Endpoint]) -> String {
    let words = ends.iter().filter_map(|end| {
        let why = end.unready.as_ref()?.lines().next().unwrap_or_default();
        Some(format!("not ready: {}: {why}", end.name))
    });
    words.collect::<Vec<_>>().join("; ")
}

impl Seen<'_> {
    pub(crate) fn endpoint(&self, address: &str) -> Option<&Endpoint> {
        self.environment.endpoints.get(address)
    }

    /// The ports on which a load balancer listens, or shall listen.
    fn ports(&self, address: &str, configured: Option<&Alb>) -> BTreeSet<u16> {
        let listens =
            self.endpoint(address).map(|balancer| balancer.ports.clone()).filter(|it| !it.is_empty());
        let desired = || {
            let https = configured.and_then(|own| own.certificate_arn.as_ref()).map(|_| HTTPS_PORT);
            https.into_iter().chain(configured.map(|own| own.listener_port)).collect()
        };
        listens.unwrap_or_else(desired)
    }

    fn internet_to(&self, what: &str, address: &str, port: u16) -> Access {
        let path = format!("internet → {what}, {port}/tcp");
        let Some(endpoint) = self.endpoint(address) else {
            return Access::new(path, Reach::Pending, format!("not ready: {address}"));
        };
        let network = &self.environment.network;
        let mut ways = network.ways_in(endpoint, port);
        ways.retain(Way::is_from_internet);
        if ways.is_empty() {
            let because = vec![network.closed_to_internet(endpoint, port)];
            return Access { because, ..Access::new(path, Reach::Blocked, String::new()) };
        }
        let sources: BTreeSet<_> = ways.iter().map(|way| &way.source).collect();
        let access =
            Access::answered(path, Answer::Open(ways.iter().map(Way::because).collect()), &[endpoint]);
        match access.state {
            Reach::Active => {
                let is_everybody =
                    |source: &&PeerRange| matches!(source, PeerRange::Range(it) if it.prefix_len() == 0);
                let note = open_to(sources.len(), sources.iter().any(is_everybody));
                Access { note, ..access }
            }
            _ => access,
        }
    }

    fn peer_to(&self, facts: &Facts, peer: &Peer, (what, address, port): (&str, &str, u16)) -> Access {
        let path = format!("{}, {port}/tcp", path(peer, what));
        let Some((id, peering)) = known(peer, facts, self.outputs) else {
            return Access::new(path, Reach::Pending, unknown(peer, self.state));
        };
        let (state, note) = through(&id, &peering);
        let Some(endpoint) = self.endpoint(address).filter(|_| state == Reach::Active) else {
            let waits = if state == Reach::Active { format!("not ready: {address}") } else { note };
            return Access::new(path, Reach::Pending, waits);
        };
        let answer = self.environment.network.peer_to(peer.cidr.into(), &id, endpoint, port);
        let access = Access::answered(path, answer, &[endpoint]);
        match access.state {
            Reach::Active => Access { note, ..access },
            _ => access,
        }
    }

    /// The networks that routes lead to through a peering connection, and that are no peers of the configuration: those
    /// of peers that are not configured any more, and what others have added.
    fn others_to(&self, config: &Config, (what, address, port): (&str, &str, u16)) -> Vec<Access> {
        let Some(endpoint) = self.endpoint(address) else { return Vec::new() };
        let network = &self.environment.network;
        let is_peer = |range: &IpNet| config.peers.iter().any(|peer| IpNet::from(peer.cidr) == *range);
        let others = network.peered().into_iter().filter(|(range, _)| !is_peer(range));
        let access = others.map(|(range, connection)| {
            let path = format!("peer {range} ({connection}) → {what}, {port}/tcp");
            Access::answered(path, network.peer_to(range, connection, endpoint, port), &[endpoint])
        });
        access.collect()
    }

    fn within(
        &self,
        (from, from_address): (&str, &str),
        (to, to_address): (&str, &str),
        port: u16,
    ) -> Access {
        let path = format!("{from} → {to}, {port}/tcp");
        let (Some(from), Some(to)) = (self.endpoint(from_address), self.endpoint(to_address)) else {
            return Access::new(path, Reach::Pending, self.missing(&[from_address, to_address]));
        };
        Access::answered(path, self.environment.network.within(from, to, port), &[from, to])
    }

    fn to_internet(&self) -> Access {
        let path = "service → internet, 443/tcp".to_owned();
        let Some(service) = self.endpoint(SERVICE) else {
            return Access::new(path, Reach::Pending, self.missing(&[SERVICE]));
        };
        Access::answered(path, self.environment.network.outbound(service), &[service])
    }

    fn missing(&self, addresses: &[&str]) -> String {
        let missing = addresses.iter().filter(|address| self.endpoint(address).is_none());
        format!("not ready: {}", missing.copied().collect::<Vec<_>>().join(", "))
    }
}

/// The ranges of the peers by the ids of their connections, as far as these are known.
pub(crate) fn connections<'a>(
    config: &'a Config,
    facts: &Facts,
    outputs: &dyn Fn(&Address) -> Option<Value>,
) -> BTreeMap<String, &'a Peer> {
    let known = config.peers.iter().filter_map(|peer| Some((known(peer, facts, outputs)?.0, peer)));
    known.collect()
}

fn path(peer: &Peer, to: &str) -> String {
    format!("peer {} ({}) → {to}", peer.name, peer.cidr)
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
            let VpcPeeringConnectionOutputs { id, peering, .. } = Deserialize::deserialize(outputs).ok()?;
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
