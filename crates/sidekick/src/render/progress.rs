//! A run's events as they come: one line for each change of state, none for waiting.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use anstream::adapter::strip_str;
use jiff::Timestamp;
use serde_json::json;
use sidekick_engine::{Address, Event, Mutation, Plan, What};

use super::plan::plan;
use super::report::{Words, report};
use super::style::{BAD, CHANGE, DIM, GOOD, as_clock, in_words, paint};
use super::value::headline;
use crate::printer::Printer;
use crate::recording::{Fact, RunFact};

/// Shows events in the chosen form.
pub(crate) struct Progress {
    printer: Printer,
    shown: Mutex<Shown>,
}

/// What has been shown already.
#[derive(Default)]
struct Shown {
    /// Which run it is.
    words: Option<Words>,
    /// What it does.
    plan: Plan,
    /// When it was agreed to; times are counted from then.
    begun: Option<Timestamp>,
    /// What was told of each resource that may happen again and again: once is enough.
    told: BTreeSet<(Address, String)>,
}

impl Progress {
    /// Nothing is shown yet.
    pub(crate) fn new(printer: Printer) -> Self {
        Self { printer, shown: Mutex::default() }
    }

    /// Shows one fact.
    pub(crate) fn show(&self, fact: &Fact) {
        if self.printer.is_json() {
            // Calls are many and say little; they are in the recording.
            if !matches!(fact, Fact::Run(RunFact::Called(_))) {
                self.printer.json(&json!(fact));
            }
            return;
        }
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        match fact {
            Fact::Run(RunFact::RunStarted(started)) => shown.words = Words::of(&started.command),
            Fact::Run(RunFact::RunPlanned(planned)) => {
                shown.plan.clone_from(&planned.plan);
                plan(&self.printer, planned);
            }
            Fact::Run(RunFact::RunAgreed { at }) => shown.begun = Some(*at),
            Fact::Run(RunFact::RunFinished(finished)) => {
                if let Some(words) = shown.words.filter(|_| !shown.plan.is_empty()) {
                    report(&self.printer, words, &shown.plan, finished);
                }
            }
            Fact::Run(RunFact::Called(_)) => {}
            Fact::Resource(event) => {
                if let Some(line) = shown.line(event) {
                    self.printer.text(&line);
                }
            }
        }
    }
}

impl Shown {
    /// The event's line, unless it only repeats what was said of its resource.
    fn line(&mut self, event: &Event) -> Option<String> {
        let begun = *self.begun.get_or_insert(event.at);
        let said = said(&event.what)?;
        let about = match &event.what {
            What::Retrying { fault, .. } => fault.code.clone().unwrap_or_else(|| fault.message.clone()),
            // AWS's own word for a state is often the one that was just said.
            What::Started { .. } | What::Settling { .. } => strip_str(&said).to_string(),
            _ => String::new(),
        };
        if !about.is_empty() && !self.told.insert((event.address.clone(), about)) {
            return None;
        }
        let passed = event.at.duration_since(begun).unsigned_abs();
        Some(format!("{} {:<36} {said}\n", paint(DIM, &format!("{:>6}", as_clock(passed))), event.address))
    }
}

/// An event in words; none for those that only programs care about.
fn said(what: &What) -> Option<String> {
    Some(match what {
        What::Started { action } => paint(
            CHANGE,
            match action {
                Mutation::Create => "creating",
                Mutation::Update => "updating",
                Mutation::Delete => "deleting",
            },
        ),
        What::Accepted { .. } => return None,
        What::Adopted { id } => format!("found {id}"),
        What::Settling { note } => paint(DIM, note),
        What::Retrying { fault, .. } => paint(DIM, &format!("trying again: {fault}")),
        What::Notice { words } => paint(CHANGE, words),
        What::Ready { action: None, .. } => paint(DIM, "unchanged"),
        What::Ready { action: Some(Mutation::Create), took } => {
            paint(GOOD, &format!("created in {}", in_words(*took)))
        }
        What::Ready { action: Some(_), took } => paint(GOOD, &format!("updated in {}", in_words(*took))),
        What::Gone { took } => paint(GOOD, &format!("gone after {}", in_words(*took))),
        // The report at the end tells all of it.
        What::Failed { fault } => paint(BAD, &format!("failed: {}", headline(&fault.to_string()))),
        What::Skipped { because } => paint(CHANGE, &format!("skipped, because of {because}")),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sidekick_engine::{Class, Fault};

    use super::*;

    fn event(second: i64, what: What) -> Event {
        let at = Timestamp::from_second(1_000 + second).unwrap();
        Event { at, address: "edge.waf".into(), kind: "wafv2.web_acl".to_owned(), what }
    }

    fn retrying(code: &str) -> What {
        let fault =
            Fault { code: Some(code.to_owned()), ..Fault::new(Class::NotYetVisible, "wafv2 X", "not yet") };
        What::Retrying { fault, after: Duration::from_secs(1) }
    }

    #[test]
    fn a_failure_that_repeats_is_told_once() {
        let mut shown = Shown::default();
        let told = ["A", "A", "B", "A"].map(|code| shown.line(&event(0, retrying(code))).is_some());
        assert_eq!(told, [true, false, true, false]);
    }

    #[test]
    fn a_state_of_aws_that_repeats_our_own_word_is_not_told() {
        let mut shown = Shown::default();
        assert!(shown.line(&event(0, What::Started { action: Mutation::Create })).is_some());
        assert!(shown.line(&event(1, What::Settling { note: "creating".to_owned() })).is_none());
        assert!(shown.line(&event(2, What::Settling { note: "backing-up".to_owned() })).is_some());
    }

    #[test]
    fn times_count_from_the_first_event() {
        let mut shown = Shown::default();
        shown.line(&event(0, What::Started { action: Mutation::Create }));
        let line = shown.line(&event(501, What::Gone { took: Duration::from_secs(501) })).unwrap();
        let line = strip_str(&line).to_string();
        assert_eq!(line, format!("  8:21 {:<36} gone after 8 min 21 s\n", "edge.waf"));
    }
}
