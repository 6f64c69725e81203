//! What there is to draw: a plan, the state on record, a run.

use std::collections::BTreeMap;

use sidekick_engine::{Address, Contents, Mutation, Outlined, Planned, Row, What};

use super::{Diagram, Mark, Tone};
use crate::recording::{Recorded, RunPlanned};
use crate::render::{in_words, planned_words, to_do};
use crate::report::critical_path;

impl Mark {
    /// What is planned.
    pub(crate) fn of_plan(action: Planned) -> Self {
        let tone = match action {
            Planned::Create | Planned::Adopt | Planned::Recover => Tone::Good,
            Planned::Resume | Planned::Update | Planned::Follow => Tone::Change,
            Planned::Replace | Planned::Delete | Planned::Forget | Planned::Refuse => Tone::Bad,
            Planned::Keep => Tone::Calm,
        };
        let (symbol, words) = planned_words(action);
        // On the screen nothing stands for what stays, but a picture needs something to point at.
        Self::new(if action == Planned::Keep { "·" } else { symbol }, words, tone)
    }

    /// How it is on record.
    fn of_row(row: &Row) -> Self {
        match (&row.intent, &row.id) {
            (Some(pending), _) => {
                Self::new("…", format!("{} not finished", to_do(pending.action)), Tone::Change)
            }
            (None, None) => Self::new("…", "not answered yet", Tone::Change),
            (None, Some(_)) => Self::new("●", "on record", Tone::Calm),
        }
    }

    /// What an event makes of it; nothing if it says no more than the one before.
    fn of_event(what: &What) -> Option<Self> {
        Some(match what {
            What::Started { action } => {
                Self::new("…", format!("{} not finished", to_do(*action)), Tone::Change)
            }
            What::Adopted { .. } => Self::new("=", "found", Tone::Good),
            What::Ready { action: None, .. } => Self::new("·", "unchanged", Tone::Calm),
            What::Ready { action: Some(Mutation::Create), took } => {
                Self::new("+", format!("created in {}", in_words(*took)), Tone::Good)
            }
            What::Ready { action: Some(_), took } => {
                Self::new("~", format!("updated in {}", in_words(*took)), Tone::Change)
            }
            What::Gone { took } => Self::new("-", format!("gone after {}", in_words(*took)), Tone::Calm),
            What::Failed { .. } => Self::new("✗", "failed", Tone::Bad),
            What::Skipped { because } => Self::new("⊘", format!("skipped, because of {because}"), Tone::Bad),
            What::Accepted { .. } | What::Settling { .. } | What::Retrying { .. } | What::Notice { .. } => {
                return None;
            }
        })
    }
}

impl Diagram {
    /// The graph of a plan.
    pub(crate) fn of_plan(planned: &RunPlanned) -> Self {
        let mark = |it: &Outlined| {
            let action = planned.plan.action(&it.address).unwrap_or(Planned::Keep);
            let critical =
                planned.forecast.prospects.iter().any(|one| one.critical && one.address == it.address);
            Mark { critical, ..Mark::of_plan(action) }
        };
        Self::new(format!("{}: plan", planned.identity.stack), &planned.resources, mark)
    }

    /// The graph of what is on record.
    pub(crate) fn of_state(contents: &Contents) -> Self {
        let mark = |it: &Outlined| Mark::of_row(&contents.rows[&it.address]);
        Self::new(format!("{}: state", contents.identity.stack), &contents.outline(), mark)
    }

    /// The graph of what a run did, if it came as far as a plan.
    pub(crate) fn of_run(run: &Recorded) -> Option<Self> {
        let planned = run.planned()?;
        let mut marks: BTreeMap<&Address, Mark> = BTreeMap::new();
        for event in run.events() {
            // What was found as desired already is ready without a change.
            let says_nothing = matches!(event.what, What::Ready { action: None, .. });
            if says_nothing && marks.contains_key(&event.address) {
                continue;
            }
            if let Some(mark) = Mark::of_event(&event.what) {
                marks.insert(&event.address, mark);
            }
        }
        for critical in critical_path(&run.spans(), &planned.resources) {
            if let Some(mark) = marks.get_mut(&critical.address) {
                mark.critical = true;
            }
        }
        let untouched = |address: &Address| match planned.plan.action(address) {
            None | Some(Planned::Keep) => Mark::new("·", "unchanged", Tone::Calm),
            Some(_) => Mark::new("?", "not tried", Tone::Calm),
        };
        let mark = |it: &Outlined| marks.get(&it.address).cloned().unwrap_or_else(|| untouched(&it.address));
        Some(Self::new(format!("{}: {}", planned.identity.stack, run.name), &planned.resources, mark))
    }
}
