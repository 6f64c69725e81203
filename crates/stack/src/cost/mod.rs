//! What an environment costs a month, by a price table that ships with sidekick. Nobody is asked and no key is needed.

mod standing;
mod table;

use serde::{Deserialize, Serialize};
use sidekick_engine::{Address, Plan, Preview};

use crate::config::{Architecture, Cache, Config, Database, PublicAlb, Service, StorageType};
use standing::standing;
use table::{Monthly, TABLE};

/// What a load balancer is that clients on the internet reach.
const FACING: &str = "load balancer with public addresses";

/// Prices that differ by less are the same.
const HALF_A_CENT: f64 = 0.005;

/// What an environment costs, as far as it costs by the hour or the month.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Costs {
    /// The month of the prices.
    pub as_of: String,
    /// The region of the prices, which may be another one than that of the environment.
    pub region: String,
    /// The price of each resource that has one.
    pub prices: Vec<Price>,
}

/// What one resource costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Price {
    /// Which resource.
    pub address: Address,
    /// What is paid for, in words.
    pub what: String,
    /// US dollars a month; absent where the table does not know the price.
    pub monthly: Option<f64>,
    /// US dollars a month as it stands, where a plan changes that and both are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<f64>,
}

/// The sum of some prices.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sum {
    /// US dollars a month.
    pub monthly: f64,
    /// What is not in it, because its price is not known.
    pub unknown: Vec<String>,
}

impl Costs {
    /// What a configuration costs. `exists` says which addresses it has.
    pub fn new(config: &Config, exists: impl Fn(&Address) -> bool) -> Self {
        let mut prices = Vec::new();
        network(config, &mut prices);
        data(config, &mut prices);
        edge(config, &mut prices);
        prices.push(service(&config.service));
        prices.retain(|price| exists(&price.address));
        Self { as_of: TABLE.as_of.clone(), region: TABLE.region.clone(), prices }
    }

    /// The same, with what costs something else as it stands before a plan.
    #[must_use]
    pub fn against(mut self, config: &Config, plan: &Plan, previews: &[Preview]) -> Self {
        let standing = Self::new(&standing(config, plan, previews), |_| true);
        for price in &mut self.prices {
            let before = standing.prices.iter().find(|it| it.address == price.address);
            let difference =
                |before: &f64| price.monthly.is_some_and(|now| (now - before).abs() > HALF_A_CENT);
            price.before = before.and_then(|it| it.monthly).filter(difference);
        }
        self
    }

    /// The sum of the resources that are chosen.
    pub fn sum(&self, chosen: impl Fn(&Address) -> bool) -> Sum {
        let mut sum = Sum::default();
        for price in self.prices.iter().filter(|price| chosen(&price.address)) {
            match price.monthly {
                Some(monthly) => sum.monthly += monthly,
                None => sum.unknown.push(price.what.clone()),
            }
        }
        sum
    }
}

fn price(address: impl Into<Address>, what: impl Into<String>, monthly: Monthly) -> Price {
    Price { address: address.into(), what: what.into(), monthly, before: None }
}

fn network(config: &Config, prices: &mut Vec<Price>) {
    for subnet in &config.network.nat_subnets {
        let zone = &subnet.zone;
        let gateway = format!("network.nat-gateway.{zone}");
        prices.push(price(gateway, "NAT gateway", TABLE.by_hour("nat_gateway")));
        let address = format!("network.elastic-ip.{zone}");
        prices.push(price(address, "public IPv4 address", TABLE.by_hour("public_ipv4_address")));
    }
}

fn data(config: &Config, prices: &mut Vec<Price>) {
    for address in ["data.postgres-secret", "data.redis-secret", "compute.app-secret"] {
        prices.push(price(address, "secret", TABLE.by_month("secret")));
    }
    prices.push(database(&config.database));
    let Cache { node_type, replicas, .. } = &config.cache;
    let nodes = 1 + u32::from(*replicas);
    let monthly = TABLE.cache(node_type).map(|node| node * f64::from(nodes));
    prices.push(price("data.redis", times(nodes, node_type), monthly));
}

fn database(database: &Database) -> Price {
    let Database { instance_class, storage_type, allocated_storage_gib, multi_az, .. } = database;
    let storage = match storage_type {
        StorageType::Gp2 => TABLE.by_month("storage_gib_gp2"),
        StorageType::Gp3 => TABLE.by_month("storage_gib_gp3"),
    };
    let instances = if *multi_az { 2 } else { 1 };
    let one = TABLE.database(instance_class).zip(storage);
    let monthly =
        one.map(|(class, gib)| f64::from(instances) * (class + gib * f64::from(*allocated_storage_gib)));
    price(
        "data.postgres",
        format!("{} with {allocated_storage_gib} GiB", times(instances, instance_class)),
        monthly,
    )
}

fn edge(config: &Config, prices: &mut Vec<Price>) {
    let load_balancer = TABLE.by_hour("application_load_balancer");
    // One that faces the internet has a public address in each of its subnets.
    let addresses = config.network.alb_subnets.len() as f64;
    let facing = load_balancer.zip(TABLE.by_hour("public_ipv4_address"));
    let facing = facing.map(|(load_balancer, address)| load_balancer + addresses * address);
    let (what, monthly) =
        if config.alb.internal { ("load balancer", load_balancer) } else { (FACING, facing) };
    prices.push(price("edge.alb", what, monthly));
    if let Some(PublicAlb { .. }) = &config.public_alb {
        prices.push(price("edge.public-alb", FACING, facing));
    }
    if let Some(waf) = &config.waf {
        let rules = waf.managed_rule_groups.len() + usize::from(waf.rate_limit.is_some());
        let rules = rules + usize::from(!waf.allow_list.is_empty());
        let monthly = TABLE.by_month("web_acl").zip(TABLE.by_month("web_acl_rule"));
        let monthly = monthly.map(|(web_acl, rule)| web_acl + rule * rules as f64);
        prices.push(price("edge.waf", format!("web ACL with {rules} rules"), monthly));
    }
}

/// Where the number of tasks is scaled, the smallest one counts.
fn service(service: &Service) -> Price {
    let Service { cpu, memory_mib, architecture, .. } = service;
    let tasks = service.autoscaling.as_ref().map_or(service.desired_count, |scaled| scaled.min);
    let architecture = match architecture {
        Architecture::X86_64 => "x86_64",
        Architecture::Arm64 => "arm64",
    };
    let (vcpu, gib) = (f64::from(*cpu) / 1024.0, f64::from(*memory_mib) / 1024.0);
    let prices = ["vcpu", "gib"].map(|of| TABLE.by_hour(&format!("fargate_{of}_{architecture}")));
    let monthly = prices[0].zip(prices[1]).map(|(each_vcpu, each_gib)| each_vcpu * vcpu + each_gib * gib);
    let what = times(tasks, &format!("Fargate task of {vcpu} vCPU and {gib} GiB"));
    price("compute.service", what, monthly.map(|monthly| monthly * f64::from(tasks)))
}

fn times(number: u32, what: &str) -> String {
    if number == 1 { what.to_owned() } else { format!("{number} × {what}") }
}

#[cfg(test)]
mod tests;
