//! Peers: connections that are requested, accepted by us or by others, rejected, deleted, and the routes to them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use sidekick_engine::{Planned, Reason, Step};
use sidekick_sandbox::Sandbox;
use sidekick_tests::simulation::audit::illegal_calls;
use sidekick_tests::simulation::configuration::Configuration;
use sidekick_tests::simulation::crashes::{Campaign, die, lose};
use sidekick_tests::simulation::estate::{Command, Estate, Fortune, Outcome};
use sidekick_tests::simulation::goal::{an_age, idles};
use sidekick_tests::simulation::switching::{brought, switches};

/// Whose VPCs are not ours.
const OTHER: &str = "210987654321";
const REGION: &str = "us-west-2";

/// A peer in another region of our own account, which sidekick accepts itself.
const PRAGMA: &str = "{ name = \"pragma\", cidr = \"10.102.0.0/16\", vpc_id = \"vpc-0123456789abcdef1\", region = \"us-east-1\" }";
/// A peer in another account, which accepts when it likes.
const ABROAD: &str = "{ name = \"abroad\", cidr = \"10.101.0.0/16\", vpc_id = \"vpc-0123456789abcdef2\", account_id = \"210987654321\" }";
const ABROAD_ADDRESS: &str = "network.peering-connection.vpc-0123456789abcdef2";

/// The calls that connect a peer which sidekick accepts: its rule, its routes in three tables, and the connection.
const CONNECTS: [&str; 7] = [
    "ec2 AcceptVpcPeeringConnection",
    "ec2 AuthorizeSecurityGroupIngress",
    "ec2 CreateRoute",
    "ec2 CreateRoute",
    "ec2 CreateRoute",
    "ec2 CreateTags",
    "ec2 CreateVpcPeeringConnection",
];
const DISCONNECTS: [&str; 6] = [
    "ec2 DeleteRoute",
    "ec2 DeleteRoute",
    "ec2 DeleteRoute",
    "ec2 DeleteTags",
    "ec2 DeleteVpcPeeringConnection",
    "ec2 RevokeSecurityGroupIngress",
];
const ROUTED: [&str; 3] = ["ec2 CreateRoute"; 3];
const UNROUTED: [&str; 3] = ["ec2 DeleteRoute"; 3];

fn file(peers: &[&str]) -> String {
    format!("peers = [{}]\n", peers.join(", "))
}

fn up(peers: &[&str]) -> Command {
    Command::Up(Configuration::own(&file(peers)))
}

/// A call that somebody else makes in our account.
fn call(sandbox: &Sandbox, operation: &str, params: Value) -> Value {
    sandbox.call("ec2", operation, params).unwrap_or_else(|why| panic!("{operation}: {why:?}"))
}

/// What the other account does with a connection.
fn abroad(sandbox: &Sandbox, operation: &str, id: &str) {
    let params = json!({ "VpcPeeringConnectionId": id });
    let done = sandbox.call_from((Some(OTHER), REGION), "ec2", operation, params);
    done.unwrap_or_else(|why| panic!("{operation}: {why:?}"));
}

/// The id on record.
fn id(estate: &Estate, address: &str) -> String {
    let rows = estate.rows();
    let id = rows.get(address).and_then(|row| row.id.as_ref()).and_then(Value::as_str);
    id.unwrap_or_else(|| panic!("{address} is not in {:?}", rows.keys())).to_owned()
}

/// How many routes lead to this range, and through which connections in what state.
fn routes(sandbox: &Sandbox, range: &str) -> Vec<(String, String)> {
    let tables = call(sandbox, "DescribeRouteTables", json!({}));
    let tables = tables["routeTableSet"].as_array().expect("a list of tables");
    let routes = tables.iter().flat_map(|table| table["routeSet"].as_array().expect("a list of routes"));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let to_range = routes.filter(|route| route["destinationCidrBlock"] == range);
    to_range.map(|route| (text(&route["vpcPeeringConnectionId"]), text(&route["state"]))).collect()
}

