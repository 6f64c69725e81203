//! What must hold once a run reached its goal, whatever happened before it. Every finding is one broken promise.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use sidekick_aws::{ADDRESS, STACK};
use sidekick_engine::{Contents, Row};
use sidekick_sandbox::CallLog;

use super::configuration::Configuration;
use super::estate::Estate;

/// The tables of the simulated AWS that hold what somebody made; what is left out only remembers or counts.
const TABLES: &[(&str, &[&str])] = &[
    ("ec2", &["vpcs", "subnets", "internet_gateways", "addresses", "nat_gateways", "route_tables"]),
    ("ec2", &["security_groups", "security_group_rules", "network_interfaces"]),
    ("rds", &["subnet_groups", "instances", "snapshots"]),
    ("elasticache", &["subnet_groups", "replication_groups", "snapshots"]),
    ("secretsmanager", &["secrets"]),
    ("iam", &["roles"]),
    ("logs", &["groups"]),
    ("elbv2", &["load_balancers", "target_groups", "listeners"]),
    ("wafv2", &["web_acls", "associations"]),
    ("ecs", &["clusters", "services", "tasks", "task_definitions"]),
];

/// Kinds that cannot carry tags and belong to a parent that does.
const UNTAGGED: &[&str] = &["secretsmanager.secret_version", "wafv2.association"];

/// Kinds of which several things with one mark are as it should be: each revision carries the family's.
const IN_REVISIONS: &[&str] = &["ecs.task_definition"];

/// What AWS says of a name that is taken. After a lost answer one learns it by trying.
const TAKEN: &[&str] = &["AlreadyExists", "Duplicate", "ResourceExists", "InvalidSubnet.Conflict"];
/// The same of an ECS service, whose code says nothing.
const NOT_IDEMPOTENT: &str = "not idempotent";

/// A copy of the account, to look into.
pub struct World(Value);

impl Estate {
    /// A copy of the account as it is now.
    pub fn world(&self) -> World {
        World(self.sandbox.world().expect("a world in memory can be read"))
    }

    /// What is on record.
    pub fn rows(&self) -> BTreeMap<String, Row> {
        let contents = self.disk.text().map(|text| Contents::parse(&text).expect("the state is whole"));
        let rows = contents.map(|contents| contents.rows).unwrap_or_default();
        rows.into_iter().map(|(address, row)| (address.to_string(), row)).collect()
    }

    /// Everything that is wrong with what is on record and what there is in the account.
    pub fn audit(&self) -> Vec<String> {
        let (world, rows) = (self.world(), self.rows());
        let mut findings = self.findings();
        let marked = world.marked();
        for (address, row) in &rows {
            let things = marked.get(address).copied().unwrap_or_default();
            if row.intent.is_some() || row.outputs.is_none() {
                findings.push(format!("unfinished row: {address}"));
            }
            match things {
                0 if !UNTAGGED.contains(&row.kind.as_str()) => {
                    findings.push(format!("lost row: {address} stands for nothing"));
                }
                2.. if !IN_REVISIONS.contains(&row.kind.as_str()) => {
                    findings.push(format!("duplicate: {things} things are {address}"));
                }
                _ => {}
            }
        }
        let orphans = marked.keys().filter(|address| !rows.contains_key(*address));
        findings.extend(orphans.map(|address| format!("orphan: {address} is in no row")));
        if self.disk.has_leaked() {
            findings.push("leak: a supplied secret was written into the state file".to_owned());
        }
        findings.extend(self.leaked_password());
        findings
    }

    /// A generated password that is on disk.
    fn leaked_password(&self) -> Option<String> {
        let database = Configuration::Shipped.get().secrets.postgres.clone();
        let stored = self.sandbox.call("secretsmanager", "GetSecretValue", json!({ "SecretId": database }));
        let text = stored.ok()?["SecretString"].as_str()?.to_owned();
        let password = serde_json::from_str::<Value>(&text).ok()?["password"].as_str()?.to_owned();
        self.disk.holds(&password).then(|| "leak: a generated password is in the state file".to_owned())
    }
}

impl World {
    /// How many of each thing live in the account.
    pub fn census(&self) -> BTreeMap<String, usize> {
        let tables = TABLES.iter().flat_map(|(service, tables)| tables.iter().map(move |it| (*service, *it)));
        tables
            .map(|(service, table)| {
                let things = self.0[service][table].as_object().into_iter().flat_map(|it| it.values());
                (format!("{service}.{table}"), things.filter(|thing| lives(thing)).count())
            })
            .filter(|(_, count)| *count > 0)
            .collect()
    }

    /// How many living things carry each address of a stack in their tags.
    fn marked(&self) -> BTreeMap<String, usize> {
        let mut marked = BTreeMap::new();
        for (service, tables) in TABLES {
            for table in *tables {
                let things = self.0[service][table].as_object().into_iter().flat_map(|it| it.values());
                for thing in things.filter(|thing| lives(thing) && thing["tags"].get(STACK).is_some()) {
                    let address = thing["tags"][ADDRESS].as_str().unwrap_or_default();
                    // A task carries the tags of its service.
                    if *table != "tasks" {
                        *marked.entry(address.to_owned()).or_default() += 1;
                    }
                }
            }
        }
        marked
    }

    /// The world as data.
    pub const fn data(&self) -> &Value {
        &self.0
    }
}

/// AWS goes on showing some things for a while after their end.
fn lives(thing: &Value) -> bool {
    let ended = ["deleted", "stopped"].iter().any(|end| thing[end].is_number());
    !ended && thing["status"].get("Inactive").is_none()
}

/// The calls of a run that AWS had to refuse for a reason which the caller could have known.
///
/// `doubtful` says that an answer may have been lost before; then a name may turn out to be taken by one's own create.
pub fn illegal_calls(log: &CallLog, doubtful: bool) -> Vec<String> {
    let mut illegal = BTreeSet::new();
    for call in log.illegal().into_iter().filter(|call| call.over_wire) {
        let Some((code, words, _)) = &call.refused else { continue };
        let taken = TAKEN.iter().any(|part| code.contains(part)) || words.contains(NOT_IDEMPOTENT);
        if !(doubtful && taken) {
            illegal.insert(format!("illegal call: {} {}: {code}: {words}", call.service, call.operation));
        }
    }
    illegal.into_iter().collect()
}

/// How many calls of a run over the wire were to change something.
pub fn mutating_calls(log: &CallLog) -> usize {
    log.0.iter().filter(|call| call.over_wire && call.mutating).count()
}
