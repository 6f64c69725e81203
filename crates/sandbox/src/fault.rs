//! What can go wrong with the calls themselves. Everything is off by default.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::call::{Call, Reason, Refusal};
use crate::filter::matches;
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
    /// The part of AWS's rate limits that is taken away; 0.9 leaves a tenth.
    pub rates_cut: f64,
    /// Probability that a call fails with an internal error before it takes effect.
    pub server_error: f64,
    /// Probability that the answer is lost after the call took effect.
    pub lose_response: f64,
    /// Probability that nothing is heard of a call until its caller gives up. Of such calls one half takes effect.
    pub time_out: f64,
    /// For so many seconds a new thing is hidden from describe calls.
    pub hidden_seconds: f64,
    /// By how many times its typical duration everything takes longer.
    pub slowdown: f64,
    /// For so many seconds more than usual a new web ACL cannot be associated, and a new role cannot be assumed.
    pub propagation_seconds: f64,
    /// Kinds (`nat-gateway`, `db-instance`, `load-balancer`, `ecs-task` …) whose new things end in their failure state.
    pub failing: BTreeSet<String>,
    /// Probability that a new NAT gateway, load balancer, database or cache ends in its failure state.
    pub failure: f64,
    /// Probability that AWS has no room for a new address, database or cache.
    pub no_capacity: f64,
    /// What a policy denies to whoever calls over the wire: IAM actions such as `ec2:CreateVpc`, with wildcards.
    pub denied: BTreeSet<String>,
}

/// What meets a call on its way, apart from what the service makes of it.
pub(crate) enum Fate {
    /// Nothing.
    Arrives,
    /// It is refused before it takes effect.
    Refused(Refusal),
    /// It takes effect, and its answer is lost after so many seconds.
    Unanswered(f64),
    /// It is lost, which shows after so many seconds.
    Lost(f64),
}

/// After how many seconds without an answer a caller gives up.
const CALLER_PATIENCE: f64 = 30.0;

/// The draws of one call, which must not depend on each other.
#[derive(Clone, Copy)]
enum Draw {
    Throttle,
    ServerError,
    LoseResponse,
    TimeOut,
    TakesEffect,
    Capacity,
    Draws,
}

impl Faults {
    /// What meets call number `number`.
    pub(crate) fn fate(&self, service: &Service, number: u64) -> Fate {
        let dialect = service.dialect;
        let happens = |draw, probability| self.happens(probability, number, draw);
        if happens(Draw::Throttle, self.throttle) {
            Fate::Refused(Refusal { reason: Reason::Injected, ..Refusal::too_fast(dialect) })
        } else if happens(Draw::ServerError, self.server_error) {
            Fate::Refused(Refusal::injected(dialect.internal, "An internal error has occurred", 500))
        } else if happens(Draw::TimeOut, self.time_out) {
            let takes_effect = happens(Draw::TakesEffect, 0.5);
            if takes_effect { Fate::Unanswered(CALLER_PATIENCE) } else { Fate::Lost(CALLER_PATIENCE) }
        } else if happens(Draw::LoseResponse, self.lose_response) {
            Fate::Unanswered(0.0)
        } else {
            Fate::Arrives
        }
    }

    /// Whether AWS has no room for what call number `number` asks for.
    pub(crate) fn lacks_capacity(&self, number: u64) -> bool {
        self.happens(self.no_capacity, number, Draw::Capacity)
    }

    /// Whether a policy denies an action.
    pub(crate) fn denies(&self, action: &str) -> bool {
        self.denied.iter().any(|pattern| matches(&pattern.to_lowercase(), &action.to_lowercase()))
    }

    fn happens(&self, probability: f64, number: u64, draw: Draw) -> bool {
        let counter = number.wrapping_mul(Draw::Draws as u64).wrapping_add(draw as u64);
        probability > 0.0 && fraction(self.seed, counter) < probability
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

/// A test's change of calls that arrive.
#[derive(Clone)]
pub(crate) struct Change(pub(crate) Arc<dyn Fn(&mut Call) + Send + Sync>);

impl fmt::Debug for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Change")
    }
}
