//! The peering connections that sidekick requests, and the routes to all peers.

use std::collections::BTreeMap;

use sidekick_aws::ec2::{
    MainRouteTable, RouteTarget, Vpc, VpcPeeringConnection, VpcPeeringConnectionOutputs,
};
use sidekick_aws::{Aws, PeeringConnectionId, VpcId};
use sidekick_engine::{Address, Graph, Handle, Ready};

use crate::config::{Config, PeerVpc};
use crate::facts::Facts;
use crate::names::tags_of;

/// The connections, and what routes they make.
pub(crate) struct Peerings {
    requested: Vec<Handle<VpcPeeringConnection>>,
    routes: PeerRoutes,
}

/// The routes to the peers whose connection is active. One that is still pending gets its route from the next run.
#[derive(Clone)]
pub(crate) struct PeerRoutes {
    /// Through the connections that exist already.
    existing: BTreeMap<String, RouteTarget>,
    /// Where those lead that sidekick requests, in their order.
    requested: Vec<String>,
}

/// A connection's address names its VPC, which is what makes it this connection and no other.
pub(crate) fn address(vpc: &PeerVpc) -> Address {
    Address::new(format!("network.peering-connection.{}", vpc.id))
}

impl Peerings {
    pub(crate) fn new(graph: &mut Graph<Aws>, config: &Config, facts: &Facts, vpc: &Handle<Vpc>) -> Self {
        let mut requested = Vec::new();
        let mut routes = PeerRoutes { existing: BTreeMap::new(), requested: Vec::new() };
        for peer in &config.peers {
            if let Some(id) = peer.existing().filter(|id| facts.peering_is_active(id)) {
                let target = RouteTarget::Peering(PeeringConnectionId::new(id));
                routes.existing.insert(peer.cidr.to_string(), target);
            }
            if let Some(other) = peer.requested() {
                let (own, tags) = (other.clone(), tags_of(config, &format!("peer-{}", peer.name)));
                let spec = move |vpc: VpcId| VpcPeeringConnection {
                    vpc,
                    peer_vpc: VpcId::new(&own.id),
                    peer_account: own.account.clone(),
                    peer_region: own.region.clone(),
                    accepted: true,
                    dns_resolution: own.dns_resolution,
                    tags: tags.clone(),
                };
                requested.push(graph.add(address(other), vpc.accepted(), spec));
                routes.requested.push(peer.cidr.to_string());
            }
        }
        let peerings = Self { requested, routes };
        peerings.main_table(graph, config, vpc);
        peerings
    }

    /// What [`PeerRoutes::with`] is given.
    pub(crate) fn needs(&self) -> Vec<Ready<VpcPeeringConnection>> {
        self.requested.iter().map(Handle::ready).collect()
    }

    pub(crate) fn routes(&self) -> PeerRoutes {
        self.routes.clone()
    }

    /// Whatever is put into the VPC later and follows no table of ours follows its main one. Where no route can lead to a
    /// peer, the main table is left as AWS made it.
    fn main_table(&self, graph: &mut Graph<Aws>, config: &Config, vpc: &Handle<Vpc>) {
        if self.requested.is_empty() && self.routes.existing.is_empty() {
            return;
        }
        let (peers, tags) = (self.routes(), tags_of(config, "main"));
        graph.add("network.main-routes", (vpc.ready(), self.needs()), move |(vpc, connections)| {
            MainRouteTable {
                table: vpc.main_route_table,
                routes: peers.with(&connections),
                tags: tags.clone(),
            }
        });
    }
}

impl PeerRoutes {
    /// The routes, once it is known how the requested connections are.
    pub(crate) fn with(&self, connections: &[VpcPeeringConnectionOutputs]) -> BTreeMap<String, RouteTarget> {
        let mut routes = self.existing.clone();
        let active = self.requested.iter().zip(connections);
        let active = active.filter(|(_, it)| it.is_active);
        routes.extend(active.map(|(cidr, it)| (cidr.clone(), RouteTarget::Peering(it.id.clone()))));
        routes
    }
}
