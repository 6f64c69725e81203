//! What ECS does with a deployment whose tasks do not come up.

use aws_sdk_ecs::types::DeploymentCircuitBreaker;
use serde::{Deserialize, Serialize};

/// What ECS does with a deployment whose tasks do not come up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CircuitBreaker {
    /// It tries for ever.
    Off,
    /// It stops.
    Stop,
    /// It goes back to the last one that was complete.
    Rollback,
}

impl CircuitBreaker {
    /// The one in an answer.
    pub(super) fn read(wire: Option<&DeploymentCircuitBreaker>) -> Self {
        match wire {
            Some(breaker) if breaker.enable() && breaker.rollback() => Self::Rollback,
            Some(breaker) if breaker.enable() => Self::Stop,
            _ => Self::Off,
        }
    }

    /// The one as calls say it.
    pub(super) fn wire(self) -> DeploymentCircuitBreaker {
        let breaker = DeploymentCircuitBreaker::builder().enable(self != Self::Off);
        breaker.rollback(self == Self::Rollback).build()
    }
}
