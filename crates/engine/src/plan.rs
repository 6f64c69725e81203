//! What a run would do, as data, before it does anything.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::decide::FOREIGN;
use crate::ledger::Contents;
use crate::{Address, Change, Class, Fault, Revises};

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

impl Step {
    pub(crate) fn new(address: &Address, kind: &str, action: Planned, reason: Option<Reason>) -> Self {
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
