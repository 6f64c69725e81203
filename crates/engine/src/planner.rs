//! How a plan is made: from what is desired, what is on record, and what was seen.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::Value;

use crate::forced::forced;
use crate::graph::{Graph, Known, Node};
use crate::kind::{AnyKind, Seen};
use crate::ledger::{Contents, Row};
use crate::plan::{Plan, Planned, Reason, Step};
use crate::survey::{Sighting, Survey, kind};
use crate::{Address, Change, Clock, Result, Teardown, limits};

/// What a plan is made from.
pub(crate) struct Planner<'a, C: 'static> {
    pub(crate) graph: &'a Graph<C>,
    pub(crate) kinds: &'a [&'static dyn AnyKind<C>],
    pub(crate) contents: &'a Contents,
    pub(crate) survey: &'a Survey,
    pub(crate) clock: Clock,
}

impl<C: Send + Sync + 'static> Planner<'_, C> {
    /// Plans every node and every row.
    ///
    /// A replacement dooms the dependents that AWS would not let it go before; their own dependents then cannot be
    /// planned with the values they have now. So the nodes are planned again until no more are doomed.
    pub(crate) fn plan(&self) -> Result<Plan> {
        let mut doomed: BTreeMap<Address, Address> = BTreeMap::new();
        loop {
            let before = doomed.len();
            let steps = self.nodes(&doomed)?;
            for step in steps.iter().filter(|step| step.action == Planned::Replace && !step.new_first) {
                self.doom(&step.address, &mut doomed)?;
            }
            if doomed.len() == before {
                let mut plan = Plan { steps };
                plan.steps.extend(self.orphans()?);
                return Ok(plan);
            }
        }
    }

    /// Adds the dependents that must go before `replaced` can, and theirs.
    fn doom(&self, replaced: &Address, doomed: &mut BTreeMap<Address, Address>) -> Result<()> {
        let Some(row) = self.contents.rows.get(replaced) else { return Ok(()) };
        if kind(self.kinds, &row.kind)?.traits().teardown != Teardown::AfterDependents {
            return Ok(());
        }
        let dependents = self.contents.rows.iter().filter(|(_, row)| row.depends_on.contains(replaced));
        for dependent in dependents.map(|(address, _)| address) {
            if doomed.insert(dependent.clone(), replaced.clone()).is_none() {
                self.doom(dependent, doomed)?;
            }
        }
        Ok(())
    }

    fn nodes(&self, doomed: &BTreeMap<Address, Address>) -> Result<Vec<Step>> {
        let mut known = Known::default();
        let mut unknown = HashSet::new();
        let mut renewed = BTreeSet::new();
        let mut steps = Vec::new();
        for index in self.graph.in_order() {
            let node = self.graph.node(index);
            let spec = node.spec(&known);
            let upstream =
                || self.graph.depends_on(index).into_iter().filter(|it| unknown.contains(it)).collect();
            let step = match (doomed.get(&node.address), self.contents.rows.get(&node.address)) {
                (Some(upstream), Some(row)) => {
                    let reason = Reason::With { upstream: upstream.clone() };
                    self.replace(node, row, Vec::new(), Some(reason))?
                }
                (_, row) => {
                    let step = self.node(node, row, spec.as_ref(), upstream)?;
                    self.forced(node, step, &mut known, &renewed)?
                }
            };
            if let Some(sighting) = self.survey.sightings.get(&node.address) {
                step.tell(node.kind.traits(), sighting, &mut known);
            }
            if self.is_new(&step) && node.kind.traits().unique_id {
                renewed.insert(node.address.clone());
            }
            if !known.outputs.contains_key(&node.address) {
                unknown.insert(node.address.clone());
            }
            steps.push(step);
        }
        Ok(steps)
    }

    /// Plans one node by what is on record and what was seen.
    fn node(
        &self,
        node: &Node<C>,
        row: Option<&Row>,
        spec: Option<&Value>,
        upstream: impl Fn() -> Vec<Address>,
    ) -> Result<Step> {
        let step = |action, reason| Step::new(&node.address, node.kind.traits().name, action, reason);
        let sighting = self.survey.sightings.get(&node.address);
        let gone = |row| matches!(sighting, Some(Sighting { seen: Seen::Absent, .. })) && !self.is_fresh(row);
        // Whatever there may be of another kind is for that kind to find, to wait for and to delete.
        if let Some(row) = row.filter(|row| row.kind != node.kind.traits().name && !gone(row)) {
            return self.replace(node, row, Vec::new(), Some(Reason::Kind { was: row.kind.clone() }));
        }
        let Some(Sighting { seen, ours, .. }) = sighting else {
            let unanswered = row.is_some_and(|row| row.id.is_none());
            return Ok(step(if unanswered { Planned::Recover } else { Planned::Create }, None));
        };
        match (row, seen) {
            (_, Seen::Settling { .. } | Seen::Live { .. } | Seen::Failed { .. }) if !ours => {
                Ok(step(Planned::Refuse, None))
            }
            (None, Seen::Absent | Seen::Deleting | Seen::Dead { .. }) => Ok(step(Planned::Create, None)),
            (Some(row), Seen::Absent) if self.is_fresh(row) => {
                Ok(step(Planned::Resume, Some(Reason::Settling { note: "not visible yet".to_owned() })))
            }
            (Some(_), Seen::Absent | Seen::Deleting) => Ok(step(Planned::Create, Some(Reason::Missing))),
            (Some(_), Seen::Dead { why }) => {
                Ok(step(Planned::Create, Some(Reason::Broken { why: why.clone() })))
            }
            (None, Seen::Settling { .. }) => Ok(step(Planned::Adopt, None)),
            (Some(_), Seen::Settling { note, .. }) => {
                Ok(step(Planned::Resume, Some(Reason::Settling { note: note.clone() })))
            }
            (Some(row), Seen::Failed { why, .. }) => {
                self.replace(node, row, Vec::new(), Some(Reason::Broken { why: why.clone() }))
            }
            (None, Seen::Failed { .. }) => Ok(step(Planned::Create, None)),
            (row, Seen::Live { actual, degraded, notice, .. }) => {
                let Some(spec) = spec else {
                    return Ok(step(Planned::Follow, Some(Reason::After { upstream: upstream() })));
                };
                self.live(node, row, spec, (actual, degraded.as_deref(), notice.as_ref()))
            }
        }
    }

