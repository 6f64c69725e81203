//! The VPC with its subnets, gateways and routes.

use std::collections::BTreeMap;

use sidekick_aws::ec2::{ElasticIp, InternetGateway, NatGateway, RouteTable, RouteTarget, Subnet, Vpc};
use sidekick_aws::{Aws, InternetGatewayId, VpcId};
use sidekick_engine::{Graph, Handle};

use crate::config::{self, Config, NatGateways, SubnetRouting};
use crate::facts::Facts;
use crate::names::{ANYWHERE, tags_of};
use crate::peering::Peerings;

/// What the other rooms need of the network.
pub(crate) struct Network {
    pub(crate) vpc: Handle<Vpc>,
    pub(crate) private: Vec<Handle<Subnet>>,
    pub(crate) alb: Vec<Handle<Subnet>>,
    pub(crate) gateway: Handle<InternetGateway>,
    pub(crate) nat: Vec<Handle<NatGateway>>,
    pub(crate) private_tables: Vec<Handle<RouteTable>>,
}

pub(crate) fn network(graph: &mut Graph<Aws>, config: &Config, facts: &Facts) -> Network {
    let vpc = vpc(graph, config);
    let gateway_tags = tags_of(config, "igw");
    let gateway = graph.add("network.internet-gateway", vpc.accepted(), move |vpc: VpcId| InternetGateway {
        vpc,
        tags: gateway_tags.clone(),
    });
    let mut subnets = |role: &str, subnets: &[config::Subnet], public: bool| -> Vec<Handle<Subnet>> {
        subnets.iter().map(|own| subnet(graph, config, &vpc, role, own, public)).collect()
    };
    let private = subnets("private", &config.network.private_subnets, false);
    let alb = subnets("alb", &config.network.alb_subnets, false);
    let public = subnets("nat", &config.network.nat_subnets, true);
    let gateways = match config.network.nat_gateways {
        NatGateways::Single => 1,
        NatGateways::PerZone => public.len(),
    };
    let nat: Vec<_> = public
        .iter()
        .zip(&config.network.nat_subnets)
        .take(gateways)
        .map(|(subnet, own)| nat_gateway(graph, config, &gateway, subnet, own))
        .collect();
    let peerings = Peerings::new(graph, config, facts, &vpc);
    let network = Network { vpc, private, alb, gateway, nat, private_tables: Vec::new() };
    Network { private_tables: route_tables(graph, config, &peerings, &network, &public), ..network }
}

fn vpc(graph: &mut Graph<Aws>, config: &Config) -> Handle<Vpc> {
    let spec = Vpc {
        cidr: config.network.vpc_cidr.to_string(),
        dns_support: config.network.dns_support,
        dns_hostnames: config.network.dns_hostnames,
        tags: tags_of(config, "vpc"),
    };
    graph.add("network.vpc", (), move |()| spec.clone())
}

/// A subnet's address names its range, which is what makes it this subnet and no other.
fn subnet(
    graph: &mut Graph<Aws>,
    config: &Config,
    vpc: &Handle<Vpc>,
    role: &str,
    own: &config::Subnet,
    public: bool,
) -> Handle<Subnet> {
    let (cidr, zone) = (own.cidr.to_string(), own.zone.clone());
    let mut tags = tags_of(config, &format!("{role}-{zone}"));
    tags.insert("AZ".to_owned(), zone.clone());
    graph.add(format!("network.{role}-subnet.{cidr}"), vpc.accepted(), move |vpc| Subnet {
        vpc,
        cidr: cidr.clone(),
        zone: zone.clone(),
        public,
        tags: tags.clone(),
    })
}

fn nat_gateway(
    graph: &mut Graph<Aws>,
    config: &Config,
    gateway: &Handle<InternetGateway>,
    subnet: &Handle<Subnet>,
    own: &config::Subnet,
) -> Handle<NatGateway> {
    let zone = &own.zone;
    let address_tags = tags_of(config, &format!("nat-{zone}"));
    let elastic_ip = graph
        .add(format!("network.elastic-ip.{zone}"), (), move |()| ElasticIp { tags: address_tags.clone() });
    let gateway_tags = tags_of(config, &format!("nat-{zone}"));
    // A NAT gateway in a VPC without an attached internet gateway is accepted, and fails a minute later.
    let needs = (subnet.accepted(), elastic_ip.accepted(), gateway.ready());
    graph.add(format!("network.nat-gateway.{zone}"), needs, move |(subnet, allocation, _)| NatGateway {
        subnet,
        allocation,
        tags: gateway_tags.clone(),
    })
}

