//! The lock beside a state file, and its note: who is at work, and which state was the last one written.
//!
//! The note outlives its run, even one that was killed. A power cut may take its last words, which makes the check
//! against older copies weaker and never wrong.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::sync::Arc;
use std::thread;

use serde::{Deserialize, Serialize};

use super::{LedgerError, Version};
use crate::limits::{NOTE_READS_MOST, NOTE_STEP};

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

impl Holder {
    /// Whether its process may still run. Where the system does not tell, it may.
    fn may_live(&self) -> bool {
        let processes = Path::new("/proc");
        !processes.join("self").exists() || processes.join(self.pid.to_string()).exists()
    }
}

/// What the lock's file says.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    /// Who is at work. A run that ends in good order leaves nobody.
    holder: Option<Holder>,
    /// The newest state that is known to have been here.
    newest: Option<Version>,
}

/// The lock of one state file, held. It is the operating system's, so it dies with its holder.
pub(super) struct Lock {
    file: File,
    note: Note,
}

impl Lock {
    /// Takes the lock of the state file at `path`, or says who has it.
    pub(super) fn take(path: &Path, holder: &Holder) -> Result<Self, LedgerError> {
        let beside = path.with_extension("lock");
        let io = |path: &Path, error| LedgerError::Io { path: path.to_owned(), source: Arc::new(error) };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| io(path, error))?;
        }
        let failed = |error| io(&beside, error);
        let open = File::options().create(true).read(true).write(true).truncate(false).open(&beside);
        let mut file = open.map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder =
                    settled(|| read(&mut file).holder, Holder::may_live, || thread::sleep(NOTE_STEP));
                return Err(LedgerError::Locked { path: path.to_owned(), holder });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let newest = read(&mut file).newest;
        let mut lock = Self { file, note: Note { holder: Some(holder.clone()), newest } };
        // A folder that does not take the note would not take the state either.
        lock.write().map_err(failed)?;
        Ok(lock)
    }

    /// The newest state that is known to have been here.
    pub(super) fn newest(&self) -> Option<Version> {
        self.note.newest
    }

    /// Notes which state is the newest one.
    pub(super) fn note(&mut self, newest: Version) -> io::Result<()> {
        if self.note.newest == Some(newest) {
            return Ok(());
        }
        self.note.newest = Some(newest);
        self.write()
    }

    /// Notes that a ledger of another lineage is about to begin. When this returns, it survives a crash of the machine:
    /// the new ledger must not meet the old one's note, which would refuse it.
    pub(super) fn announce(&mut self, first: Version) -> io::Result<()> {
        self.note(Version { serial: first.serial.saturating_sub(1), ..first })?;
        self.file.sync_all()
    }

    /// In one step over the old note, which is cut off only then: a process that is killed in between leaves a whole one.
    fn write(&mut self) -> io::Result<()> {
        let text = serde_json::to_vec(&self.note)?;
        self.file.rewind()?;
        self.file.write_all(&text)?;
        self.file.set_len(text.len() as u64)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Whoever is refused next must not be told of this run. If it cannot be written, its process has ended all
        // the same.
        self.note.holder = None;
        let _ = self.write();
    }
}

/// Looks at a state file without its lock. `look` is given the newest state that is known to have been there. A run that
/// is at work announces another ledger a moment before that is there, so what is wrong meanwhile is looked at again.
pub(super) fn look_beside<T>(
    path: &Path,
    look: impl Fn(Option<Version>) -> Result<T, LedgerError>,
) -> Result<T, LedgerError> {
    let beside = path.with_extension("lock");
    let mut reads = 0;
    loop {
        let note = File::open(&beside).map_or_else(|_| Note::default(), |mut file| read(&mut file));
        let is_at_work = note.holder.as_ref().is_some_and(Holder::may_live);
        match look(note.newest) {
            Err(LedgerError::Replaced { .. }) if is_at_work && reads < NOTE_READS_MOST => reads += 1,
            settled => return settled,
        }
        thread::sleep(NOTE_STEP);
    }
}

/// Reads a note; what cannot be read says nothing. What stands behind it is left of a longer one.
fn read(file: &mut File) -> Note {
    let mut text = Vec::new();
    if file.rewind().and_then(|()| file.read_to_end(&mut text)).is_err() {
        return Note::default();
    }
    let mut notes = serde_json::Deserializer::from_slice(&text).into_iter();
    notes.next().and_then(Result::ok).unwrap_or_default()
}

