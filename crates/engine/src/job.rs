//! What one drive is given, and how it ends.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use crate::decide::Goal;
use crate::event::Observer;
use crate::kind::{AnyKind, Seen};
use crate::ledger::{Ledger, LedgerError};
use crate::stop::Stop;
use crate::{Address, Clock, Experience, Fault};

/// What a run works with.
pub(crate) struct Surroundings<'a, C> {
    pub(crate) cloud: &'a C,
    pub(crate) ledger: &'a Ledger,
    pub(crate) clock: Clock,
    pub(crate) experience: &'a Experience,
    pub(crate) observer: &'a Observer,
    pub(crate) stop: &'a Stop,
}

/// One resource and its goal.
pub(crate) struct Job<C: 'static> {
    pub(crate) address: Address,
    pub(crate) kind: &'static dyn AnyKind<C>,
    pub(crate) goal: Goal,
    /// The desired spec, or the recorded one when the resource has to go.
    pub(crate) spec: Value,
    pub(crate) depends_on: BTreeSet<Address>,
    /// Whether a look for an existing resource came back empty in this run already, or none can be there.
    pub(crate) looked: bool,
    /// What a look at its identity showed in this run already, and when, if it has to go.
    pub(crate) seen: Option<(Timestamp, Seen)>,
    /// Whether it keeps what others may still use. See [`Resource::meanwhile`](crate::Resource::meanwhile).
    pub(crate) meanwhile: bool,
}

/// How a drive ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// The goal is reached; the outputs, if the resource is present.
    Done(Option<Value>),
    /// The resource is as desired but for what it keeps meanwhile; its outputs.
    Keeping(Value),
    /// A stop was asked for; everything that happened is recorded.
    Interrupted,
}

/// Why a drive gave up.
#[derive(Debug)]
pub(crate) enum Failure {
    Fault(Fault),
    Ledger(LedgerError),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}
