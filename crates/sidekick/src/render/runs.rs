//! The runs on record, and what one of them did.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::json;

use super::columns::columns;
use super::plan::counts;
use super::style::{BAD, BOLD, CHANGE, GOOD, as_clock, in_words, moment, paint, to_do};
use crate::printer::Printer;
use crate::recording::{Ended, Outcome, Recorded, Span, Tally};

/// Lists runs, one a line.
pub(crate) fn runs(printer: &Printer, runs: &[Recorded]) {
    if printer.is_json() {
        for run in runs {
            printer.json(&json!({ "run": run.name, "started": run.started(), "finished": run.finished() }));
        }
        return;
    }
    if runs.is_empty() {
        printer.text("No run is on record yet; every `sidekick up` and `sidekick down` is recorded.\n");
        return;
    }
    let lines = runs.iter().map(|run| {
        let (changes, calls) = (run.planned().map(|it| counts(&it.plan)), run.calls().count());
        let changes = changes.filter(|it| !it.is_empty()).unwrap_or_else(|| "no changes".to_owned());
        [run.name.clone(), outcome(run), took(run), format!("{calls} calls"), changes]
    });
    printer.text(&columns(lines));
}

/// Shows what a run did: how it ended, each change with its times, and how often it called what.
pub(crate) fn run(printer: &Printer, run: &Recorded) {
    if printer.is_json() {
        run.facts.iter().for_each(|fact| printer.json(&json!(fact)));
        return;
    }
    let mut text = format!("{} {}\n", paint(BOLD, &run.name), outcome(run));
    if let Some(started) = run.started() {
        let identity = &started.identity;
        let _ = writeln!(
            text,
            "{} in account {}, {}{}, by sidekick {}\n{} {}",
            identity.stack,
            identity.account,
            identity.region,
            if started.sandbox { " (sandbox)" } else { "" },
            started.version,
            moment(started.at),
            took(run),
        );
    }
    if let Some(error) = run.finished().and_then(|finished| finished.error.as_ref()) {
        let _ = writeln!(text, "It ended before its first change: {error}");
    }
    let lines = spans(run);
    if !lines.is_empty() {
        let head =
            ["  resource", "change", "started", "accepted", "done", "took", "tries"].map(str::to_owned);
        let _ = write!(text, "\n{}", columns(std::iter::once(head).chain(lines)));
    }
    let calls = calls(run);
    if !calls.is_empty() {
        let _ = write!(text, "\n{}\n{}", paint(BOLD, "Calls"), columns(calls));
    }
    printer.text(&text);
}

fn outcome(run: &Recorded) -> String {
    let style = match run.outcome() {
        Outcome::Done => GOOD,
        Outcome::Failed => BAD,
        Outcome::Interrupted | Outcome::Unended => CHANGE,
    };
    paint(style, run.outcome().words())
}

fn took(run: &Recorded) -> String {
    run.took().map(in_words).unwrap_or_default()
}

/// A line for each change: its times count from the agreement.
fn spans(run: &Recorded) -> Vec<[String; 7]> {
    let begun = run.begun();
    let clock = |at: Timestamp| as_clock(at.duration_since(begun).unsigned_abs());
    let line = |span: Span| {
        let took = span.ended.map(|end| in_words(end.at.duration_since(span.started).unsigned_abs()));
        let ended = |end: Ended| clock(end.at) + if end.failed { " failed" } else { "" };
        [
            format!("  {}", span.address),
            to_do(span.action).to_owned(),
            clock(span.started),
            span.accepted.map(clock).unwrap_or_default(),
            span.ended.map_or_else(|| "never".to_owned(), ended),
            took.unwrap_or_default(),
            (span.retries.len() + 1).to_string(),
        ]
    };
    run.spans().into_iter().map(line).collect()
}

/// How often each operation was called, the most frequent first, and how often it was refused or lost.
fn calls(run: &Recorded) -> Vec<[String; 3]> {
    let line = |(name, Tally { all, refused, .. }): (String, Tally)| {
        let refused = if refused == 0 { String::new() } else { format!("{refused} refused or lost") };
        [format!("{all:>5}"), name, refused]
    };
    run.tallies().into_iter().map(line).collect()
}
