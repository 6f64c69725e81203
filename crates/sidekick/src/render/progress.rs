//! A run's events as they come: one line for each change of state, none for waiting.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use anstream::adapter::strip_str;
use jiff::Timestamp;
use serde_json::json;
use sidekick_engine::{Address, Clock, Event, Mutation, Plan, What};

use super::live::Live;
use super::plan::plan;
use super::report::{Words, report};
use super::style::{BAD, CHANGE, DIM, GOOD, as_clock, doing, in_words, paint};
use super::value::headline;
use crate::args::Detail;
use crate::printer::Printer;
use crate::recording::{CallEnded, Fact, RunFact};

/// How often a picture is drawn while nothing happens.
const TICK: Duration = Duration::from_millis(250);

/// Shows facts in the chosen form.
pub(crate) struct Progress {
    printer: Printer,
    shown: Arc<Mutex<Shown>>,
}

/// What has been shown already.
struct Shown {
    printer: Printer,
    live: Live,
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
    /// Shows facts of the past: nothing goes on between them.
    pub(crate) fn new(printer: Printer) -> Self {
        Self { printer, shown: Arc::new(Mutex::new(Shown::new(printer, Live::new(None, false)))) }
    }

    /// Shows facts as they happen: a terminal gets a picture of what goes on, and a log a sign of life now and then.
    pub(crate) fn watching(printer: Printer, clock: Clock) -> Self {
        let picture = printer.is_terminal() && printer.detail != Detail::Quiet;
        let shown = Arc::new(Mutex::new(Shown::new(printer, Live::new(Some(clock), picture))));
        if !printer.is_json() {
            // A thread of its own, because the run's thread may be held up.
            let weak = Arc::downgrade(&shown);
            thread::spawn(move || {
                while let Some(shown) = weak.upgrade() {
                    lock(&shown).tick();
                    drop(shown);
                    thread::sleep(TICK);
                }
            });
        }
        Self { printer, shown }
    }

    /// Shows one fact.
    pub(crate) fn show(&self, fact: &Fact) {
        if self.printer.is_json() {
            // Calls are many and say little; they are in the recording.
            if self.printer.detail == Detail::Verbose || !matches!(fact, Fact::Run(RunFact::Called(_))) {
                self.printer.json(&json!(fact));
            }
            return;
        }
        lock(&self.shown).show(fact);
    }
}

/// Whole after every statement, so that a panic elsewhere leaves it usable.
fn lock(shown: &Mutex<Shown>) -> MutexGuard<'_, Shown> {
    shown.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shown {
    fn new(printer: Printer, live: Live) -> Self {
        let (words, plan, begun, told) = (None, Plan::default(), None, BTreeSet::new());
        Self { printer, live, words, plan, begun, told }
    }

    fn show(&mut self, fact: &Fact) {
        self.live.note(fact);
        match fact {
            Fact::Run(RunFact::RunStarted(started)) => self.words = Words::of(&started.command),
            Fact::Run(RunFact::RunPlanned(planned)) => {
                self.plan.clone_from(&planned.plan);
                // Where only results are asked for, it goes without saying what will be done.
                if self.printer.is_json() || self.printer.detail != Detail::Quiet {
                    plan(&self.printer, planned);
                }
            }
            Fact::Run(RunFact::RunAgreed { at }) => {
                self.begun = Some(*at);
                self.live.has_said();
            }
            Fact::Run(RunFact::RunFinished(finished)) => {
                self.live.clear();
                if let Some(words) = self.words.filter(|_| !self.plan.is_empty()) {
                    report(&self.printer, words, &self.plan, finished);
                }
            }
            Fact::Run(RunFact::Called(call)) if self.printer.detail == Detail::Verbose => {
                self.say(&self.at(call.at, call.address.as_ref(), &called(call)), false);
            }
            Fact::Run(RunFact::Called(_)) => {}
            Fact::Resource(event) => {
                if let Some(line) = self.line(event) {
                    self.say(&line, !lasts(&event.what));
                }
            }
        }
        self.live.tick();
    }

    /// Prints a line. Where there is a picture, it shows what is `passing`.
    fn say(&mut self, line: &str, passing: bool) {
        match self.printer.detail {
            Detail::Quiet => {}
            Detail::Usual if passing && self.live.is_picture() => {}
            _ if self.live.is_picture() => self.live.above(line),
            _ => {
                self.printer.text(line);
                self.live.has_said();
            }
        }
    }

    fn tick(&mut self) {
        self.live.tick();
        if self.printer.detail != Detail::Quiet
            && let Some(line) = self.live.heartbeat()
        {
            self.printer.text(&format!("{line}\n"));
        }
    }

    /// The event's line, unless it only repeats what was said of its resource.
    fn line(&mut self, event: &Event) -> Option<String> {
        self.begun.get_or_insert(event.at);
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
        Some(self.at(event.at, Some(&event.address), &said))
    }

    /// A line with its time, which counts from the agreement.
    fn at(&self, at: Timestamp, address: Option<&Address>, said: &str) -> String {
        let passed = self.begun.map(|begun| at.duration_since(begun).unsigned_abs()).unwrap_or_default();
        let address = address.map(Address::as_str).unwrap_or_default();
        format!("{} {address:<36} {said}\n", paint(DIM, &format!("{:>6}", as_clock(passed))))
    }
}

/// What stays on a terminal when the picture has gone on.
fn lasts(what: &What) -> bool {
    matches!(
        what,
        What::Failed { .. }
            | What::Skipped { .. }
            | What::Notice { .. }
            | What::Retrying { .. }
            | What::Adopted { .. }
    )
}

fn called(call: &CallEnded) -> String {
    let CallEnded { service, operation, status, took, request_id, .. } = call;
    let status = status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    let request = request_id.as_ref().map(|id| format!(" request {id}")).unwrap_or_default();
    paint(DIM, &format!("{service} {operation}: {status} after {took:.1} s{request}"))
}

/// An event in words; none for those that only programs care about.
fn said(what: &What) -> Option<String> {
    Some(match what {
        What::Started { action } => paint(CHANGE, doing(*action)),
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
    use sidekick_engine::{Class, Fault};

    use super::*;
    use crate::args::Output;

    fn shown() -> Shown {
        let printer = Printer { form: Output::Plain, detail: Detail::Usual };
        Shown::new(printer, Live::new(None, false))
    }

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
        let mut shown = shown();
        let told = ["A", "A", "B", "A"].map(|code| shown.line(&event(0, retrying(code))).is_some());
        assert_eq!(told, [true, false, true, false]);
    }

    #[test]
    fn a_state_of_aws_that_repeats_our_own_word_is_not_told() {
        let mut shown = shown();
        assert!(shown.line(&event(0, What::Started { action: Mutation::Create })).is_some());
        assert!(shown.line(&event(1, What::Settling { note: "creating".to_owned() })).is_none());
        assert!(shown.line(&event(2, What::Settling { note: "backing-up".to_owned() })).is_some());
    }

    #[test]
    fn times_count_from_the_first_event() {
        let mut shown = shown();
        shown.line(&event(0, What::Started { action: Mutation::Create }));
        let line = shown.line(&event(501, What::Gone { took: Duration::from_secs(501) })).unwrap();
        let line = strip_str(&line).to_string();
        assert_eq!(line, format!("  8:21 {:<36} gone after 8 min 21 s\n", "edge.waf"));
    }
}
