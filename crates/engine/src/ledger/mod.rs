//! The state of one environment: rows by address, durable before anything relies on them.
//!
//! # Guarantees
//! A fact counts as recorded only when it is on disk. Facts that are ready together cost one write. A row changes
//! only by [`row::next`]. No secret value is ever in it. An older state is not taken for the present one.

mod format;
mod history;
mod lock;
mod restore;
mod row;
mod storage;
mod succession;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::{Notify, oneshot};
use uuid::Uuid;

pub use format::{Contents, Identity, Version, unreadable};
pub use history::{History, Kept};
pub use lock::Holder;
pub use restore::Restored;
pub(crate) use row::Entry;
pub use row::{IllegalTransition, Pending, Row};
pub use storage::{FileStorage, MemoryStorage, Storage};

use crate::event::Mutation;
use crate::{Address, Clock, Intent, Mark};

/// Why a ledger could not be opened or written.
#[derive(Clone, Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum LedgerError {
    #[error("the state file is broken: {detail}")]
    Broken { detail: String },
    #[error("the state file has format {format}, written by {written_by}, which is newer than this sidekick")]
    Newer { format: u32, written_by: String },
    #[error("the state file belongs to {what} {found}, but this run is for {wanted}")]
    Foreign { what: &'static str, found: String, wanted: String },
    #[error("the state file was replaced: it has {}", told(found, newest))]
    Replaced { found: Version, newest: Version },
    #[error("the state file {} is missing: the last one written here had serial {serial}{}", path.display(),
        resources.map_or_else(String::new, |count| format!(" and {count} resources")))]
    Missing { path: PathBuf, serial: u64, resources: Option<usize> },
    #[error("the state file is locked by {}", .holder.as_ref().map_or_else(|| "another run".to_owned(), |it| {
        format!("`{}` (pid {}, {}, since {})", it.command, it.pid, it.user, it.since)
    }))]
    Locked { path: PathBuf, holder: Option<Holder> },
    #[error("the state file cannot be used: {}: {source}", path.display())]
    Io {
        path: PathBuf,
        #[source]
        source: Arc<io::Error>,
    },
    #[error("the state could not be read: {0}")]
    Read(Arc<io::Error>),
    #[error("the state could not be written: {0}")]
    Write(Arc<io::Error>),
    #[error("BUG: {address}: {illegal}")]
    Illegal { address: Address, illegal: IllegalTransition },
}

/// What tells two versions apart.
fn told(found: &Version, newest: &Version) -> String {
    let (of, last_of) = if found.lineage == newest.lineage {
        Default::default()
    } else {
        (format!(" of lineage {}", found.lineage), format!(" of lineage {}", newest.lineage))
    };
    format!(
        "serial {}{of}, and the last one written here has serial {}{last_of}",
        found.serial, newest.serial
    )
}

/// Reads a ledger's state. One that is older than the last one written is refused, as is another ledger's.
fn load(storage: &impl Storage) -> Result<Option<Contents>, LedgerError> {
    let text = storage.read().map_err(|error| LedgerError::Read(Arc::new(error)))?;
    checked(text.as_deref(), storage.newest())
}

/// The state in a text, unless it is older than the newest one that was ever there, or another ledger's.
fn checked(text: Option<&[u8]>, newest: Option<Version>) -> Result<Option<Contents>, LedgerError> {
    let Some(contents) = text.map(Contents::parse).transpose()? else { return Ok(None) };
    let found = contents.version();
    match newest {
        Some(newest) if found.lineage != newest.lineage || found.serial < newest.serial => {
            Err(LedgerError::Replaced { found, newest })
        }
        _ => Ok(Some(contents)),
    }
}

/// Where tokens and lineages come from.
#[derive(Clone, Copy, Debug)]
pub enum Tokens {
    /// The operating system's randomness.
    Random,
    /// A seed, for runs that must repeat.
    Seeded(u64),
}

impl Tokens {
    fn next(&mut self) -> Uuid {
        match self {
            Self::Random => Uuid::new_v4(),
            Self::Seeded(state) => {
                // Weyl sequence plus the name-based hash: distinct for 2^64 draws, equal for equal seeds.
                *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
                Uuid::new_v5(&Uuid::NAMESPACE_OID, &state.to_be_bytes())
            }
        }
    }
}

/// The open ledger of one run.
pub struct Ledger {
    shared: Mutex<Shared>,
    unwritten: Notify,
    clock: Clock,
}

struct Shared {
    contents: Contents,
    storage: Box<dyn Storage>,
    tokens: Tokens,
    waiting: Vec<oneshot::Sender<Result<(), LedgerError>>>,
    /// The first failed write. After it nothing may be announced, since it could not be made durable.
    broken: Option<LedgerError>,
}

impl Shared {
    /// Who is told when the present contents are on disk.
    fn durable(&mut self) -> oneshot::Receiver<Result<(), LedgerError>> {
        let (written, durable) = oneshot::channel();
        self.waiting.push(written);
        durable
    }
}

impl Ledger {
    /// Opens a ledger for one environment, or starts an empty one.
    pub fn open(
        storage: impl Storage + 'static,
        identity: Identity,
        clock: Clock,
        mut tokens: Tokens,
    ) -> Result<Self, LedgerError> {
        let contents = match load(&storage)? {
            Some(contents) => contents,
            None => Contents::new(identity.clone(), tokens.next()),
        };
        contents.is_of(&identity)?;
        let (storage, waiting) = (Box::new(storage), Vec::new());
        let shared = Mutex::new(Shared { contents, storage, tokens, waiting, broken: None });
        Ok(Self { shared, unwritten: Notify::new(), clock })
    }

    /// A copy of everything it holds.
    pub fn contents(&self) -> Contents {
        self.shared().contents.clone()
    }

