//! What is said before and after a run.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;
use sidekick_engine::{Address, Plan};
use sidekick_stack::access::Access;

use super::columns::columns;
use super::plan::counts;
use super::style::{BAD, BOLD, CHANGE, GOOD, paint, seconds_in_words};
use crate::error::{Error, failure};
use crate::printer::Printer;
use crate::recording::{FailedResource, RunFinished, SkippedResource};

/// The words in which the two directions of a run differ.
#[derive(Clone, Copy)]
pub(crate) struct Words {
    pub(crate) command: &'static str,
    pub(crate) question: &'static str,
    done: &'static str,
}

impl Words {
    /// For a command by its name.
    pub(super) fn of(command: &str) -> Option<Self> {
        [Self::UP, Self::DOWN].into_iter().find(|words| words.command == command)
    }

    /// For `sidekick up`.
    pub(crate) const UP: Self = Self {
        command: "up",
        question: "Bring the environment to this plan?",
        done: "The environment is as configured",
    };
    /// For `sidekick down`.
    pub(crate) const DOWN: Self =
        Self { command: "down", question: "Delete all of this?", done: "Nothing of the environment is left" };
}

/// Says how a run ended, unless it ended before its first change: then the error says it.
pub(super) fn report(printer: &Printer, words: Words, plan: &Plan, finished: &RunFinished) {
    if finished.error.is_some() {
        return;
    }
    let time = match (seconds_in_words(finished.seconds), finished.here) {
        (cloud, None) => cloud,
        (cloud, Some(here)) => format!("{cloud} of AWS's time ({} here)", seconds_in_words(here)),
    };
    let mut text = String::from("\n");
    if finished.success {
        let _ = writeln!(text, "{} after {time}: {}.", paint(GOOD, words.done), counts(plan));
    }
    for FailedResource { address, fault } in &finished.failed {
        let _ = write!(text, "{}\n{}", paint(BAD, "failed:"), failure(address, fault));
    }
    for (because, skipped) in by_cause(&finished.skipped) {
        let _ = writeln!(text, "{} because of {because}: {}", paint(CHANGE, "skipped:"), skipped.join(", "));
    }
    if finished.interrupted {
        let _ = writeln!(text, "Interrupted after {time}. Everything that was done is on record.");
    }
    if !finished.unanswered.is_empty() {
        let unanswered: Vec<_> = finished.unanswered.iter().map(Address::as_str).collect();
        let _ = writeln!(text, "AWS has not answered yet about {}.", unanswered.join(", "));
        let _ = writeln!(text, "The next run finds out what became of it.");
    }
    if finished.success {
        return printer.aside(&text);
    }
    let _ = writeln!(text, "Run `sidekick {}` again to go on from here.", words.command);
    printer.text(&text);
}

/// What was skipped, by the failure that is the cause: that is told once, however much depends on it.
fn by_cause(skipped: &[SkippedResource]) -> BTreeMap<&Address, Vec<&str>> {
    let mut by_cause: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for SkippedResource { address, because } in skipped {
        by_cause.entry(because).or_default().push(address.as_str());
    }
    by_cause
}

/// Shows the outputs by name.
pub(crate) fn outputs(printer: &Printer, outputs: &BTreeMap<&'static str, String>) {
    if printer.is_json() {
        printer.json(&json!({ "outputs": outputs }));
    } else if !outputs.is_empty() {
        let lines = outputs.iter().map(|(name, value)| [(*name).to_owned(), value.clone()]);
        printer.aside(&format!("\n{}\n{}", paint(BOLD, "Outputs"), indented(&columns(lines))));
    }
}

/// Says which secrets a placeholder stands in for.
pub(crate) fn placeholders(printer: &Printer, names: &[String]) {
    if names.is_empty() {
        return;
    }
    if printer.is_json() {
        printer.json(&json!({ "placeholders": names }));
    } else {
        printer.text(&format!(
            "{} the sandbox uses placeholders for secrets that have no value: {}\n",
            paint(CHANGE, "note:"),
            names.join(", ")
        ));
    }
}

/// Says what may break with this configuration, before it does.
pub(crate) fn cautions(printer: &Printer, cautions: &[String]) {
    if printer.is_json() {
        if !cautions.is_empty() {
            printer.json(&json!({ "cautions": cautions }));
        }
        return;
    }
    cautions.iter().for_each(|words| printer.text(&format!("{} {words}\n", paint(CHANGE, "caution:"))));
}

/// Says which peers are not connected yet, and on whom they wait. It is a state and no failure.
pub(crate) fn pending(printer: &Printer, peers: &[Access]) {
    if printer.is_json() && !peers.is_empty() {
        printer.json(&json!({ "pending": peers }));
        return;
    }
    for Access { path, note, .. } in peers {
        printer.text(&format!("{} {path}: {note}\n", paint(CHANGE, "pending:")));
    }
}

/// Says that the state at the end of a run is not in the history.
pub(crate) fn not_kept(printer: &Printer, why: &Error) {
    if printer.is_json() {
        printer.json(&json!({ "not_kept": why.to_string() }));
    } else {
        printer.text(&format!(
            "{} the state that this run ended with could not be kept in the history: {why}\n      The next run keeps it before it begins, or does not begin.\n",
            paint(CHANGE, "note:")
        ));
    }
}

/// Says that a state file knows of no resource.
pub(crate) fn nothing_on_record(printer: &Printer, state: &Path) {
    if printer.is_json() {
        printer.json(&json!({ "resources": 0 }));
    } else {
        printer.text(&format!(
            "Nothing is on record in {}.\nIf the environment exists and its state file was lost, `sidekick up` finds it again.\n",
            state.display()
        ));
    }
}

/// Says that there was nothing that a promise could be held against.
pub(crate) fn nothing_checked(printer: &Printer) {
    if printer.is_json() {
        printer.json(&json!({ "checked": false }));
    } else {
        printer.text("No promise was checked, because there is nothing that could keep it; is `-e` the environment that is meant?\n");
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}
