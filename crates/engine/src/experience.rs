//! What earlier runs learned of how long things take in this account. It only moves the times of looks: nothing depends
//! on its being there, complete or true.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::{Mutation, Pace};

/// How many durations of one sort are remembered.
const REMEMBERED: usize = 20;

/// With fewer durations than this, what ships with the kinds counts.
const ENOUGH: usize = 4;

/// Shorter waits are not worth remembering.
const SHORTEST: Duration = Duration::from_secs(10);

/// How much shorter than the shortest that was seen a duration may be, as a part of it.
const SHORTER: f64 = 0.1;

/// How much longer than the longest. A look too many costs a call; one too late costs everybody's time.
const LONGER: f64 = 0.3;

/// The durations of creates and deletes by kind, the newest last. Shared by all drives of a run.
#[derive(Debug, Default)]
pub struct Experience {
    seconds: Mutex<BTreeMap<String, VecDeque<f64>>>,
}

impl Experience {
    /// Takes up what an earlier run [told](Self::text); what cannot be read is as good as nothing.
    pub fn read(text: &[u8]) -> Self {
        Self { seconds: Mutex::new(serde_json::from_slice(text).unwrap_or_default()) }
    }

    /// All of it as JSON: lists of seconds by `KIND create` and `KIND delete`.
    pub fn text(&self) -> String {
        let text = serde_json::to_string_pretty(&*self.seconds()).unwrap_or_default();
        text + "\n"
    }

    /// Remembers how long something took.
    pub(crate) fn note(&self, kind: &str, mutation: Mutation, took: Duration) {
        if took < SHORTEST {
            return;
        }
        let mut seconds = self.seconds();
        let Some(of_kind) = key(kind, mutation).map(|key| seconds.entry(key).or_default()) else { return };
        of_kind.push_back((took.as_secs_f64() * 10.0).round() / 10.0);
        while of_kind.len() > REMEMBERED {
            of_kind.pop_front();
        }
    }

    /// The pace of a change: what ships with the kind, as far as experience does not tell better.
    pub(crate) fn pace(&self, kind: &str, mutation: Mutation, shipped: Pace) -> Pace {
        let seconds = self.seconds();
        let known =
            key(kind, mutation).and_then(|key| seconds.get(&key)).filter(|known| known.len() >= ENOUGH);
        // What does not take long is not looked at less often for that.
        let Some(known) = known.filter(|_| shipped.step < shipped.earliest) else {
            return shipped;
        };
        let mut sorted: Vec<f64> = known.iter().copied().filter(|seconds| seconds.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let (Some(shortest), Some(longest)) = (sorted.first(), sorted.last()) else { return shipped };
        let duration = |seconds: f64| Duration::try_from_secs_f64(seconds).unwrap_or(shipped.typical);
        Pace {
            earliest: duration(shortest * (1.0 - SHORTER)),
            typical: duration(sorted[sorted.len() / 2]),
            latest: duration(longest * (1.0 + LONGER)),
            ..shipped
        }
    }

    /// Whole after every statement, so that a panic elsewhere leaves it usable.
    fn seconds(&self) -> MutexGuard<'_, BTreeMap<String, VecDeque<f64>>> {
        self.seconds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long an update takes depends on what is updated, so nothing is learned of it.
fn key(kind: &str, mutation: Mutation) -> Option<String> {
    match mutation {
        Mutation::Create => Some(format!("{kind} create")),
        Mutation::Delete => Some(format!("{kind} delete")),
        Mutation::Update => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: Pace = Pace::seconds(100, 200, 300, 900);

    fn after(seconds: &[u64]) -> Experience {
        let experience = Experience::default();
        for seconds in seconds {
            experience.note("rds.instance", Mutation::Create, Duration::from_secs(*seconds));
        }
        experience
    }

    fn seconds(pace: Pace) -> [u64; 3] {
        [pace.earliest, pace.typical, pace.latest].map(|time| time.as_secs())
    }

    #[test]
    fn after_some_runs_looks_are_where_the_ends_were() {
        let learned =
            |experience: &Experience| seconds(experience.pace("rds.instance", Mutation::Create, SHIPPED));
        assert_eq!(learned(&after(&[500, 510, 520])), [100, 200, 300], "three runs tell little");
        assert_eq!(learned(&after(&[500, 510, 520, 600])), [450, 520, 780]);
        let of_old = [[100; 5].as_slice(), &[500; REMEMBERED]].concat();
        assert_eq!(learned(&after(&of_old)), [450, 500, 650], "what is long past is forgotten");
    }

    #[test]
    fn it_survives_as_text_and_what_is_no_text_of_it_does_no_harm() {
        let experience = after(&[500, 510, 520, 600]);
        let read = Experience::read(experience.text().as_bytes());
        assert_eq!(read.text(), experience.text());
        for text in ["", "{", "[]", r#"{"rds.instance create": "soon"}"#] {
            let read = Experience::read(text.as_bytes());
            assert_eq!(read.pace("rds.instance", Mutation::Create, SHIPPED), SHIPPED, "{text}");
        }
        let absurd = Experience::read(br#"{"rds.instance create": [-5, -5, 1e300, 1e300]}"#);
        let pace = absurd.pace("rds.instance", Mutation::Create, SHIPPED);
        assert_eq!(pace.deadline, SHIPPED.deadline);
    }

    #[test]
    fn other_changes_and_prompt_kinds_learn_nothing() {
        let experience = after(&[500; 9]);
        assert_eq!(experience.pace("rds.instance", Mutation::Delete, SHIPPED), SHIPPED);
        assert_eq!(experience.pace("rds.instance", Mutation::Update, SHIPPED), SHIPPED);
        assert_eq!(experience.pace("rds.instance", Mutation::Create, Pace::PROMPT), Pace::PROMPT);
        experience.note("rds.instance", Mutation::Update, Duration::from_secs(500));
        experience.note("ec2.vpc", Mutation::Create, Duration::from_secs(2));
        assert_eq!(experience.text(), after(&[500; 9]).text());
    }
}
