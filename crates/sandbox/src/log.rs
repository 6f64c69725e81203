//! What was called, for tests and for whoever wants to see.

use crate::call::Reason;

/// One call that reached the sandbox.
#[derive(Clone, Debug)]
pub struct LoggedCall {
    /// Simulated unix seconds at which it took effect.
    pub at: f64,
    /// The service's signing name.
    pub service: String,
    /// The operation.
    pub operation: String,
    /// Whether the operation is one that changes the world.
    pub mutating: bool,
    /// Whether it came over the wire, and not from a test that uses [`Sandbox::call`](crate::Sandbox::call).
    pub over_wire: bool,
    /// The code, the words and the reason of a refusal.
    pub refused: Option<(String, String, Reason)>,
}

/// All calls of this process, in the order in which they took effect.
#[derive(Clone, Debug, Default)]
pub struct CallLog(pub Vec<LoggedCall>);

impl CallLog {
    /// How many mutating calls arrived, refused or not.
    pub fn mutating(&self) -> usize {
        self.0.iter().filter(|call| call.mutating).count()
    }

    /// Calls refused for a reason that the caller could have known.
    pub fn illegal(&self) -> Vec<&LoggedCall> {
        self.refused_for(Reason::Illegal)
    }

    /// Calls refused for this reason.
    pub fn refused_for(&self, reason: Reason) -> Vec<&LoggedCall> {
        let same = |call: &&LoggedCall| call.refused.as_ref().is_some_and(|(_, _, why)| *why == reason);
        self.0.iter().filter(same).collect()
    }

    /// How often an operation was called.
    pub fn count(&self, operation: &str) -> usize {
        self.0.iter().filter(|call| call.operation == operation).count()
    }
}
