//! The runs on record, and what one of them did.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use sidekick_engine::{Address, Mutation, What};

use super::columns::columns;
use super::plan::counts;
use super::style::{BAD, BOLD, CHANGE, GOOD, as_clock, in_words, paint};
use crate::printer::Printer;
use crate::recording::{CallEnded, Recorded};

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
            started.at.strftime("%Y-%m-%d %H:%M:%S UTC"),
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
    match run.finished() {
        None => paint(CHANGE, "did not end"),
        Some(finished) if finished.success => paint(GOOD, "done"),
        Some(finished) if finished.interrupted => paint(CHANGE, "interrupted"),
        Some(_) => paint(BAD, "failed"),
    }
}

/// How long it was at work; until its last fact, if it did not end.
fn took(run: &Recorded) -> String {
    let last = run.events().last().map(|event| event.at);
    let passed = run
        .agreed()
        .zip(last)
        .and_then(|(agreed, last)| Duration::try_from(last.duration_since(agreed)).ok());
    let finished = run.finished().and_then(|finished| Duration::try_from_secs_f64(finished.seconds).ok());
    finished.or(passed).map(in_words).unwrap_or_default()
}

/// One change of one resource, from its call to its end.
struct Span {
    started: Timestamp,
    accepted: Option<Timestamp>,
    ended: Option<(Timestamp, &'static str)>,
    action: &'static str,
    retries: usize,
}

/// A line for each change: its times count from the agreement.
fn spans(run: &Recorded) -> Vec<[String; 7]> {
    let mut spans: Vec<(Address, Span)> = Vec::new();
    let mut open: BTreeMap<Address, usize> = BTreeMap::new();
    for event in run.events() {
        let at = event.at;
        if let What::Started { action } = &event.what {
            let action = match action {
                Mutation::Create => "create",
                Mutation::Update => "update",
                Mutation::Delete => "delete",
            };
            open.insert(event.address.clone(), spans.len());
            spans.push((
                event.address.clone(),
                Span { started: at, accepted: None, ended: None, action, retries: 0 },
            ));
        }
        let Some((_, span)) = open.get(&event.address).and_then(|place| spans.get_mut(*place)) else {
            continue;
        };
        match &event.what {
            What::Accepted { .. } => span.accepted = Some(at),
            What::Retrying { .. } => span.retries += 1,
            What::Ready { .. } | What::Gone { .. } => span.ended = Some((at, "")),
            What::Failed { .. } => span.ended = Some((at, " failed")),
            _ => {}
        }
    }
    let begun = run.agreed().or_else(|| run.started().map(|it| it.at)).unwrap_or(Timestamp::UNIX_EPOCH);
    let clock = |at: Timestamp| as_clock(at.duration_since(begun).unsigned_abs());
    let line = |(address, span): (Address, Span)| {
        let took = span.ended.map(|(at, _)| in_words(at.duration_since(span.started).unsigned_abs()));
        [
            format!("  {address}"),
            span.action.to_owned(),
            clock(span.started),
            span.accepted.map(clock).unwrap_or_default(),
            span.ended.map_or_else(|| "never".to_owned(), |(at, how)| clock(at) + how),
            took.unwrap_or_default(),
            (span.retries + 1).to_string(),
        ]
    };
    spans.into_iter().map(line).collect()
}

/// How often each operation was called, the most frequent first, and how often it was refused or lost.
fn calls(run: &Recorded) -> Vec<[String; 3]> {
    let mut counted: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for CallEnded { service, operation, status, .. } in run.calls() {
        let (all, refused) = counted.entry(format!("{service} {operation}")).or_default();
        *all += 1;
        *refused += usize::from(status.is_none_or(|status| status >= 400));
    }
    let mut counted: Vec<_> = counted.into_iter().collect();
    counted.sort_by_key(|(_, (all, _))| std::cmp::Reverse(*all));
    let line = |(name, (all, refused)): (String, (usize, usize))| {
        let refused = if refused == 0 { String::new() } else { format!("{refused} refused or lost") };
        [format!("{all:>5}"), name, refused]
    };
    counted.into_iter().map(line).collect()
}
