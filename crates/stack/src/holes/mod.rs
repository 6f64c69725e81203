//! Environments with holes: each hole is found and named, and there is no false alarm.
//!
//! They are the configured environment as it is foreseen, in which one thing or two were changed.

mod gaps;
mod ways_in;

use std::collections::{BTreeMap, BTreeSet};

use sidekick_aws::ec2::Peering;
use sidekick_engine::{Address, Owner, Survey};

use crate::access::{Access, Reach, Seen, access};
use crate::config::{Config, over_default};
use crate::promises::promises;
use crate::reachability::{Environment, Exposure, Group, Peer, Rule, Target};
use crate::{Facts, graph};

const IGW: &str = "network.internet-gateway";
const PRIVATE: &str = "network.private-routes.us-west-2a";
const PUBLIC: &str = "network.public-routes";
const NAT: &str = "network.nat-gateway.us-west-2a";

/// A peer whose connection is active.
const PEER: &str =
    "[[peers]]\nname = \"pragma\"\ncidr = \"10.102.0.0/16\"\nconnection_id = \"pcx-0123456789abcdef0\"\n";
const PCX: &str = "pcx-0123456789abcdef0";
const STRICT: &str = "security.posture = \"strict\"\n";
const PUBLIC_ALB: &str =
    "[public_alb]\nenabled = true\nallowed_cidrs = [\"203.0.113.0/24\", \"198.51.100.7/32\"]\n";

/// A configured environment, which may be changed.
struct Site {
    config: Config,
    facts: Facts,
    environment: Environment,
}

impl Site {
    fn new(own: &str) -> Self {
        let config = over_default(own).unwrap_or_else(|problems| panic!("{problems:?}"));
        let active = || Peering {
            status: "active".to_owned(),
            message: String::new(),
            account: "210987654321".to_owned(),
            region: "us-west-2".to_owned(),
        };
        let ids = config.peers.iter().filter_map(|peer| peer.existing());
        let peerings = ids.map(|id| (id.to_owned(), (active(), Owner::Unmarked))).collect();
        let facts = Facts { peerings, ..Facts::default() };
        let environment = Environment::foreseen(&graph(&config, &facts), &Survey::default());
        Self { config, facts, environment }
    }

