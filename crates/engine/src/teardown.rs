//! The order of a teardown. It is not the reverse of the build: some things AWS lets go at any time, and some are
//! better gone before their dependents.

use std::collections::{BTreeMap, BTreeSet};

use crate::kind::AnyKind;
use crate::ledger::{Contents, Row};
use crate::survey::kind;
use crate::walk::{End, Progress};
use crate::{Address, Teardown};

/// For each row of a teardown, the rows that must be gone first.
pub(crate) struct Order {
    after: BTreeMap<Address, BTreeSet<Address>>,
    /// Rows that stay and still hold a row of the teardown.
    held_by: BTreeMap<Address, Address>,
}

impl Order {
    pub(crate) fn new<C>(
        kinds: &[&'static dyn AnyKind<C>],
        contents: &Contents,
        chosen: &BTreeMap<&Address, &Row>,
    ) -> Self {
        let mut order = Self { after: BTreeMap::new(), held_by: BTreeMap::new() };
        for (dependent, row) in &contents.rows {
            for producer in &row.depends_on {
                let Some(producer_row) = chosen.get(producer) else { continue };
                let Ok(kind) = kind(kinds, &producer_row.kind) else { continue };
                let both = chosen.contains_key(dependent);
                match kind.traits().teardown {
                    Teardown::AfterDependents if both => {
                        order.after.entry(producer.clone()).or_default().insert(dependent.clone());
                    }
                    Teardown::AfterDependents => {
                        order.held_by.insert(producer.clone(), dependent.clone());
                    }
                    Teardown::BeforeDependents if both => {
                        order.after.entry(dependent.clone()).or_default().insert(producer.clone());
                    }
                    Teardown::BeforeDependents | Teardown::Anytime => {}
                }
            }
        }
        order
    }

    /// Whether all that must be gone first is gone; an error names the one that stays.
    pub(crate) fn turn(&self, address: &Address, progress: &Progress) -> Result<bool, Address> {
        if let Some(holder) = self.held_by.get(address) {
            return Err(holder.clone());
        }
        for first in self.after.get(address).into_iter().flatten() {
            match progress.ended.get(first) {
                Some(End::Done) => {}
                Some(End::Failed | End::Skipped) => return Err(first.clone()),
                None => return Ok(false),
            }
        }
        Ok(true)
    }
}
