//! The security groups: who may open a connection to whom.

use std::collections::BTreeSet;

use sidekick_aws::ec2::{Peer, Rule, SecurityGroup, Vpc};
use sidekick_aws::{Aws, SecurityGroupId, VpcId};
use sidekick_engine::{Graph, Handle};

use crate::config::{self, Config, Posture};
use crate::names::{ANYWHERE, tags};

/// The four groups.
pub(crate) struct Security {
    pub(crate) redis: Handle<SecurityGroup>,
    pub(crate) postgres: Handle<SecurityGroup>,
    pub(crate) service: Handle<SecurityGroup>,
    pub(crate) alb: Handle<SecurityGroup>,
}

pub(crate) fn security(graph: &mut Graph<Aws>, config: &Config, vpc: &Handle<Vpc>) -> Security {
    let alb_group = Group::new(config, &config.security.alb_group, "the load balancer");
    let alb_rules = alb_rules(config);
    let alb = graph.add("security.alb", vpc.accepted(), move |vpc| alb_group.with(vpc, alb_rules.clone()));

    let service_group = Group::new(config, &config.security.service_group, "the tasks of the service");
    let port = config.service.port;
    let from_peers = from_peers(config, port);
    let service = graph.add("security.service", (vpc.accepted(), alb.accepted()), move |(vpc, alb)| {
        let mut rules = from_peers.clone();
        rules.insert(Rule::tcp(port, Peer::Group(alb), "the load balancer"));
        service_group.with(vpc, rules)
    });

    let redis = Group::new(config, &config.security.redis_group, "the cache");
    let redis = store(graph, config, (vpc, &service), ("security.redis", redis, config.cache.port));
    let postgres = Group::new(config, &config.security.postgres_group, "the database");
    let postgres =
        store(graph, config, (vpc, &service), ("security.postgres", postgres, config.database.port));
    Security { redis, postgres, service, alb }
}

/// A rule for each peer.
fn from_peers(config: &Config, port: u16) -> BTreeSet<Rule> {
    let rule = |peer: &config::Peer| {
        Rule::tcp(port, Peer::Cidr(peer.cidr.to_string()), &format!("peer {}", peer.name))
    };
    config.peers.iter().map(rule).collect()
}

/// The group of a data store: by the reference open to the whole VPC, and to the peers if so configured; by the strict
/// posture to the service only.
fn store(
    graph: &mut Graph<Aws>,
    config: &Config,
    (vpc, service): (&Handle<Vpc>, &Handle<SecurityGroup>),
    (address, group, port): (&str, Group, u16),
) -> Handle<SecurityGroup> {
    match config.security.posture {
        Posture::Reference => {
            let vpc_rule = Rule::tcp(port, Peer::Cidr(config.network.vpc_cidr.to_string()), "the VPC");
            let mut rules =
                if config.security.data_admits_peers { from_peers(config, port) } else { BTreeSet::new() };
            rules.insert(vpc_rule);
            graph.add(address, vpc.accepted(), move |vpc| group.with(vpc, rules.clone()))
        }
        Posture::Strict => {
            let needs = (vpc.accepted(), service.accepted());
            graph.add(address, needs, move |(vpc, service): (VpcId, SecurityGroupId)| {
                group.with(vpc, BTreeSet::from([Rule::tcp(port, Peer::Group(service), "the service")]))
            })
        }
    }
}

fn alb_rules(config: &Config) -> BTreeSet<Rule> {
    let sources: Vec<(String, String)> = match config.security.posture {
        Posture::Reference => vec![(ANYWHERE.to_owned(), "anywhere".to_owned())],
        Posture::Strict => {
            let vpc = (config.network.vpc_cidr.to_string(), "the VPC".to_owned());
            let peers =
                config.peers.iter().map(|peer| (peer.cidr.to_string(), format!("peer {}", peer.name)));
            std::iter::once(vpc).chain(peers).collect()
        }
    };
    let mut rules = BTreeSet::new();
    for port in &config.alb.ingress_ports {
        for (cidr, description) in &sources {
            rules.insert(Rule::tcp(*port, Peer::Cidr(cidr.clone()), description));
        }
    }
    rules
}

/// A group without its rules; all egress is open, as in the reference.
struct Group {
    name: String,
    description: String,
    tags: sidekick_aws::Tags,
}

impl Group {
    fn new(config: &Config, name: &str, purpose: &str) -> Self {
        let description = format!("Security group of {purpose}");
        Self { name: name.to_owned(), description, tags: tags(config, name) }
    }

    fn with(&self, vpc: VpcId, ingress: BTreeSet<Rule>) -> SecurityGroup {
        SecurityGroup {
            vpc,
            name: self.name.clone(),
            description: self.description.clone(),
            ingress,
            egress: BTreeSet::from([Rule::all_egress()]),
            tags: self.tags.clone(),
        }
    }
}
