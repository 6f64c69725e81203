//! The processor time of this process, which says more than the wall clock on a machine with other work.

use std::fs;
use std::time::Duration;

/// A moment in a process's use of the processor.
#[derive(Clone, Copy, Debug)]
pub struct Processor(Duration);

impl Processor {
    /// Now.
    pub fn now() -> Self {
        Self(total())
    }

    /// The time used since then by all threads of this process.
    pub fn used(self) -> Duration {
        total().saturating_sub(self.0)
    }
}

/// Linux counts it in `/proc/self/stat`, in hundredths of a second; elsewhere it is unknown, and zero.
fn total() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second field is the program's name, which may contain anything; user and system time are 14th and 15th.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks = fields.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok());
    Duration::from_millis(ticks.sum::<u64>() * 10)
}