    /// Plans a node whose state can be read in full.
    fn live(
        &self,
        node: &Node<C>,
        row: Option<&Row>,
        spec: &Value,
        (actual, degraded, notice): (&Value, Option<&str>, Option<&String>),
    ) -> Result<Step> {
        let mut diff = node.kind.diff(spec, actual)?;
        // After an interrupted update nobody can tell what is left of it from what somebody else did.
        if let Some(row) = row.filter(|row| row.intent.is_none() && !diff.is_empty()) {
            diff = diff.since(&node.kind.diff(&row.spec, actual)?);
        }
        let replaces = diff.replaces();
        let changes = diff.into_changes();
        let broken = degraded.map(|why| Reason::Broken { why: why.to_owned() });
        let drift = !changes.is_empty() && changes.iter().all(Change::is_drift);
        let reason = broken.or_else(|| drift.then_some(Reason::Drift));
        let action = match (row, replaces) {
            (Some(row), true) => {
                let new_first = self.can_stand_beside(node, &changes);
                return Ok(Step { new_first, ..self.replace(node, row, changes, reason)? });
            }
            (None, _) => Planned::Adopt,
            (Some(row), false) if row.intent.is_some() || !changes.is_empty() || degraded.is_some() => {
                Planned::Update
            }
            (Some(_), false) => Planned::Keep,
        };
        let notice = notice.cloned();
        let step = Step::new(&node.address, node.kind.traits().name, action, reason);
        Ok(Step { changes, notice, ..step })
    }

    /// A step that follows something else, unless what is known of it forces a replacement already.
    fn forced(
        &self,
        node: &Node<C>,
        step: Step,
        known: &mut Known,
        renewed: &BTreeSet<Address>,
    ) -> Result<Step> {
        let following = Some(&step).filter(|step| step.action == Planned::Follow);
        let row = following.and_then(|_| self.contents.rows.get(&node.address));
        let Some((row, actual)) = row.zip(self.survey.actual(&node.address)) else { return Ok(step) };
        let Some(changes) = forced(node, known, renewed, actual)? else { return Ok(step) };
        let new_first = self.can_stand_beside(node, &changes);
        Ok(Step { new_first, ..self.replace(node, row, changes, step.reason)? })
    }

    /// Whether no dependent can have been told anything of what this step leaves.
    fn is_new(&self, step: &Step) -> bool {
        match step.action {
            Planned::Create | Planned::Recover | Planned::Replace => true,
            Planned::Resume => self.contents.rows.get(&step.address).is_some_and(|row| row.outputs.is_none()),
            _ => false,
        }
    }

    /// Whether what these changes ask for can be made while the old one is there. One at a time: a second one might have
    /// the name of the first.
    fn can_stand_beside(&self, node: &Node<C>, changes: &[Change]) -> bool {
        let distinct_by = node.kind.traits().distinct_by;
        let tells_apart = |change: &Change| change.replaces && distinct_by.contains(&change.field.as_str());
        changes.iter().any(tells_apart) && !self.contents.rows.contains_key(&node.address.superseded())
    }

    fn replace(
        &self,
        node: &Node<C>,
        row: &Row,
        changes: Vec<Change>,
        reason: Option<Reason>,
    ) -> Result<Step> {
        let step = Step::new(&node.address, node.kind.traits().name, Planned::Replace, reason);
        Ok(Step { changes, ..self.losing(step, row)? })
    }

    /// Plans the rows that no node stands for any more.
    fn orphans(&self) -> Result<Vec<Step>> {
        let orphans = self.contents.rows.iter().filter(|(address, _)| self.graph.index(address).is_none());
        orphans
            .map(|(address, row)| {
                let sighting = self.survey.sightings.get(address);
                let gone = match sighting {
                    Some(Sighting { seen: Seen::Absent, .. }) => !self.is_fresh(row),
                    Some(Sighting { seen: Seen::Dead { .. }, .. }) => true,
                    Some(Sighting { ours, .. }) => !ours,
                    None => false,
                };
                let action = if gone { Planned::Forget } else { Planned::Delete };
                self.losing(Step::new(address, &row.kind, action, None), row)
            })
            .collect()
    }

    /// Notes what a delete would cost, and whether it is forbidden.
    fn losing(&self, step: Step, row: &Row) -> Result<Step> {
        let kind = kind(self.kinds, &row.kind)?;
        let Some(Sighting { seen, ours: true, .. }) = self.survey.sightings.get(&step.address) else {
            return Ok(step);
        };
        let protected = match seen {
            Seen::Live { actual, .. } => kind.protection(actual),
            _ => None,
        };
        let loses_data =
            kind.traits().stateful && !matches!(seen, Seen::Absent | Seen::Failed { .. } | Seen::Dead { .. });
        Ok(Step { protected, loses_data, ..step })
    }

    fn is_fresh(&self, row: &Row) -> bool {
        row.created_at.is_some_and(|at| self.clock.since(at) < limits::VISIBLE_WITHIN)
    }
}
