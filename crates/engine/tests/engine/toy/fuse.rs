//! What goes wrong with one process, and when.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use sidekick_engine::{Class, Fault};
use tokio::sync::watch;

/// What happens at the boundary that the fuse is set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mishap {
    /// The process dies. The boundaries are: a mutating call is about to be sent; it took effect, but its answer is
    /// not here; a write of the ledger is about to replace the text (so the answers it records are lost); it did.
    Crash,
    /// The call or its answer is lost. Only the boundaries of calls count.
    Loss,
    /// The call or its answer is lost, and nobody says so. Only the boundaries of calls count.
    Silence,
    /// The disk is full from here on. Only writes count.
    FullDisk,
}

/// One process's fuse. Clones share it.
#[derive(Clone)]
pub(crate) struct Fuse(Arc<State>);

struct State {
    mishap: Mishap,
    at: u32,
    passed: AtomicU32,
    blown: watch::Sender<bool>,
}

impl Fuse {
    /// A process to which nothing happens.
    pub(crate) fn none() -> Self {
        Self::at(u32::MAX, Mishap::Crash)
    }

    /// A process to which `mishap` happens at its n-th boundary, counted from 1.
    pub(crate) fn at(n: u32, mishap: Mishap) -> Self {
        Self(Arc::new(State { mishap, at: n, passed: AtomicU32::new(0), blown: watch::Sender::new(false) }))
    }

    /// Whether the mishap has happened.
    pub(crate) fn is_blown(&self) -> bool {
        *self.0.blown.borrow()
    }

    /// Whether the process is dead: nothing that it still does may leave it.
    pub(crate) fn is_dead(&self) -> bool {
        self.is_blown() && self.0.mishap == Mishap::Crash
    }

    /// Waits until the process dies.
    pub(crate) async fn death(&self) {
        if self.0.mishap != Mishap::Crash {
            pending::<()>().await;
        }
        self.blown().await;
    }

    /// Waits until the mishap has happened.
    pub(crate) async fn blown(&self) {
        let mut blown = self.0.blown.subscribe();
        if blown.wait_for(|it| *it).await.is_err() {
            pending::<()>().await;
        }
    }

    /// Passes one boundary of a call, if the process lives to see its other side.
    pub(crate) async fn call(&self, operation: &str) -> Result<(), Fault> {
        let burns = self.0.mishap != Mishap::FullDisk && self.burns();
        match self.0.mishap {
            Mishap::Loss if burns => Err(Fault::new(Class::Transient, operation, "the connection was lost")),
            Mishap::Silence if burns => pending().await,
            _ if self.is_dead() => pending().await,
            _ => Ok(()),
        }
    }

    /// Passes one boundary of a write; says whether the write goes on.
    pub(crate) fn write(&self) -> bool {
        let counts = !matches!(self.0.mishap, Mishap::Loss | Mishap::Silence);
        if counts {
            self.burns();
        }
        !counts || !self.is_blown()
    }

    /// Counts one boundary; says whether it is the one.
    fn burns(&self) -> bool {
        let it_is = self.0.passed.fetch_add(1, Ordering::Relaxed) + 1 == self.0.at;
        if it_is {
            self.0.blown.send_replace(true);
        }
        it_is
    }
}
