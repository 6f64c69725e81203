//! One environment that comes up, rests and goes, with all that happened and what AWS did meanwhile.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sidekick_engine::{Event, Experience, What};
use sidekick_sandbox::{Faults, LoggedCall, Phase, Reason};

use super::spans::{self, Spans};
use crate::simulation::configuration::Configuration;
use crate::simulation::estate::{Command, Estate, Fortune};
use crate::world::World;

/// How long each call takes, there and back.
pub const CALL: f64 = 0.1;

/// The pause between two commands.
const A_WHILE: Duration = Duration::from_secs(120);

/// What one command did.
#[derive(Debug, Default)]
pub struct Run {
    /// From its start to its end, in unix seconds.
    pub begun: f64,
    /// See `begun`.
    pub ended: f64,
    /// When each resource was known to be as wanted or gone, in unix seconds.
    pub known: BTreeMap<String, f64>,
    /// Its calls.
    pub calls: Vec<LoggedCall>,
    /// What AWS took its time for.
    pub spans: Spans,
}

impl Run {
    /// In seconds.
    pub fn makespan(&self) -> f64 {
        self.ended - self.begun
    }

    /// For each thing that took its time, the seconds between its end and our knowing it. What lets go of something
    /// only after it is gone itself is left out, and so is a web ACL, which is usable at once and spreads meanwhile.
    pub fn lags(&self) -> impl Iterator<Item = (&str, f64)> {
        self.spans.iter().filter_map(|(address, span)| {
            let known = self.known.get(address).filter(|known| **known >= span.done)?;
            (address != "edge.waf").then_some((address.as_str(), known - span.done))
        })
    }

    /// How many calls changed something, the refused ones left out: no run can do with fewer.
    pub fn changes(&self) -> usize {
        self.calls.iter().filter(|call| call.mutating && call.refused.is_none()).count()
    }

    /// How many calls were refused because they came too fast.
    pub fn throttled(&self) -> usize {
        let too_fast = |call: &&LoggedCall| call.refused.as_ref().is_some_and(|why| why.2 == Reason::TooFast);
        self.calls.iter().filter(too_fast).count()
    }

    /// How many seconds after the start the first call of this operation was sent.
    pub fn first(&self, operation: &str) -> Option<f64> {
        let call = self.calls.iter().find(|call| call.operation == operation)?;
        Some(call.at - self.begun - CALL / 2.0)
    }
}

/// An `up` from nothing, an `up` that has nothing to do, and a `down`.
#[derive(Debug)]
pub struct Recording {
    /// From nothing.
    pub up: Run,
    /// What AWS took its time for until nothing was left to do, the first backup of a database included.
    pub settled: Spans,
    /// Once more.
    pub again: Run,
    /// To nothing.
    pub down: Run,
    /// The addresses of the environment, each after all that it depends on.
    pub addresses: Vec<String>,
}

impl Recording {
    /// Records with the durations of this seed.
    ///
    /// # Panics
    /// If a command does not reach its goal.
    pub async fn of(seed: u64, faults: Faults) -> Self {
        Self::with(seed, faults, Experience::default()).await.0
    }

    /// The same by somebody with experience, which grows.
    ///
    /// # Panics
    /// If a command does not reach its goal.
    pub async fn with(seed: u64, faults: Faults, experience: Experience) -> (Self, Experience) {
        let mut estate = Estate::new(seed);
        estate.experience = experience;
        estate.sandbox.set_call_seconds(CALL);
        estate.sandbox.set_faults(faults).expect("a world in memory can be written");
        let mut up = record(&mut estate, Command::Up(Configuration::Shipped)).await;
        let world = estate.world();
        up.spans = spans::made(&world);
        let settled = spans::settled(&world);
        let addresses = estate.rows().into_keys().collect();
        // As after a while, when the permits of AWS are all there again.
        tokio::time::sleep(A_WHILE).await;
        let again = record(&mut estate, Command::Up(Configuration::Shipped)).await;
        tokio::time::sleep(A_WHILE).await;
        let leaving = witness(&mut estate, spans::by_arn(&world));
        let mut down = record(&mut estate, Command::Down).await;
        estate.witness = None;
        down.spans = std::mem::take(&mut *lock(&leaving));
        // What ended without any call of ours is told of by what is left.
        spans::leaving(&estate.world(), f64::INFINITY, &BTreeMap::new(), &mut down.spans);
        (Self { up, settled, again, down, addresses }, estate.experience)
    }
}

/// Notes at each call of a `down` what is on its way out by then.
fn witness(estate: &mut Estate, by_arn: BTreeMap<String, String>) -> Arc<Mutex<Spans>> {
    let leaving: Arc<Mutex<Spans>> = Arc::default();
    let (noted, sandbox) = (Arc::clone(&leaving), estate.sandbox.clone());
    estate.witness = Some(Arc::new(move |call, phase| {
        if phase == Phase::AfterEffect && call.is_mutating() {
            let world = World::of(sandbox.world().expect("a world in memory can be read"));
            let now = unix_seconds(sandbox.now());
            let mut spans = lock(&noted);
            if call.operation == "DeleteService" {
                let own = spans::Span { begun: now, done: now };
                spans.entry("compute.service".to_owned()).or_insert(own);
            }
            spans::leaving(&world, now, &by_arn, &mut spans);
        }
    }));
    leaving
}

async fn record(estate: &mut Estate, command: Command) -> Run {
    let known: Arc<Mutex<BTreeMap<String, f64>>> = Arc::default();
    let noted = Arc::clone(&known);
    estate.audience = Some(Arc::new(move |event: &Event| {
        if matches!(event.what, What::Ready { .. } | What::Gone { .. }) {
            let at = event.at.as_duration().as_secs_f64();
            lock(&noted).insert(event.address.to_string(), at);
        }
    }));
    let before = estate.sandbox.logged();
    let begun = unix_seconds(estate.sandbox.now());
    let outcome = estate.run(command, Fortune::kind()).await;
    assert!(outcome.is_success(), "{command:?}: {outcome}");
    let ended = unix_seconds(estate.sandbox.now());
    let calls = estate.sandbox.log_since(before).0;
    Run { begun, ended, known: lock(&known).clone(), calls, spans: Spans::new() }
}

fn unix_seconds(time: std::time::SystemTime) -> f64 {
    time.duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

/// What the lock guards is whole after every statement.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
