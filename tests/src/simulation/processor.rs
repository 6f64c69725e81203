//! The processor time of this process, which says more than the wall clock on a machine with other work.

use std::fs;
use std::time::Duration;

/// A moment in a process's use of the processor.
#[derive(Clone, Copy, Debug)]
pub struct Processor(Duration);

impl Processor {
    /// Now.
    pub fn now() -> Self {
        Self(total(OWN))
    }

    /// The time that child processes used which have ended.
    pub fn of_children() -> Self {
        Self(total(CHILDREN))
    }

    /// The time used since then by all threads of this process.
    pub fn used(self) -> Duration {
        Self::now().since(self)
    }

    /// The time used between two moments.
    pub fn since(self, before: Self) -> Duration {
        self.0.saturating_sub(before.0)
    }
}

/// Where in `/proc/self/stat` user and system time stand, counted from the field after the program's name.
const OWN: usize = 11;
/// The same of the children that were waited for.
const CHILDREN: usize = 13;

/// Linux counts it in `/proc/self/stat`, in hundredths of a second; elsewhere it is unknown, and zero.
fn total(of: usize) -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second field is the program's name, which may contain anything.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks = fields.split_whitespace().skip(of).take(2).filter_map(|ticks| ticks.parse::<u64>().ok());
    Duration::from_millis(ticks.sum::<u64>() * 10)
}
