//! When the simulated AWS began with a thing, and when it was done: the truth that a run can only look for.

use std::collections::BTreeMap;

use serde_json::Value;
use sidekick_aws::ADDRESS;

use crate::world::World;

/// How long AWS worked on one thing, in unix seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// When the call took effect.
    pub begun: f64,
    /// When it did its work, or was gone.
    pub done: f64,
}

impl Span {
    /// In seconds.
    pub fn length(self) -> f64 {
        self.done - self.begun
    }
}

/// Spans by address.
pub type Spans = BTreeMap<String, Span>;

/// The states in which a thing does its work.
const WORKING: &[&str] = &["available", "active", "backing-up"];

/// What was made and takes its time to do its work.
pub fn made(world: &World) -> Spans {
    let mut spans = Spans::new();
    for (table, thing) in world.all_living() {
        let done = match table {
            "services" => thing["deployments"][0]["updated"].as_f64(),
            "web_acls" => thing["propagated"].as_f64(),
            "nat_gateways" | "load_balancers" | "instances" | "replication_groups" => reached(thing, WORKING),
            _ => None,
        };
        let address = thing["tags"][ADDRESS].as_str();
        if let (Some(address), Some(begun), Some(done)) = (address, thing["created"].as_f64(), done) {
            spans.insert(address.to_owned(), Span { begun, done });
        }
    }
    spans
}

/// The same until AWS has nothing left to do with it: a database is backed up once before it counts as available.
pub fn settled(world: &World) -> Spans {
    let mut spans = made(world);
    for (_, thing) in world.all_living() {
        let last = thing["timeline"]["steps"].as_array().and_then(|steps| steps.last());
        let address = thing["tags"][ADDRESS].as_str();
        if let (Some(span), Some(last)) = (address.and_then(|it| spans.get_mut(it)), last) {
            span.done = last[0].as_f64().unwrap_or(span.done).max(span.done);
        }
    }
    spans
}

/// The addresses of things by their ARN, by which what they hold names them.
pub fn by_arn(world: &World) -> BTreeMap<String, String> {
    let named = world.all_living().filter_map(|(_, thing)| {
        Some((thing["arn"].as_str()?.to_owned(), thing["tags"][ADDRESS].as_str()?.to_owned()))
    });
    named.collect()
}

/// Adds what is on its way out at `now`, until it is gone with all that it holds.
pub fn leaving(world: &World, now: f64, by_arn: &BTreeMap<String, String>, spans: &mut Spans) {
    for (table, thing) in world.all_listed() {
        let own = thing["tags"][ADDRESS].as_str();
        let (address, done) = match table {
            "instances" | "replication_groups" => (own, thing["timeline"]["gone"].as_f64()),
            "nat_gateways" => (own, reached(thing, &["deleted"])),
            "web_acls" => (own, thing["held_until"].as_f64().filter(|until| *until > now)),
            // A task carries the address of its service, and its interface goes when it has stopped.
            "tasks" => (own, thing["stopped"].as_f64()),
            "network_interfaces" => {
                let holder = thing["holder"].as_str().and_then(|holder| by_arn.get(holder));
                (holder.map(String::as_str), thing["gone"].as_f64())
            }
            _ => continue,
        };
        let Some((address, done)) = address.zip(done) else { continue };
        // The first call that sets it going counts; a task ends long after that, and each interface in its own time.
        let span = spans.entry(address.to_owned()).or_insert(Span { begun: now.min(done), done });
        span.done = span.done.max(done);
    }
}

/// When a thing enters the first of these states.
fn reached(thing: &Value, states: &[&str]) -> Option<f64> {
    let steps = thing["timeline"]["steps"].as_array()?;
    let first = steps.iter().find(|step| step[1].as_str().is_some_and(|state| states.contains(&state)))?;
    first[0].as_f64()
}
