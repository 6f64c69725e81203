//! Where a ledger's text is kept: a file that is replaced whole, or memory for simulations.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::lock::{self, Lock};
use super::{Contents, History, Holder, LedgerError, Version, checked, load};
use crate::limits::ROOM_LEAST;

/// A place that holds one text and replaces it in one step.
pub trait Storage: Send {
    /// The text last written, if there is one.
    fn read(&self) -> io::Result<Option<Vec<u8>>>;

    /// Replaces the text. When this returns, it survives a crash of the machine; when it fails, the old one stands.
    fn write(&mut self, text: &[u8]) -> io::Result<()>;

    /// The newest state that was ever here, where that is known. An older one in its place is a copy from before.
    fn newest(&self) -> Option<Version> {
        None
    }
}

/// A state file with its lock.
pub struct FileStorage {
    path: PathBuf,
    lock: Lock,
    /// The newest state of the history, for when the lock's file was lost.
    kept: Option<Version>,
}

impl FileStorage {
    /// Takes the lock beside `path`, or says who has it.
    pub fn lock(path: &Path, holder: &Holder) -> Result<Self, LedgerError> {
        let lock = Lock::take(path, holder)?;
        let kept = match lock.newest() {
            Some(_) => None,
            None => History::beside(path).newest()?.map(|kept| kept.contents.version()),
        };
        Ok(Self { path: path.to_owned(), lock, kept })
    }

