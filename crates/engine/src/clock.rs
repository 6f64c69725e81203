//! The engine's only source of time, so that a simulated cloud can run faster than the real one.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// Tells and passes the cloud's time: `speed` seconds of it go by in one second of ours.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    base: Timestamp,
    started: Instant,
    speed: f64,
}

impl Clock {
    /// The time of the real world.
    pub fn real() -> Self {
        Self::simulated(Timestamp::now(), 1.0)
    }

    /// The time of a simulated cloud, whose clock shows `base` now and runs `speed` times as fast as ours.
    pub fn simulated(base: Timestamp, speed: f64) -> Self {
        Self { base, started: Instant::now(), speed }
    }

    /// The cloud's time.
    pub fn now(&self) -> Timestamp {
        let passed = SignedDuration::from_secs_f64(self.started.elapsed().as_secs_f64() * self.speed);
        self.base.saturating_add(passed).unwrap_or(Timestamp::MAX)
    }

    /// How much of the cloud's time has passed since `then`; zero if `then` is not over yet.
    pub fn since(&self, then: Timestamp) -> Duration {
        Duration::try_from(self.now().duration_since(then)).unwrap_or_default()
    }

    /// How much of the cloud's time goes by in a span of ours.
    pub fn in_the_cloud(&self, ours: Duration) -> Duration {
        ours.mul_f64(self.speed)
    }

    /// Lets some of the cloud's time pass.
    pub async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration.div_f64(self.speed)).await;
    }
}