    fn seen<T>(&self, ask: impl FnOnce(&Seen<'_>) -> T) -> T {
        ask(&Seen { environment: &self.environment, state: &|_: &Address| None, outputs: &|_| None })
    }

    fn paths(&self) -> Vec<Access> {
        self.seen(|seen| access(&self.config, &self.facts, seen, &BTreeMap::new()))
    }

    /// How the path is that begins like this, and what is said about it.
    fn path(&self, begins: &str) -> (Reach, String) {
        let paths = self.paths();
        let path = paths.iter().find(|it| it.path.starts_with(begins));
        let path = path.unwrap_or_else(|| panic!("no path {begins} in {paths:#?}"));
        (path.state, format!("{}; {}", path.note, path.because.join("; ")))
    }

    #[track_caller]
    fn says(&self, begins: &str, state: Reach, words: &[&str]) {
        let (is, said) = self.path(begins);
        assert_eq!(is, state, "{begins}: {said}");
        for word in words {
            assert!(said.contains(word), "{begins} says {word:?}: {said}");
        }
    }

    /// The promises that do not hold, each with what breaks it.
    fn broken(&self) -> Vec<(String, String)> {
        let all = self.seen(|seen| promises(&self.config, &self.facts, seen));
        let broken = all.into_iter().filter(|it| !it.kept);
        broken.map(|it| (it.promise, it.broken_by.join("; "))).collect()
    }

    /// Checks that exactly these promises do not hold, by a part of each and what is said to break it.
    #[track_caller]
    fn breaks(&self, expected: &[(&str, &[&str])]) {
        let broken = self.broken();
        assert_eq!(broken.len(), expected.len(), "{broken:#?}");
        for ((promise, by), (part, words)) in broken.iter().zip(expected) {
            assert!(promise.contains(part), "{promise:?} is about {part:?}");
            for word in *words {
                assert!(by.contains(word), "{promise:?} is broken by {word:?}: {by}");
            }
        }
    }

    fn group(&mut self, name: &str) -> &mut Group {
        self.environment.network.groups.get_mut(name).unwrap_or_else(|| panic!("no group {name}"))
    }

    fn lets_in(&mut self, group: &str, ports: Option<(u16, u16)>, peer: Peer) {
        let protocol = if ports.is_some() { "tcp" } else { "-1" }.to_owned();
        let rule = Rule { id: Some("sgr-hole".to_owned()), protocol, ports, peer };
        self.group(group).ingress.push(rule);
    }

    fn route(&mut self, table: &str, destination: &str, target: Target) {
        let table =
            self.environment.network.tables.get_mut(table).unwrap_or_else(|| panic!("no table {table}"));
        table.insert(destination.parse().unwrap(), target);
    }

    fn expose(&mut self, address: &str, words: &'static str) {
        self.environment.endpoints.get_mut(address).unwrap().exposure = Exposure::Public(words);
    }

    /// Makes the database one on the internet, but for its rules.
    fn publish_database(&mut self) {
        self.expose("data.postgres", "is publicly accessible");
        self.route(PRIVATE, "0.0.0.0/0", Target::Internet(IGW.to_owned()));
    }
}

fn range(text: &str) -> Peer {
    Peer::Range(text.parse().unwrap())
}

#[test]
fn there_is_no_false_alarm() {
    let data = "security.data_admits_peers = true\n";
    let zones = "[network]\nnat_gateways = \"per_zone\"\nnat_subnets = [{ cidr = \"10.0.5.0/24\", zone = \"us-west-2a\" }, { cidr = \"10.0.6.0/24\", zone = \"us-west-2b\" }]\n";
    let routing = "alb.subnet_routing = \"private\"\n";
    let all = [
        String::new(),
        PEER.to_owned(),
        format!("{STRICT}{PEER}"),
        format!("{PUBLIC_ALB}{PEER}"),
        format!("{STRICT}{PUBLIC_ALB}"),
        format!("{data}{PEER}"),
        zones.to_owned(),
        format!("{routing}{PEER}"),
        format!("profile = \"production\"\n{PEER}"),
    ];
    for own in &all {
        let site = Site::new(own);
        assert_eq!(site.broken(), [], "{own}");
        let names: BTreeSet<_> = site.environment.endpoints.keys().map(String::as_str).collect();
        assert!(
            names.is_superset(&["compute.service", "data.postgres", "data.redis", "edge.alb"].into()),
            "{names:?}"
        );
        for path in site.paths() {
            let is_closed = path.path.starts_with("internet") && !path.path.contains("public");
            let expected = if is_closed { Reach::Blocked } else { Reach::Active };
            assert_eq!(path.state, expected, "{own}: {path:#?}");
            assert!(!path.because.is_empty(), "{own}: {path:#?}");
        }
    }
}

#[test]
fn each_path_names_the_rule_and_the_route_that_allow_it() {
    let site = Site::new(&format!("{PUBLIC_ALB}{PEER}"));
    let is = |path, words: &[&str]| site.says(path, Reach::Active, words);
    is("service → database, 5432/tcp", &["security.postgres lets in tcp 5432 from 10.0.0.0/16"]);
    is("service → database, 5432/tcp", &["lets out everything to 0.0.0.0/0"]);
    is("load balancer → service, 7500/tcp", &["security.service lets in tcp 7500 from security.alb"]);
    is(
        "public load balancer → service",
        &["security.public-service lets in tcp 7500 from security.public-alb"],
    );
    is(
        "service → internet",
        &[
            "network.private-routes.us-west-2a leads 0.0.0.0/0 to network.nat-gateway.us-west-2a",
            "network.public-routes leads 0.0.0.0/0 to network.internet-gateway",
        ],
    );
    is(
        "peer pragma (10.102.0.0/16) → load balancer, 80/tcp",
        &["through pcx-", "security.alb lets in tcp 80 from 0.0.0.0/0"],
    );
    is("peer pragma", &["network.public-routes leads 10.102.0.0/16 to pcx-0123456789abcdef0"]);
    let public = ["open to 2 CIDRs", "from 203.0.113.0/24", "leads 0.0.0.0/0 to network.internet-gateway"];
    is("internet → public load balancer, 80/tcp", &public);
    site.says("internet → load balancer", Reach::Blocked, &["edge.alb is internal"]);
    site.says("internet → cache", Reach::Blocked, &["data.redis has no public address"]);
}

#[test]
fn what_does_not_work_yet_is_pending_and_not_open() {
    let mut site = Site::new("");
    site.environment.endpoints.get_mut("data.postgres").unwrap().unready = Some("creating".to_owned());
    site.says("service → database", Reach::Pending, &["not ready: data.postgres: creating"]);
    site.environment.endpoints.remove("edge.alb");
    site.says("load balancer → service", Reach::Pending, &["not ready: edge.alb"]);
    site.says("internet → load balancer", Reach::Pending, &["not ready: edge.alb"]);
    assert_eq!(site.broken(), []);
}
