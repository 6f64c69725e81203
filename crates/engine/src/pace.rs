//! When to look at a change that takes its time.
//!
//! Each look is a call, and each pause too long is time lost on everything that waits. So nothing is looked at before it
//! can be over, then it is looked at often for as long as it typically may take, and then the more rarely the longer it
//! lasts.

use std::time::Duration;

/// How long a change may take, and how often to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Before this it is hardly ever over.
    pub earliest: Duration,
    /// How long it takes for the most part; of what could start at one time, what takes longest goes first.
    pub typical: Duration,
    /// After this it is hardly ever still going on.
    pub latest: Duration,
    /// The pause between looks from the earliest to the latest time.
    pub step: Duration,
    /// When to give up.
    pub deadline: Duration,
}

/// The part of the time passed that a pause may take where nobody knows how long it will be.
const PART: u32 = 40;

/// The longest pause there is.
const LONGEST: Duration = Duration::from_secs(30);

/// The pause between looks at what takes minutes: on the average half of it is lost.
const STEP: Duration = Duration::from_millis(2500);

impl Pace {
    /// For what AWS does within a second or two.
    pub const PROMPT: Self = Self {
        earliest: Duration::from_millis(300),
        typical: Duration::from_millis(500),
        latest: Duration::from_secs(20),
        step: Duration::from_secs(1),
        deadline: Duration::from_secs(300),
    };

    /// For what takes this long, in whole seconds: at the earliest, for the most part, at the latest; and when to give up.
    pub const fn seconds(earliest: u64, typical: u64, latest: u64, deadline: u64) -> Self {
        Self {
            earliest: Duration::from_secs(earliest),
            typical: Duration::from_secs(typical),
            latest: Duration::from_secs(latest),
            step: STEP,
            deadline: Duration::from_secs(deadline),
        }
    }

    /// How often what takes as long as is typical is looked at.
    pub(crate) fn looks(&self) -> usize {
        self.looks_with(Self::pause)
    }

    /// The same of an update that takes as long.
    pub(crate) fn looks_at_update(&self) -> usize {
        self.looks_with(Self::unknown)
    }

    fn looks_with(&self, pause: fn(&Self, Duration) -> Duration) -> usize {
        let mut passed = Duration::ZERO;
        let pauses = std::iter::from_fn(|| {
            let due = passed < self.typical;
            passed += pause(self, passed);
            due.then_some(())
        });
        pauses.count()
    }

    /// The pause before the next look at what began `passed` ago.
    pub(crate) fn pause(&self, passed: Duration) -> Duration {
        if passed < self.earliest {
            (self.earliest - passed).max(self.step.min(self.earliest))
        } else if passed <= self.latest {
            self.step
        } else {
            self.unknown(passed)
        }
    }

    /// The same where nothing is known of how long it takes, as of an update: a small part of the time passed.
    pub(crate) fn unknown(&self, passed: Duration) -> Duration {
        (passed / PART).clamp(self.step.min(LONGEST), LONGEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The times of all looks until `end`, in seconds.
    fn looks(pace: Pace, end: u64) -> Vec<f64> {
        let mut passed = Duration::ZERO;
        let mut looks = Vec::new();
        while passed < Duration::from_secs(end) {
            passed += pace.pause(passed);
            looks.push(passed.as_secs_f64());
        }
        looks
    }

    #[test]
    fn looks_are_dense_where_the_end_is_likely_and_nowhere_else() {
        let pace = Pace::seconds(100, 130, 200, 900);
        let looks = looks(pace, 1000);
        assert_eq!(looks[0], 100.0, "{looks:?}");
        let dense = looks.iter().filter(|at| **at <= 200.0).count();
        assert_eq!(dense, 1 + (100.0 / STEP.as_secs_f64()) as usize, "{looks:?}");
        let pauses: Vec<_> = looks.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(pauses.is_sorted(), "pauses never become shorter: {pauses:?}");
        assert!(looks.len() - dense < 80, "{looks:?}");
        assert!(pauses.iter().all(|pause| *pause <= 30.0));
    }

    #[test]
    fn what_is_found_late_for_the_first_time_is_looked_at_in_steps() {
        let pace = Pace::seconds(100, 130, 200, 900);
        assert_eq!(
            pace.pause(Duration::from_millis(99_900)),
            STEP,
            "not a moment later, for it was just looked at"
        );
        assert_eq!(pace.pause(Duration::from_secs(150)), STEP);
        assert_eq!(pace.unknown(Duration::from_secs(240)), Duration::from_secs(6));
        assert_eq!(pace.unknown(Duration::ZERO), STEP);
        assert_eq!(Pace::PROMPT.pause(Duration::ZERO), Pace::PROMPT.earliest);
    }
}
