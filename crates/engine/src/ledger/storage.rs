//! Where a ledger's text is kept: a file that is replaced whole, or memory for simulations.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::LedgerError;

/// A place that holds one text and replaces it in one step.
pub trait Storage: Send {
    /// The text last written, if there is one.
    fn read(&self) -> io::Result<Option<Vec<u8>>>;

    /// Replaces the text. When this returns, it survives a crash of the machine; when it fails, the old one stands.
    fn write(&mut self, text: &[u8]) -> io::Result<()>;
}

/// Who holds a state file, in the words that a refused second run shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The process id.
    pub pid: u32,
    /// The user and machine, `name@host`.
    pub user: String,
    /// When the lock was taken.
    pub since: String,
    /// The command line's words.
    pub command: String,
}

/// A state file with its lock. The lock is the operating system's, so it dies with its holder.
pub struct FileStorage {
    path: PathBuf,
    /// Held for its lock only; dropping it frees the lock.
    _lock: File,
}

impl FileStorage {
    /// Takes the lock beside `path`, or says who has it.
    pub fn lock(path: &Path, holder: &Holder) -> Result<Self, LedgerError> {
        let failed = |error| LedgerError::Io { path: path.to_owned(), source: Arc::new(error) };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let beside = path.with_extension("lock");
        let mut lock = File::options()
            .create(true)
            .read(true)
            .write(true)
            .truncate(false)
            .open(&beside)
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                let _ = lock.read_to_string(&mut text);
                return Err(LedgerError::Locked {
                    path: path.to_owned(),
                    holder: serde_json::from_str(&text).ok(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        // The note only helps to word a refusal, so a disk that cannot take it is no reason to stop here.
        let note = serde_json::to_vec(holder).unwrap_or_default();
        let _ = lock.set_len(0).and_then(|()| lock.rewind()).and_then(|()| lock.write_all(&note));
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// Reads a state file without taking its lock, to show what is in it.
    pub fn peek(path: &Path) -> io::Result<Option<Vec<u8>>> {
        match fs::read(path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Storage for FileStorage {
    fn read(&self) -> io::Result<Option<Vec<u8>>> {
        Self::peek(&self.path)
    }

    fn write(&mut self, text: &[u8]) -> io::Result<()> {
        let folder = match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        // One name is enough, because the lock admits one writer; what a killed one left is written over.
        let new = self.path.with_extension("new");
        // The content must be on disk before the name points to it, and the name before anyone relies on it.
        let replaced = write_whole(&new, text).and_then(|()| fs::rename(&new, &self.path));
        if let Err(error) = replaced {
            let _ = fs::remove_file(&new);
            return Err(error);
        }
        File::open(folder)?.sync_all()
    }
}

/// Writes a file that only its owner can read, and returns when it is on disk.
fn write_whole(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(text)?;
    file.sync_all()
}

/// A text in memory that outlives the ledger on it, for simulations of a crash.
#[derive(Clone, Default)]
pub struct MemoryStorage(Arc<Mutex<Option<Vec<u8>>>>);

impl Storage for MemoryStorage {
    fn read(&self) -> io::Result<Option<Vec<u8>>> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    fn write(&mut self, text: &[u8]) -> io::Result<()> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(text.to_vec());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(command: &str) -> Holder {
        let (user, since) = ("ann@desk".to_owned(), "2026-01-02T03:04:05Z".to_owned());
        Holder { pid: 4711, user, since, command: command.to_owned() }
    }

    fn names(folder: &Path) -> Vec<String> {
        let names =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }

    #[test]
    fn a_second_lock_is_refused_and_names_who_holds_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dev.json");
        let first = FileStorage::lock(&path, &holder("sidekick up")).unwrap();
        let error = FileStorage::lock(&path, &holder("sidekick down")).err().unwrap();
        assert_eq!(
            error.to_string(),
            "the state file is locked by `sidekick up` (pid 4711, ann@desk, since 2026-01-02T03:04:05Z)"
        );
        drop(first);
        let _second = FileStorage::lock(&path, &holder("sidekick down")).unwrap();
        let error = FileStorage::lock(&path, &holder("sidekick plan")).err().unwrap();
        assert!(error.to_string().contains("`sidekick down`"), "{error}");
    }

    #[test]
    fn a_lock_that_a_dead_run_left_behind_is_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dev.json");
        fs::write(
            path.with_extension("lock"),
            serde_json::to_vec(&holder("a longer command that died")).unwrap(),
        )
        .unwrap();
        let _lock = FileStorage::lock(&path, &holder("sidekick up")).unwrap();
        let error = FileStorage::lock(&path, &holder("sidekick up")).err().unwrap();
        assert!(error.to_string().contains("`sidekick up`"), "{error}");
    }

    #[test]
    fn a_lock_whose_holder_cannot_be_read_is_refused_all_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dev.json");
        let _first = FileStorage::lock(&path, &holder("sidekick up")).unwrap();
        fs::write(path.with_extension("lock"), "{").unwrap();
        let error = FileStorage::lock(&path, &holder("sidekick up")).err().unwrap();
        assert_eq!(error.to_string(), "the state file is locked by another run");
    }

    #[test]
    fn the_folder_of_a_first_state_file_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/folder/dev.json");
        let mut storage = FileStorage::lock(&path, &holder("sidekick up")).unwrap();
        assert_eq!(storage.read().unwrap(), None);
        storage.write(b"text").unwrap();
        assert_eq!(FileStorage::peek(&path).unwrap().as_deref(), Some(&b"text"[..]));
    }

    #[test]
    fn a_folder_that_cannot_be_is_an_error_that_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        let path = folder.path().join("file/dev.json");
        let error = FileStorage::lock(&path, &holder("sidekick up")).err().unwrap();
        assert!(error.to_string().contains("file/dev.json"), "{error}");
    }

    #[test]
    fn a_write_replaces_the_text_and_leaves_nothing_else_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dev.json");
        let mut storage = FileStorage::lock(&path, &holder("sidekick up")).unwrap();
        storage.write(b"a first and longer text").unwrap();
        storage.write(b"a second text").unwrap();
        assert_eq!(storage.read().unwrap().as_deref(), Some(&b"a second text"[..]));
        assert_eq!(names(folder.path()), ["dev.json", "dev.lock"]);
    }

    #[test]
    fn a_write_that_fails_before_the_text_is_whole_leaves_the_old_one() {
        let parent = tempfile::tempdir().unwrap();
        let (folder, away) = (parent.path().join("here"), parent.path().join("away"));
        let path = folder.join("dev.json");
        let mut storage = FileStorage::lock(&path, &holder("sidekick up")).unwrap();
        storage.write(b"old").unwrap();
        fs::rename(&folder, &away).unwrap();
        storage.write(b"new").unwrap_err();
        fs::rename(&away, &folder).unwrap();
        assert_eq!(storage.read().unwrap().as_deref(), Some(&b"old"[..]));
        assert_eq!(names(&folder), ["dev.json", "dev.lock"]);
    }

    #[test]
    fn a_write_that_fails_when_the_text_takes_its_place_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dev.json");
        let mut storage = FileStorage::lock(&path, &holder("sidekick up")).unwrap();
        fs::create_dir_all(path.join("in the way")).unwrap();
        storage.write(b"new").unwrap_err();
        assert_eq!(names(folder.path()), ["dev.json", "dev.lock"]);
        assert_eq!(names(&path), ["in the way"]);
    }
}
