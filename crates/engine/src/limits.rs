//! Every bound of the engine in one place. What takes its time is bounded by the kind's own pace instead.

use std::time::Duration;

/// For how long after a create its absence may be the cloud's delay in showing it.
pub(crate) const VISIBLE_WITHIN: Duration = Duration::from_secs(60);

/// For how long a create whose answer was lost is looked for, before it counts as never having happened.
///
/// Not needed where AWS makes no second one anyway ([`crate::Resource::CREATES_ONCE`]); being too short would cost a
/// duplicate.
pub(crate) const FOUND_WITHIN: Duration = Duration::from_secs(30);

/// The pause between two looks for a lost create.
pub(crate) const FIND_STEP: Duration = Duration::from_secs(2);

/// The first pause after a failed call; it doubles with each further failure.
const RETRY_FIRST: Duration = Duration::from_millis(500);

/// The longest pause between two tries.
const RETRY_MOST: Duration = Duration::from_secs(8);

/// How often in a row a call may fail with an unknown outcome or a throttle before its resource has failed.
pub(crate) const RETRIES_MOST: u32 = 12;

/// For how long a delete may go by what was seen before: no longer than a slow call is on its way, so that somebody else
/// who takes the name in between would not be seen by another look either.
pub(crate) const SIGHT_HOLDS: Duration = Duration::from_secs(10);

/// How often an update may be sent without the difference going away.
pub(crate) const UPDATES_MOST: u32 = 12;

/// How often AWS is asked at the least before a deadline counts. A machine that slept, or had no time for us, must not
/// take its own pause for AWS's.
pub(crate) const LOOKS_LEAST: u32 = 6;

/// How many states are kept beside a state file.
pub(crate) const KEPT_MOST: usize = 20;

/// How much room there has to be before a run begins, however small its state still is.
pub(crate) const ROOM_LEAST: usize = 4096;

/// How often the note of a lock that another process has is read, until it is that process's own.
pub(crate) const NOTE_READS_MOST: u32 = 200;

/// The pause between two of these reads.
pub(crate) const NOTE_STEP: Duration = Duration::from_millis(10);

/// How many observe-decide-act rounds one resource may take; only a defect reaches it.
pub(crate) const ROUNDS_MOST: u32 = 5000;

/// How often a look to which nothing answered is repeated: the address may be wrong, or the network be down.
pub(crate) const UNANSWERED_LOOKS_MOST: u32 = 4;

/// For how long a look that failed for no lasting reason is repeated.
pub(crate) const LOOK_PATIENCE: Duration = Duration::from_secs(20);

/// For how long what is in flight may still be answered after a stop was asked for. In our own time and not the
/// cloud's, for it is a person who waits.
pub(crate) const STOP_PATIENCE: Duration = Duration::from_secs(5);

/// The pause after the n-th failure in a row.
pub(crate) fn backoff(failures: u32) -> Duration {
    let doubled = RETRY_FIRST.saturating_mul(1 << failures.saturating_sub(1).min(16));
    doubled.min(RETRY_MOST)
}
