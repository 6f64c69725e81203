//! How the network is filled: from the resources of the environment, and from what stands around them.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;
use serde_json::Value;
use sidekick_aws::ec2::{self, NatGateway, RouteTarget, Surroundings, Vpc};
use sidekick_aws::ecs::Service;
use sidekick_aws::elbv2::{Listener, LoadBalancer};
use sidekick_aws::{elasticache, rds};
use sidekick_engine::{Address, Contents, Graph, Survey};

use super::{Endpoint, Exposure, Group, Network, Peer, Rule, Subnet, Table, Target};

/// A network, and the endpoints of the environment in it by their addresses.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Environment {
    /// The network.
    pub network: Network,
    /// What connections lead to or come from.
    pub endpoints: BTreeMap<String, Endpoint>,
}

/// A resource of the environment, as it stands or shall stand.
pub struct Resource<'a> {
    /// Where it stands in the graph.
    pub address: &'a Address,
    /// Its kind.
    pub kind: &'a str,
    /// Its identity.
    pub id: &'a Value,
    /// What it is like, in the terms of its kind.
    pub spec: &'a Value,
    /// Why it does not work, if it does not.
    pub unready: Option<String>,
}

impl Resource<'_> {
    /// The resource, if it is of this kind. What another sidekick recorded in another shape is none.
    fn read<R: sidekick_engine::Resource>(&self) -> Option<R> {
        (self.kind == R::KIND).then(|| R::deserialize(self.spec).ok()).flatten()
    }

    /// Identities of the kinds that matter here are texts.
    fn id(&self) -> String {
        self.id.as_str().unwrap_or_default().to_owned()
    }
}

