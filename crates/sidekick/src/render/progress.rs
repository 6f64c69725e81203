//! A run's events as they come: one line for each change of state, none for waiting.

use jiff::Timestamp;
use serde_json::json;
use sidekick_engine::{Clock, Event, Mutation, What};

use super::style::{BAD, CHANGE, DIM, GOOD, as_clock, in_words, paint};
use crate::args::Output;
use crate::printer::Printer;

/// Shows events in the chosen form.
pub(crate) struct Progress {
    printer: Printer,
    clock: Clock,
    begun: Timestamp,
}

impl Progress {
    /// Times are shown from now on, in the cloud's time.
    pub(crate) fn new(printer: Printer, clock: Clock) -> Self {
        Self { printer, clock, begun: clock.now() }
    }

    /// Shows one event.
    pub(crate) fn show(&self, event: &Event) {
        if self.printer.form == Output::Json {
            self.printer.json(&json!(event));
        } else if let Some(said) = said(&event.what) {
            let at = as_clock(self.clock.since(self.begun));
            self.printer.text(&format!("{} {:<36} {said}\n", paint(DIM, &format!("{at:>6}")), event.address));
        }
    }
}

/// An event in words; none for those that only programs care about.
fn said(what: &What) -> Option<String> {
    Some(match what {
        What::Started { action } => paint(CHANGE, match action {
            Mutation::Create => "creating",
            Mutation::Update => "updating",
            Mutation::Delete => "deleting",
        }),
        What::Accepted { .. } => return None,
        What::Adopted { id } => format!("found {id}"),
        What::Settling { note } => paint(DIM, note),
        What::Retrying { fault, after } => {
            paint(DIM, &format!("trying again in {}: {fault}", in_words(*after)))
        }
        What::Ready { action: None, .. } => paint(DIM, "unchanged"),
        What::Ready { action: Some(Mutation::Create), took } => paint(GOOD, &format!("created in {}", in_words(*took))),
        What::Ready { action: Some(_), took } => paint(GOOD, &format!("updated in {}", in_words(*took))),
        What::Gone { took } => paint(GOOD, &format!("gone after {}", in_words(*took))),
        What::Failed { fault } => paint(BAD, &format!("failed: {fault}")),
        What::Skipped { because } => paint(CHANGE, &format!("skipped, because of {because}")),
    })
}
