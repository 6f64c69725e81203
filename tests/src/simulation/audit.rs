//! What must hold once a run reached its goal, whatever happened before it. Every finding is one broken promise.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use sidekick_aws::{ADDRESS, STACK};
use sidekick_engine::{Contents, Row};
use sidekick_sandbox::CallLog;

use super::configuration::Configuration;
use super::estate::Estate;
use crate::world::World;

/// Kinds that cannot carry tags and belong to a parent that does.
const UNTAGGED: &[&str] =
    &["applicationautoscaling.scaling_policy", "secretsmanager.secret_version", "wafv2.association"];

/// Kinds of which several things with one mark are as it should be: each revision carries the family's.
const IN_REVISIONS: &[&str] = &["ecs.task_definition"];

/// What AWS says of a name that is taken. After a lost answer one learns it by trying.
const TAKEN: &[&str] = &["AlreadyExists", "Duplicate", "ResourceExists", "InvalidSubnet.Conflict"];
/// The same of an ECS service, whose code says nothing.
const NOT_IDEMPOTENT: &str = "not idempotent";

impl Estate {
    /// A copy of the account as it is now.
    pub fn world(&self) -> World {
        World::of(self.sandbox.world().expect("a world in memory can be read"))
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
        let marked = marked(&world);
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

/// How many living things carry each address of a stack in their tags.
fn marked(world: &World) -> BTreeMap<String, usize> {
    let mut marked = BTreeMap::new();
    // A task carries the tags of its service.
    let own = |table: &str, thing: &Value| table != "tasks" && thing["tags"].get(STACK).is_some();
    for (_, thing) in world.all_living().filter(|(table, thing)| own(table, thing)) {
        *marked.entry(thing["tags"][ADDRESS].as_str().unwrap_or_default().to_owned()).or_default() += 1;
    }
    marked
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
