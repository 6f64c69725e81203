//! The control loop: starts each resource as soon as its turn has come, and is told how it ended.
//!
//! A resource that waits holds nothing, so everything whose turn has come runs at once. A failure stops only what
//! depends on it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::pin::pin;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use serde_json::Value;
use tokio::sync::mpsc;

use crate::at_work::at_work;
use crate::drive::drive;
use crate::event::{Event, What};
use crate::graph::Known;
use crate::job::{Ended, Failure, Job, Surroundings};
use crate::ledger::LedgerError;
use crate::{Address, Class, Fault};

/// What is known and what has ended at some moment of a walk.
#[derive(Default)]
pub(crate) struct Progress {
    pub(crate) known: Known,
    pub(crate) ended: HashMap<Address, End>,
    /// Those that were made, and not found.
    pub(crate) made: HashSet<Address>,
    /// Of those that are done, which keep something meanwhile.
    pub(crate) keeping: BTreeSet<Address>,
}

/// How a resource's part in a walk ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Done,
    Failed,
    Skipped,
}

/// Whether a resource's turn has come.
pub(crate) enum Turn<C: 'static> {
    Now(Box<Job<C>>),
    NotYet,
    /// It never will, because this other one did not reach its goal.
    Never(Address),
}

/// How a run ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The resources that failed, and why.
    pub failed: Vec<(Address, Fault)>,
    /// The resources that were not tried, and the failed one that is the cause.
    pub skipped: Vec<(Address, Address)>,
    /// Whether it was stopped before its end.
    pub interrupted: bool,
    /// The resources of which a change was announced and not answered when it was stopped; the next run finds out
    /// what became of it.
    pub unanswered: Vec<Address>,
}

impl Report {
    /// Whether everything reached its goal.
    pub const fn is_success(&self) -> bool {
        self.failed.is_empty() && self.skipped.is_empty() && !self.interrupted
    }

    /// Whether a resource did not reach its goal.
    pub(crate) fn has_failed(&self, address: &Address) -> bool {
        self.failed.iter().any(|(failed, _)| failed == address)
            || self.skipped.iter().any(|(skipped, _)| skipped == address)
    }

    /// The first resource that did not reach its goal.
    pub(crate) fn first_failed(&self) -> Option<&Address> {
        let skipped = self.skipped.first().map(|(address, _)| address);
        self.failed.first().map(|(address, _)| address).or(skipped)
    }

    /// The failure behind a resource that did not reach its goal: itself, or what it was skipped for.
    fn cause(&self, address: Address) -> Address {
        let skipped = self.skipped.iter().find(|(skipped, _)| *skipped == address);
        skipped.map_or(address, |(_, because)| because.clone())
    }
}

/// Walks the addresses in `waiting`, of several whose turn has come the first in the list first.
///
/// # Errors
/// Only when the ledger cannot be written: then nothing new may be started. What was in flight is on record as
/// intended, and the next run finds out what became of it.
pub(crate) async fn walk<C: Send + Sync + 'static>(
    run: &Surroundings<'_, C>,
    mut waiting: Vec<(Address, &'static str)>,
    progress: &mut Progress,
    report: &mut Report,
    turn: impl Fn(&Address, &Progress) -> Turn<C>,
) -> Result<(), LedgerError> {
    let (accepted, mut signals) = mpsc::unbounded_channel::<(Address, Value, bool)>();
    let mut running = FuturesUnordered::new();
    let mut in_flight = BTreeSet::new();
    let mut insisted = pin!(run.stop.insisted());
    loop {
        if !run.stop.is_asked() {
            for job in due(run, &mut waiting, progress, report, &turn) {
                let accepted = accepted.clone();
                in_flight.insert(job.address.clone());
                running.push(async move {
                    let address = job.address.clone();
                    let tell = |id: &Value, made: bool| {
                        // The walk outlives its drives, so somebody is listening.
                        let _ = accepted.send((address.clone(), id.clone(), made));
                    };
                    let ended = at_work(&job.address, drive(run, &job, tell)).await;
                    (job.address, job.kind.traits().name, ended)
                });
            }
        }
        tokio::select! {
            biased;
            Some((address, id, made)) = signals.recv() => {
                progress.made.extend(made.then(|| address.clone()));
                progress.known.ids.insert(address, id);
            }
            ended = running.next() => {
                let Some((address, kind, ended)) = ended else {
                    leave(run, waiting, report);
                    return Ok(());
                };
                in_flight.remove(&address);
                note(run, (address, kind), ended, progress, report)?;
            }
            // AWS may never answer, so what is still in flight is dropped. That is as safe as a crash: what was
            // announced is on disk, and the next run finds out what became of it.
            () = &mut insisted => {
                report.interrupted = true;
                let announced = |address: &Address| {
                    run.ledger.row(address).is_some_and(|row| row.intent.is_some())
                };
                report.unanswered.extend(in_flight.into_iter().filter(announced));
                return run.ledger.flush();
            }
        }
    }
}

