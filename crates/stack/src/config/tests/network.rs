//! The VPC, its subnets and its peers.

use std::collections::BTreeMap;

use sidekick_aws::ec2::Peering;
use sidekick_engine::{Address, Mark, Owner};

use super::{all, check, over_default};
use crate::Facts;

#[test]
fn the_vpc_and_its_subnets_are_checked() {
    let a = "{ cidr = \"10.0.1.0/24\", zone = \"us-west-2a\" }";
    let two = format!("[network]\nprivate_subnets = [{a},\n");
    let list = |subnets: &str| format!("{two}{subnets}]");
    let expect = |own: String, line: usize, path: &str, says: &str| {
        let problems = over_default(&own).expect_err(says);
        let found = all(&problems);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].0, found[0].1.as_str()), (line, path), "{found:?}");
        assert!(found[0].2.contains(says), "{found:?}");
    };
    let subnet = |cidr: &str, zone: &str| list(&format!("{{ cidr = \"{cidr}\", zone = \"{zone}\" }}"));
    let second = "network.private_subnets[1].cidr";
    expect(subnet("10.0.2.0", "us-west-2b"), 3, second, "is not an IPv4 CIDR block");
    expect(subnet("10.0.2.1/24", "us-west-2b"), 3, second, "not the first address of its block");
    expect(subnet("10.0.2.0/29", "us-west-2b"), 3, second, "a /29 block");
    expect(subnet("10.1.2.0/24", "us-west-2b"), 3, second, "lies outside the VPC");
    expect(subnet("10.0.1.128/25", "us-west-2b"), 3, second, "of `network.private_subnets[0].cidr`");
    expect(subnet("10.0.2.0/24", "us-east-1b"), 3, "network.private_subnets[1].zone", "zone of us-west-2");
    expect(
        subnet("10.0.2.0/24", "us-west-2a"),
        2,
        "network.private_subnets",
        "2 subnets in 1 zone are too few",
    );
    expect(list(""), 2, "network.private_subnets", "1 subnet in 1 zone are too few");
    check(&[
        ("[network]\nvpc_cidr = \"10.0.0.0/8\"", 2, "network.vpc_cidr", "a /8 block"),
        (
            "[network]\nnat_gateways = \"double\"",
            2,
            "network.nat_gateways",
            "use one of \"single\", \"per_zone\"",
        ),
        ("[network]\nnat_subnets = []", 2, "network.nat_subnets", "no subnet for the NAT gateway"),
        (
            "[network]\nnat_subnets = [{ cidr = \"10.0.4.0/28\", zone = \"us-west-2a\" }]",
            2,
            "network.nat_subnets[0].cidr",
            "overlaps `10.0.4.0/24` of `network.alb_subnets[1].cidr`",
        ),
        (
            "[network]\nalb_subnets = [\n{ cidr = \"10.0.3.0/28\", zone = \"us-west-2a\" },\n\
             { cidr = \"10.0.4.0/24\", zone = \"us-west-2b\" }]",
            3,
            "network.alb_subnets[0].cidr",
            "use a block from /16 to /27",
        ),
        (
            "[network]\nalb_subnets = [\n{ cidr = \"10.0.3.0/24\", zone = \"us-west-2a\" },\n\
             { cidr = \"10.0.4.0/24\", zone = \"us-west-2b\" },\n{ cidr = \"10.0.6.0/24\", zone = \"us-west-2b\" }]",
            5,
            "network.alb_subnets[2].zone",
            "another subnet of this list in us-west-2b",
        ),
    ]);
}

#[test]
fn one_nat_gateway_per_zone_needs_a_subnet_in_each() {
    let problems =
        over_default("[network]\nnat_gateways = \"per_zone\"\n[alb]\nsubnet_routing = \"private\"")
            .expect_err("only one zone has a NAT subnet");
    let paths: Vec<String> = all(&problems).into_iter().map(|(_, path, _)| path).collect();
    assert_eq!(paths, ["network.private_subnets[1].zone", "network.alb_subnets[1].zone"]);
    let mended = "[network]\nnat_gateways = \"per_zone\"\nnat_subnets = [\n\
         { cidr = \"10.0.5.0/24\", zone = \"us-west-2a\" },\n{ cidr = \"10.0.6.0/24\", zone = \"us-west-2b\" }]\n\
         [alb]\nsubnet_routing = \"private\"";
    assert!(over_default(mended).is_ok());
    let twice = mended.replace("zone = \"us-west-2b\"", "zone = \"us-west-2a\"");
    let messages = all(&over_default(&twice).expect_err("two in one zone"));
    assert!(
        messages.iter().any(|(line, path, _)| (*line, path.as_str()) == (5, "network.nat_subnets[1].zone"))
    );
}

