//! The environment at a glance: each layer, what does the work in it, what was changed, and who can reach whom.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};
use sidekick_aws::{ecs, elasticache, rds};
use sidekick_engine::{Address, Change, Contents, State, Survey};
use sidekick_stack::access::{Access, Reach};
use sidekick_stack::promises::{HINT, Promise};

use super::columns::columns;
use super::layers::{by_layer_as_built, layer};
use super::style::{BAD, BOLD, CHANGE, DIM, GOOD, paint};
use super::value::{bare, headline, parts};
use crate::printer::Printer;
use crate::recording::SCHEMA;

/// What a status is made from.
pub(crate) struct Glance<'a> {
    pub(crate) contents: &'a Contents,
    pub(crate) survey: &'a Survey,
    pub(crate) service: Option<ecs::ServiceStanding>,
    pub(crate) database: Option<rds::InstanceStanding>,
    pub(crate) cache: Option<elasticache::GroupStanding>,
    /// What was changed outside of sidekick: the observed value is the old one, the recorded one the new one.
    pub(crate) drift: BTreeMap<Address, Vec<Change>>,
    /// The peers that wait for somebody. For people, the paths say it.
    pub(crate) pending: Vec<Access>,
    pub(crate) access: Vec<Access>,
    pub(crate) promises: Vec<Promise>,
}

/// Shows the status.
pub(crate) fn status(printer: &Printer, glance: &Glance<'_>) {
    if printer.is_json() {
        printer.json(&glance.json());
    } else {
        printer.text(&glance.text());
    }
}