/// The holder of a lock that another process has. If it was taken this moment, its note may still be that of a run
/// which was killed before, so a note without a living process is read again, for a while: on another machine, or in
/// another container, a process lives unseen from here.
fn settled(
    mut read: impl FnMut() -> Option<Holder>,
    may_live: impl Fn(&Holder) -> bool,
    pause: impl Fn(),
) -> Option<Holder> {
    for _ in 1..NOTE_READS_MOST {
        match read() {
            Some(holder) if may_live(&holder) => return Some(holder),
            _ => pause(),
        }
    }
    read()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn holder(pid: u32, command: &str) -> Holder {
        let (user, since) = ("ann@desk".to_owned(), "2026-01-02T03:04:05Z".to_owned());
        Holder { pid, user, since, command: command.to_owned() }
    }

    /// A holder whose process lives: this one.
    fn living(command: &str) -> Holder {
        holder(std::process::id(), command)
    }

    /// The id of a process that has ended.
    fn ended() -> u32 {
        let mut process = Command::new("true").spawn().unwrap();
        process.wait().unwrap();
        process.id()
    }

    fn refusal(path: &Path) -> String {
        Lock::take(path, &living("sidekick plan")).err().unwrap().to_string()
    }

    #[test]
    fn a_second_lock_is_refused_and_names_who_holds_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dev.json");
        let first = Lock::take(&path, &living("sidekick up")).unwrap();
        let pid = std::process::id();
        let told = format!("`sidekick up` (pid {pid}, ann@desk, since 2026-01-02T03:04:05Z)");
        assert_eq!(refusal(&path), format!("the state file is locked by {told}"));
        drop(first);
        let _second = Lock::take(&path, &living("sidekick down")).unwrap();
        assert!(refusal(&path).contains("`sidekick down`"));
    }

    #[test]
    fn a_lock_that_a_killed_run_left_behind_is_taken_over_with_what_was_written_last() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dev.json");
        let newest = Version { lineage: Uuid::from_u128(7), serial: 42 };
        let left = json!({ "holder": holder(ended(), "a longer command that died"), "newest": newest });
        fs::write(path.with_extension("lock"), left.to_string()).unwrap();
        let lock = Lock::take(&path, &living("sidekick up")).unwrap();
        assert_eq!(lock.newest(), Some(newest));
        assert!(refusal(&path).contains("`sidekick up`"));
    }

    #[test]
    fn a_note_that_its_holder_has_not_written_yet_is_waited_for() {
        let stale = || Some(holder(1, "the one that was killed"));
        let mut notes = [stale(), stale(), None, Some(holder(2, "the one that holds it"))].into_iter();
        let named = settled(|| notes.next().unwrap(), |holder| holder.pid == 2, || ());
        assert_eq!(named.unwrap().command, "the one that holds it");
    }

    #[test]
    fn a_holder_whose_process_cannot_be_seen_from_here_is_named_in_the_end() {
        let named = settled(|| Some(holder(1, "far away")), |_| false, || ());
        assert_eq!(named.unwrap().command, "far away");
        assert_eq!(settled(|| None, |_| true, || ()), None);
    }

    #[test]
    fn only_a_process_that_has_ended_cannot_live() {
        assert!(living("").may_live());
        if Path::new("/proc/self").exists() {
            assert!(!holder(ended(), "").may_live());
        }
    }

    #[test]
    fn a_lock_without_a_readable_note_is_refused_all_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dev.json");
        let _first = Lock::take(&path, &living("sidekick up")).unwrap();
        fs::write(path.with_extension("lock"), "{").unwrap();
        assert_eq!(refusal(&path), "the state file is locked by another run");
    }

    #[test]
    fn a_note_is_read_even_if_a_kill_left_the_end_of_a_longer_one_behind_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dev.json");
        let newest = Version { lineage: Uuid::from_u128(7), serial: 42 };
        let left = format!("{}ng command\"}}}}", json!({ "holder": null, "newest": newest }));
        fs::write(path.with_extension("lock"), left).unwrap();
        assert_eq!(Lock::take(&path, &living("")).unwrap().newest(), Some(newest));
    }

    #[test]
    fn a_lock_that_cannot_be_written_names_its_file() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("dev.lock")).unwrap();
        let error = Lock::take(&folder.path().join("dev.json"), &living("")).err().unwrap().to_string();
        assert!(error.contains("cannot be used") && error.contains("dev.lock"), "{error}");
    }
}
