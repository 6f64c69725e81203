//! What the page shows, as data. Times are seconds from the agreement.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};
use sidekick_engine::{Address, Change, Fault, Field, Planned, Reason, Step, What};

use super::critical_path;
use crate::diagram::{BOX, Diagram, Layout, Mark, Node, Placed};
use crate::error::hint;
use crate::recording::{CallEnded, Outcome, Recorded, RunPlanned};
use crate::render::{
    Part, because, changing, counts, dollars, in_words, inner, made, moment, parts, seconds_in_words, to_do,
};

/// How much of a field's value stands in one row.
const ROOM: usize = 60;

/// A run, with its own clock.
struct Told<'a> {
    run: &'a Recorded,
    begun: Timestamp,
}

pub(super) fn data(run: &Recorded) -> Value {
    let told = Told { run, begun: run.begun() };
    json!({
        "run": told.head(),
        "changes": told.changes(),
        "plan": told.plan(),
        "resources": told.resources(),
        "graph": Diagram::of_run(run).map(|diagram| graph(&diagram)),
        "calls": told.calls(),
        "failures": told.failures(),
    })
}

impl Told<'_> {
    fn seconds(&self, at: Timestamp) -> f64 {
        at.duration_since(self.begun).as_secs_f64()
    }

    fn head(&self) -> Value {
        let (run, finished) = (self.run, self.run.finished());
        let planned = run.planned();
        let (symbol, tone) = match run.outcome() {
            Outcome::Done => ("✓", "good"),
            Outcome::Failed => ("✗", "bad"),
            Outcome::Interrupted => ("■", "change"),
            Outcome::Unended => ("…", "change"),
        };
        let changes = planned.map(|planned| counts(&planned.plan)).filter(|counts| !counts.is_empty());
        let last = run.events().map(|event| event.at).chain(run.calls().map(|call| call.at)).max();
        json!({
            "name": run.name,
            "started": run.started().map(|started| json!({
                "at": moment(started.at),
                "command": started.command,
                "version": started.version,
                "sandbox": started.sandbox,
                "stack": started.identity.stack,
                "account": started.identity.account,
                "region": started.identity.region,
            })),
            "outcome": { "symbol": symbol, "words": run.outcome().words(), "tone": tone },
            "error": finished.and_then(|finished| finished.error.as_ref()),
            "took": run.took().map(in_words),
            "here": finished.and_then(|finished| finished.here).map(seconds_in_words),
            "predicted": planned.map(|it| it.forecast.total).filter(|total| !total.is_zero()).map(in_words),
            "planned": changes,
            "unforetold": planned.map_or(0, |it| it.forecast.unforetold.len()),
            "calls": planned.map(|it| it.forecast.calls),
            "costs": planned.and_then(|it| it.costs.as_ref()).map(|costs| dollars(costs.sum(|_| true).monthly)),
            "disruptions": planned.map(|it| &it.disruptions),
            "ends": last.map(|last| self.seconds(last)),
            "unanswered": finished.map(|finished| &finished.unanswered),
        })
    }

    /// A row of the timeline for each change.
    fn changes(&self) -> Vec<Value> {
        let spans = self.run.spans();
        let stages = self.run.planned().map(|planned| critical_path(&spans, &planned.resources));
        let stages: BTreeMap<usize, Option<Timestamp>> =
            stages.unwrap_or_default().into_iter().map(|stage| (stage.span, stage.until)).collect();
        let prospects = self.run.planned().map(|planned| &planned.forecast.prospects);
        let rows = spans.iter().enumerate().map(|(place, span)| {
            let foretold = prospects
                .and_then(|all| all.iter().find(|it| it.address == span.address && it.action == span.action));
            json!({
                "address": span.address,
                "action": to_do(span.action),
                "starts": self.seconds(span.started),
                "accepted": span.accepted.map(|at| self.seconds(at)),
                "ends": span.ended.map(|ended| self.seconds(ended.at)),
                "failed": span.ended.is_some_and(|ended| ended.failed),
                "critical": stages.contains_key(&place),
                "until": stages.get(&place).copied().flatten().map(|at| self.seconds(at)),
                "foretold": foretold.map(|it| [it.starts.as_secs_f64(), it.ends.as_secs_f64()]),
                "retries": span.retries.iter().map(|(at, _)| self.seconds(*at)).collect::<Vec<_>>(),
            })
        });
        rows.collect()
    }

    /// The addresses of the plan, in its order.
    fn plan(&self) -> Vec<&Address> {
        let steps = self.run.planned().into_iter().flat_map(|planned| &planned.plan.steps);
        steps.map(|step| &step.address).collect()
    }

    /// Everything that is known of each resource.
    fn resources(&self) -> Vec<Value> {
        let planned = self.run.planned();
        let mut told: BTreeMap<&Address, (&str, Vec<Value>, Option<&str>)> = BTreeMap::new();
        for event in self.run.events() {
            let (_, happened, id) = told.entry(&event.address).or_insert((&event.kind, Vec::new(), None));
            happened.extend(happening(&event.what).map(|what| json!([self.seconds(event.at), what])));
            if let What::Accepted { id: known } | What::Adopted { id: known } = &event.what {
                *id = Some(known);
            }
        }
        // What nothing happened to is in the plan only.
        for step in planned.iter().flat_map(|planned| &planned.plan.steps) {
            told.entry(&step.address).or_insert((&step.kind, Vec::new(), None));
        }
        let resource = |(address, (kind, happened, id)): (&Address, (&str, Vec<Value>, Option<&str>))| {
            let calls = self.run.calls().filter(|call| call.address.as_ref() == Some(address));
            let step =
                planned.and_then(|planned| planned.plan.steps.iter().find(|it| it.address == *address));
            let (needs, dependents) = planned.map_or_else(Default::default, |it| relations(it, address));
            json!({
                "address": address,
                "kind": kind,
                "id": id,
                "step": step.map(|step| step_data(step, planned.and_then(|it| it.preview(address)).map_or(&[], |it| &it.fields))),
                "needs": needs,
                "dependents": dependents,
                "happened": happened,
                "calls": calls.map(|call| self.call(call)).collect::<Vec<_>>(),
            })
        };
        told.into_iter().map(resource).collect()
    }

    fn call(&self, call: &CallEnded) -> Value {
        let CallEnded { at, service, operation, status, request_id, took, .. } = call;
        json!({
            "at": self.seconds(*at),
            "took": took,
            "operation": format!("{service} {operation}"),
            "status": status,
            "request": request_id,
            "refused": call.is_refused(),
        })
    }

    fn calls(&self) -> Vec<Value> {
        let tallies = self.run.tallies().into_iter().map(|(operation, tally)| {
            json!({
                "operation": operation,
                "count": tally.all,
                "refused": tally.refused,
                "seconds": tally.seconds,
            })
        });
        tallies.collect()
    }

    fn failures(&self) -> Value {
        let Some(finished) = self.run.finished() else { return json!({ "failed": [], "skipped": [] }) };
        let failed =
            finished.failed.iter().map(|it| json!({ "address": it.address, "fault": fault(&it.fault) }));
        json!({ "failed": failed.collect::<Vec<_>>(), "skipped": finished.skipped })
    }
}

