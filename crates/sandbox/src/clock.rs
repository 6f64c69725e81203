//! Simulated time: a base that is saved with the world, plus tokio's elapsed time at some speed.

use std::sync::OnceLock;
use std::time::Duration;

use tokio::time::Instant;

/// Runs simulated time. It never goes backwards, and stands still while no process runs.
#[derive(Debug)]
pub(crate) struct Clock {
    base: f64,
    speed: f64,
    /// Set by the first look, so that a sandbox may be made outside of the runtime that it runs in.
    anchor: OnceLock<Instant>,
}

impl Clock {
    /// A clock that shows `base` (unix seconds) at its first look. A speed at which time cannot pass counts as 1.
    pub(crate) fn new(base: f64, speed: f64) -> Self {
        let speed = if speed.is_normal() && speed > 0.0 { speed } else { 1.0 };
        Self { base, speed, anchor: OnceLock::new() }
    }

    /// Simulated unix seconds.
    pub(crate) fn now(&self) -> f64 {
        self.base + self.anchor.get_or_init(Instant::now).elapsed().as_secs_f64() * self.speed
    }

    /// Moves forward to a time that another process has already reached.
    pub(crate) fn reach(&mut self, time: f64) {
        self.base += (time - self.now()).max(0.0);
    }

    /// How long `seconds` of simulated time take in tokio's time.
    pub(crate) fn real(&self, seconds: f64) -> Duration {
        Duration::try_from_secs_f64(seconds / self.speed).unwrap_or(Duration::MAX)
    }
}
