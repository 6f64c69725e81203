//! The VPC, its subnets and its peers.

use super::{all, check, over_default};

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
