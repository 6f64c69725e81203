//! When a simulated process dies: at which of the boundaries that it passes.
//!
//! The boundaries of a run are counted in the order in which it meets them: a mutating call has arrived and nothing has
//! happened; it took effect, but its answer is not out; a write of the state file is about to replace the text, so that
//! what it records is lost; it did, and nobody knows it yet.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::watch;

/// One process's fuse. Clones share it.
#[derive(Clone, Debug)]
pub struct Fuse(Arc<State>);

#[derive(Debug)]
struct State {
    /// The boundary at which the process dies, counted from 1.
    at: u64,
    passed: AtomicU64,
    blown: watch::Sender<bool>,
}

impl Fuse {
    /// A process that lives to its end.
    pub fn none() -> Self {
        Self::at(u64::MAX)
    }

    /// A process that dies at its n-th boundary, counted from 1.
    pub fn at(n: u64) -> Self {
        Self(Arc::new(State { at: n, passed: AtomicU64::new(0), blown: watch::Sender::new(false) }))
    }

    /// Meets one boundary; says whether the process lives to see its other side.
    pub fn passes(&self) -> bool {
        if self.0.passed.fetch_add(1, Ordering::Relaxed) + 1 == self.0.at {
            self.0.blown.send_replace(true);
        }
        !self.is_blown()
    }

    /// How many boundaries were met so far.
    pub fn met(&self) -> u64 {
        self.0.passed.load(Ordering::Relaxed)
    }

    /// Whether the process is dead: nothing that it still does may leave it.
    pub fn is_blown(&self) -> bool {
        *self.0.blown.borrow()
    }

    /// Waits until the process dies.
    pub async fn death(&self) {
        // The sender lives in the fuse itself, so the wait cannot fail.
        let _ = self.0.blown.subscribe().wait_for(|blown| *blown).await;
    }
}