impl Environment {
    /// What there will be once everything is as desired.
    pub fn foreseen<C: Send + Sync + 'static>(graph: &Graph<C>, survey: &Survey) -> Self {
        let foreseen = graph.foresee(survey);
        let resources: Vec<_> = foreseen
            .iter()
            .map(|it| Resource {
                address: &it.address,
                kind: it.kind,
                id: &it.id,
                spec: &it.spec,
                unready: None,
            })
            .collect();
        Self::of(&resources)
    }

    /// What stands of what is on record. What cannot be read in full now is as it was recorded.
    pub fn standing(contents: &Contents, survey: &Survey) -> Self {
        let stands = contents.rows.iter().filter_map(|(address, row)| {
            let state = survey.state(address)?;
            let spec = survey.actual(address).or_else(|| state.exists().then_some(&row.spec))?;
            Some(Resource { address, kind: &row.kind, id: row.id.as_ref()?, spec, unready: state.unready() })
        });
        Self::of(&stands.collect::<Vec<_>>())
    }

    /// The same as if every end in it worked, which leaves what its network lets through.
    #[must_use]
    pub fn at_work(mut self) -> Self {
        let known = self.endpoints.values_mut().filter(|endpoint| !endpoint.subnets.is_empty());
        known.for_each(|endpoint| endpoint.unready = None);
        self
    }

    /// The environment that consists of these resources.
    pub fn of(resources: &[Resource<'_>]) -> Self {
        let mut environment = Self::default();
        environment.add_network(resources);
        environment.add_endpoints(resources);
        environment
    }

    fn add_network(&mut self, resources: &[Resource<'_>]) {
        let network = &mut self.network;
        let vpcs = resources.iter().filter_map(Resource::read::<Vpc>);
        let local: Table = vpcs.filter_map(|vpc| Some((vpc.cidr.parse().ok()?, Target::Local))).collect();
        for resource in resources {
            let id = resource.id();
            network.names.insert(id.clone(), resource.address.to_string());
            if let Some(Ok(range)) = resource.read::<ec2::Subnet>().map(|subnet| subnet.cidr.parse()) {
                network.subnets.insert(id, Subnet { range, table: None });
            } else if let Some(gateway) = resource.read::<NatGateway>() {
                network.nat_gateways.insert(id, gateway.subnet.to_string());
            } else if let Some(group) = resource.read::<ec2::SecurityGroup>() {
                let rules = |rules: &BTreeSet<ec2::Rule>| rules.iter().map(|it| rule(None, it)).collect();
                let (ingress, egress) = (rules(&group.ingress), rules(&group.egress));
                network.groups.insert(id, Group { ingress, egress });
            }
        }
        for resource in resources {
            let Some(table) = resource.read::<ec2::RouteTable>() else { continue };
            let routes = table.routes.iter().filter_map(|(to, by)| Some((to.parse().ok()?, target(by))));
            network.tables.insert(resource.id(), local.clone().into_iter().chain(routes).collect());
            for subnet in &table.subnets {
                if let Some(subnet) = network.subnets.get_mut(subnet.as_str()) {
                    subnet.table = Some(resource.id());
                }
            }
        }
    }

    fn add_endpoints(&mut self, resources: &[Resource<'_>]) {
        for resource in resources {
            let endpoint = if let Some(own) = resource.read::<LoadBalancer>() {
                let listeners = resources.iter().filter_map(Resource::read::<Listener>);
                let own_listeners = listeners.filter(|it| it.load_balancer.as_str() == resource.id());
                Endpoint {
                    exposure: Exposure::of(!own.internal, ["is internal", "is internet-facing"]),
                    ports: own_listeners.map(|listener| listener.port).collect(),
                    ..endpoint(resource, &own.subnets, &own.security_groups)
                }
            } else if let Some(own) = resource.read::<Service>() {
                let words = ["has tasks without public addresses", "has tasks with public addresses"];
                Endpoint {
                    exposure: Exposure::of(own.assign_public_ip, words),
                    ports: [own.container_port].into(),
                    ..endpoint(resource, &own.subnets, &own.security_groups)
                }
            } else if let Some(own) = resource.read::<rds::Instance>() {
                let groups = resources.iter().filter(|it| it.id() == own.subnet_group.as_str());
                let group = groups.filter_map(Resource::read::<rds::SubnetGroup>).next();
                let subnets = group.map(|group| group.subnets).unwrap_or_default();
                let words = ["is not publicly accessible", "is publicly accessible"];
                Endpoint {
                    exposure: Exposure::of(own.publicly_accessible, words),
                    ports: [own.port].into(),
                    ..endpoint(resource, &subnets, &own.security_groups)
                }
            } else if let Some(own) = resource.read::<elasticache::ReplicationGroup>() {
                let groups = resources.iter().filter(|it| it.id() == own.subnet_group.as_str());
                let group = groups.filter_map(Resource::read::<elasticache::SubnetGroup>).next();
                let subnets = group.map(|group| group.subnets).unwrap_or_default();
                let ports = [own.port].into();
                Endpoint { ports, ..endpoint(resource, &subnets, &own.security_groups) }
            } else {
                continue;
            };
            self.endpoints.insert(endpoint.name.clone(), endpoint);
        }
    }

    /// The same with the network as it stands, whoever made what is in it.
    #[must_use]
    pub fn amid(mut self, surroundings: &Surroundings) -> Self {
        let names = std::mem::take(&mut self.network.names);
        let mut network = Network { names, ..Network::default() };
        for (id, range) in &surroundings.subnets {
            let Ok(range) = range.parse() else { continue };
            network.subnets.insert(id.to_string(), Subnet { range, table: None });
        }
        for (id, standing) in &surroundings.tables {
            let routes = standing.routes.iter().filter_map(|route| {
                let leads = target(&route.target);
                let nowhere = || Target::Nowhere(leads.id().to_owned());
                let destination: IpNet = route.destination.parse().ok()?;
                Some((destination, if route.is_blackhole { nowhere() } else { leads.clone() }))
            });
            network.tables.insert(id.to_string(), routes.collect());
            if standing.is_main {
                network.main_table = Some(id.to_string());
            }
            for subnet in &standing.subnets {
                if let Some(subnet) = network.subnets.get_mut(subnet.as_str()) {
                    subnet.table = Some(id.to_string());
                }
            }
        }
        let gateways = surroundings.nat_gateways.iter();
        network.nat_gateways.extend(gateways.map(|(id, subnet)| (id.to_string(), subnet.to_string())));
        for (id, rules) in &surroundings.groups {
            let of = |is_egress| {
                let rules = rules.iter().filter(move |standing| standing.is_egress == is_egress);
                rules.map(|standing| rule(Some(&standing.id), &standing.rule)).collect()
            };
            network.groups.insert(id.to_string(), Group { ingress: of(false), egress: of(true) });
        }
        Self { network, ..self }
    }
}

/// An endpoint without public addresses, which most of them are.
fn endpoint<S: ToString, G: ToString>(
    resource: &Resource<'_>,
    subnets: &BTreeSet<S>,
    groups: &BTreeSet<G>,
) -> Endpoint {
    Endpoint {
        name: resource.address.to_string(),
        subnets: subnets.iter().map(ToString::to_string).collect(),
        groups: groups.iter().map(ToString::to_string).collect(),
        exposure: Exposure::Private("has no public address"),
        ports: BTreeSet::new(),
        unready: resource
            .unready
            .clone()
            .or_else(|| subnets.is_empty().then(|| "its subnets are not known".to_owned())),
    }
}

fn target(target: &RouteTarget) -> Target {
    match target {
        RouteTarget::Gateway(id) => Target::Internet(id.to_string()),
        RouteTarget::Nat(id) => Target::Nat(id.to_string()),
        RouteTarget::Peering(id) => Target::Peering(id.to_string()),
        RouteTarget::Other(id) if id == "local" => Target::Local,
        RouteTarget::Other(id) => Target::Other(id.clone()),
    }
}

/// What AWS shows in the place of a range and is none is a prefix list.
fn rule(id: Option<&String>, rule: &ec2::Rule) -> Rule {
    let peer = match &rule.peer {
        ec2::Peer::Group(group) => Peer::Group(group.to_string()),
        ec2::Peer::Cidr(range) => range.parse().map_or_else(|_| Peer::List(range.clone()), Peer::Range),
    };
    Rule { id: id.cloned(), protocol: rule.protocol.clone(), ports: rule.from_port.zip(rule.to_port), peer }
}
