//! Brings desired state and actual state together: a graph of typed resources, a pure policy, one loop per node,
//! one walk that owns the order, one ledger that survives a crash.
//!
//! Knows no AWS and prints nothing: the cloud is a type parameter, and what happens is told as [events](Event).

mod address;
mod at_work;
mod clock;
mod decide;
mod diff;
mod disruption;
mod drive;
mod event;
mod expected;
mod experience;
mod fault;
mod forced;
mod forecast;
mod graph;
mod imagined;
mod job;
mod kind;
mod ledger;
mod limits;
mod mark;
mod outline;
mod pace;
mod plan;
mod planner;
mod preview;
mod resource;
mod run;
mod seconds;
mod stop;
mod survey;
mod teardown;
mod walk;

pub use address::Address;
pub use clock::Clock;
pub use diff::{Change, Diff};
pub use disruption::Disruption;
pub use event::{Event, Mutation, Observer, What};
pub use expected::Expected;
pub use experience::Experience;
pub use fault::{Class, Fault, Result};
pub use forecast::{Forecast, Prospect};
pub use graph::{Accepted, Foreseen, Graph, Handle, Needs, Ready};
pub use kind::{AnyKind, Erased, Seen, Traits};
pub use ledger::{
    Contents, FileStorage, History, Holder, Identity, IllegalTransition, Kept, Ledger, LedgerError,
    MemoryStorage, Pending, Restored, Row, Storage, Tokens, Version, unreadable,
};
pub use mark::{Intent, Mark, Owner};
pub use outline::Outlined;
pub use pace::Pace;
pub use plan::{Plan, Planned, Reason, Step};
pub use preview::{Field, Preview};
pub use resource::{Data, Live, Observed, Resource, Revises, Teardown};
pub use run::{Engine, RunError, look};
pub use stop::{Stop, Stopper};
pub use survey::{State, Survey, patiently};
pub use walk::Report;
