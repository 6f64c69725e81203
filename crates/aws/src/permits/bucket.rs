//! A token bucket that slows down when it is told to, and recovers.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::rates::Rate;

/// The part of its rate that a throttled bucket always keeps.
const FLOOR: f64 = 0.05;
/// For so many seconds after a refusal the rate stays as low as it was set. A look of several calls only succeeds if
/// all of them do, so a rate that is found must last for some looks.
const QUIET: f64 = 60.0;
/// The part of its rate that a throttled bucket regains in a second after that.
const RECOVERY: f64 = 0.02;
/// Refusals within so many seconds are of calls that were sent at the same rate, and count as one.
const ROUND_TRIP: f64 = 1.0;

/// A token bucket. Its time is the cloud's, which may run faster than ours.
#[derive(Debug)]
pub(super) struct Bucket {
    pub(super) rate: &'static Rate,
    speed: f64,
    /// Held while waiting for a token; the lock is fair, so calls leave in the order in which they came.
    turn: tokio::sync::Mutex<()>,
    level: Mutex<Level>,
}

#[derive(Debug)]
struct Level {
    tokens: f64,
    /// The part of the rate that is in use; 1 unless AWS throttled us lately.
    part: f64,
    at: Instant,
    /// When it was last told to slow down.
    slowed: Option<Instant>,
}

impl Bucket {
    /// A full bucket.
    pub(super) fn new(rate: &'static Rate, speed: f64) -> Self {
        let level = Level { tokens: rate.burst, part: 1.0, at: Instant::now(), slowed: None };
        Self { rate, speed, turn: tokio::sync::Mutex::default(), level: Mutex::new(level) }
    }

    /// Waits for a token, after all who asked before.
    pub(super) async fn permit(&self) {
        let _turn = self.turn.lock().await;
        while let Some(pause) = self.take() {
            tokio::time::sleep(pause).await;
        }
    }

    /// Takes a token, or tells when there will be one.
    fn take(&self) -> Option<Duration> {
        let mut level = self.filled();
        if level.tokens >= 1.0 {
            level.tokens -= 1.0;
            return None;
        }
        let seconds = (1.0 - level.tokens) / (self.rate.per_second * level.part);
        // The timer knows no shorter pause, and a pause of nothing would never end.
        Some(Duration::from_secs_f64(seconds / self.speed).max(Duration::from_millis(1)))
    }

    /// Halves the rate, and lets it come back with time.
    pub(super) fn slow_down(&self) {
        let mut level = self.filled();
        level.tokens = 0.0;
        if level.slowed.is_none_or(|slowed| self.seconds(slowed, level.at) >= ROUND_TRIP) {
            level.part = (level.part / 2.0).max(FLOOR);
            level.slowed = Some(level.at);
        }
    }

    /// The cloud's seconds between two moments.
    fn seconds(&self, from: Instant, to: Instant) -> f64 {
        (to - from).as_secs_f64() * self.speed
    }

    /// The level after the tokens and the recovery that time has brought.
    fn filled(&self) -> MutexGuard<'_, Level> {
        let mut level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let passed = self.seconds(level.at, now);
        let quiet = level.slowed.map_or(f64::INFINITY, |slowed| self.seconds(slowed, now));
        // What is left of the rate is left of the burst, too.
        let burst = (self.rate.burst * level.part).max(1.0);
        level.tokens = (level.tokens + passed * self.rate.per_second * level.part).min(burst);
        level.part = (level.part + passed.min(quiet - QUIET).max(0.0) * RECOVERY).min(1.0);
        level.at = now;
        level
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::rates::RATES;
    use super::*;

    fn bucket(service: &str, operation: &str, speed: f64) -> Bucket {
        Bucket::new(RATES.iter().find(|rate| rate.covers(service, operation)).unwrap(), speed)
    }

    /// How many permits there are in so many seconds.
    async fn permits_in(bucket: &Bucket, seconds: u64) -> u32 {
        let mut permits = 0;
        let count = async {
            loop {
                bucket.permit().await;
                permits += 1;
            }
        };
        let _ = tokio::time::timeout(Duration::from_secs(seconds), count).await;
        permits
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_goes_at_once_and_the_rest_at_the_rate() {
        let bucket = bucket("ec2", "CreateVpc", 1.0);
        let begun = Instant::now();
        for _ in 0..50 {
            bucket.permit().await;
        }
        assert_eq!(begun.elapsed(), Duration::ZERO);
        assert_eq!(permits_in(&bucket, 20).await, 100);
    }

    #[tokio::test(start_paused = true)]
    async fn an_association_goes_every_two_seconds_of_the_clouds_time() {
        assert_eq!(permits_in(&bucket("wafv2", "AssociateWebACL", 1.0), 21).await, 11);
        assert_eq!(permits_in(&bucket("wafv2", "AssociateWebACL", 10.0), 21).await, 106);
    }

    #[tokio::test(start_paused = true)]
    async fn throttling_halves_the_rate_down_to_a_floor_and_quiet_restores_it() {
        let bucket = bucket("wafv2", "UpdateWebACL", 1.0);
        // All of one round trip count once.
        (0..9).for_each(|_| bucket.slow_down());
        let halved = permits_in(&bucket, 10).await;
        assert!((4..=5).contains(&halved), "{halved}");
        for _ in 0..20 {
            bucket.slow_down();
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        let floor = permits_in(&bucket, 40).await;
        assert!((2..=3).contains(&floor), "{floor}");
        tokio::time::sleep(Duration::from_secs(120)).await;
        permits_in(&bucket, 1).await;
        assert_eq!(permits_in(&bucket, 10).await, 10);
    }

    #[tokio::test(start_paused = true)]
    async fn permits_are_given_in_the_order_of_asking() {
        let bucket = Arc::new(bucket("wafv2", "UpdateWebACL", 1.0));
        let order = Arc::new(Mutex::new(Vec::new()));
        let askers: Vec<_> = (0..8)
            .map(|asker| {
                let (bucket, order) = (Arc::clone(&bucket), Arc::clone(&order));
                tokio::spawn(async move {
                    bucket.permit().await;
                    order.lock().unwrap().push(asker);
                })
            })
            .collect();
        for asker in askers {
            asker.await.unwrap();
        }
        assert_eq!(*order.lock().unwrap(), (0..8).collect::<Vec<_>>());
    }

    #[tokio::test(start_paused = true)]
    async fn who_gives_up_waiting_takes_no_permit_along() {
        let bucket = bucket("wafv2", "UpdateWebACL", 1.0);
        bucket.permit().await;
        let gave_up = tokio::time::timeout(Duration::from_millis(500), bucket.permit()).await;
        assert!(gave_up.is_err());
        let begun = Instant::now();
        bucket.permit().await;
        assert!(begun.elapsed() <= Duration::from_millis(502), "{:?}", begun.elapsed());
    }
}
