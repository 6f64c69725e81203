//! The disk of a simulated machine: the state file's text, which outlives the process that writes it.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sidekick_engine::Storage;

use super::fuse::Fuse;

/// A disk. Clones are other hands on the same one.
#[derive(Clone, Debug, Default)]
pub struct Disk(Arc<Mutex<State>>);

#[derive(Clone, Debug, Default)]
struct State {
    text: Option<Vec<u8>>,
    /// What must never be written, and whether it was.
    forbidden: Vec<String>,
    leaked: bool,
    /// A disk that lies acknowledges a write before it is durable, and keeps it here until the next one.
    lies: bool,
    acknowledged: Option<Vec<u8>>,
}

impl Disk {
    /// A disk with this state file on it.
    pub fn with(text: Vec<u8>) -> Self {
        Self(Arc::new(Mutex::new(State { text: Some(text), ..State::default() })))
    }

    /// A disk of its own with the same on it.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self(Arc::new(Mutex::new(self.state().clone())))
    }

    /// From now on these texts must not be written.
    pub fn forbid(&self, texts: &[&str]) {
        self.state().forbidden.extend(texts.iter().map(|&text| text.to_owned()));
    }

    /// From now on writes are acknowledged before they are durable.
    pub fn lie(&self) {
        self.state().lies = true;
    }

    /// Whether anything forbidden was ever written.
    pub fn has_leaked(&self) -> bool {
        self.state().leaked
    }

    /// What a crash of the machine would leave.
    pub fn text(&self) -> Option<Vec<u8>> {
        self.state().text.clone()
    }

    /// Whether what is durable contains this.
    pub fn holds(&self, part: &str) -> bool {
        self.state().text.as_deref().is_some_and(|text| contains(text, part))
    }

    /// The hand of one process on the disk.
    pub(super) fn hand(&self, fuse: &Fuse) -> Hand {
        Hand { disk: self.clone(), fuse: fuse.clone() }
    }

    /// The process ended by itself, so what was acknowledged becomes durable.
    pub(super) fn flush(&self) {
        let mut state = self.state();
        if let Some(text) = state.acknowledged.take() {
            state.text = Some(text);
        }
    }

    /// The process died: what was only acknowledged is lost.
    pub(super) fn drop_unflushed(&self) {
        self.state().acknowledged = None;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a text contains another.
fn contains(text: &[u8], part: &str) -> bool {
    memchr::memmem::find(text, part.as_bytes()).is_some()
}

/// A process's way to the disk, which ends with the process.
pub(super) struct Hand {
    disk: Disk,
    fuse: Fuse,
}

impl Storage for Hand {
    fn read(&self) -> io::Result<Option<Vec<u8>>> {
        Ok(self.disk.text())
    }

    fn write(&mut self, text: &[u8]) -> io::Result<()> {
        let dead = || io::Error::other("the process is dead");
        if !self.fuse.passes() {
            return Err(dead());
        }
        let mut state = self.disk.state();
        let leaked = state.forbidden.iter().any(|part| contains(text, part));
        state.leaked |= leaked;
        let durable =
            if state.lies { state.acknowledged.replace(text.to_vec()) } else { Some(text.to_vec()) };
        if durable.is_some() {
            state.text = durable;
        }
        drop(state);
        if self.fuse.passes() { Ok(()) } else { Err(dead()) }
    }
}