    /// Reads a state file without taking its lock, to show what is in it.
    pub fn peek(path: &Path) -> io::Result<Option<Vec<u8>>> {
        match fs::read(path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads the state without its lock, to show what is in it, and refuses one that [`load`](Self::load) refuses.
    pub fn look(path: &Path) -> Result<Option<Contents>, LedgerError> {
        let kept = || Ok(History::beside(path).newest()?.map(|kept| kept.contents.version()));
        lock::look_beside(path, |noted| {
            // The note comes first, because a run writes its state before the note about it.
            let newest = noted.map_or_else(kept, |noted| Ok(Some(noted)))?;
            let text = Self::peek(path)
                .map_err(|error| LedgerError::Io { path: path.to_owned(), source: Arc::new(error) })?;
            checked(text.as_deref(), newest)
        })
    }

    /// Reads the state, refuses one that was replaced by an older copy or by another ledger, and remembers it.
    pub fn load(&mut self) -> Result<Option<Contents>, LedgerError> {
        let contents = load(self).map_err(|error| match error {
            LedgerError::Read(source) => LedgerError::Io { path: self.path.clone(), source },
            other => other,
        })?;
        if let Some(contents) = &contents {
            // A run may have been killed between a write and its note. Without the note, only the check is weaker.
            let _ = self.lock.note(contents.version());
        }
        Ok(contents)
    }

    /// Makes sure, before a run does anything, that what it does can be recorded: its state has room, and the one that
    /// it starts from is kept.
    pub fn prepare(&self) -> Result<(), LedgerError> {
        let failed = |path: &Path, error| LedgerError::Io { path: path.to_owned(), source: Arc::new(error) };
        let present = self.read().map_err(|error| failed(&self.path, error))?;
        let new = self.path.with_extension("new");
        let room = vec![b' '; present.as_ref().map_or(0, Vec::len).max(ROOM_LEAST)];
        let tried = write_whole(&new, &room);
        let removed = fs::remove_file(&new);
        tried.and(removed).map_err(|error| failed(&new, error))?;
        present.map_or(Ok(()), |present| self.history().keep(&present))
    }

    /// Why a state file that is not there cannot be taken for one that never was.
    pub fn missed(&self) -> Result<Option<LedgerError>, LedgerError> {
        let Some(newest) = self.newest() else { return Ok(None) };
        let kept = self.history().newest()?.filter(|kept| kept.contents.serial >= newest.serial);
        let resources = kept.map(|kept| kept.contents.rows.len());
        let (path, serial) = (self.path.clone(), newest.serial);
        Ok((resources != Some(0)).then_some(LedgerError::Missing { path, serial, resources }))
    }

    /// The states that are kept beside the file.
    pub fn history(&self) -> History {
        History::beside(&self.path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Storage for FileStorage {
    fn read(&self) -> io::Result<Option<Vec<u8>>> {
        Self::peek(&self.path)
    }

    fn write(&mut self, text: &[u8]) -> io::Result<()> {
        let version = serde_json::from_slice::<Version>(text).ok();
        if let Some(first) =
            version.filter(|it| self.newest().is_some_and(|newest| newest.lineage != it.lineage))
        {
            self.lock.announce(first)?;
        }
        // One name is enough, because the lock admits one writer; what a killed one left is written over.
        replace(&self.path, &self.path.with_extension("new"), text)?;
        // The text is on disk, whatever becomes of the note.
        let _ = version.map_or(Ok(()), |version| self.lock.note(version));
        Ok(())
    }

    fn newest(&self) -> Option<Version> {
        self.lock.newest().or(self.kept)
    }
}

/// Puts a text in the place of a file in one step, by way of the name `new` in the same folder.
pub(super) fn replace(path: &Path, new: &Path, text: &[u8]) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // The content must be on disk before the name points to it, and the name before anyone relies on it.
    let replaced = write_whole(new, text).and_then(|()| fs::rename(new, path));
    if let Err(error) = replaced {
        let _ = fs::remove_file(new);
        return Err(error);
    }
    File::open(folder)?.sync_all()
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
    use uuid::Uuid;

    use super::*;
    use crate::ledger::Identity;

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

    fn state(lineage: u128, serial: u64) -> Contents {
        let identity = Identity { stack: "toy/dev".into(), account: "1".into(), region: "here".into() };
        Contents { serial, ..Contents::new(identity, Uuid::from_u128(lineage)) }
    }

    /// A state file in a folder of its own.
    struct Desk {
        folder: tempfile::TempDir,
        path: PathBuf,
    }

    impl Desk {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("dev.json");
            Self { folder, path }
        }

        fn lock(&self) -> FileStorage {
            FileStorage::lock(&self.path, &holder("sidekick up")).unwrap()
        }

        /// Copies a state over the file, as an operator does.
        fn copy(&self, state: &Contents) {
            fs::write(&self.path, state.text().unwrap()).unwrap();
        }

        fn load(&self) -> Result<Option<Contents>, LedgerError> {
            self.lock().load()
        }

        fn refusal(&self) -> String {
            self.load().unwrap_err().to_string()
        }
    }

    #[test]
    fn an_older_copy_over_a_newer_state_is_refused_with_both_serials() {
        let desk = Desk::new();
        for serial in [1, 2, 3] {
            desk.lock().write(&state(1, serial).text().unwrap()).unwrap();
        }
        desk.copy(&state(1, 2));
        let told = "the state file was replaced: it has serial 2, and the last one written here has serial 3";
        assert_eq!((desk.refusal(), desk.refusal()), (told.to_owned(), told.to_owned()));
        desk.copy(&state(1, 3));
        assert_eq!(desk.load().unwrap(), Some(state(1, 3)));
    }

    #[test]
    fn the_state_of_another_ledger_is_refused_even_if_its_serial_is_higher() {
        let desk = Desk::new();
        desk.lock().write(&state(1, 3).text().unwrap()).unwrap();
        desk.copy(&state(2, 9));
        let told = desk.refusal();
        assert!(
            told.contains("serial 9 of lineage 0000") && told.contains("serial 3 of lineage 0000"),
            "{told}"
        );
    }

    #[test]
    fn a_newer_state_is_what_counts_from_then_on() {
        // It was written by a run that was killed before it noted so, or on another machine.
        let desk = Desk::new();
        desk.lock().write(&state(1, 3).text().unwrap()).unwrap();
        desk.copy(&state(1, 5));
        assert_eq!(desk.load().unwrap(), Some(state(1, 5)));
        desk.copy(&state(1, 4));
        assert!(desk.refusal().contains("serial 5"));
    }

    #[test]
    fn a_state_without_a_note_is_taken_as_it_is() {
        let desk = Desk::new();
        desk.copy(&state(1, 5));
        assert_eq!(desk.load().unwrap(), Some(state(1, 5)));
    }

    #[test]
    fn without_the_locks_file_the_history_knows_what_was_here() {
        let desk = Desk::new();
        desk.copy(&state(1, 5));
        desk.lock().prepare().unwrap();
        fs::remove_file(desk.path.with_extension("lock")).unwrap();
        desk.copy(&state(1, 4));
        assert!(desk.refusal().contains("serial 5"));
    }

    #[test]
    fn a_ledger_that_begins_after_a_lost_one_is_the_one_that_counts_wherever_its_first_write_is_cut_off() {
        let desk = Desk::new();
        desk.lock().write(&state(1, 3).text().unwrap()).unwrap();
        fs::remove_file(&desk.path).unwrap();
        let mut storage = desk.lock();
        assert_eq!(storage.load().unwrap(), None);
        // The write fails where a kill would cut it off: after it was announced.
        fs::create_dir_all(desk.path.join("in the way")).unwrap();
        storage.write(&state(2, 4).text().unwrap()).unwrap_err();
        drop(storage);
        fs::remove_dir_all(&desk.path).unwrap();
        assert_eq!(desk.load().unwrap(), None);
        // And here, after the text took its place and before it was noted.
        desk.copy(&state(2, 4));
        assert_eq!(desk.load().unwrap(), Some(state(2, 4)));
        desk.copy(&state(1, 3));
        assert!(desk.refusal().contains("serial 3 of lineage"));
    }

    #[test]
    fn a_run_is_prepared_when_its_state_has_room_and_the_one_it_starts_from_is_kept() {
        let desk = Desk::new();
        desk.lock().prepare().unwrap();
        assert_eq!(names(desk.folder.path()), ["dev.lock"]);
        desk.copy(&state(1, 3));
        let storage = desk.lock();
        storage.prepare().unwrap();
        assert_eq!(names(desk.folder.path()), ["dev.history", "dev.json", "dev.lock"]);
        let kept = storage.history().newest().unwrap().unwrap();
        assert_eq!((kept.name.as_str(), kept.contents), ("3", state(1, 3)));
    }

    #[test]
    fn a_run_is_not_prepared_where_its_state_could_not_be_written_or_kept() {
        for in_the_way in ["dev.new", "dev.history/new", "dev.history/3.json"] {
            let desk = Desk::new();
            desk.copy(&state(1, 3));
            fs::create_dir_all(desk.folder.path().join(in_the_way)).unwrap();
            let error = desk.lock().prepare().unwrap_err();
            assert!(matches!(error, LedgerError::Io { .. }), "{error}");
        }
    }

    #[test]
    fn a_state_file_that_is_not_there_is_missed_unless_nothing_was_left_in_it() {
        let desk = Desk::new();
        assert!(desk.lock().missed().unwrap().is_none(), "there never was one");
        let mut storage = desk.lock();
        storage.write(&state(1, 3).text().unwrap()).unwrap();
        let told = storage.missed().unwrap().unwrap().to_string();
        assert!(told.ends_with("dev.json is missing: the last one written here had serial 3"), "{told}");
        storage.prepare().unwrap();
        assert!(storage.missed().unwrap().is_none(), "everything was taken down");
    }
}
