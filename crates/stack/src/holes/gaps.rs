//! What is meant to be open and is not.

use std::collections::BTreeMap;

use ipnet::IpNet;

use super::{NAT, PCX, PEER, PRIVATE, PUBLIC, STRICT, Site, range};
use crate::access::Reach;
use crate::reachability::{Peer, Target};

#[test]
fn what_a_peer_lacks_is_named() {
    let path = "peer pragma (10.102.0.0/16) → load balancer";
    let peer: IpNet = "10.102.0.0/16".parse().unwrap();
    let mut site = Site::new(PEER);
    site.environment.network.tables.get_mut(PUBLIC).unwrap().remove(&peer);
    // What is left is the default route, which does not lead to the peer.
    site.says(
        path,
        Reach::Blocked,
        &["network.public-routes leads 0.0.0.0/0 to network.internet-gateway, and not to pcx-"],
    );
    site.route(PUBLIC, "10.102.0.0/16", Target::Nowhere(PCX.to_owned()));
    site.says(path, Reach::Blocked, &["which is not there"]);
    site.route(PUBLIC, "10.102.0.0/16", Target::Peering("pcx-other".to_owned()));
    site.says(path, Reach::Blocked, &["pcx-other, and not to pcx-0123"]);
    // A subnet that follows another table.
    let mut site = Site::new(PEER);
    site.environment.network.subnets.get_mut("network.alb-subnet.10.0.4.0/24").unwrap().table =
        Some("rtb-own".to_owned());
    site.environment.network.tables.insert("rtb-own".to_owned(), BTreeMap::new());
    site.says(path, Reach::Blocked, &["rtb-own has no route to 10.102.0.0/16"]);

    let mut site = Site::new(&format!("{STRICT}{PEER}"));
    site.says(path, Reach::Active, &["security.alb lets in tcp 80 from 10.102.0.0/16"]);
    site.group("security.alb").ingress.retain(|rule| rule.peer != Peer::Range(peer));
    site.says(path, Reach::Blocked, &["nobody from 10.102.0.0/16 is let in on 80/tcp by security.alb"]);
    site.lets_in("security.alb", Some((80, 80)), range("10.102.1.0/24"));
    site.says(path, Reach::Active, &["10.102.1.0/24", "only a part of 10.102.0.0/16"]);
}

#[test]
fn what_cuts_the_service_off_is_named() {
    let mut site = Site::new(STRICT);
    site.group("security.service").egress.clear();
    site.says(
        "service → database",
        Reach::Blocked,
        &["nobody is let out to data.postgres on 5432/tcp by security.service"],
    );
    site.says(
        "service → internet",
        Reach::Blocked,
        &["443/tcp to 0.0.0.0/0 is not let out by security.service"],
    );
    site.says("load balancer → service", Reach::Active, &[]);

    let mut site = Site::new(STRICT);
    for rule in &mut site.group("security.redis").ingress {
        rule.peer = Peer::Group("security.alb".to_owned());
    }
    site.says(
        "service → cache",
        Reach::Blocked,
        &["compute.service is not let in on 6379/tcp by security.redis"],
    );
    site.breaks(&[(
        "the cache admit the service only",
        &["security.redis lets in tcp 6379 from security.alb"],
    )]);

    let mut site = Site::new("");
    site.group("security.service").ingress.retain(|rule| rule.peer != Peer::Group("security.alb".to_owned()));
    site.says(
        "load balancer → service",
        Reach::Blocked,
        &["edge.alb is not let in on 7500/tcp by security.service"],
    );
    // A range that holds only one of the load balancer's subnets lets in only half of it.
    site.lets_in("security.service", Some((7500, 7500)), range("10.0.3.0/24"));
    site.says("load balancer → service", Reach::Blocked, &["edge.alb is not let in"]);
    site.lets_in("security.service", Some((7500, 7500)), range("10.0.4.0/24"));
    site.says("load balancer → service", Reach::Active, &["10.0.3.0/24", "10.0.4.0/24"]);
}

#[test]
fn what_leads_the_service_nowhere_is_named() {
    let mut site = Site::new("");
    site.environment.network.nat_gateways.remove(NAT);
    site.says("service → internet", Reach::Blocked, &[NAT, "which does not work"]);

    let mut site = Site::new("");
    site.environment.network.tables.get_mut(PUBLIC).unwrap().remove(&"0.0.0.0/0".parse().unwrap());
    site.says(
        "service → internet",
        Reach::Blocked,
        &["network.public-routes does not lead to an internet gateway from there"],
    );

    let mut site = Site::new("");
    site.environment.network.tables.get_mut(PRIVATE).unwrap().remove(&"0.0.0.0/0".parse().unwrap());
    site.says(
        "service → internet",
        Reach::Blocked,
        &["network.private-routes.us-west-2a has no route to the internet"],
    );
    site.route(PRIVATE, "0.0.0.0/0", Target::Nowhere("nat-gone".to_owned()));
    site.says("service → internet", Reach::Blocked, &["nat-gone, which is not there"]);
}

/// The network goes on leading to a peer until `up` has taken its routes away, whatever the configuration says by then.
#[test]
fn a_peer_that_is_not_configured_any_more_is_shown_as_long_as_routes_lead_to_it() {
    let mut site = Site::new(PEER);
    let paths = site.paths();
    site.config.peers.clear();
    site.says("peer 10.102.0.0/16 (pcx-", Reach::Active, &["security.alb lets in tcp 80 from 0.0.0.0/0"]);
    let is_told =
        |paths: &[crate::access::Access]| paths.iter().filter(|it| it.path.contains("10.102.0.0/16")).count();
    assert_eq!((is_told(&paths), is_told(&site.paths())), (1, 1), "{paths:#?}");
}
