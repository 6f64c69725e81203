//! How each resource is, and who can reach whom.

use serde_json::json;
use sidekick_engine::{Contents, State, Survey};
use sidekick_stack::access::{Access, Reach};

use super::columns::columns;
use super::style::{BAD, BOLD, CHANGE, GOOD, paint};
use super::value::{bare, headline};
use crate::printer::Printer;

/// Shows the status; false if a resource is not as it should be.
pub(crate) fn status(printer: &Printer, contents: &Contents, survey: &Survey, access: &[Access]) -> bool {
    let states: Vec<_> = contents.rows.keys().map(|address| (address, survey.state(address))).collect();
    // A change that a run announced and did not finish may have been taken back by AWS, as a failed rollout is.
    let unfinished = |address| contents.rows.get(address).is_some_and(|row| row.intent.is_some());
    let well = states.iter().all(|(address, state)| *state == Some(State::Ready) && !unfinished(address));
    if printer.is_json() {
        let resources: Vec<_> = states
            .iter()
            .map(|(at, state)| json!({ "address": at, "status": state, "unfinished": unfinished(at) }))
            .collect();
        printer.json(&json!({ "stack": contents.identity.stack, "well": well, "resources": resources, "access": access }));
        return well;
    }
    let resources = states.iter().map(|(address, state)| {
        let id = contents.rows.get(*address).and_then(|row| row.id.as_ref()).map(bare).unwrap_or_default();
        [format!("  {address}"), said(state.as_ref(), unfinished(address)), id]
    });
    let ways = access.iter().map(|Access { path, state, note }| {
        let state = match state {
            Reach::Active => paint(GOOD, "ACTIVE "),
            Reach::Blocked => paint(BAD, "BLOCKED"),
            Reach::Pending => paint(CHANGE, "PENDING"),
        };
        [format!("  {path}"), state, note.clone()]
    });
    printer.text(&format!("{}\n{}", paint(BOLD, &contents.identity.stack), columns(resources)));
    printer.text(&format!("\n{}\n{}", paint(BOLD, "Access"), columns(ways)));
    well
}

fn said(state: Option<&State>, unfinished: bool) -> String {
    match state {
        Some(State::Ready) if unfinished => {
            "ready, but its last change failed; `sidekick up` tries again".to_owned()
        }
        Some(State::Ready) => "ready".to_owned(),
        Some(State::Settling(note)) => format!("settling: {note}"),
        Some(State::Degraded(why)) => format!("does not work: {}", headline(why)),
        Some(State::Deleting) => "deleting".to_owned(),
        Some(State::Failed(why)) => format!("failed: {why}"),
        Some(State::Missing) => "missing; `sidekick up` makes it again".to_owned(),
        Some(State::Foreign) => "replaced by something that is not ours".to_owned(),
        None => "interrupted create; `sidekick up` finds out".to_owned(),
    }
}
