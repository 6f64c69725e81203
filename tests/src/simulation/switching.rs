//! What it takes to change one setting of a running environment, there and back.

use sidekick_sandbox::CallLog;

use super::audit::illegal_calls;
use super::configuration::Configuration;
use super::estate::{Command, Estate, Fortune};
use super::goal::{an_age, idles};

/// The mutating calls of a change, as `service Operation`, sorted: what can go at once has no order.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Switched {
    /// From the configuration without the setting to the one with it.
    pub there: Vec<String>,
    /// And back again.
    pub back: Vec<String>,
}

/// Makes an environment with this setting, then switches it on and off again on a running one.
///
/// Both settings are TOML of the environment's own file. Every `up` must reach its goal, leave nothing to do and nothing
/// wrong, and call nothing that AWS refuses; every `down` must leave nothing.
pub async fn switches(from: &str, to: &str) -> Switched {
    let [from, to] = [from, to].map(|file| Command::Up(Configuration::own(file)));
    let made = Estate::new(7);
    brought(&made, to).await;
    taken_down(&made).await;
    let standing = Estate::new(8);
    brought(&standing, from).await;
    let there = brought(&standing, to).await;
    let back = brought(&standing, from).await;
    taken_down(&standing).await;
    Switched { there, back }
}

/// Brings an environment to a configuration, where it must rest; says which calls changed it.
pub async fn brought(estate: &Estate, command: Command) -> Vec<String> {
    let before = estate.sandbox.logged();
    let outcome = estate.run(command, Fortune::kind()).await;
    assert!(outcome.is_success(), "{outcome}");
    an_age().await;
    let log = estate.sandbox.log_since(before);
    let mut calls = changes(&log);
    assert_eq!(estate.audit(), [""; 0]);
    assert_eq!(idles(estate, command).await, [""; 0]);
    assert_eq!(illegal_calls(&log, false), [""; 0]);
    calls.sort_unstable();
    calls
}

/// The calls that changed something, in their order.
pub fn changes(log: &CallLog) -> Vec<String> {
    let calls = log.0.iter().filter(|call| call.over_wire && call.mutating && call.refused.is_none());
    calls.map(|call| format!("{} {}", call.service, call.operation)).collect()
}

async fn taken_down(estate: &Estate) {
    let outcome = estate.run(Command::Down, Fortune::kind()).await;
    assert!(outcome.is_success(), "{outcome}");
    an_age().await;
    assert_eq!(estate.world().census(), [].into(), "down leaves nothing");
    assert_eq!(illegal_calls(&estate.sandbox.log(), false), [""; 0]);
}