#[test]
fn peers_that_collide_are_refused() {
    check(&[
        ("[[peers]]\nname = \"a\"\ncidr = \"10.0.128.0/17\"", 3, "peers[0].cidr", "collides with the VPC"),
        ("[[peers]]\nname = \"a\"\ncidr = \"0.0.0.0/0\"", 3, "peers[0].cidr", "collides with the VPC"),
        (
            "[[peers]]\nname = \"a\"\ncidr = \"10.1.0.0/16\"\n[[peers]]\nname = \"b\"\ncidr = \"10.1.7.0/24\"",
            6,
            "peers[1].cidr",
            "collides with `10.1.0.0/16` of `peers[0].cidr`",
        ),
        (
            "[[peers]]\nname = \"a\"\ncidr = \"10.1.0.0/16\"\n[[peers]]\nname = \"a\"\ncidr = \"10.2.0.0/16\"",
            5,
            "peers[1].name",
            "is the same",
        ),
        ("[[peers]]\nname = \"A\"\ncidr = \"10.1.0.0/16\"", 2, "peers[0].name", "a peer name cannot have"),
        (
            "[[peers]]\nname = \"a\"\ncidr = \"10.1.0.0/16\"\nconnection_id = \"pcx-12\"",
            4,
            "peers[0].connection_id",
            "not the id of a VPC peering connection",
        ),
    ]);
}

#[test]
fn a_peer_says_how_it_is_connected_in_one_way() {
    check(&[
        (
            "[[peers]]\nname = \"a\"\ncidr = \"10.1.0.0/16\"\nvpc_id = \"vpc-12\"",
            4,
            "peers[0].vpc_id",
            "not the id of a VPC",
        ),
        (
            "[[peers]]\nname = \"a\"\ncidr = \"10.1.0.0/16\"\naccount_id = \"210987654321\"",
            4,
            "peers[0].account_id",
            "no `vpc_id` is given",
        ),
        (
            "[[peers]]\nname = \"a\"\ncidr = \"10.1.0.0/16\"\nvpc_id = \"vpc-01234567\"\nregion = \"Oregon\"",
            5,
            "peers[0].region",
            "not a region of AWS",
        ),
        (
            "[[peers]]\nname = \"a\"\ncidr = \"10.1.0.0/16\"\nvpc_id = \"vpc-01234567\"\n\
             [[peers]]\nname = \"b\"\ncidr = \"10.2.0.0/16\"\nvpc_id = \"vpc-01234567\"",
            8,
            "peers[1].vpc_id",
            "the VPC of `peers[0].vpc_id` and `peers[1].vpc_id` is the same",
        ),
        (
            "[[peers]]\nname = \"a\"\ncidr = \"10.1.0.0/16\"\nvpc_id = \"vpc-01234567\"\ndns_resolution = true\n\
             [network]\ndns_hostnames = false",
            5,
            "peers[0].dns_resolution",
            "the VPC has both",
        ),
        (
            "[[peers]]\nname = \"a\"\ncidr = \"10.1.0.0/16\"\nconnection_id = \"pcx-01234567\"\n\
             dns_resolution = true",
            5,
            "peers[0].dns_resolution",
            "no `vpc_id` is given",
        ),
        (
            "[security]\nposture = \"strict\"\ndata_admits_peers = true",
            3,
            "security.data_admits_peers",
            "the strict posture",
        ),
    ]);
    let both = "[[peers]]\nname = \"a\"\ncidr = \"10.1.0.0/16\"\nconnection_id = \"pcx-0123456789abcdef0\"\n\
                vpc_id = \"vpc-01234567\"\naccount_id = \"12\"\nregion = \"us-east-1\"\n\
                [[peers]]\nname = \"b\"\ncidr = \"10.2.0.0/16\"\nregion = \"us-east-1\"";
    let problems = all(&over_default(both).expect_err("many problems"));
    let places: Vec<_> = problems.iter().map(|(line, path, _)| (*line, path.as_str())).collect();
    let expected = [(5, "peers[0].vpc_id"), (6, "peers[0].account_id"), (11, "peers[1].region")];
    assert_eq!(places, expected, "{problems:?}");
}

#[test]
fn a_connection_that_sidekick_requested_is_not_named_as_one_of_others() {
    let peer = "[[peers]]\nname = \"a\"\ncidr = \"10.1.0.0/16\"\nconnection_id = \"pcx-01234567\"";
    let config = over_default(peer).unwrap();
    let found = |stack: &str| {
        let owner = Owner::Marked(Mark { stack: stack.to_owned(), address: Address::from("a") });
        let peering = Peering {
            status: "active".to_owned(),
            message: String::new(),
            account: "123456789012".to_owned(),
            region: "us-west-2".to_owned(),
        };
        let peerings = BTreeMap::from([("pcx-01234567".to_owned(), (peering, owner))]);
        Facts { peerings, ..Facts::default() }.problems(&config, |_| true)
    };
    let problems = found("sidekick/test");
    let [(what, hint)] = &problems[..] else { panic!("{problems:?}") };
    assert!(what.contains("one that sidekick requested") && hint.contains("`vpc_id`"), "{what} {hint}");
    assert_eq!(found("another/test"), []);
}
