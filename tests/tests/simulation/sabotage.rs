//! The protocol is broken on purpose, and the campaign must notice. A campaign that cannot fail proves nothing.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;
use sidekick_sandbox::{Call, Faults};
use sidekick_tests::simulation::configuration::Configuration;
use sidekick_tests::simulation::crashes::{Campaign, die_until_broken};
use sidekick_tests::simulation::estate::{Command, Estate};

const CAMPAIGN: Campaign =
    Campaign { name: "up", standing: None, command: Command::Up(Configuration::Shipped) };

/// What the campaign finds in an account that hides new things for a while, which gives every flaw its chance.
fn findings(step: usize, spoil: impl Fn(&Estate) + Sync) -> Vec<String> {
    let tally = die_until_broken(&CAMPAIGN, step, |estate| {
        let faults = Faults { hidden_seconds: 20.0, ..Faults::default() };
        estate.sandbox.set_faults(faults).expect("a world in memory can be written");
        spoil(estate);
    });
    tally.findings
}

fn has(findings: &[String], word: &str) -> bool {
    findings.iter().any(|finding| finding.contains(word))
}

#[test]
fn without_a_flaw_the_campaign_finds_nothing() {
    assert_eq!(findings(7, |_| ()), [""; 0]);
}

/// A disk that acknowledges before it is durable is an engine that calls before it records.
#[test]
fn an_intent_that_is_recorded_after_the_call_is_caught() {
    let findings = findings(1, |estate| estate.disk.lie());
    assert!(has(&findings, "unrecorded call"), "{findings:#?}");
    assert!(has(&findings, "then down") && has(&findings, "orphan"), "{findings:#?}");
}

#[test]
fn a_create_that_leaves_the_ownership_tags_out_is_caught() {
    let findings = findings(1, |estate| {
        estate.sandbox.on_arrival(|call| {
            if call.operation == "CreateVpc" {
                call.params.values_mut().for_each(without_ownership);
            }
        });
    });
    assert!(has(&findings, "the next run failed"), "{findings:#?}");
    assert!(has(&findings, "it left"), "the VPC that nobody owns stays: {findings:#?}");
}

/// Takes the ownership tags out of a `TagSpecification`.
fn without_ownership(param: &mut Value) {
    match param {
        Value::Array(list) => {
            let is_ownership =
                |tag: &Value| tag["Key"].as_str().is_some_and(|key| key.starts_with("sidekick:"));
            list.retain(|one| !is_ownership(one));
            list.iter_mut().for_each(without_ownership);
        }
        Value::Object(fields) => fields.values_mut().for_each(without_ownership),
        _ => {}
    }
}

/// What an SDK does that is not told otherwise.
#[test]
fn a_create_with_a_random_client_token_is_caught() {
    let findings = findings(1, |estate| {
        let drawn = AtomicU64::new(0);
        estate.sandbox.on_arrival(move |call: &mut Call| {
            if let Some(token) = call.params.get_mut("ClientToken") {
                *token = format!("random-{}", drawn.fetch_add(1, Ordering::Relaxed)).into();
            }
        });
    });
    // The second gateway is there as well, or cannot have the address that the first one holds.
    assert!(has(&findings, "duplicate") || has(&findings, "is already associated"), "{findings:#?}");
}
