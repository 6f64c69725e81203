//! What it means that a command reached its goal, and that it rests there.

use std::collections::BTreeMap;
use std::time::Duration;

use super::audit::illegal_calls;
use super::estate::{Command, Estate, Fortune, Outcome};

/// What was just made may be hidden for a minute, and what was deleted stays listed for an hour.
pub async fn an_age() {
    tokio::time::sleep(Duration::from_secs(7300)).await;
}

/// One run reaches the goal, everything holds, and the account is as an undisturbed run leaves it.
pub async fn reaches(
    estate: &Estate,
    command: Command,
    fortune: Fortune,
    expected: &BTreeMap<String, usize>,
) -> Vec<String> {
    let outcome = estate.run(command, fortune).await;
    an_age().await;
    let mut findings = estate.audit();
    if !outcome.is_success() {
        findings.push(format!("the next run failed: {outcome}"));
    }
    let census = estate.world().census();
    if census != *expected {
        findings.push(format!("it left {census:?} instead of {expected:?}"));
    }
    findings.extend(illegal_calls(&estate.sandbox.log(), true));
    findings
}

/// One more run has nothing to do and does nothing.
pub async fn idles(estate: &Estate, command: Command) -> Vec<String> {
    let (text, rows, before) = (estate.disk.text(), estate.rows(), estate.sandbox.logged());
    let outcome = estate.run(command, Fortune::kind()).await;
    let mut findings = Vec::new();
    if !matches!(&outcome, Outcome::Ended(plan, _) if plan.is_empty()) {
        findings.push(format!("drift: once more it ended with {outcome}"));
    }
    let log = estate.sandbox.log_since(before);
    let mutations = log.0.iter().filter(|call| call.over_wire && call.mutating);
    let mutations: Vec<_> = mutations.map(|call| call.operation.as_str()).collect();
    if !mutations.is_empty() {
        findings.push(format!("restless: once more it called {mutations:?}"));
    }
    if estate.disk.text() != text {
        let after = estate.rows();
        let changed: Vec<_> = rows.iter().filter(|(address, row)| after.get(*address) != Some(row)).collect();
        let into: Vec<_> = changed.iter().map(|(address, _)| after.get(*address)).collect();
        findings.push(format!("restless: once more it wrote the state file: {changed:?} became {into:?}"));
    }
    findings
}
