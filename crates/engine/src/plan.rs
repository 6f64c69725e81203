//! What a run would do, as data, before it does anything.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::decide::FOREIGN;
use crate::graph::{Graph, Known, Node};
use crate::kind::{AnyKind, Seen};
use crate::ledger::{Contents, Row};
use crate::survey::{Sighting, Survey, kind};
use crate::{Address, Change, Class, Clock, Fault, Result, Revises, Teardown, limits};

/// The steps of one run, in the order of the graph, then the resources that are no longer desired.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Plan {
    /// One step per resource, those that keep as they are included.
    pub steps: Vec<Step>,
}

/// What a run would do about one resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Which resource.
    pub address: Address,
    /// Its kind.
    pub kind: String,
    /// What would be done.
    pub action: Planned,
    /// The fields that differ: observed and desired.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// Why, where the changes alone do not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Whether a replacement makes the new one first, so that its dependents are changed and not replaced with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub new_first: bool,
    /// Why it must not be deleted, if it would be and is protected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protected: Option<String>,
    /// Whether its data would be lost.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub loses_data: bool,
    /// What is left to the operator, of the resource as it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
}

/// What can be planned for one resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Planned {
    /// Make it.
    Create,
    /// Take what exists with our mark into the state file.
    Adopt,
    /// Find out what became of an interrupted create, and finish it.
    Recover,
    /// Wait until AWS is done with it.
    Resume,
    /// Change it in place.
    Update,
    /// Decide once what it depends on has changed.
    Follow,
    /// Delete it and make it anew.
    Replace,
    /// Delete it.
    Delete,
    /// Drop it from the state file, because it is gone.
    Forget,
    /// Nothing.
    Keep,
    /// Nothing: something of its name exists and is not ours.
    Refuse,
}

impl Planned {
    /// Whether the resource's identity is the same after the step.
    pub(crate) const fn keeps_identity(self) -> bool {
        matches!(self, Self::Keep | Self::Update | Self::Follow | Self::Adopt | Self::Resume)
    }
}

/// Why a step is planned, where its changes alone do not tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum Reason {
    /// It is on record, but gone.
    Missing,
    /// All that differs was changed outside of sidekick, and nothing in the configuration.
    Drift,
    /// What it depends on changes first.
    After {
        /// The resources it waits for.
        upstream: Vec<Address>,
    },
    /// AWS cannot replace what it depends on while it lives.
    With {
        /// The resource that is replaced.
        upstream: Address,
    },
    /// AWS says that it does not work.
    Broken {
        /// What AWS says.
        why: String,
    },
    /// AWS is still working on it.
    Settling {
        /// AWS's word for the state.
        note: String,
    },
    /// The address has another kind now.
    Kind {
        /// The kind on record.
        was: String,
    },
}

impl Plan {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.steps.iter().all(|step| step.action == Planned::Keep)
    }

    /// The steps that do something.
    pub fn changes(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.action != Planned::Keep)
    }

    /// The rows that must go before anything is built: the replaced ones, those to be deleted that hold one, and what an
    /// interrupted run left of those before.
    pub(crate) fn doomed(&self, contents: &Contents) -> BTreeSet<Address> {
        let planned = |action| self.steps.iter().filter(move |step| step.action == action);
        let replaced = planned(Planned::Replace).filter(|step| !step.new_first);
        let mut doomed: BTreeSet<Address> = replaced.map(|step| step.address.clone()).collect();
        loop {
            let goes_with = |address: &&Address| {
                let row = contents.rows.get(*address);
                let succeeds = address.successor().is_some_and(|successor| doomed.contains(&successor));
                succeeds || row.is_some_and(|row| !row.depends_on.is_disjoint(&doomed))
            };
            // What is gone may have had the name that the new one gets, so it is settled before as well.
            let left = planned(Planned::Delete).chain(planned(Planned::Forget)).map(|step| &step.address);
            let left = left.filter(|it| !doomed.contains(*it));
            let more: Vec<_> = left.filter(goes_with).cloned().collect();
            if more.is_empty() {
                return doomed;
            }
            doomed.extend(more);
        }
    }

    /// The rows that are no longer desired.
    pub(crate) fn orphans(&self) -> BTreeSet<Address> {
        let orphaned = |step: &&Step| matches!(step.action, Planned::Delete | Planned::Forget);
        self.steps.iter().filter(orphaned).map(|step| step.address.clone()).collect()
    }

    /// The addresses at which the new one is made before the old one goes.
    pub(crate) fn superseding(&self) -> impl Iterator<Item = &Address> {
        self.steps.iter().filter(|step| step.new_first).map(|step| &step.address)
    }

    /// The steps that must not be taken, and why. `consent` names the resources whose data may be lost.
    pub(crate) fn objections(&self, consent: &BTreeSet<Address>) -> Vec<(Address, Fault)> {
        let objection = |step: &Step| step.objection(consent).map(|fault| (step.address.clone(), fault));
        self.steps.iter().filter_map(objection).collect()
    }

    /// What is planned for an address.
    pub fn action(&self, address: &Address) -> Option<Planned> {
        self.steps.iter().find(|step| step.address == *address).map(|step| step.action)
    }
}

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
                (_, row) => self.node(node, row, spec.as_ref(), upstream)?,
            };
            if let Some(sighting) = self.survey.sightings.get(&node.address) {
                step.tell(node.kind.traits(), sighting, &mut known);
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

impl Step {
    fn new(address: &Address, kind: &str, action: Planned, reason: Option<Reason>) -> Self {
        let (address, kind) = (address.clone(), kind.to_owned());
        let (changes, new_first, notice) = (Vec::new(), false, None);
        Self { address, kind, action, changes, reason, new_first, protected: None, loses_data: false, notice }
    }

    /// Whether it may give the resource new outputs.
    pub(crate) fn revises(&self, by: Revises) -> bool {
        // What is adopted just as it is desired gets no new revision either.
        let stays = matches!(self.action, Planned::Keep | Planned::Adopt) && self.changes.is_empty();
        let is_known = matches!(self.action, Planned::Update | Planned::Adopt);
        match by {
            Revises::Never => false,
            Revises::Always => !stays,
            Revises::With(fields) => {
                let concerns = |change: &Change| fields.contains(&change.field.as_str());
                !stays && (!is_known || self.changes.iter().any(concerns))
            }
        }
    }

    /// Why a run that includes this step must not start.
    fn objection(&self, consent: &BTreeSet<Address>) -> Option<Fault> {
        let fault = |message: &str, hint: &str| {
            Fault::new(Class::Conflict, format!("planning {}", self.address), message).with_hint(hint)
        };
        match self.action {
            Planned::Refuse => Some(fault(FOREIGN.0, FOREIGN.1)),
            Planned::Delete | Planned::Replace if self.protected.is_some() => Some(fault(
                &format!("it must not be deleted: {}", self.protected.as_deref().unwrap_or_default()),
                "turn the protection off in the configuration, run `sidekick up`, then run this command again",
            )),
            Planned::Replace if self.loses_data && !consent.contains(&self.address) => Some(fault(
                "it would be replaced, and its data would be lost",
                &format!("undo the change that forces it, or agree with `--replace {}`", self.address),
            )),
            _ => None,
        }
    }
}
