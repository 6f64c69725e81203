//! What a plan says of the fields of an environment before it is there.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sidekick_engine::{Address, Plan, Planned, Step, Survey};

use crate::config::over_default;
use crate::{Facts, graph};

/// A peer to whom a connection is requested.
const PEER: &str =
    "[[peers]]\nname = \"pragma\"\ncidr = \"10.102.0.0/16\"\nvpc_id = \"vpc-0123456789abcdef0\"\n";

const PUBLIC: &str = "[public_alb]\nenabled = true\nallowed_cidrs = [\"203.0.113.0/24\"]\n";

/// The fields of everything, as programs read them, where nothing is there but some peers' connections.
fn previews(own: &str) -> BTreeMap<Address, BTreeMap<String, Value>> {
    let config = over_default(own).unwrap_or_else(|problems| panic!("{problems:?}"));
    let graph = graph(&config, &Facts::default());
    let create = |address: &Address| -> Step {
        serde_json::from_value(json!({ "address": address, "kind": "any", "action": Planned::Create }))
            .unwrap()
    };
    let addresses: Vec<_> = graph.outline().into_iter().map(|it| it.address).collect();
    let plan = Plan { steps: addresses.iter().map(create).collect() };
    let previews = graph.preview(&plan, &Survey::default());
    assert_eq!(
        previews.iter().map(|it| it.address.clone()).collect::<Vec<_>>(),
        addresses,
        "all can be imagined"
    );
    let fields =
        |it: sidekick_engine::Preview| it.fields.into_iter().map(|it| (it.field, json!(it.new))).collect();
    previews.into_iter().map(|it| (it.address.clone(), fields(it))).collect()
}

fn after(address: &str) -> Value {
    json!({ "known_after": [address] })
}

#[test]
fn nothing_imagined_is_told_as_a_value() {
    for own in ["", "profile = \"production\"\n", PUBLIC, PEER] {
        let mut addresses: Vec<String> = Vec::new();
        let previews = previews(own);
        addresses.extend(previews.keys().map(ToString::to_string));
        for (address, fields) in &previews {
            let names = leaves(&json!(fields));
            let imagined = names.iter().find(|text| addresses.contains(text) || text.contains('\u{2}'));
            assert_eq!(imagined, None, "{address}: {fields:#?}");
        }
    }
}

/// All texts, but those that say where an unknown value comes from.
fn leaves(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(leaves).collect(),
        Value::Object(entries) if entries.contains_key("known_after") => Vec::new(),
        Value::Object(entries) => entries.values().flat_map(leaves).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn what_is_configured_is_known_and_what_aws_assigns_is_known_after_what_it_is_assigned_to() {
    let previews = previews("");
    let field = |address: &str, field: &str| previews[&Address::from(address)][field].clone();
    assert_eq!(field("network.vpc", "cidr"), "10.0.0.0/16");
    assert_eq!(field("network.private-subnet.10.0.1.0/24", "vpc"), after("network.vpc"));
    let routes = json!({ "0.0.0.0/0": { "gateway": after("network.internet-gateway") } });
    assert_eq!(field("network.public-routes", "routes"), routes);
    let container = field("compute.task-definition", "container");
    assert_eq!(container["environment"]["REDIS_HOST"], after("data.redis"));
    assert_eq!(container["secrets"]["DATABASE_URL"], after("data.postgres-secret"));
    assert!(container["image"].is_string() && container["port"].is_number(), "{container}");
    assert_eq!(field("compute.service", "task_definition"), after("compute.task-definition"));
    let trust = field("compute.execution-role", "trust");
    assert_eq!(trust["Statement"][0]["Action"], "sts:AssumeRole");
}

/// Whether there will be a route, only the other account knows.
#[test]
fn a_route_that_may_come_is_told_as_one() {
    let previews = previews(PEER);
    let routes = &previews[&Address::from("network.public-routes")]["routes"];
    let [connection] = &previews.keys().filter(|it| it.as_str().contains("peering")).collect::<Vec<_>>()[..]
    else {
        panic!("one connection");
    };
    assert_eq!(routes["10.102.0.0/16"], after(connection.as_str()), "{routes}");
    assert!(routes["0.0.0.0/0"]["gateway"].is_object());
}
