//! What RDS has accepted and not put into force yet.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use aws_sdk_rds::types::PendingModifiedValues;
use sidekick_engine::Change;

use crate::DbInstanceId;

/// How a value counts that is not in force yet.
#[derive(Clone, Copy)]
pub(super) enum Counts {
    /// Only if it is not the one that is wanted: then it has to be taken back.
    Unwanted,
    /// Always, as if it were in force.
    All,
}

/// What is pending of an instance.
#[derive(Clone, Copy)]
pub(super) struct Pending<'a> {
    /// The values.
    pub(super) values: &'a PendingModifiedValues,
    /// How they count.
    pub(super) counts: Counts,
}

impl Pending<'_> {
    /// Which of two values counts: the one in force, or the one to come.
    pub(super) fn or<T: PartialEq>(&self, desired: &T, pending: Option<T>, in_force: Option<T>) -> Option<T> {
        let counting = match self.counts {
            Counts::Unwanted => pending.filter(|pending| pending != desired),
            Counts::All => pending,
        };
        counting.or(in_force)
    }
}

/// What RDS is at, in words.
pub(super) fn in_words(outstanding: &[Change]) -> String {
    let word = |change: &Change| {
        let value = change.new.as_str().map_or_else(|| change.new.to_string(), str::to_owned);
        format!("{} {value}", change.field.replace('_', " "))
    };
    format!("AWS is applying {}", outstanding.iter().map(word).collect::<Vec<_>>().join(", "))
}

/// The instances that this process asked RDS to change at once. It takes RDS some seconds to begin, and until then an
/// instance looks as if its change waited for the maintenance window, for days.
#[derive(Default)]
pub(crate) struct Asked(Mutex<BTreeSet<DbInstanceId>>);

impl Asked {
    fn all(&self) -> MutexGuard<'_, BTreeSet<DbInstanceId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers that this one was asked for a change.
    pub(super) fn note(&self, id: &DbInstanceId) {
        self.all().insert(id.clone());
    }

    /// Whether this one was.
    pub(super) fn holds(&self, id: &DbInstanceId) -> bool {
        self.all().contains(id)
    }
}
