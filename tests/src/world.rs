//! The simulated AWS as data: what lives in it, in its file, read without waking it, or in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// Everything that can be made, by service. What is left out only remembers or counts.
const TABLES: &[(&str, &[&str])] = &[
    ("ec2", &["vpcs", "subnets", "internet_gateways", "addresses", "nat_gateways", "route_tables"]),
    ("ec2", &["security_groups", "security_group_rules", "peerings", "network_interfaces"]),
    ("rds", &["subnet_groups", "parameter_groups", "instances", "snapshots"]),
    ("elasticache", &["subnet_groups", "parameter_groups", "replication_groups", "snapshots"]),
    ("secretsmanager", &["secrets"]),
    ("iam", &["roles"]),
    ("logs", &["groups"]),
    ("elbv2", &["load_balancers", "target_groups", "listeners", "rules"]),
    ("wafv2", &["web_acls", "ip_sets", "associations"]),
    ("ecr", &["repositories"]),
    ("applicationautoscaling", &["targets", "policies"]),
    ("ecs", &["clusters", "services", "tasks", "task_definitions"]),
];

/// What moves although nothing happens: the clock, the calls and the limits that they come near, and when ECS looked and will look at its tasks.
const CLOCKS: &[&str] = &["/now", "/calls", "/levels", "/ecs/settled", "/due"];

/// A world that was saved or copied.
#[derive(Debug)]
pub struct World(Value);

impl World {
    /// A copy of a world in memory.
    pub const fn of(data: Value) -> Self {
        Self(data)
    }

    /// The world in a file.
    pub fn read(file: &Path) -> Result<Self, Box<dyn Error>> {
        Ok(Self(serde_json::from_slice(&fs::read(file)?)?))
    }

    /// The things of one table that still live.
    pub fn living(&self, service: &str, table: &str) -> Vec<&Value> {
        let things = self.0[service][table].as_object();
        things.into_iter().flat_map(|things| things.values()).filter(|thing| lives(thing)).collect()
    }

    /// Everything that lives, each with its table.
    pub fn all_living(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.all_listed().filter(|(_, thing)| lives(thing))
    }

    /// Everything that lives or is still told of, each with its table.
    pub fn all_listed(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        let tables = TABLES.iter().flat_map(|(service, tables)| tables.iter().map(move |it| (*service, *it)));
        let things = |service: &str, table: &str| self.0[service][table].as_object().into_iter().flatten();
        tables.flat_map(move |(service, table)| things(service, table).map(move |(_, thing)| (table, thing)))
    }

    /// How many things live in each table that has any.
    pub fn census(&self) -> BTreeMap<String, usize> {
        let tables =
            TABLES.iter().flat_map(|(service, tables)| tables.iter().map(move |table| (*service, *table)));
        let counted =
            tables.map(|(service, table)| (format!("{service} {table}"), self.living(service, table).len()));
        counted.filter(|(_, count)| *count > 0).collect()
    }

    /// The places at which two worlds differ, their clocks left out.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut found = Vec::new();
        differ("", &self.0, &other.0, &mut found);
        found
    }
}

/// Notes each place at which two values differ, with both.
fn differ(place: &str, one: &Value, other: &Value, found: &mut Vec<String>) {
    match (one, other) {
        _ if one == other || CLOCKS.iter().any(|clock| place.ends_with(clock)) => {}
        (Value::Object(ones), Value::Object(others)) => {
            for key in ones.keys().chain(others.keys()).collect::<BTreeSet<_>>() {
                let (one, other) =
                    (ones.get(key).unwrap_or(&Value::Null), others.get(key).unwrap_or(&Value::Null));
                differ(&format!("{place}/{key}"), one, other, found);
            }
        }
        _ => found.push(format!("{place}: {one} became {other}")),
    }
}

/// AWS describes some things for a while after their end: clusters, services, tasks and NAT gateways.
fn lives(thing: &Value) -> bool {
    let ended = ["deleted", "stopped"].iter().any(|end| thing[end].is_number());
    !ended && thing["status"].get("Inactive").is_none()
}