/// What a resource needs, and what needs it.
fn relations<'a>(planned: &'a RunPlanned, address: &Address) -> (Vec<&'a Address>, Vec<&'a Address>) {
    let of = planned.resources.iter().find(|it| it.address == *address);
    let needs = of.map(|it| it.needs.iter().collect()).unwrap_or_default();
    let needing = planned.resources.iter().filter(|it| it.needs.contains(address));
    (needs, needing.map(|it| &it.address).collect())
}

/// An event for the list of what happened to its resource; its calls and its phases are shown elsewhere.
fn happening(what: &What) -> Option<Value> {
    Some(match what {
        What::Settling { note } => json!({ "words": note }),
        What::Notice { words } => json!({ "words": words, "tone": "change" }),
        What::Adopted { id } => json!({ "words": format!("found {id}") }),
        What::Retrying { fault: why, after } => json!({
            "words": format!("trying again after {}", in_words(*after)),
            "tone": "change",
            // What to do about it is done already.
            "fault": { "words": why.to_string() },
        }),
        What::Failed { fault: why } => json!({ "words": "failed", "tone": "bad", "fault": fault(why) }),
        What::Skipped { because } => {
            json!({ "words": format!("skipped, because of {because}"), "tone": "bad" })
        }
        What::Started { .. } | What::Accepted { .. } | What::Ready { .. } | What::Gone { .. } => return None,
    })
}

fn fault(fault: &Fault) -> Value {
    json!({ "words": fault.to_string(), "hint": hint(fault) })
}

/// A step of the plan as the terminal shows it.
fn step_data(step: &Step, fields: &[Field]) -> Value {
    let mark = Mark::of_plan(step.action);
    let drift = step.reason == Some(Reason::Drift);
    let changes = step.changes.iter().flat_map(|change| field(change, drift));
    let may_change = fields.iter().flat_map(|field| {
        changing(field).into_iter().map(|part| difference(&field.field, &part, false, false))
    });
    let made = fields.iter().filter(|field| field.old.is_none()).flat_map(|field| made(field, ROOM));
    json!({
        "symbol": mark.symbol,
        "words": mark.words,
        "tone": mark.tone.name(),
        "changes_something": step.action != Planned::Keep,
        "because": because(step),
        "changes": changes.chain(may_change).collect::<Vec<_>>(),
        "made": made.collect::<Vec<_>>(),
        "notice": step.notice,
    })
}

fn field(Change { field, old, new, replaces, recorded }: &Change, drift: bool) -> Vec<Value> {
    let outside = recorded.as_ref().map(|recorded| parts(old, recorded)).unwrap_or_default();
    let shown = parts(old, new).into_iter().map(|part| {
        // What the step says of all of them is not said again.
        let outside = !drift && outside.contains(&part);
        difference(field, &part, *replaces, outside)
    });
    shown.collect()
}

fn difference(field: &str, part: &Part, replaces: bool, outside: bool) -> Value {
    let (path, old, new) = match part {
        Part::Changed { path, old, new } => (path, Some(old), Some(new)),
        Part::Added { path, new } => (path, None, Some(new)),
        Part::Removed { path, old } => (path, Some(old), None),
    };
    json!({ "field": inner(field, path), "old": old, "new": new, "replaces": replaces, "outside": outside })
}

/// The diagram with its places.
fn graph(diagram: &Diagram) -> Value {
    let layout = Layout::of(diagram);
    let node = |(node, placed): (&Node, &Placed)| {
        json!({
            "address": node.address,
            "kind": node.kind,
            "symbol": node.mark.symbol,
            "words": node.mark.words,
            "tone": node.mark.tone.name(),
            "critical": node.mark.critical,
            "name": node.name(),
            "x": placed.x, "y": placed.y, "width": placed.width,
        })
    };
    let arrow = |((needed, needing), way): (&(usize, usize), &String)| json!([needed, needing, way]);
    json!({
        "width": layout.width,
        "height": layout.height,
        "box": BOX,
        "bands": layout.bands,
        "nodes": diagram.nodes.iter().zip(&layout.boxes).map(node).collect::<Vec<_>>(),
        "arrows": diagram.arrows.iter().zip(&layout.ways).map(arrow).collect::<Vec<_>>(),
    })
}
