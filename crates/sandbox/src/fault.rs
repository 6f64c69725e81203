//! What can go wrong with the calls themselves. Everything is off by default.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::call::{Call, Refusal};
use crate::seed::fraction;
use crate::service::Service;

/// Faults, drawn from a seed of their own: the same seed and the same calls give the same faults.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Faults {
    /// The seed of all draws.
    pub seed: u64,
    /// Probability that a call is refused with the service's throttling code.
    pub throttle: f64,
    /// Probability that a call fails with an internal error before it takes effect.
    pub server_error: f64,
    /// Probability that the answer is lost after the call took effect.
    pub lose_response: f64,
    /// For so many seconds a new thing is hidden from describe calls.
    pub hidden_seconds: f64,
    /// Kinds (`nat-gateway`, `db-instance`, `load-balancer`, `ecs-task` …) whose new things end in their failure state.
    pub failing: BTreeSet<String>,
}

impl Faults {
    /// The refusal, if any, that meets call number `number` before it takes effect.
    pub(crate) fn refuse(&self, service: &Service, number: u64) -> Option<Refusal> {
        let dialect = service.dialect;
        if self.happens(self.throttle, number, 0) {
            return Some(Refusal::injected(
                dialect.throttled,
                dialect.throttled_words,
                dialect.throttled_status,
            ));
        }
        let words = "An internal error has occurred";
        self.happens(self.server_error, number, 1).then(|| Refusal::injected(dialect.internal, words, 500))
    }

    /// Whether the answer to call number `number` gets lost.
    pub(crate) fn loses(&self, number: u64) -> bool {
        self.happens(self.lose_response, number, 2)
    }

    fn happens(&self, probability: f64, number: u64, which: u64) -> bool {
        probability > 0.0 && fraction(self.seed, number.wrapping_mul(3).wrapping_add(which)) < probability
    }
}

/// The two boundaries of a call at which a test can step in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The call has arrived and nothing has happened.
    BeforeEffect,
    /// The call has taken effect (and is saved), its answer is not out.
    AfterEffect,
}

/// What a test wants to happen at a boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Proceed,
    /// Break the connection: the caller gets an I/O error.
    Lose,
    /// Never answer, as for a caller that dies here.
    Hang,
}

/// What a hook does.
type Decide = dyn Fn(&Call, Phase) -> Verdict + Send + Sync;

/// A test's hook, called at both boundaries of every call.
#[derive(Clone)]
pub(crate) struct Hook(pub(crate) Arc<Decide>);

impl fmt::Debug for Hook {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Hook")
    }
}
