//! The plan: creates, updates with each field old → new, replacements with what forces them, deletes.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anstyle::Style;
use serde_json::json;
use sidekick_engine::{Change, Field, Identity, Plan, Planned, Reason, Step};

use super::layers::by_layer;
use super::preview::{changing, made, rows};
use super::style::{BAD, BOLD, CHANGE, DIM, GOOD, paint};
use super::summary::summary;
use super::value::{headline, parts};
use crate::args::Detail;
use crate::printer::Printer;
use crate::recording::{RunFact, RunPlanned};

/// How a secret stands in a plan, which knows no more of it.
const SECRET: &str = "(secret)";

/// How far the fields of a resource are from the margin.
const INDENT: &str = "        ";

/// Shows a plan.
pub(crate) fn plan(printer: &Printer, planned: &RunPlanned) {
    if printer.is_json() {
        printer.json(&json!(RunFact::RunPlanned(planned.clone())));
    } else {
        printer.text(&text(planned, printer.detail == Detail::Verbose, printer.columns()));
    }
}

fn text(planned: &RunPlanned, verbose: bool, columns: usize) -> String {
    let RunPlanned { identity: Identity { stack, account, region }, plan, .. } = planned;
    let mut text = format!("{} in account {account}, {region}\n", paint(BOLD, stack));
    if plan.is_empty() {
        text.push_str("No changes: the environment is as configured.\n");
        return text + &notices(plan);
    }
    let told = |step: &Step| verbose || step.action != Planned::Keep;
    let width = plan.steps.iter().filter(|step| told(step)).map(|step| step.address.as_str().len()).max();
    for (layer, steps) in by_layer(plan.steps.iter().map(|step| (&step.address, step))) {
        let _ = writeln!(text, "\n{}  {}", paint(BOLD, layer), paint(DIM, &tally(&steps)));
        for step in steps.into_iter().filter(|step| told(step)) {
            let preview = planned.preview(&step.address);
            text.push_str(&lines(step, width.unwrap_or_default()));
            for field in preview.map_or(&[][..], |preview| &preview.fields) {
                text.push_str(&previewed(field, step, verbose, columns));
            }
        }
    }
    if !verbose && planned.previews.iter().flat_map(|it| &it.fields).any(|field| field.old.is_none()) {
        let hint = "`-v` lists the fields of what is made";
        let _ = writeln!(text, "\n{}", paint(DIM, hint));
    }
    text + &summary(planned) + &notices(plan)
}

/// One resource: what is done, why, and each field old → new.
fn lines(step: &Step, width: usize) -> String {
    let (symbol, style, word) = words(step.action);
    let line = format!("{symbol} {word:<8} {:<width$}  {}", step.address, paint(DIM, &step.kind));
    let mut text = format!("  {}{}\n", paint(style, &line), why(step));
    for change in &step.changes {
        text.push_str(&field(change, step.reason == Some(Reason::Drift)));
    }
    text
}

/// What may change is told like what will; what is made has many fields, and those that are told as changes already are
/// not told again.
fn previewed(field: &Field, step: &Step, verbose: bool, columns: usize) -> String {
    let mut lines: Vec<_> = changing(field).iter().map(|part| part.line(&field.field)).collect();
    if verbose && field.old.is_none() && step.changes.iter().all(|change| change.field != field.field) {
        let room = columns.saturating_sub(INDENT.len());
        let made = made(field, room).into_iter().map(|(name, value)| format!("{name}: {value}"));
        lines.extend(made.flat_map(|line| rows(&line, room)));
    }
    lines.into_iter().map(|line| format!("{INDENT}{line}\n")).collect()
}

/// What is left to the operator, of the resources as they are now.
fn notices(plan: &Plan) -> String {
    let told = plan.steps.iter().filter_map(|step| Some((&step.address, step.notice.as_ref()?)));
    told.map(|(address, words)| format!("{} {address}: {words}\n", paint(CHANGE, "note:"))).collect()
}

/// The symbol and the word of an action.
pub(crate) fn planned_words(action: Planned) -> (&'static str, &'static str) {
    let (symbol, _, word) = words(action);
    (symbol, word)
}

fn words(action: Planned) -> (&'static str, Style, &'static str) {
    match action {
        Planned::Create => ("+", GOOD, "create"),
        Planned::Adopt => ("=", GOOD, "adopt"),
        Planned::Recover => ("+", GOOD, "recover"),
        Planned::Resume => ("~", CHANGE, "await"),
        Planned::Update => ("~", CHANGE, "update"),
        Planned::Follow => ("~", CHANGE, "follow"),
        Planned::Replace => ("±", BAD, "replace"),
        Planned::Delete => ("-", BAD, "delete"),
        Planned::Forget => ("-", BAD, "forget"),
        Planned::Keep => (" ", DIM, "keep"),
        Planned::Refuse => ("!", BAD, "refuse"),
    }
}

