//! What Terraform's AWS provider would take for the same environment on the same AWS: a simulation, by its documented
//! order, delays and steps, and not a run of it.
//!
//! It waits for a thing as a whole before it begins with what depends on it, holds one of ten slots meanwhile, and
//! goes the same way back. Its reads, its start and its consistency checks are left out, in its favour.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::critical_path::Node;
use super::environment::matches;
use super::recording::CALL;
use super::spans::Spans;

/// How many things Terraform works on at one time.
const SLOTS: usize = 10;

/// A wait of the provider: the seconds before the first look, the first and the longest pause between looks, and how
/// many looks in a row must find it done.
#[derive(Clone, Copy)]
struct Wait {
    delay: f64,
    first: f64,
    longest: f64,
    hits: u32,
}

/// Pauses that grow from a tenth of a second to ten.
const GROWING: Wait = Wait { delay: 0.0, first: 0.1, longest: 10.0, hits: 1 };

const fn wait(delay: f64, step: f64, hits: u32) -> Wait {
    Wait { delay, first: step, longest: step, hits }
}

/// By the pattern of an address.
const CREATES: &[(&str, Wait)] = &[
    // It sets an attribute and looks for that after ten seconds.
    ("network.vpc", wait(10.0, 3.0, 1)),
    ("network.nat-subnet.*", wait(10.0, 3.0, 1)),
    ("data.postgres", wait(60.0, 10.0, 3)),
    ("data.redis", wait(30.0, 10.0, 1)),
    ("edge.alb", wait(30.0, 10.0, 1)),
    ("compute.cluster", wait(10.0, 10.0, 1)),
];

const DELETES: &[(&str, Wait)] = &[
    ("network.nat-gateway.*", wait(10.0, 10.0, 1)),
    ("data.postgres", wait(60.0, 10.0, 3)),
    ("data.redis", wait(30.0, 10.0, 1)),
    ("compute.service", wait(0.0, 1.0, 1)),
];

impl Wait {
    /// When it is known that something was done after so many seconds.
    fn known(self, done: f64) -> f64 {
        let (mut at, mut pause, mut hits) = (self.delay, self.first, 0);
        loop {
            hits = if at >= done { hits + 1 } else { 0 };
            if hits >= self.hits {
                return at;
            }
            at += pause;
            pause = (pause * 2.0).min(self.longest);
        }
    }
}

/// Seconds until all of these are there. `spans` tell how long AWS takes until it has nothing left to do.
pub fn up(nodes: &[Node], spans: &Spans) -> f64 {
    let work: Vec<Work> = nodes
        .iter()
        .map(|node| {
            let needs = node.needs.iter().map(|(need, _)| need.clone()).collect();
            Work { address: &node.address, needs, seconds: takes(CREATES, &node.address, spans) }
        })
        .collect();
    in_slots(&work)
}

/// Seconds until all of these are gone, each after all that depended on it. `drain` is how long targets may finish.
pub fn down(nodes: &[Node], spans: &Spans, drain: f64) -> f64 {
    let mut dependents: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for node in nodes {
        for (need, _) in &node.needs {
            dependents.entry(need).or_default().insert(node.address.clone());
        }
    }
    let work: Vec<Work> = nodes
        .iter()
        .map(|node| {
            // The listener depends on nothing that goes before the service, whose targets so drain in full.
            let drain = if node.address == "compute.service" { drain } else { 0.0 };
            let needs = dependents.get(node.address.as_str()).cloned().unwrap_or_default();
            Work { address: &node.address, needs, seconds: drain + takes(DELETES, &node.address, spans) }
        })
        .collect();
    in_slots(&work)
}

fn takes(waits: &[(&str, Wait)], address: &str, spans: &Spans) -> f64 {
    let done = spans.get(address).map(|span| span.length());
    let wait = waits.iter().find(|(pattern, _)| matches(pattern, address));
    match (wait, done) {
        (None, None) => CALL,
        (wait, done) => CALL + wait.map_or(GROWING, |(_, wait)| *wait).known(done.unwrap_or_default()),
    }
}

struct Work<'a> {
    address: &'a str,
    needs: BTreeSet<String>,
    seconds: f64,
}

/// Does each work after its needs, at most so many at one time, the first in the list first.
fn in_slots(work: &[Work<'_>]) -> f64 {
    let mut waiting: VecDeque<&Work<'_>> = work.iter().collect();
    let mut running: Vec<(f64, &str)> = Vec::new();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    let mut now = 0.0;
    loop {
        while running.len() < SLOTS {
            let ready = |work: &&Work<'_>| work.needs.iter().all(|need| done.contains(need.as_str()));
            let Some(index) = waiting.iter().position(ready) else { break };
            let next = waiting.remove(index).expect("it was found there");
            running.push((now + next.seconds, next.address));
        }
        running.sort_by(|one, other| other.0.total_cmp(&one.0));
        let Some((ended, address)) = running.pop() else { return now };
        now = ended;
        done.insert(address);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_knows_at_the_first_look_that_finds_it_done_often_enough() {
        assert_eq!(wait(60.0, 10.0, 3).known(421.0), 450.0);
        assert_eq!(wait(30.0, 10.0, 1).known(5.0), 30.0);
        assert!((GROWING.known(110.0) - 112.7).abs() < 0.01, "{}", GROWING.known(110.0));
    }

    #[test]
    fn work_waits_for_its_needs_and_for_a_slot() {
        let work = |address, needs: &[&str], seconds| Work {
            address,
            needs: needs.iter().map(|need| (*need).to_owned()).collect(),
            seconds,
        };
        assert_eq!(in_slots(&[work("a", &[], 3.0), work("b", &["a"], 4.0), work("c", &[], 5.0)]), 7.0);
        let many: Vec<_> = (0..15).map(|_| work("many", &[], 2.0)).collect();
        assert_eq!(in_slots(&many), 4.0);
    }
}
