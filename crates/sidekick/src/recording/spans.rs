//! A run in short: its changes with their times, its calls, its end.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use sidekick_engine::{Address, Fault, Mutation, What};

use super::runs::Recorded;

/// One change of one resource, from its first call to its end.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Span {
    pub(crate) address: Address,
    pub(crate) action: Mutation,
    pub(crate) started: Timestamp,
    /// When the create was answered.
    pub(crate) accepted: Option<Timestamp>,
    /// Nothing if the run ended before.
    pub(crate) ended: Option<Ended>,
    pub(crate) retries: Vec<(Timestamp, Fault)>,
}

/// The end of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) at: Timestamp,
    pub(crate) failed: bool,
}

/// Whether what is started is still the change that was under way, whose call is sent again or completed by another.
/// What was under way when its resource has to go instead, or be made anew, has failed.
fn going_on(open: Option<&mut Span>, action: Mutation, at: Timestamp) -> bool {
    let Some(span) = open.filter(|span| span.ended.is_none()) else { return false };
    let same = (span.action == Mutation::Delete) == (action == Mutation::Delete);
    if !same {
        span.ended = Some(Ended { at, failed: true });
    }
    same
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Done,
    Failed,
    Interrupted,
    /// It was killed, or is still under way.
    Unended,
}

impl Outcome {
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
            Self::Unended => "did not end",
        }
    }
}

/// The calls of one operation.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Tally {
    pub(crate) all: usize,
    /// Those that were refused or lost.
    pub(crate) refused: usize,
    /// What all of them took together.
    pub(crate) seconds: f64,
}

impl Recorded {
    /// Its changes, in the order in which they started.
    pub(crate) fn spans(&self) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::new();
        let mut open: BTreeMap<&Address, usize> = BTreeMap::new();
        for event in self.events() {
            let at = event.at;
            if let What::Started { action } = event.what
                && !going_on(open.get(&event.address).and_then(|place| spans.get_mut(*place)), action, at)
            {
                open.insert(&event.address, spans.len());
                let (address, retries) = (event.address.clone(), Vec::new());
                spans.push(Span { address, action, started: at, accepted: None, ended: None, retries });
            }
            let Some(span) = open.get(&event.address).and_then(|place| spans.get_mut(*place)) else {
                continue;
            };
            match &event.what {
                What::Accepted { .. } => span.accepted = Some(at),
                What::Retrying { fault, .. } => span.retries.push((at, fault.clone())),
                What::Ready { .. } | What::Gone { .. } => span.ended = Some(Ended { at, failed: false }),
                What::Failed { .. } => span.ended = Some(Ended { at, failed: true }),
                _ => {}
            }
        }
        spans
    }

    /// When its work began: the agreement, or its first fact if nobody agreed.
    pub(crate) fn begun(&self) -> Timestamp {
        self.agreed().or_else(|| self.started().map(|it| it.at)).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// How it ended.
    pub(crate) fn outcome(&self) -> Outcome {
        match self.finished() {
            None => Outcome::Unended,
            Some(finished) if finished.success => Outcome::Done,
            Some(finished) if finished.interrupted => Outcome::Interrupted,
            Some(_) => Outcome::Failed,
        }
    }

    /// How long it was at work; until its last event, if it did not end.
    pub(crate) fn took(&self) -> Option<Duration> {
        let last = self.events().last().map(|event| event.at);
        let passed =
            self.agreed().zip(last).and_then(|(agreed, last)| last.duration_since(agreed).try_into().ok());
        self.finished().and_then(|finished| Duration::try_from_secs_f64(finished.seconds).ok()).or(passed)
    }

    /// Its calls by operation, the most frequent first.
    pub(crate) fn tallies(&self) -> Vec<(String, Tally)> {
        let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
        for call in self.calls() {
            let tally = tallies.entry(format!("{} {}", call.service, call.operation)).or_default();
            tally.all += 1;
            tally.refused += usize::from(call.is_refused());
            tally.seconds += call.took;
        }
        let mut tallies: Vec<_> = tallies.into_iter().collect();
        tallies.sort_by_key(|(_, tally)| Reverse(tally.all));
        tallies
    }
}

#[cfg(test)]
mod tests {
    use sidekick_engine::{Class, Event};

    use super::*;
    use crate::recording::Fact;

    /// What is done, when it starts, when it ends and whether it failed, and how often it was tried again.
    type Told = (Mutation, i64, Option<(i64, bool)>, usize);

    fn run(happened: &[(i64, What)]) -> Vec<Told> {
        let event = |(second, what): &(i64, What)| {
            let at = Timestamp::from_second(*second).unwrap();
            Fact::from(Event { at, address: "data.a".into(), kind: "a.kind".to_owned(), what: what.clone() })
        };
        let run = Recorded { name: "a run".to_owned(), facts: happened.iter().map(event).collect() };
        let told = |span: Span| {
            let ended = span.ended.map(|ended| (ended.at.as_second(), ended.failed));
            (span.action, span.started.as_second(), ended, span.retries.len())
        };
        run.spans().into_iter().map(told).collect()
    }

    const fn started(action: Mutation) -> What {
        What::Started { action }
    }

    #[test]
    fn a_call_that_is_sent_again_belongs_to_the_same_change() {
        let fault = Fault::new(Class::Throttled, "rds CreateDBInstance", "too fast");
        let after = Duration::from_secs(1);
        let happened = [
            (0, started(Mutation::Create)),
            (1, What::Retrying { fault, after }),
            (2, started(Mutation::Create)),
            (3, started(Mutation::Update)),
            (9, What::Ready { action: Some(Mutation::Update), took: after }),
            (20, started(Mutation::Update)),
        ];
        let expected = [(Mutation::Create, 0, Some((9, false)), 1), (Mutation::Update, 20, None, 0)];
        assert_eq!(run(&happened), expected);
    }

    #[test]
    fn a_create_that_has_to_go_has_failed() {
        let happened = [
            (0, started(Mutation::Create)),
            (5, started(Mutation::Delete)),
            (7, What::Gone { took: Duration::from_secs(2) }),
            (7, started(Mutation::Create)),
        ];
        let expected = [
            (Mutation::Create, 0, Some((5, true)), 0),
            (Mutation::Delete, 5, Some((7, false)), 0),
            (Mutation::Create, 7, None, 0),
        ];
        assert_eq!(run(&happened), expected);
    }
}