/// Why it is planned, where its changes alone do not tell.
pub(crate) fn because(step: &Step) -> String {
    match (&step.reason, step.action) {
        (Some(Reason::Missing), _) => "it was deleted outside of sidekick".to_owned(),
        // Whether the stored value or the given one is another than before, no comparison tells.
        (Some(Reason::Drift), _) if step.changes.iter().all(|change| change.old == SECRET) => {
            "what is stored is not what is given now".to_owned()
        }
        (Some(Reason::Drift), _) => "it was changed outside of sidekick".to_owned(),
        (Some(Reason::After { upstream }), _) => {
            let upstream: Vec<_> = upstream.iter().map(ToString::to_string).collect();
            let are = if upstream.len() == 1 { "is" } else { "are" };
            format!("once {} {are} known", upstream.join(", "))
        }
        (Some(Reason::With { upstream }), _) => format!("{upstream} cannot be replaced while it exists"),
        (Some(Reason::Broken { why }), _) => headline(why).to_owned(),
        (Some(Reason::Settling { note }), _) => format!("AWS is still at work: {note}"),
        (Some(Reason::Kind { was }), _) => format!("it was of kind {was}"),
        (None, Planned::Replace) if step.new_first => "the new one is made first".to_owned(),
        (None, Planned::Recover) => "an earlier run was interrupted here".to_owned(),
        (None, Planned::Adopt) => "it exists with this environment's tags".to_owned(),
        (None, Planned::Forget) => "it is gone already".to_owned(),
        (None, Planned::Refuse) => "something of this name exists and is not ours".to_owned(),
        (None, _) => String::new(),
    }
}

fn why(step: &Step) -> String {
    let words = because(step);
    if words.is_empty() { words } else { format!("  ({words})") }
}

/// The differences of one field. Which of them are drift is said of each, unless it is `said` of the step already.
fn field(Change { field, old, new, replaces, recorded }: &Change, said: bool) -> String {
    let forces = if *replaces { "  (forces the replacement)" } else { "" };
    let outside =
        recorded.as_ref().filter(|_| !said).map(|recorded| parts(old, recorded)).unwrap_or_default();
    let mut text = String::new();
    for part in parts(old, new) {
        let drift = if outside.contains(&part) { "  (changed outside of sidekick)" } else { "" };
        let line = part.line(field);
        let _ = writeln!(text, "{INDENT}{line}{forces}{drift}");
    }
    text
}

/// How many steps there are of each sort that does something.
pub(crate) fn counts(plan: &Plan) -> String {
    tally(&plan.changes().collect::<Vec<_>>())
}

fn tally(steps: &[&Step]) -> String {
    let mut counts: BTreeMap<Planned, usize> = BTreeMap::new();
    for step in steps {
        *counts.entry(step.action).or_default() += 1;
    }
    let said = counts.into_iter().map(|(action, count)| match action {
        Planned::Keep => format!("{count} unchanged"),
        action => format!("{count} to {}", words(action).2),
    });
    said.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use anstream::adapter::strip_str;

    use super::*;
    use crate::recording::Fact;

    /// What `sidekick plan --output json` said of an environment that was not there.
    const NEW: &str = include_str!("../../tests/recordings/plan_new.ndjson");
    /// The same of another name for the cluster and for the target group, when it was there.
    const REPLACEMENT: &str = include_str!("../../tests/recordings/plan_replacement.ndjson");

    fn told(recording: &str, verbose: bool, columns: usize) -> String {
        let Ok(Fact::Run(RunFact::RunPlanned(planned))) = serde_json::from_str(recording) else {
            panic!("a plan was recorded");
        };
        strip_str(&text(&planned, verbose, columns)).to_string()
    }

    #[test]
    fn the_fields_of_what_is_made_are_listed_for_those_who_ask() {
        insta::assert_snapshot!("new_80", told(NEW, true, 80));
        insta::assert_snapshot!("new_140", told(NEW, true, 140));
        insta::assert_snapshot!("replacement_80", told(REPLACEMENT, true, 80));
        insta::assert_snapshot!("replacement_140", told(REPLACEMENT, true, 140));
        insta::assert_snapshot!("new_in_short", told(NEW, false, 80));
        insta::assert_snapshot!("replacement_in_short", told(REPLACEMENT, false, 80));
    }

    /// Colour is there, and says nothing that the text does not say.
    #[test]
    fn a_plan_is_coloured_by_what_is_done() {
        let Ok(Fact::Run(RunFact::RunPlanned(planned))) = serde_json::from_str(REPLACEMENT) else {
            panic!("a plan was recorded");
        };
        insta::assert_snapshot!("replacement_coloured", text(&planned, false, 80).replace('\u{1b}', "ESC"));
    }

    #[test]
    fn a_row_is_no_longer_than_the_terminal_is_wide_unless_it_is_one_word() {
        for columns in [60, 80, 140] {
            let (short, long) = (told(NEW, false, columns), told(NEW, true, columns));
            let fields = long.lines().filter(|line| line.starts_with(INDENT) && !short.contains(*line));
            for line in fields {
                let is_one_word = !line.trim_start().replace("(known after ", "").contains(' ');
                assert!(line.chars().count() <= columns || is_one_word, "{columns}: {line}");
            }
        }
    }
}
