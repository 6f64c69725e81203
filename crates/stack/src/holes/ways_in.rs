//! What is open and is not meant to be.

use super::{IGW, NAT, PEER, PRIVATE, PUBLIC, PUBLIC_ALB, STRICT, Site, range};
use crate::access::Reach;
use crate::reachability::{Exposure, Group, Peer, Target};

#[test]
fn a_database_on_the_internet_takes_an_address_a_route_and_a_rule() {
    let mut site = Site::new(PEER);
    site.publish_database();
    assert_eq!(site.broken(), [], "nobody is let in");
    site.says(
        "internet → database",
        Reach::Blocked,
        &["nobody from the internet is let in on 5432/tcp by security.postgres"],
    );
    // The tasks need a NAT gateway, and an internet gateway does nothing for them.
    site.says("service → internet", Reach::Blocked, &[PRIVATE, IGW, "public addresses only"]);
    site.lets_in("security.postgres", Some((5432, 5432)), range("0.0.0.0/0"));
    let rule = "security.postgres lets in tcp 5432 from 0.0.0.0/0 (sgr-hole)";
    let route = "network.private-routes.us-west-2a leads 0.0.0.0/0 to network.internet-gateway";
    site.says("internet → database", Reach::Active, &["open to the whole internet", rule, route]);
    site.breaks(&[
        ("only the VPC reaches the database", &[rule, route]),
        ("the database admit the VPC only", &[rule]),
    ]);

    // Without one of the three nobody comes from the internet.
    let mut private = Site::new("");
    private.publish_database();
    private.lets_in("security.postgres", Some((5432, 5432)), range("0.0.0.0/0"));
    private.environment.endpoints.get_mut("data.postgres").unwrap().exposure =
        Exposure::Private("is not publicly accessible");
    private.says("internet → database", Reach::Blocked, &["data.postgres is not publicly accessible"]);
    let mut unrouted = Site::new("");
    unrouted.expose("data.postgres", "is publicly accessible");
    unrouted.lets_in("security.postgres", Some((5432, 5432)), range("0.0.0.0/0"));
    unrouted.says("internet → database", Reach::Blocked, &["no route to an internet gateway", PRIVATE]);
    for site in [private, unrouted] {
        site.breaks(&[("the database admit the VPC only", &["0.0.0.0/0 (sgr-hole)"])]);
    }
}

#[test]
fn a_rule_is_found_however_it_is_written() {
    let written = [
        (Some((5432, 5432)), range("203.0.113.7/32")),
        (Some((0, 65535)), range("0.0.0.0/0")),
        (Some((5000, 6000)), range("128.0.0.0/1")),
        (None, range("0.0.0.0/0")),
        (Some((5432, 5432)), Peer::List("pl-0123".to_owned())),
    ];
    for (ports, peer) in written {
        let mut site = Site::new("");
        site.publish_database();
        site.lets_in("security.postgres", ports, peer.clone());
        site.breaks(&[("only the VPC reaches the database", &["sgr-hole"]), ("the database", &["sgr-hole"])]);
    }
    let harmless = [
        (Some((22, 22)), range("0.0.0.0/0")),
        (Some((5433, 6000)), range("0.0.0.0/0")),
        (Some((5432, 5432)), range("10.0.1.0/24")),
        (Some((5432, 5432)), Peer::Group("security.alb".to_owned())),
    ];
    for (ports, peer) in harmless {
        let mut site = Site::new("");
        site.publish_database();
        site.lets_in("security.postgres", ports, peer.clone());
        assert_eq!(site.broken(), [], "{ports:?} {peer:?}");
    }
}

#[test]
fn ipv6_is_a_way_in_as_well() {
    let mut site = Site::new("");
    site.publish_database();
    site.lets_in("security.postgres", Some((5432, 5432)), range("::/0"));
    site.breaks(&[("the database admit the VPC only", &["::/0 (sgr-hole)"])]);
    site.route(PRIVATE, "::/0", Target::Internet(IGW.to_owned()));
    site.breaks(&[
        ("only the VPC reaches the database", &["::/0 (sgr-hole)", "leads ::/0 to network.internet-gateway"]),
        ("the database admit the VPC only", &["::/0 (sgr-hole)"]),
    ]);
}

#[test]
fn an_internal_load_balancer_that_faces_the_internet_is_found() {
    let mut site = Site::new(PEER);
    site.expose("edge.alb", "is internet-facing");
    let because = [
        "security.alb lets in tcp 80 from 0.0.0.0/0",
        "network.public-routes leads 0.0.0.0/0 to network.internet-gateway",
    ];
    site.says("internet → load balancer", Reach::Active, &because);
    site.breaks(&[("only the VPC and its peers reach the load balancer", &because)]);
    // The strict posture admits nobody, whatever the scheme.
    let mut site = Site::new(&format!("{STRICT}{PEER}"));
    site.expose("edge.alb", "is internet-facing");
    assert_eq!(site.broken(), []);
    site.lets_in("security.alb", Some((80, 80)), range("198.51.100.0/24"));
    site.breaks(&[
        ("reach the load balancer", &["198.51.100.0/24 (sgr-hole)"]),
        ("posture `strict`", &["sgr-hole"]),
    ]);
}