/// Accounts for what was not started when nothing is in flight any more.
fn leave<C>(run: &Surroundings<'_, C>, waiting: Vec<(Address, &'static str)>, report: &mut Report) {
    if run.stop.is_asked() {
        report.interrupted |= !waiting.is_empty();
        return;
    }
    // A defect of ours must not pass for success.
    for (address, kind) in waiting {
        let fault = Fault::new(Class::Invalid, kind, "its turn never came, although nothing it needs failed")
            .with_hint(
                "this is a defect of sidekick; report it, and run the command again to go on from here",
            );
        tell(run, &address, kind, What::Failed { fault: fault.clone() });
        report.failed.push((address, fault));
    }
}

/// Takes those whose turn has come out of `waiting`, and those whose turn will never come.
fn due<C: Send + Sync + 'static>(
    run: &Surroundings<'_, C>,
    waiting: &mut Vec<(Address, &'static str)>,
    progress: &mut Progress,
    report: &mut Report,
    turn: &impl Fn(&Address, &Progress) -> Turn<C>,
) -> Vec<Job<C>> {
    let mut jobs = Vec::new();
    loop {
        let before = waiting.len();
        waiting.retain(|(address, kind)| match turn(address, progress) {
            Turn::NotYet => true,
            Turn::Now(job) => {
                jobs.push(*job);
                false
            }
            Turn::Never(because) => {
                let because = report.cause(because);
                tell(run, address, kind, What::Skipped { because: because.clone() });
                progress.ended.insert(address.clone(), End::Skipped);
                report.skipped.push((address.clone(), because));
                false
            }
        });
        // One that is skipped may skip others.
        if waiting.len() == before {
            return jobs;
        }
    }
}

fn note<C: Send + Sync>(
    run: &Surroundings<'_, C>,
    (address, kind): (Address, &'static str),
    ended: Result<Ended, Failure>,
    progress: &mut Progress,
    report: &mut Report,
) -> Result<(), LedgerError> {
    match ended {
        Ok(Ended::Done(outputs)) => {
            progress.ended.insert(address.clone(), End::Done);
            progress.known.outputs.extend(outputs.map(|outputs| (address, outputs)));
        }
        Ok(Ended::Keeping(outputs)) => {
            progress.ended.insert(address.clone(), End::Done);
            progress.keeping.insert(address.clone());
            progress.known.outputs.insert(address, outputs);
        }
        Ok(Ended::Interrupted) => {
            report.interrupted = true;
            let unanswered = run.ledger.row(&address).is_some_and(|row| row.id.is_none());
            report.unanswered.extend(unanswered.then_some(address));
        }
        Err(Failure::Fault(fault)) => {
            tell(run, &address, kind, What::Failed { fault: fault.clone() });
            progress.ended.insert(address.clone(), End::Failed);
            report.failed.push((address, fault));
        }
        Err(Failure::Ledger(error)) => return Err(error),
    }
    Ok(())
}

fn tell<C>(run: &Surroundings<'_, C>, address: &Address, kind: &str, what: What) {
    let (address, kind) = (address.clone(), kind.to_owned());
    (run.observer)(&Event { at: run.clock.now(), address, kind, what });
}
