//! How far a run is, as far as its facts have told: each change that is expected of it, and what has become of it.

use std::time::Duration;

use jiff::Timestamp;
use sidekick_engine::{Address, Event, Forecast, Mutation, Prospect, What};

use crate::recording::{Fact, RunFact};

/// A run as it is watched.
#[derive(Clone, Debug, Default)]
pub(super) struct Watch {
    /// When it was agreed to.
    pub(super) begun: Option<Timestamp>,
    /// When its last fact was told.
    pub(super) latest: Option<Timestamp>,
    pub(super) finished: bool,
    /// All changes, in the order in which they are expected to begin.
    pub(super) changes: Vec<Change>,
}

/// One change of one resource.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) address: Address,
    pub(super) action: Mutation,
    pub(super) expected: Duration,
    pub(super) state: State,
    /// What AWS, or a failed try, said last.
    pub(super) note: String,
    /// What it waits for last, and whether that only has to be begun.
    after: Option<(Address, bool)>,
}

/// What has become of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Waiting,
    Running(Timestamp),
    Done(Timestamp),
    Failed,
    Skipped,
}

/// When a run may end, and on what that depends now.
pub(super) struct Outlook<'a> {
    pub(super) left: Duration,
    /// Whether what is waited for takes longer than expected, so that nobody knows how much longer.
    pub(super) overdue: bool,
    pub(super) waiting_for: Option<&'a Change>,
}

impl Watch {
    /// Takes note of a fact.
    pub(super) fn note(&mut self, fact: &Fact) {
        match fact {
            Fact::Run(RunFact::RunPlanned(planned)) => self.changes = expected(&planned.forecast),
            Fact::Run(RunFact::RunAgreed { at }) => (self.begun, self.latest) = (Some(*at), Some(*at)),
            Fact::Run(RunFact::RunFinished(_)) => self.finished = true,
            Fact::Run(RunFact::Called(_) | RunFact::RunStarted(_)) => {}
            Fact::Resource(event) => {
                self.latest = Some(event.at);
                self.happened(event);
            }
        }
    }

    fn happened(&mut self, event: &Event) {
        let at = event.at;
        if let What::Skipped { .. } = &event.what {
            let skipped = self.changes.iter_mut().filter(|change| change.address == event.address);
            return skipped
                .filter(|change| !change.is_over())
                .for_each(|change| change.state = State::Skipped);
        }
        let change = self.change(event);
        let begun = if let State::Running(since) = change.state { since } else { at };
        match &event.what {
            What::Started { action } => {
                (change.state, change.action, change.note) = (State::Running(begun), *action, String::new());
            }
            What::Accepted { .. } | What::Adopted { .. } => change.state = State::Running(begun),
            What::Settling { note } => (change.state, change.note) = (State::Running(begun), note.clone()),
            What::Retrying { fault, .. } => {
                change.state = State::Running(begun);
                change.note = format!("again after {}", fault.code.as_deref().unwrap_or("a failure"));
            }
            What::Ready { .. } | What::Gone { .. } => change.state = State::Done(at),
            What::Failed { .. } => change.state = State::Failed,
            What::Notice { .. } | What::Skipped { .. } => {}
        }
    }

    /// The change that an event is about: the first of its resource that is not over. One that nobody expected is added.
    fn change(&mut self, event: &Event) -> &mut Change {
        let of_it = |change: &Change| change.address == event.address;
        let due = self.changes.iter().position(|change| of_it(change) && !change.is_over());
        let place = due.or_else(|| self.changes.iter().rposition(of_it)).unwrap_or_else(|| {
            let (address, note) = (event.address.clone(), String::new());
            let (action, expected) = (Mutation::Update, Duration::ZERO);
            self.changes.push(Change { address, action, expected, state: State::Waiting, note, after: None });
            self.changes.len() - 1
        });
        &mut self.changes[place]
    }

    /// How many changes are over.
    pub(super) fn over(&self) -> usize {
        self.changes.iter().filter(|change| change.is_over()).count()
    }

    /// Takes what was foretold, puts what has happened in its place, and looks ahead again.
    pub(super) fn outlook(&self, now: Timestamp) -> Outlook<'_> {
        let mut spans: Vec<(Timestamp, Timestamp)> = Vec::new();
        for change in &self.changes {
            let span = match change.state {
                State::Done(at) => (at, at),
                State::Failed | State::Skipped => (now, now),
                State::Running(since) => (since, later(since, change.expected).max(now)),
                State::Waiting => {
                    let after = change.after.as_ref().and_then(|(address, begun)| {
                        let (starts, ends) = spans[self.last_before(spans.len(), address)?];
                        Some(if *begun { ends.min(later(starts, Forecast::ANSWERED)) } else { ends })
                    });
                    let starts = after.unwrap_or(now).max(now);
                    (starts, later(starts, change.expected))
                }
            };
            spans.push(span);
        }
        let last = (0..spans.len()).max_by_key(|place| spans[*place].1);
        let left = last.map(|last| since(spans[last].1, now)).unwrap_or_default();
        let waiting_for = last.and_then(|last| self.at_work_before(last));
        let overdue = waiting_for.is_some_and(|change| change.is_overdue(now));
        Outlook { left, overdue, waiting_for }
    }

    /// The change at work that the one at a place waits for, or that one itself.
    fn at_work_before(&self, mut place: usize) -> Option<&Change> {
        loop {
            let change = &self.changes[place];
            match change.state {
                State::Running(_) => return Some(change),
                State::Waiting => place = self.last_before(place, &change.after.as_ref()?.0)?,
                _ => return None,
            }
        }
    }

    fn last_before(&self, place: usize, address: &Address) -> Option<usize> {
        self.changes[..place].iter().rposition(|change| change.address == *address)
    }
}

impl Change {
    fn is_overdue(&self, now: Timestamp) -> bool {
        matches!(self.state, State::Running(begun) if later(begun, self.expected) <= now)
    }

    pub(super) const fn is_over(&self) -> bool {
        !matches!(self.state, State::Waiting | State::Running(_))
    }
}

pub(super) fn expected(forecast: &Forecast) -> Vec<Change> {
    let change = |(place, prospect): (usize, &Prospect)| {
        let Prospect { address, action, starts, ends, after, .. } = prospect.clone();
        let after = after.map(|after| {
            let before = forecast.prospects[..place].iter().rfind(|producer| producer.address == after);
            (after, before.is_some_and(|producer| producer.ends > starts))
        });
        let expected = ends.saturating_sub(starts);
        Change { address, action, expected, state: State::Waiting, note: String::new(), after }
    };
    forecast.prospects.iter().enumerate().map(change).collect()
}

fn later(at: Timestamp, by: Duration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// The time from one moment to a later one; none if it is not later.
pub(super) fn since(later: Timestamp, earlier: Timestamp) -> Duration {
    Duration::try_from(later.duration_since(earlier)).unwrap_or_default()
}