    /// Looks at what it holds, without a copy.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&Contents) -> T) -> T {
        look(&self.shared().contents)
    }

    /// A copy of one row.
    pub fn row(&self, address: &Address) -> Option<Row> {
        self.shared().contents.rows.get(address).cloned()
    }

    /// The ownership tags of an address in this stack.
    pub(crate) fn mark(&self, address: &Address) -> Mark {
        Mark::at(&self.shared().contents.identity.stack, address)
    }

    /// Announces a mutation. When this returns, the intent is on disk, and only then may the call be sent.
    ///
    /// A create or delete that was announced before and not concluded keeps its token, in this run and after a
    /// crash, so that a repeated call finds the first one's result. A create with another spec is another create,
    /// and an update is a new one each time: what the first reached is seen by observing.
    ///
    /// A create is announced anew for each try, because its result is looked for from the last try on.
    pub(crate) async fn begin(
        &self,
        address: &Address,
        action: Mutation,
        (kind, spec, depends_on): (&str, Value, BTreeSet<Address>),
    ) -> Result<Intent, LedgerError> {
        let now = self.clock.now();
        let before = self.row(address).and_then(|row| row.intent.map(|pending| (pending, row.spec)));
        let sent = before.iter().flat_map(|(pending, _)| pending.sent.clone()).collect();
        let mut pending = match before {
            Some((same, _)) if same.action == action && action == Mutation::Delete => same,
            Some((same, sent)) if same.action == action && action == Mutation::Create && sent == spec => {
                Pending { begun_at: now, ..same }
            }
            _ => Pending { action, token: self.shared().tokens.next(), begun_at: now, sent },
        };
        if action == Mutation::Update && !pending.sent.contains(&spec) {
            pending.sent.push(spec.clone());
        }
        let token = pending.token;
        self.record(address, Entry::Begin { kind: kind.to_owned(), spec, depends_on, pending }).await?;
        Ok(Intent::new(self.mark(address), token))
    }

    /// Records a fact; when this returns, it is on disk. A fact that changes nothing writes nothing.
    pub(crate) async fn record(&self, address: &Address, entry: Entry) -> Result<(), LedgerError> {
        let durable = {
            let mut shared = self.shared();
            if let Some(error) = &shared.broken {
                return Err(error.clone());
            }
            let before = shared.contents.rows.get(address);
            if shared.waiting.is_empty() && before.is_some_and(|row| row.says(&entry)) {
                return Ok(());
            }
            let before = before.cloned();
            let after = row::next(before.clone(), entry)
                .map_err(|illegal| LedgerError::Illegal { address: address.clone(), illegal })?;
            if after == before && shared.waiting.is_empty() {
                return Ok(());
            }
            match after {
                Some(row) => shared.contents.rows.insert(address.clone(), row),
                None => shared.contents.rows.remove(address),
            };
            shared.durable()
        };
        self.written(durable).await
    }

    /// Makes room at these addresses for what takes the places of the resources there. When this returns, it is on disk.
    pub(crate) async fn supersede(
        &self,
        addresses: impl Iterator<Item = &Address>,
    ) -> Result<(), LedgerError> {
        self.rearrange(|contents| addresses.filter(|address| contents.supersede(address)).count() > 0).await
    }

    /// Takes back what made room for nothing: what is superseded returns to its address if nothing stands there.
    pub(crate) async fn reinstate(&self) -> Result<(), LedgerError> {
        self.rearrange(Contents::reinstate).await
    }

    /// Moves rows, of which none changes. `change` says whether it moved any.
    pub(crate) async fn rearrange(
        &self,
        change: impl FnOnce(&mut Contents) -> bool,
    ) -> Result<(), LedgerError> {
        let durable = {
            let mut shared = self.shared();
            if let Some(error) = &shared.broken {
                return Err(error.clone());
            }
            if !change(&mut shared.contents) {
                return Ok(());
            }
            shared.durable()
        };
        self.written(durable).await
    }

    /// Waits until what was recorded is on disk.
    async fn written(&self, durable: oneshot::Receiver<Result<(), LedgerError>>) -> Result<(), LedgerError> {
        self.unwritten.notify_one();
        durable
            .await
            .unwrap_or_else(|_| Err(LedgerError::Write(Arc::new(io::Error::other("the run has ended")))))
    }

    /// Writes what is recorded, as long as it is polled. It runs beside the work of a run and never returns.
    ///
    /// It yields once before it writes, so that all facts which are ready now share the write.
    pub(crate) async fn keep(&self) {
        loop {
            self.unwritten.notified().await;
            tokio::task::yield_now().await;
            self.write();
        }
    }

    /// Writes what is recorded but not written yet, for work that is given up and waits for no record any more.
    pub(crate) fn flush(&self) -> Result<(), LedgerError> {
        self.write();
        self.shared().broken.clone().map_or(Ok(()), Err)
    }

    fn write(&self) {
        let mut shared = self.shared();
        let waiting = std::mem::take(&mut shared.waiting);
        if waiting.is_empty() {
            return;
        }
        // It grows beyond whatever was here before, so that among all that is kept a higher one is a later one.
        let before = shared.storage.newest().map_or(0, |newest| newest.serial);
        shared.contents.serial = shared.contents.serial.max(before).saturating_add(1);
        let text = shared.contents.text().map_err(io::Error::other);
        let outcome = text
            .and_then(|text| shared.storage.write(&text))
            .map_err(|error| LedgerError::Write(Arc::new(error)));
        if let Err(error) = &outcome {
            shared.broken.get_or_insert_with(|| error.clone());
        }
        for written in waiting {
            // A listener that is gone was dropped with its run; the fact is on disk all the same.
            let _ = written.send(outcome.clone());
        }
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
