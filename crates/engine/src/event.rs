//! What the engine reports, as plain data. Renderers and logs are functions of it.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Address, Fault, seconds};

/// One fact about a run, in the cloud's time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// When it happened.
    pub at: Timestamp,
    /// Which resource it is about.
    pub address: Address,
    /// The resource's kind.
    pub kind: String,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// What can happen to one resource during a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum What {
    /// A mutating call is about to be sent; its intent is durable.
    Started {
        /// Which.
        action: Mutation,
    },
    /// The create was answered, and the identity is durable.
    Accepted {
        /// The physical identity.
        id: String,
    },
    /// An existing resource with our mark was taken into the ledger.
    Adopted {
        /// The physical identity.
        id: String,
    },
    /// AWS is working on it.
    Settling {
        /// AWS's word for the state.
        note: String,
    },
    /// A call failed and will be tried again.
    Retrying {
        /// Why it failed.
        fault: Fault,
        /// The pause before the next try.
        #[serde(with = "seconds")]
        after: Duration,
    },
    /// The resource is as desired, and something of it is left to the operator.
    Notice {
        /// What, in words for the operator.
        words: String,
    },
    /// The resource is as desired.
    Ready {
        /// What was done to get there, if anything.
        action: Option<Mutation>,
        /// How long it took.
        #[serde(with = "seconds")]
        took: Duration,
    },
    /// The resource is gone.
    Gone {
        /// How long it took.
        #[serde(with = "seconds")]
        took: Duration,
    },
    /// The resource could not be brought to its goal.
    Failed {
        /// Why.
        fault: Fault,
    },
    /// The resource was not tried, because another one failed.
    Skipped {
        /// The one that failed.
        because: Address,
    },
}

/// The three things that change the cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mutation {
    /// Make it exist.
    Create,
    /// Change it in place.
    Update,
    /// Let it go.
    Delete,
}

/// Who listens to events. Called from the run itself, so it must be quick and must not fail.
pub type Observer = Arc<dyn Fn(&Event) + Send + Sync>;