impl Glance<'_> {
    /// Whether every resource is as it should be.
    pub(crate) fn is_well(&self) -> bool {
        self.contents.rows.keys().all(|address| self.is_ready(address))
    }

    fn is_ready(&self, address: &Address) -> bool {
        self.survey.state(address) == Some(State::Ready) && !self.is_unfinished(address)
    }

    /// A change that a run announced and did not finish may have been taken back by AWS, as a failed rollout is.
    fn is_unfinished(&self, address: &Address) -> bool {
        self.contents.rows.get(address).is_some_and(|row| row.intent.is_some())
    }

    fn json(&self) -> Value {
        let Self { contents, survey, service, database, cache, drift, pending, access, promises } = self;
        let resource = |address: &Address| {
            let changes = drift.get(address).into_iter().flatten();
            let drift = changes.map(|Change { field, old: is, new: was, .. }| {
                json!({ "field": field, "recorded": was, "observed": is })
            });
            json!({
                "address": address, "layer": layer(address), "status": survey.state(address),
                "id": contents.rows[address].id, "unfinished": self.is_unfinished(address),
                "drift": drift.collect::<Value>(),
            })
        };
        json!({
            "schema": SCHEMA,
            "stack": contents.identity.stack,
            "well": self.is_well(),
            "resources": contents.rows.keys().map(resource).collect::<Value>(),
            "service": service, "database": database, "cache": cache,
            "pending": pending, "access": access, "promises": promises,
        })
    }

    fn text(&self) -> String {
        let mut text = format!("{}\n", paint(BOLD, &self.contents.identity.stack));
        self.write_layers(&mut text);
        self.write_standing(&mut text);
        self.write_drift(&mut text);
        section(&mut text, "Access", &paths(&self.access));
        self.write_promises(&mut text);
        text
    }

    /// A line for each layer, and one for each resource that is not ready.
    fn write_layers(&self, text: &mut String) {
        for (name, rows) in by_layer_as_built(self.contents.rows.keys().map(|address| (address, address))) {
            let ready = rows.iter().filter(|address| self.is_ready(address)).count();
            let style = if ready == rows.len() { GOOD } else { BAD };
            let count = match (ready, rows.len()) {
                (ready, all) if ready == all => format!("all {all} ready"),
                (ready, all) => format!("{ready} of {all} ready"),
            };
            let _ = writeln!(text, "  {name:<8}  {}", paint(style, &count));
            for address in rows.into_iter().filter(|address| !self.is_ready(address)) {
                let state = said(self.survey.state(address).as_ref(), self.is_unfinished(address));
                let id = self.contents.rows[address].id.as_ref().map(bare);
                let id = id.map(|id| format!("  {}", paint(DIM, &id))).unwrap_or_default();
                let _ = writeln!(text, "    {address}{id}\n      {state}");
            }
        }
    }

    /// What does the work: the service, the database and the cache.
    fn write_standing(&self, text: &mut String) {
        let service = self.service.as_ref().map(|it| {
            let ecs::ServiceStanding { name, desired, running, pending, task_definition, .. } = it;
            let coming = if *pending > 0 { format!(", {pending} pending") } else { String::new() };
            let mut words = vec![format!("{running} of {desired} tasks running{coming}")];
            words.push(format!("deployment of {task_definition} {}", it.deployment.to_lowercase()));
            words.extend(it.targets.iter().map(|(group, states)| {
                let states: Vec<_> = states.iter().map(|(state, count)| format!("{count} {state}")).collect();
                let states = if states.is_empty() { "none".to_owned() } else { states.join(", ") };
                format!("targets in {group}: {states}")
            }));
            ["service".to_owned(), name.clone(), words.join("; ")]
        });
        let database = self.database.as_ref().map(|it| {
            let zones = if it.multi_az { "Multi-AZ" } else { "one zone" };
            let at = it.endpoint.as_deref().unwrap_or("no endpoint yet");
            let words = format!(
                "{}; PostgreSQL {}, {}, {zones}; {at}",
                it.status, it.engine_version, it.instance_class
            );
            ["database".to_owned(), it.name.clone(), words]
        });
        let cache = self.cache.as_ref().map(|it| {
            let zones = if it.multi_az { "Multi-AZ" } else { "not Multi-AZ" };
            let at = it.endpoint.as_deref().unwrap_or("no endpoint yet");
            let elasticache::GroupStanding { status, engine_version, node_type, nodes, .. } = it;
            let words = format!("{status}; Redis {engine_version}, {nodes} × {node_type}, {zones}; {at}");
            ["cache".to_owned(), it.name.clone(), words]
        });
        let lines: Vec<_> = [service, database, cache].into_iter().flatten().collect();
        if !lines.is_empty() {
            let lines = columns(lines);
            let _ = write!(text, "\n{}", lines.lines().map(|line| format!("  {line}\n")).collect::<String>());
        }
    }

    fn write_drift(&self, text: &mut String) {
        let mut lines = Vec::new();
        for (address, changes) in &self.drift {
            let count = match changes.len() {
                1 => "1 field".to_owned(),
                count => format!("{count} fields"),
            };
            lines.push(format!(
                "{address} {}",
                paint(CHANGE, &format!("({count} changed outside of sidekick)"))
            ));
            for Change { field, old: is, new: was, .. } in changes {
                // What was recorded, and what there is in its place.
                lines.extend(parts(was, is).iter().map(|part| format!("    {}", part.line(field))));
            }
        }
        section(text, "Drift", &lines);
    }

    /// Promises that hold take one line; each other one is told with what breaks it.
    fn write_promises(&self, text: &mut String) {
        let broken: Vec<_> = self.promises.iter().filter(|it| !it.kept).collect();
        let mut lines = Vec::new();
        for Promise { promise, broken_by, .. } in &broken {
            lines.push(format!("{} {promise}", paint(BAD, "broken:")));
            lines.extend(broken_by.iter().map(|by| format!("    {by}")));
        }
        lines.push(match broken.is_empty() {
            true => paint(GOOD, &format!("all {} of the configuration hold", self.promises.len())),
            false => format!("hint: {HINT}"),
        });
        section(text, "Promises", &lines);
    }
}

/// The paths that a plan opens or closes. No line of it where nothing changes.
pub(crate) fn access_changes(printer: &Printer, changes: &[Access]) {
    if changes.is_empty() {
        return;
    }
    if printer.is_json() {
        printer.json(&json!({ "access_changes": changes }));
    } else {
        let mut text = String::new();
        section(&mut text, "Access after this plan, where it changes", &paths(changes));
        printer.aside(&text);
    }
}

/// Each path with its state, and below it what decides that, so that a long reason widens nothing.
fn paths(access: &[Access]) -> Vec<String> {
    let width = access.iter().map(|it| it.path.chars().count()).max().unwrap_or(0);
    let mut lines = Vec::new();
    for Access { path, state, note, because } in access {
        let state = match state {
            Reach::Active => paint(GOOD, "ACTIVE"),
            Reach::Blocked => paint(BAD, "BLOCKED"),
            Reach::Pending => paint(CHANGE, "PENDING"),
        };
        lines.push(format!("{path:<width$}  {state}"));
        let notes = [note].into_iter().filter(|note| !note.is_empty()).chain(because);
        lines.extend(notes.map(|note| paint(DIM, &format!("    {note}"))));
    }
    lines
}

fn section(text: &mut String, title: &str, lines: &[String]) {
    if !lines.is_empty() {
        let _ = writeln!(text, "\n{}", paint(BOLD, title));
        text.extend(lines.iter().map(|line| format!("  {line}\n")));
    }
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
