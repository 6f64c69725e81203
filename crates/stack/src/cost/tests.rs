use serde_json::json;
use sidekick_engine::{Address, Plan, Preview};

use super::{Costs, Price, TABLE};
use crate::config::{Config, load};

fn shipped(environment: &str) -> Config {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config");
    load(folder.as_ref(), environment).unwrap_or_else(|problems| panic!("{problems}"))
}

fn of<'a>(costs: &'a Costs, address: &str) -> &'a Price {
    costs.prices.iter().find(|price| price.address.as_str() == address).expect("a price")
}

#[test]
fn the_table_is_dated_and_knows_what_the_shipped_environments_are_made_of() {
    assert_eq!((TABLE.as_of.len(), TABLE.region.as_str()), (7, "us-west-2"));
    for environment in ["dev", "prod"] {
        let sum = Costs::new(&shipped(environment), |_| true).sum(|_| true);
        assert_eq!(sum.unknown, Vec::<String>::new(), "{environment}");
        assert!(sum.monthly > 50.0, "{environment}: {sum:?}");
    }
}

#[test]
fn each_part_costs_its_number_times_its_price() {
    let mut config = shipped("dev");
    config.database.instance_class = "db.t4g.micro".to_owned();
    (config.database.allocated_storage_gib, config.database.multi_az) = (20, false);
    (config.cache.node_type, config.cache.replicas) = ("cache.t4g.micro".to_owned(), 1);
    (config.service.cpu, config.service.memory_mib, config.service.desired_count) = (1024, 2048, 2);
    config.service.autoscaling = None;
    let monthly = |config: &Config, address| {
        of(&Costs::new(config, |_| true), address).monthly.map(|usd| (usd * 100.0).round())
    };
    // 0.016 × 730 + 20 × 0.115, and twice that with a standby.
    assert_eq!(monthly(&config, "data.postgres"), Some(1398.0));
    config.database.multi_az = true;
    assert_eq!(monthly(&config, "data.postgres"), Some(2796.0));
    // 2 × 0.016 × 730
    assert_eq!(monthly(&config, "data.redis"), Some(2336.0));
    // 2 × (0.04048 + 2 × 0.004445) × 730
    assert_eq!(monthly(&config, "compute.service"), Some(7208.0));
    assert_eq!(of(&Costs::new(&config, |_| true), "data.redis").what, "2 × cache.t4g.micro");
}

#[test]
fn what_the_table_does_not_know_is_named_and_not_taken_for_free() {
    let mut config = shipped("dev");
    config.database.instance_class = "db.x9z.large".to_owned();
    let costs = Costs::new(&config, |_| true);
    let sum = costs.sum(|address| address.as_str() == "data.postgres");
    assert_eq!((sum.monthly, sum.unknown.len()), (0.0, 1), "{sum:?}");
    assert!(sum.unknown[0].contains("db.x9z.large"), "{sum:?}");
}

#[test]
fn only_what_exists_costs() {
    let gateway = Address::from("network.nat-gateway.us-west-2a");
    let costs = Costs::new(&shipped("dev"), |address| *address == gateway);
    assert_eq!(costs.prices.len(), 1, "{costs:?}");
}

#[test]
fn what_a_plan_changes_has_the_price_of_what_stands_beside_its_own() {
    let mut config = shipped("dev");
    (config.database.multi_az, config.cache.replicas, config.service.desired_count) = (true, 1, 2);
    config.service.autoscaling = None;
    let change = |field: &str, old, new| json!({ "field": field, "old": old, "new": new, "replaces": false });
    let step = |address: &str, changes| json!({ "address": address, "kind": "", "action": "update", "changes": [changes] });
    let plan: Plan = serde_json::from_value(json!([
        step("compute.service", change("desired_count", json!(1), json!(2))),
        step("compute.log-group", change("retention_days", json!(3), json!(7))),
    ]))
    .expect("a plan");
    // What follows something that is not known yet has its fields in its preview.
    let multi_az = json!({ "field": "multi_az", "old": false, "new": true });
    let previews: Vec<Preview> =
        serde_json::from_value(json!([{ "address": "data.postgres", "fields": [multi_az] }]))
            .expect("previews");
    let costs = Costs::new(&config, |_| true).against(&config, &plan, &previews);
    for address in ["data.postgres", "compute.service"] {
        let Price { monthly, before, .. } = of(&costs, address);
        let twice = monthly.zip(*before).map(|(now, before)| (now / before * 100.0).round());
        assert_eq!(twice, Some(200.0), "{address}: {costs:?}");
    }
    assert_eq!(costs.prices.iter().filter(|it| it.before.is_some()).count(), 2, "{costs:?}");
}

#[test]
fn a_load_balancer_that_faces_the_internet_pays_for_its_addresses() {
    let mut config = shipped("dev");
    let monthly = |config: &Config| of(&Costs::new(config, |_| true), "edge.alb").monthly.unwrap_or_default();
    config.alb.internal = true;
    let inside = monthly(&config);
    config.alb.internal = false;
    // 0.005 × 730 for each subnet
    let addresses = 3.65 * config.network.alb_subnets.len() as f64;
    assert!((monthly(&config) - inside - addresses).abs() < 0.01, "{inside}, {}", monthly(&config));
}