#[test]
fn a_way_in_from_a_network_that_is_no_peer_is_found() {
    let mut site = Site::new(PEER);
    site.route(PUBLIC, "10.9.0.0/16", Target::Peering("pcx-stranger".to_owned()));
    site.breaks(&[(
        "the load balancer",
        &["from 10.9.0.0/16 through pcx-stranger", "leads 10.9.0.0/16 to pcx-stranger"],
    )]);
    let mut site = Site::new("");
    site.route(PUBLIC, "192.168.0.0/16", Target::Other("tgw-1".to_owned()));
    site.breaks(&[("the load balancer", &["from 192.168.0.0/16 through tgw-1"])]);
    // Nobody comes in by what lets out only, or leads nowhere.
    let mut site = Site::new("");
    site.route(PUBLIC, "2000::/3", Target::Other("eigw-1".to_owned()));
    site.route(PUBLIC, "192.168.0.0/16", Target::Nowhere("pcx-dead".to_owned()));
    assert_eq!(site.broken(), []);
}

#[test]
fn a_data_store_that_peers_reach_without_leave_is_found() {
    let mut site = Site::new(PEER);
    site.lets_in("security.redis", Some((6379, 6379)), range("10.102.7.0/24"));
    let words = ["from 10.102.7.0/24 through pcx-", "(sgr-hole)", PRIVATE];
    site.breaks(&[
        ("only the VPC reaches the cache", &words),
        ("the cache admit the VPC only", &["sgr-hole"]),
    ]);
    let mut site = Site::new(&format!("security.data_admits_peers = true\n{PEER}"));
    site.lets_in("security.redis", Some((6379, 6379)), range("10.102.7.0/24"));
    assert_eq!(site.broken(), []);
}

#[test]
fn a_group_of_another_vpc_comes_from_there_and_not_from_the_internet() {
    let mut site = Site::new(PUBLIC_ALB);
    site.lets_in("security.public-alb", Some((80, 80)), Peer::Group("sg-peered".to_owned()));
    assert_eq!(site.broken(), []);
    site.route(PUBLIC, "10.9.0.0/16", Target::Peering("pcx-stranger".to_owned()));
    let by = "edge.public-alb is reached from sg-peered through pcx-stranger";
    site.breaks(&[("reach the load balancer", &["10.9.0.0/16"]), ("the allowed networks", &[by])]);
}

#[test]
fn a_strict_store_that_admits_more_than_the_service_is_found() {
    for peer in
        [range("10.0.0.0/16"), Peer::Group("security.alb".to_owned()), Peer::Group("sg-other".to_owned())]
    {
        let mut site = Site::new(STRICT);
        site.lets_in("security.postgres", Some((5432, 5432)), peer);
        site.breaks(&[("the database admit the service only", &["sgr-hole"])]);
    }
}

#[test]
fn a_public_load_balancer_that_admits_more_than_its_list_is_found() {
    for (wider, peer) in
        [("203.0.112.0/23", range("203.0.112.0/23")), ("pl-1", Peer::List("pl-1".to_owned()))]
    {
        let mut site = Site::new(PUBLIC_ALB);
        site.lets_in("security.public-alb", Some((80, 80)), peer);
        site.breaks(&[("the allowed networks", &[wider, "sgr-hole"])]);
    }
    let mut site = Site::new(PUBLIC_ALB);
    site.lets_in("security.public-alb", Some((80, 80)), range("203.0.113.128/25"));
    assert_eq!(site.broken(), [], "it is within what is allowed");
}

#[test]
fn a_group_that_was_put_beside_ours_counts() {
    let mut site = Site::new("");
    site.publish_database();
    site.environment.network.groups.insert("sg-foreign".to_owned(), Group::default());
    site.environment.endpoints.get_mut("data.postgres").unwrap().groups.insert("sg-foreign".to_owned());
    site.lets_in("sg-foreign", Some((5432, 5432)), range("0.0.0.0/0"));
    let rule = "sg-foreign lets in tcp 5432 from 0.0.0.0/0 (sgr-hole)";
    site.breaks(&[("reaches the database", &[rule]), ("the database admit", &[rule])]);
}

#[test]
fn tasks_with_public_addresses_are_found() {
    let mut site = Site::new("");
    site.expose("compute.service", "has tasks with public addresses");
    site.route(PRIVATE, "0.0.0.0/0", Target::Internet(IGW.to_owned()));
    site.says("service → internet", Reach::Active, &[IGW]);
    assert_eq!(site.broken(), [], "nobody is let in");
    site.lets_in("security.service", Some((7500, 7500)), range("0.0.0.0/0"));
    site.breaks(&[("the tasks of the service", &["sgr-hole", IGW])]);
}

#[test]
fn a_narrower_route_leads_its_part_elsewhere() {
    let mut site = Site::new("");
    site.publish_database();
    site.lets_in("security.postgres", Some((5432, 5432)), range("203.0.113.0/24"));
    assert_eq!(site.broken().len(), 2);
    site.route(PRIVATE, "203.0.113.0/24", Target::Nat(NAT.to_owned()));
    site.breaks(&[("the database admit the VPC only", &["203.0.113.0/24"])]);
}
