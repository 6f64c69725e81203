//! Replacements of which the new one is made first: how rows make room, and what becomes of that after a crash.
//!
//! The row of what is replaced moves to its [superseded](Address::superseded) address, and with it the names under which
//! its dependents hold it. From then on the ordinary path does all: nothing stands at the address, so the new one is
//! made; dependents that take it drop the old one; and what no node stands for goes in the end. If by then the old one is
//! wanted again, the two change places.

use std::collections::BTreeSet;

use super::Contents;
use crate::Address;

impl Contents {
    /// The addresses in whose place something still stands on record.
    pub(crate) fn superseding(&self) -> BTreeSet<Address> {
        self.rows.keys().filter_map(Address::successor).collect()
    }

    /// Moves a row to its superseded address, and adds that to what its dependents hold. Says whether there was one.
    pub(super) fn supersede(&mut self, address: &Address) -> bool {
        let Some(row) = self.rows.remove(address) else { return false };
        let old = address.superseded();
        for dependent in self.rows.values_mut().filter(|row| row.depends_on.contains(address)) {
            dependent.depends_on.insert(old.clone());
        }
        self.rows.insert(old, row);
        true
    }

    /// Lets what is superseded and what took its place change places, each with the names under which it is held.
    pub(crate) fn exchange(&mut self, address: &Address) {
        let old = address.superseded();
        let other = |held: Address| match held {
            held if held == *address => old.clone(),
            held if held == old => address.clone(),
            held => held,
        };
        let rows = std::mem::take(&mut self.rows).into_iter();
        self.rows = rows
            .map(|(at, mut row)| {
                row.depends_on = row.depends_on.into_iter().map(other).collect();
                (other(at), row)
            })
            .collect();
    }

    /// Moves what is superseded back to its address if nothing stands there: no create of the new one was announced, or
    /// nothing came of it. Says whether there was any.
    pub(crate) fn reinstate(&mut self) -> bool {
        let mut vacant = self.superseding();
        vacant.retain(|address| !self.rows.contains_key(address));
        for address in &vacant {
            let old = address.superseded();
            let Some(row) = self.rows.remove(&old) else { continue };
            for dependent in self.rows.values_mut() {
                if dependent.depends_on.remove(&old) {
                    dependent.depends_on.insert(address.clone());
                }
            }
            self.rows.insert(address.clone(), row);
        }
        !vacant.is_empty()
    }
}
