//! Peered networks: pending is a state to show, active gives routes, and removed takes them.

use crate::audit::Inventory;
use crate::reference;
use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};
use serde_json::{Value, json};

use super::Open;
use crate::site::{Result, Site};

const RANGE: &str = "10.102.0.0/16";
const PRAGMA: &str = "[[peers]]\nname = \"pragma\"\ncidr = \"10.102.0.0/16\"\n";
const MAIN: &str = "route-table of vpc sidekick-vpc";
const TABLES: [&str; 3] = ["route-table sidekick-public", "route-table sidekick-private-us-west-2a", MAIN];

pub(super) fn a_peer_gets_its_routes_when_it_is_accepted_and_loses_them_when_it_goes(
    open: Open<'_>,
) -> Result {
    let mut site = open()?.with_environment()?;
    let connection = request(&site)?;
    // The connection and the network behind it are made by others: they stay, whatever we do.
    site.before = others(&site)?;
    let configured = format!("{PRAGMA}connection_id = \"{connection}\"\n");
    site.workplace.edit("dev.toml", PRAGMA, &configured)?;

    let mark = site.mark()?;
    site.up()?;
    assert_eq!(site.mutations(mark)?, Vec::<String>::new());
    let waiting = access(&site)?;
    assert_eq!(waiting["state"], "PENDING", "{waiting}");
    let note = waiting["note"].as_str().unwrap_or_default();
    assert!(
        note.contains(&connection) && note.contains("pending-acceptance") && note.contains("accept"),
        "{note}"
    );

    let accept = site.cloud.ec2.accept_vpc_peering_connection().vpc_peering_connection_id(&connection);
    site.cloud.wait(accept.send())?;
    site.before = others(&site)?;
    let plan = site.plan()?;
    let planned: Vec<_> =
        plan.as_object().into_iter().flatten().map(|(address, _)| address.as_str()).collect();
    let tables = ["network.main-routes", "network.private-routes.us-west-2a", "network.public-routes"];
    assert_eq!(planned, tables, "{plan:#}");
    let mark = site.mark()?;
    site.up()?;
    let calls = ["ec2 CreateRoute", "ec2 CreateRoute", "ec2 CreateRoute", "ec2 CreateTags"];
    assert_eq!(site.mutations(mark)?, calls);
    let mut expected = reference::environment();
    for table in TABLES {
        expected.expect(table)["routes"][RANGE] = "peering-connection pragma".into();
    }
    // The main table is marked while routes of ours are in it.
    let mut tags = expected.expect(TABLES[0])["tags"].clone();
    tags["Name"] = "sidekick-main".into();
    tags["sidekick:address"] = "network.main-routes".into();
    expected.expect(MAIN)["tags"] = tags;
    site.expect(&expected)?;
    assert_eq!(access(&site)?["state"], "ACTIVE");

    site.workplace.edit("dev.toml", &configured, "")?;
    let mark = site.mark()?;
    site.up()?;
    let mut calls = vec!["ec2 DeleteRoute"; 3];
    calls.extend(["ec2 DeleteTags", "ec2 RevokeSecurityGroupIngress"]);
    assert_eq!(site.mutations(mark)?, calls);
    let mut expected = reference::environment();
    let rules = &mut expected.expect("security-group sidekick-ecs-service-sg")["ingress"];
    rules
        .as_array_mut()
        .ok_or("no list")?
        .retain(|rule| !rule.as_str().unwrap_or_default().contains("pragma"));
    site.expect(&expected)?;
    Ok(())
}

/// Makes a network like the peer's, and a connection to it that waits to be accepted.
fn request(site: &Site) -> Result<String> {
    let named = |kind| {
        let name = Tag::builder().key("Name").value("pragma").build();
        TagSpecification::builder().resource_type(kind).tags(name).build()
    };
    let cloud = &site.cloud;
    let call = cloud.ec2.create_vpc().cidr_block(RANGE).tag_specifications(named(ResourceType::Vpc));
    let made = cloud.wait(call.send())?;
    let peer = made.vpc().and_then(|vpc| vpc.vpc_id()).ok_or("the peer has no id")?;
    let stands = site.made()?;
    let own = *stands.identities().get("vpc sidekick-vpc").ok_or("there is no VPC of ours")?;
    let call = cloud.ec2.create_vpc_peering_connection().vpc_id(own).peer_vpc_id(peer);
    let call = call.tag_specifications(named(ResourceType::VpcPeeringConnection));
    let made = cloud.wait(call.send())?;
    let id = made.vpc_peering_connection().and_then(|it| it.vpc_peering_connection_id());
    Ok(id.ok_or("the connection has no id")?.to_owned())
}

/// Everything in the account that is no row of the reference.
fn others(site: &Site) -> Result<Inventory> {
    let mut found = site.audit()?;
    for (key, _) in reference::environment().all() {
        found.remove(key);
    }
    Ok(found)
}

/// What `status` says about the way from the peer to the load balancer.
fn access(site: &Site) -> Result<Value> {
    let ways = site.sidekick(&["--output", "json", "status"]).ends_with(0)?.json("access")?;
    let way = ways.as_array().into_iter().flatten();
    let mut way = way.filter(|way| way["path"].as_str().is_some_and(|path| path.contains("pragma")));
    Ok(way.next().cloned().unwrap_or(json!(null)))
}
