//! The states that a resource passes through, as data.
//!
//! A change writes all states to come with their times at once; reading is a pure look at the clock, so nothing
//! has to run in between.

use serde::{Deserialize, Serialize};

/// States with the time at which each begins, and perhaps the time at which the thing vanishes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Timeline {
    steps: Vec<(f64, String)>,
    gone: Option<f64>,
}

impl Timeline {
    /// A thing that enters `state` at `time` and stays there until somebody changes it.
    pub(crate) fn begin(time: f64, state: &str) -> Self {
        Self { steps: vec![(time, state.to_owned())], gone: None }
    }

    /// Goes on to `state` after `seconds` in the state before.
    pub(crate) fn then(mut self, seconds: f64, state: &str) -> Self {
        self.steps.push((self.last_change() + seconds, state.to_owned()));
        self
    }

    /// Vanishes after `seconds` in the last state.
    pub(crate) fn then_gone(mut self, seconds: f64) -> Self {
        self.gone = Some(self.last_change() + seconds);
        self
    }

    /// The state at `now`.
    pub(crate) fn state(&self, now: f64) -> &str {
        let begun = self.steps.iter().rev().find(|(begins, _)| *begins <= now);
        begun.or(self.steps.first()).map_or("", |(_, state)| state)
    }

    /// Whether the thing has vanished by `now`.
    pub(crate) fn is_gone(&self, now: f64) -> bool {
        self.gone.is_some_and(|time| time <= now)
    }

    /// The time at which the last of all states begins.
    pub(crate) fn last_change(&self) -> f64 {
        self.steps.last().map_or(0.0, |(begins, _)| *begins)
    }
}

#[cfg(test)]
mod tests {
    use super::Timeline;

    #[test]
    fn states_follow_the_clock() {
        let timeline = Timeline::begin(100.0, "deleting").then(50.0, "deleted").then_gone(3600.0);
        assert_eq!(timeline.state(100.0), "deleting");
        assert_eq!(timeline.state(149.9), "deleting");
        assert_eq!(timeline.state(150.0), "deleted");
        assert!(!timeline.is_gone(3749.0));
        assert!(timeline.is_gone(3750.0));
    }
}
