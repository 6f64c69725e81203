//! The security groups: who may open a connection to whom.

use std::collections::BTreeSet;

use sidekick_aws::ec2::{Peer, Rule, SecurityGroup, Vpc};
use sidekick_aws::{Aws, SecurityGroupId, VpcId};
use sidekick_engine::{Graph, Handle};

use crate::config::{self, Config, Posture, PublicAlb};
use crate::names::{ANYWHERE, tags};

/// The groups.
pub(crate) struct Security {
    pub(crate) redis: Handle<SecurityGroup>,
    pub(crate) postgres: Handle<SecurityGroup>,
    pub(crate) service: Handle<SecurityGroup>,
    pub(crate) alb: Handle<SecurityGroup>,
    pub(crate) public: Option<Public>,
}

/// The groups that stand only with the public load balancer.
pub(crate) struct Public {
    pub(crate) alb: Handle<SecurityGroup>,
    /// Lets it in to the tasks. Were it a rule of the service's own group, the rule would be revoked while tasks are
    /// still targets of this load balancer, and ECS would stop them as unhealthy; a group leaves with the tasks.
    pub(crate) service: Handle<SecurityGroup>,
}

impl Security {
    /// The groups of the tasks.
    pub(crate) fn of_tasks(&self) -> impl Iterator<Item = &Handle<SecurityGroup>> {
        std::iter::once(&self.service).chain(self.public.iter().map(|public| &public.service))
    }

    /// Every group that a task needs to live.
    pub(crate) fn of_life(&self) -> impl Iterator<Item = &Handle<SecurityGroup>> {
        let others = [&self.redis, &self.postgres, &self.alb].into_iter();
        self.of_tasks().chain(others).chain(self.public.iter().map(|public| &public.alb))
    }
}

pub(crate) fn security(graph: &mut Graph<Aws>, config: &Config, vpc: &Handle<Vpc>) -> Security {
    let alb_group = Group::new(config, &config.security.alb_group, "the load balancer");
    let alb_rules = rules(&config.alb.ingress_ports, &alb_sources(config));
    let alb = graph.add("security.alb", vpc.accepted(), move |vpc| alb_group.with(vpc, alb_rules.clone()));

    let service_group =
        Group::new(config, &config.security.service_group, "the tasks of the service").keeping_ways_in();
    let port = config.service.port;
    let from_peers = from_peers(config, port);
    let service = graph.add("security.service", (vpc.accepted(), alb.accepted()), move |(vpc, alb)| {
        let mut rules = from_peers.clone();
        rules.insert(Rule::tcp(port, Peer::Group(alb), "the load balancer"));
        service_group.with(vpc, rules)
    });

    let redis = Group::new(config, &config.security.redis_group, "the cache").keeping_ways_in();
    let redis = store(graph, config, (vpc, &service), ("security.redis", redis, config.cache.port));
    let postgres = Group::new(config, &config.security.postgres_group, "the database").keeping_ways_in();
    let postgres =
        store(graph, config, (vpc, &service), ("security.postgres", postgres, config.database.port));
    let public = config.public_alb.as_ref().map(|own| public(graph, config, vpc, own));
    Security { redis, postgres, service, alb, public }
}

fn public(graph: &mut Graph<Aws>, config: &Config, vpc: &Handle<Vpc>, own: &PublicAlb) -> Public {
    let alb_group = Group::new(config, &config.security.public_alb_group, "the public load balancer");
    let sources = own.allowed_cidrs.iter().map(|cidr| (cidr.to_string(), "an allowed network".to_owned()));
    let alb_rules = rules(&own.alb.ingress_ports, &sources.collect::<Vec<_>>());
    let alb =
        graph.add("security.public-alb", vpc.accepted(), move |vpc| alb_group.with(vpc, alb_rules.clone()));
    let name = &config.security.public_service_group;
    let service_group = Group::new(config, name, "what the public load balancer may reach").keeping_ways_in();
    let port = config.service.port;
    let needs = (vpc.accepted(), alb.accepted());
    let service = graph.add("security.public-service", needs, move |(vpc, alb)| {
        let rule = Rule::tcp(port, Peer::Group(alb), "the public load balancer");
        service_group.with(vpc, BTreeSet::from([rule]))
    });
    Public { alb, service }
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

/// Whom the load balancer admits, each with a description.
fn alb_sources(config: &Config) -> Vec<(String, String)> {
    match config.security.posture {
        Posture::Reference => vec![(ANYWHERE.to_owned(), "anywhere".to_owned())],
        Posture::Strict => {
            let vpc = (config.network.vpc_cidr.to_string(), "the VPC".to_owned());
            let peers =
                config.peers.iter().map(|peer| (peer.cidr.to_string(), format!("peer {}", peer.name)));
            std::iter::once(vpc).chain(peers).collect()
        }
    }
}

fn rules(ports: &BTreeSet<u16>, sources: &[(String, String)]) -> BTreeSet<Rule> {
    let mut rules = BTreeSet::new();
    for port in ports {
        for (cidr, description) in sources {
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
    keeps_ways_in: bool,
}

impl Group {
    fn new(config: &Config, name: &str, purpose: &str) -> Self {
        let description = format!("Security group of {purpose}");
        Self { name: name.to_owned(), description, tags: tags(config, name), keeps_ways_in: false }
    }

    /// Of tasks or of what they use: tasks go on with the former port, and in the former group, until others have come.
    fn keeping_ways_in(self) -> Self {
        Self { keeps_ways_in: true, ..self }
    }

    fn with(&self, vpc: VpcId, ingress: BTreeSet<Rule>) -> SecurityGroup {
        SecurityGroup {
            vpc,
            name: self.name.clone(),
            description: self.description.clone(),
            ingress,
            keeps_ways_in: self.keeps_ways_in,
            egress: BTreeSet::from([Rule::all_egress()]),
            tags: self.tags.clone(),
        }
    }
}