/// Whether the group of the service lets this range in.
fn is_admitted(sandbox: &Sandbox, range: &str) -> bool {
    let rules = call(sandbox, "DescribeSecurityGroupRules", json!({}));
    let rules = rules["securityGroupRuleSet"].as_array().expect("a list of rules").clone();
    rules.iter().any(|rule| rule["cidrIpv4"] == range && rule["isEgress"] == false)
}

fn new_vpc(sandbox: &Sandbox, block: &str) -> String {
    let made = call(sandbox, "CreateVpc", json!({ "CidrBlock": block }));
    made["vpc"]["vpcId"].as_str().expect("an id").to_owned()
}

async fn runs(estate: &Estate, command: Command) -> Outcome {
    estate.run(command, Fortune::kind()).await
}

/// The step for an address of what a run planned.
fn step(outcome: &Outcome, address: &str) -> Step {
    let Outcome::Ended(plan, _) = outcome else { panic!("{outcome}") };
    let step = plan.steps.iter().find(|step| step.address.as_str() == address);
    step.unwrap_or_else(|| panic!("{address} is not planned: {outcome}")).clone()
}

/// Checks that a connection is told to be dead for this reason, and made anew.
fn is_requested_anew(outcome: &Outcome, because: &str) {
    assert!(outcome.is_success(), "{outcome}");
    let step = step(outcome, ABROAD_ADDRESS);
    assert_eq!(step.action, Planned::Create);
    let Some(Reason::Broken { why }) = step.reason else { panic!("{outcome}") };
    assert!(why.contains(because), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_peer_in_another_region_is_accepted_there() {
    let switched = switches("", &file(&[PRAGMA])).await;
    assert_eq!(switched.there, CONNECTS);
    assert_eq!(switched.back, DISCONNECTS);
}

#[tokio::test(start_paused = true)]
async fn a_peer_in_another_account_is_pending_and_that_is_no_failure() {
    let switched = switches("", &file(&[ABROAD])).await;
    assert_eq!(
        switched.there,
        ["ec2 AuthorizeSecurityGroupIngress", "ec2 CreateTags", "ec2 CreateVpcPeeringConnection"]
    );
    assert_eq!(
        switched.back,
        ["ec2 DeleteTags", "ec2 DeleteVpcPeeringConnection", "ec2 RevokeSecurityGroupIngress"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_peer_changes_its_range_and_its_name_and_keeps_its_connection() {
    let elsewhere = PRAGMA.replace("10.102.0.0/16", "10.112.0.0/16");
    let switched = switches(&file(&[PRAGMA]), &file(&[&elsewhere])).await;
    let mut calls = vec!["ec2 AuthorizeSecurityGroupIngress"];
    calls.extend(ROUTED);
    calls.extend(UNROUTED);
    calls.push("ec2 RevokeSecurityGroupIngress");
    assert_eq!((&switched.there, &switched.back), (&switched.back, &switched.there));
    assert_eq!(switched.there, calls);

    let renamed = PRAGMA.replace("pragma", "prisma");
    let switched = switches(&file(&[PRAGMA]), &file(&[&renamed])).await;
    assert_eq!(switched.there, ["ec2 CreateTags", "ec2 ModifySecurityGroupRules"]);
}

#[tokio::test(start_paused = true)]
async fn three_peers_become_two_and_another_vpc() {
    let third = PRAGMA.replace("pragma", "third").replace("def1", "def3").replace("102", "103");
    let moved = third.replace("def3", "def4");
    let switched = switches(&file(&[PRAGMA, ABROAD, &third]), &file(&[PRAGMA, &moved])).await;
    let mut there = vec!["ec2 AcceptVpcPeeringConnection", "ec2 CreateVpcPeeringConnection"];
    there.extend(["ec2 DeleteVpcPeeringConnection"; 2]);
    there.extend(["ec2 ReplaceRoute"; 3]);
    there.push("ec2 RevokeSecurityGroupIngress");
    assert_eq!(switched.there, there);
}

#[tokio::test(start_paused = true)]
async fn database_and_cache_admit_the_peers_if_so_configured() {
    let admitting = format!("{}[security]\ndata_admits_peers = true\n", file(&[PRAGMA]));
    let switched = switches(&file(&[PRAGMA]), &admitting).await;
    assert_eq!(switched.there, ["ec2 AuthorizeSecurityGroupIngress"; 2]);
    assert_eq!(switched.back, ["ec2 RevokeSecurityGroupIngress"; 2]);
}

#[tokio::test(start_paused = true)]
async fn names_are_resolved_for_a_peer_once_it_is_connected() {
    let resolving = |peer: &str| peer.replace(" }", ", dns_resolution = true }");
    let switched = switches(&file(&[PRAGMA]), &file(&[&resolving(PRAGMA)])).await;
    assert_eq!(switched.there, ["ec2 ModifyVpcPeeringConnectionOptions"]);
    assert_eq!(switched.back, ["ec2 ModifyVpcPeeringConnectionOptions"]);

    let estate = Estate::new(14);
    let abroad_resolving = up(&[&resolving(ABROAD)]);
    brought(&estate, abroad_resolving).await;
    abroad(&estate.sandbox, "AcceptVpcPeeringConnection", &id(&estate, ABROAD_ADDRESS));
    an_age().await;
    let mut calls = ROUTED.to_vec();
    calls.push("ec2 ModifyVpcPeeringConnectionOptions");
    assert_eq!(brought(&estate, abroad_resolving).await, calls);
}

#[tokio::test(start_paused = true)]
async fn a_vpc_of_our_own_is_connected_in_one_run_and_left_as_it_was() {
    let estate = Estate::new(9);
    let peer = new_vpc(&estate.sandbox, "10.102.0.0/16");
    let before = estate.world().census();
    brought(&estate, up(&[])).await;
    let ours = format!("{{ name = \"ours\", cidr = \"10.102.0.0/16\", vpc_id = \"{peer}\" }}");
    assert_eq!(brought(&estate, up(&[&ours])).await, CONNECTS);
    let connection = id(&estate, &format!("network.peering-connection.{peer}"));
    assert_eq!(routes(&estate.sandbox, "10.102.0.0/16").len(), 4, "three of ours, and the other VPC's own");
    let active = (connection, "active".to_owned());
    assert_eq!(routes(&estate.sandbox, "10.102.0.0/16").iter().filter(|route| **route == active).count(), 3);
    assert!(runs(&estate, Command::Down).await.is_success());
    an_age().await;
    assert_eq!(estate.world().census(), before, "down leaves what is not ours");
}

/// The other side's doing between two runs.
#[tokio::test(start_paused = true)]
async fn what_the_other_side_does_shows_in_the_next_run() {
    let estate = Estate::new(10);
    brought(&estate, up(&[ABROAD])).await;
    let first = id(&estate, ABROAD_ADDRESS);
    assert_eq!(routes(&estate.sandbox, "10.101.0.0/16"), []);
    abroad(&estate.sandbox, "AcceptVpcPeeringConnection", &first);
    an_age().await;
    assert_eq!(brought(&estate, up(&[ABROAD])).await, ROUTED);
    assert_eq!(routes(&estate.sandbox, "10.101.0.0/16"), vec![(first.clone(), "active".to_owned()); 3]);

    abroad(&estate.sandbox, "DeleteVpcPeeringConnection", &first);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(routes(&estate.sandbox, "10.101.0.0/16"), vec![(first.clone(), "blackhole".to_owned()); 3]);
    is_requested_anew(&runs(&estate, up(&[ABROAD])).await, "deleted");
    assert_eq!(routes(&estate.sandbox, "10.101.0.0/16"), [], "they led nowhere");
    let second = id(&estate, ABROAD_ADDRESS);
    assert_ne!(first, second);

    abroad(&estate.sandbox, "RejectVpcPeeringConnection", &second);
    is_requested_anew(&runs(&estate, up(&[ABROAD])).await, "account 210987654321 rejected the request");
    tokio::time::sleep(Duration::from_secs(7 * 86_400)).await;
    is_requested_anew(&runs(&estate, up(&[ABROAD])).await, "within seven days");
    assert_eq!(estate.sandbox.log().count("CreateVpcPeeringConnection"), 4);

    // Nothing is left to delete of what was rejected, not even by a run without a configuration.
    abroad(&estate.sandbox, "RejectVpcPeeringConnection", &id(&estate, ABROAD_ADDRESS));
    assert!(runs(&estate, Command::Down).await.is_success());
    an_age().await;
    assert_eq!(estate.world().census(), [].into());
    assert_eq!(illegal_calls(&estate.sandbox.log(), false), [""; 0]);
}

/// AWS takes a request that cannot be, and says so later.
#[tokio::test(start_paused = true)]
async fn overlapping_networks_are_told_with_what_to_do_and_nothing_else_changes() {
    let estate = Estate::new(11);
    let (good, bad) = (new_vpc(&estate.sandbox, "10.102.0.0/16"), new_vpc(&estate.sandbox, "10.0.0.0/20"));
    brought(&estate, up(&[PRAGMA])).await;
    let with = |vpc: &str| format!("{{ name = \"ours\", cidr = \"10.105.0.0/16\", vpc_id = \"{vpc}\" }}");
    for _ in 0..2 {
        let outcome = runs(&estate, up(&[PRAGMA, &with(&bad)])).await;
        let Outcome::Ended(_, report) = &outcome else { panic!("{outcome}") };
        let [(address, fault)] = &report.failed[..] else { panic!("{outcome}") };
        assert_eq!(address.as_str(), format!("network.peering-connection.{bad}"));
        assert!(fault.message.contains("no common address") && fault.hint.is_some(), "{fault}");
        assert_eq!(routes(&estate.sandbox, "10.102.0.0/16").len(), 4);
        assert!(is_admitted(&estate.sandbox, "10.102.0.0/16"));
    }
    let mended = runs(&estate, up(&[PRAGMA, &with(&good)])).await;
    assert!(mended.is_success(), "{mended}");
    an_age().await;
    assert_eq!(estate.audit(), [""; 0]);
    assert_eq!(idles(&estate, up(&[PRAGMA, &with(&good)])).await, [""; 0]);
    assert_eq!(routes(&estate.sandbox, "10.105.0.0/16").len(), 3);
}

/// A connection that others made is used, and is theirs.
#[tokio::test(start_paused = true)]
async fn a_named_connection_is_left_alone() {
    let estate = Estate::new(12);
    let peer = new_vpc(&estate.sandbox, "10.102.0.0/16");
    brought(&estate, up(&[])).await;
    let own = id(&estate, "network.vpc");
    let made =
        call(&estate.sandbox, "CreateVpcPeeringConnection", json!({ "VpcId": peer, "PeerVpcId": own }));
    let theirs = made["vpcPeeringConnection"]["vpcPeeringConnectionId"].as_str().expect("an id").to_owned();
    let peer_with = |key: &str, value: &str| {
        format!("{{ name = \"peer\", cidr = \"10.102.0.0/16\", {key} = \"{value}\" }}")
    };
    let named = up(&[&peer_with("connection_id", &theirs)]);
    let requested = up(&[&peer_with("vpc_id", &peer)]);
    an_age().await;

    assert_eq!(
        brought(&estate, named).await,
        ["ec2 AuthorizeSecurityGroupIngress"],
        "nobody accepted it yet"
    );
    call(&estate.sandbox, "AcceptVpcPeeringConnection", json!({ "VpcPeeringConnectionId": theirs }));
    an_age().await;
    let mut routed = ROUTED.to_vec();
    routed.push("ec2 CreateTags");
    assert_eq!(brought(&estate, named).await, routed);

    // While it stands, there can be no other one between the two.
    let Outcome::Refused(why) = runs(&estate, requested).await else { panic!("it is not ours") };
    assert!(why.contains("does not carry this environment's ownership tags"), "{why}");

    // It holds the VPC, and is not ours to delete.
    let down = runs(&estate.fork(), Command::Down).await;
    assert!(!down.is_success() && down.to_string().contains(&theirs), "{down}");

    let delete = json!({ "VpcPeeringConnectionId": theirs });
    call(&estate.sandbox, "DeleteVpcPeeringConnection", delete);
    an_age().await;
    let mut replaced = vec!["ec2 AcceptVpcPeeringConnection", "ec2 CreateVpcPeeringConnection"];
    replaced.extend(["ec2 ReplaceRoute"; 3]);
    assert_eq!(brought(&estate, requested).await, replaced);
    let mut gone = UNROUTED.to_vec();
    gone.extend(["ec2 DeleteTags", "ec2 DeleteVpcPeeringConnection", "ec2 RevokeSecurityGroupIngress"]);
    assert_eq!(brought(&estate, up(&[])).await, gone);
}

/// What may come in and go out before a change and after it may do so at every moment between.
#[tokio::test(start_paused = true)]
async fn who_stays_connected_is_never_cut_off() {
    let mut estate = Estate::new(13);
    let third = PRAGMA.replace("pragma", "third").replace("def1", "def3").replace("102", "103");
    brought(&estate, up(&[PRAGMA, &third])).await;
    let (found, looks): (Arc<Mutex<Vec<String>>>, Arc<AtomicUsize>) = Default::default();
    let (sandbox, seen, looked) = (estate.sandbox.clone(), Arc::clone(&found), Arc::clone(&looks));
    estate.witness = Some(Arc::new(move |call, phase| {
        looked.fetch_add(1, Ordering::Relaxed);
        let routes = routes(&sandbox, "10.102.0.0/16");
        let active = routes.iter().filter(|(_, state)| state == "active").count();
        if active != 3 || !is_admitted(&sandbox, "10.102.0.0/16") {
            let what = format!("{} {phase:?}: {routes:?}", call.operation);
            seen.lock().unwrap_or_else(PoisonError::into_inner).push(what);
        }
    }));
    let renamed = PRAGMA.replace("pragma", "prisma");
    let elsewhere = third.replace("10.103", "10.113");
    for peers in [
        &[renamed.as_str(), &third][..],
        &[PRAGMA, &third, ABROAD],
        &[PRAGMA, &elsewhere, ABROAD],
        &[PRAGMA, ABROAD],
        &[PRAGMA],
    ] {
        let outcome = runs(&estate, up(peers)).await;
        assert!(outcome.is_success(), "{outcome}");
        an_age().await;
    }
    assert_eq!(*found.lock().unwrap_or_else(PoisonError::into_inner), [""; 0]);
    assert!(looks.load(Ordering::Relaxed) > 40, "only {looks:?} looks");
}

/// The answer to the request is lost, or the process dies: there is one connection, and the next run finds it.
#[test]
fn deaths_and_lost_answers_make_no_second_connection() {
    let own = |peers: &[&str]| Configuration::own(&file(peers));
    let connects = Campaign {
        name: "up, peers come",
        standing: Some(own(&[])),
        command: Command::Up(own(&[PRAGMA, ABROAD])),
    };
    let disconnects = Campaign {
        name: "up, peers go",
        standing: Some(own(&[PRAGMA, ABROAD])),
        command: Command::Up(own(&[])),
    };
    for campaign in [connects, disconnects] {
        for tally in [die(&campaign, 5), lose(&campaign, 3)] {
            assert_eq!(tally.findings, [""; 0]);
            assert!(tally.boundaries > 3, "{} boundaries", tally.boundaries);
        }
    }
}