/// The public table leads to the internet gateway, the private ones (one per NAT gateway) to theirs. The load
/// balancer's subnets belong to the one or the others, as configured.
fn route_tables(
    graph: &mut Graph<Aws>,
    config: &Config,
    peerings: &Peerings,
    network: &Network,
    public: &[Handle<Subnet>],
) -> Vec<Handle<RouteTable>> {
    let alb_public = config.alb.subnet_routing == SubnetRouting::Public;
    if alb_public {
        let own: Vec<_> = network.alb.iter().chain(public).collect();
        let public_table = public_table(graph, config, peerings, network, &own, None);
        private_tables(graph, config, peerings, network, false, Some(&public_table))
    } else {
        let tables = private_tables(graph, config, peerings, network, true, None);
        public_table(graph, config, peerings, network, &public.iter().collect::<Vec<_>>(), Some(&tables));
        tables
    }
}

/// A table that gives up subnets waits for the one that takes them (`after`): taking replaces the association in
/// one step, so that a subnet is never without a route.
fn public_table(
    graph: &mut Graph<Aws>,
    config: &Config,
    peerings: &Peerings,
    network: &Network,
    subnets: &[&Handle<Subnet>],
    after: Option<&[Handle<RouteTable>]>,
) -> Handle<RouteTable> {
    let peers = peerings.routes();
    let tags = tags_of(config, "public");
    let subnets: Vec<_> = subnets.iter().map(|subnet| subnet.accepted()).collect();
    let after = after.map(|tables| tables.iter().map(Handle::ready).collect::<Vec<_>>());
    let needs = (network.vpc.accepted(), network.gateway.ready(), subnets, peerings.needs(), after);
    graph.add("network.public-routes", needs, move |(vpc, gateway, subnets, connections, _)| RouteTable {
        vpc,
        routes: routes(RouteTarget::Gateway(InternetGatewayId::clone(&gateway.id)), peers.with(&connections)),
        subnets: subnets.into_iter().collect(),
        tags: tags.clone(),
    })
}

/// The private subnets are spread over the tables, those of a NAT gateway's own zone first. The first table serves what no
/// other one does, so it gives up subnets to the others; and those take them once their NAT gateway works.
fn private_tables(
    graph: &mut Graph<Aws>,
    config: &Config,
    peerings: &Peerings,
    network: &Network,
    with_alb: bool,
    after: Option<&Handle<RouteTable>>,
) -> Vec<Handle<RouteTable>> {
    let zones: Vec<&str> = config.network.nat_subnets.iter().map(|subnet| subnet.zone.as_str()).collect();
    let private = network.private.iter().zip(&config.network.private_subnets);
    let alb = network.alb.iter().zip(&config.network.alb_subnets).filter(|_| with_alb);
    let served: Vec<_> = private.chain(alb).collect();
    let mut tables: Vec<Handle<RouteTable>> = Vec::new();
    for (index, nat) in network.nat.iter().enumerate().rev() {
        let zone = zones[index];
        let own = served.iter().filter(|(_, subnet)| {
            let nearest = zones.iter().take(network.nat.len()).position(|zone| *zone == subnet.zone);
            nearest.unwrap_or(0) == index
        });
        let subnets: Vec<_> = own.map(|(handle, _)| handle.accepted()).collect();
        let peers = peerings.routes();
        let tags = tags_of(config, &format!("private-{zone}"));
        let others: Vec<_> = tables.iter().filter(|_| index == 0).chain(after).map(Handle::ready).collect();
        let works = (index > 0).then(|| nat.ready());
        let needs = (network.vpc.accepted(), nat.accepted(), subnets, peerings.needs(), (others, works));
        let address = format!("network.private-routes.{zone}");
        tables.push(graph.add(address, needs, move |(vpc, nat, subnets, connections, _)| RouteTable {
            vpc,
            routes: routes(RouteTarget::Nat(nat), peers.with(&connections)),
            subnets: subnets.into_iter().collect(),
            tags: tags.clone(),
        }));
    }
    tables.reverse();
    tables
}

fn routes(default: RouteTarget, peers: BTreeMap<String, RouteTarget>) -> BTreeMap<String, RouteTarget> {
    let mut routes = peers;
    routes.insert(ANYWHERE.to_owned(), default);
    routes
}

#[cfg(test)]
mod tests {
    use sidekick_aws::{NatGatewayId, PeeringConnectionId};

    use super::*;

    #[test]
    fn a_peer_route_stands_beside_the_default_route() {
        let peer = RouteTarget::Peering(PeeringConnectionId::new("pcx-1"));
        let peers = BTreeMap::from([("10.102.0.0/16".to_owned(), peer.clone())]);
        let routes = routes(RouteTarget::Nat(NatGatewayId::new("nat-1")), peers);
        assert_eq!(routes.len(), 2);
        assert_eq!(routes["10.102.0.0/16"], peer);
    }
}
