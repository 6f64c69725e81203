//! The disk under the ledger: memory that outlives the process, with the process's fuse in front of it.

use std::io;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use sidekick_engine::{Intent, MemoryStorage, Storage};

use super::fuse::Fuse;
use super::locked;

/// A ledger's text as one process sees it.
#[derive(Clone)]
pub(crate) struct Disk {
    memory: MemoryStorage,
    fuse: Fuse,
    writes: Arc<AtomicU32>,
    /// A disk that lies keeps the last write in its cache and says that it is durable.
    cache: Option<Arc<Mutex<Option<Vec<u8>>>>>,
}

impl Disk {
    pub(crate) fn new(memory: MemoryStorage, fuse: Fuse, lies: bool) -> Self {
        Self { memory, fuse, writes: Arc::default(), cache: lies.then(Arc::default) }
    }

    /// How many writes the process tried.
    pub(crate) fn writes(&self) -> u32 {
        self.writes.load(Ordering::Relaxed)
    }

    /// Whether a mutation would be on record if the process died now. Its token stands there only as its intent.
    pub(crate) fn has(&self, intent: &Intent) -> bool {
        let text = self.memory.read().expect("memory can be read").unwrap_or_default();
        String::from_utf8_lossy(&text).contains(&intent.token())
    }

    /// Ends the process in good order, so that even a disk that lies keeps what it was given.
    pub(crate) fn flush(&mut self) {
        if let Some(text) = self.cache.as_ref().and_then(|cache| locked(cache).take()) {
            self.memory.write(&text).expect("memory can be written");
        }
    }
}

impl Storage for Disk {
    fn read(&self) -> io::Result<Option<Vec<u8>>> {
        self.memory.read()
    }

    fn write(&mut self, text: &[u8]) -> io::Result<()> {
        self.writes.fetch_add(1, Ordering::Relaxed);
        if !self.fuse.write() {
            // A dead process hears no answer; a living one is told.
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        let text = match &self.cache {
            None => Some(text.to_vec()),
            Some(cache) => locked(cache).replace(text.to_vec()),
        };
        text.map_or(Ok(()), |text| self.memory.write(&text))?;
        self.fuse.write();
        Ok(())
    }
}
