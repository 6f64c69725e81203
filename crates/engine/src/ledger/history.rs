//! The last good states of a ledger, in a folder beside its state file: those that runs began and ended with.

use std::cmp::Reverse;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::storage::{FileStorage, replace};
use super::{Contents, LedgerError};
use crate::limits::KEPT_MOST;

/// The kept states of one state file. Whoever keeps one holds the lock of the state file.
///
/// They are copies and not links, because a backup that is copied over the state file is written into its inode.
#[derive(Clone, Debug)]
pub struct History {
    folder: PathBuf,
}

/// A state that was kept.
#[derive(Clone, Debug)]
pub struct Kept {
    /// What it is called: its serial; with a number behind it if that serial was kept before with another content.
    pub name: String,
    /// When it was kept.
    pub kept_at: SystemTime,
    /// Its text.
    pub text: Vec<u8>,
    /// What the text says.
    pub contents: Contents,
}

/// The file of a kept state.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    serial: u64,
    number: u32,
    path: PathBuf,
}

impl History {
    /// The history of the state file at `path`.
    pub fn beside(path: &Path) -> Self {
        Self { folder: path.with_extension("history") }
    }

    /// Keeps a state; when this returns, it is on disk. One that is kept already is not written again, and none is
    /// written over: a state that was edited by hand has the serial of the one that it came from. The oldest go.
    pub fn keep(&self, text: &[u8]) -> Result<(), LedgerError> {
        let serial = Contents::parse(text)?.serial;
        for number in 1_u32.. {
            let path = self.folder.join(format!("{}.json", name(serial, number)));
            let failed = |error| LedgerError::Io { path: path.clone(), source: Arc::new(error) };
            match FileStorage::peek(&path).map_err(failed)? {
                Some(same) if same == text => break,
                Some(_) => {}
                None => {
                    fs::create_dir_all(&self.folder).map_err(failed)?;
                    replace(&path, &self.folder.join("new"), text).map_err(failed)?;
                    self.forget_the_oldest(&path).map_err(failed)?;
                    break;
                }
            }
        }
        Ok(())
    }

    /// All that is kept and can be read, newest first.
    pub fn all(&self) -> Result<Vec<Kept>, LedgerError> {
        let failed = |error| LedgerError::Io { path: self.folder.clone(), source: Arc::new(error) };
        let mut places = self.places().map_err(failed)?;
        places.sort_by(|one, other| other.cmp(one));
        Ok(places.iter().filter_map(Place::read).collect())
    }

    /// The newest state that is kept and can be read.
    pub fn newest(&self) -> Result<Option<Kept>, LedgerError> {
        Ok(self.all()?.into_iter().next())
    }

    /// The files of the history; nothing else in its folder is touched.
    fn places(&self) -> io::Result<Vec<Place>> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut places = Vec::new();
        for entry in entries {
            places.extend(Place::of(entry?.path()));
        }
        Ok(places)
    }

    /// Removes what was kept before the last [`KEPT_MOST`], and never what was kept just now, whatever the clock says.
    fn forget_the_oldest(&self, just_kept: &Path) -> io::Result<()> {
        let mut others = self.places()?;
        others.retain(|place| place.path != just_kept);
        others.sort_by_cached_key(|place| Reverse((kept_at(&place.path), place.serial, place.number)));
        for place in others.iter().skip(KEPT_MOST - 1) {
            fs::remove_file(&place.path)?;
        }
        Ok(())
    }
}

impl Place {
    fn of(path: PathBuf) -> Option<Self> {
        if path.extension() != Some(OsStr::new("json")) {
            return None;
        }
        let stem = path.file_stem()?.to_str()?;
        let (serial, number) = stem.split_once('-').unwrap_or((stem, "1"));
        let (serial, number) = (serial.parse().ok()?, number.parse().ok()?);
        (stem == name(serial, number)).then_some(Self { serial, number, path })
    }

    /// A state that cannot be read any more is as good as none.
    fn read(&self) -> Option<Kept> {
        let text = fs::read(&self.path).ok()?;
        let contents = Contents::parse(&text).ok()?;
        Some(Kept { name: name(self.serial, self.number), kept_at: kept_at(&self.path), text, contents })
    }
}

fn name(serial: u64, number: u32) -> String {
    if number == 1 { serial.to_string() } else { format!("{serial}-{number}") }
}

fn kept_at(path: &Path) -> SystemTime {
    fs::metadata(path).and_then(|metadata| metadata.modified()).unwrap_or(SystemTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::time::Duration;

    use uuid::Uuid;

    use super::*;
    use crate::ledger::Identity;

    fn state(serial: u64, account: &str) -> Vec<u8> {
        let identity = Identity { stack: "toy/dev".into(), account: account.into(), region: "here".into() };
        Contents { serial, ..Contents::new(identity, Uuid::nil()) }.text().unwrap()
    }

    struct Desk {
        folder: tempfile::TempDir,
        history: History,
    }

    impl Desk {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let history = History::beside(&folder.path().join("dev.json"));
            Self { folder, history }
        }

        fn file(&self, name: &str) -> PathBuf {
            self.folder.path().join("dev.history").join(name)
        }

        fn names(&self) -> Vec<String> {
            self.history.all().unwrap().into_iter().map(|kept| kept.name).collect()
        }
    }

    #[test]
    fn a_state_is_kept_word_for_word_under_its_serial_for_its_owner_alone() {
        let desk = Desk::new();
        desk.history.keep(&state(7, "1")).unwrap();
        assert_eq!(fs::read(desk.file("7.json")).unwrap(), state(7, "1"));
        let mode = fs::metadata(desk.file("7.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let inside = fs::read_dir(desk.folder.path().join("dev.history")).unwrap().count();
        assert_eq!(inside, 1, "nothing else is left behind");
    }

    #[test]
    fn what_is_kept_is_listed_newest_first_and_by_number_not_by_letters() {
        let desk = Desk::new();
        for serial in [9, 100, 10] {
            desk.history.keep(&state(serial, "1")).unwrap();
        }
        assert_eq!(desk.names(), ["100", "10", "9"]);
        assert_eq!(desk.history.newest().unwrap().unwrap().contents.serial, 100);
    }

    #[test]
    fn without_a_folder_nothing_is_kept() {
        let desk = Desk::new();
        assert_eq!(desk.names(), [""; 0]);
        assert!(desk.history.newest().unwrap().is_none());
    }

    #[test]
    fn a_state_that_is_kept_already_is_not_written_again() {
        let desk = Desk::new();
        desk.history.keep(&state(7, "1")).unwrap();
        let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
        fs::File::open(desk.file("7.json")).unwrap().set_modified(long_ago).unwrap();
        desk.history.keep(&state(7, "1")).unwrap();
        assert_eq!(desk.history.newest().unwrap().unwrap().kept_at, long_ago);
    }

    #[test]
    fn a_state_that_was_edited_by_hand_does_not_take_the_place_of_the_one_it_came_from() {
        let desk = Desk::new();
        for account in ["1", "2", "1", "3"] {
            desk.history.keep(&state(7, account)).unwrap();
        }
        assert_eq!(desk.names(), ["7-3", "7-2", "7"]);
        assert_eq!(fs::read(desk.file("7.json")).unwrap(), state(7, "1"));
    }

    #[test]
    fn only_the_last_states_are_kept_and_other_files_are_let_be() {
        let desk = Desk::new();
        let last = KEPT_MOST as u64 + 5;
        for serial in 1..=last {
            desk.history.keep(&state(serial, "1")).unwrap();
            let at = SystemTime::UNIX_EPOCH + Duration::from_secs(serial);
            fs::File::open(desk.file(&format!("{serial}.json"))).unwrap().set_modified(at).unwrap();
            fs::write(desk.file("notes.json"), "mine").unwrap();
        }
        let kept: Vec<_> = (6..=last).rev().map(|serial| serial.to_string()).collect();
        assert_eq!(desk.names(), kept);
        assert!(desk.file("notes.json").exists());
    }

    #[test]
    fn a_state_that_is_older_than_all_others_stays_when_it_is_kept() {
        let desk = Desk::new();
        for serial in 100..100 + KEPT_MOST as u64 {
            desk.history.keep(&state(serial, "1")).unwrap();
            let later = SystemTime::now() + Duration::from_secs(serial);
            fs::File::open(desk.file(&format!("{serial}.json"))).unwrap().set_modified(later).unwrap();
        }
        desk.history.keep(&state(3, "1")).unwrap();
        assert_eq!(desk.names().last().map(String::as_str), Some("3"));
        assert_eq!(desk.names().len(), KEPT_MOST);
        assert!(!desk.file("100.json").exists(), "the oldest of the others is gone");
    }

    #[test]
    fn what_is_not_a_whole_state_is_neither_kept_nor_listed() {
        let desk = Desk::new();
        desk.history.keep(&state(7, "1")).unwrap();
        for cut in 0..state(8, "1").len() - 1 {
            assert!(desk.history.keep(&state(8, "1")[..cut]).is_err());
        }
        for (name, text) in [("9.json", "{"), ("x.json", "{}"), ("07.json", "{}"), ("8.txt", "")] {
            fs::write(desk.file(name), text).unwrap();
        }
        assert_eq!(desk.names(), ["7"]);
    }

    #[test]
    fn a_state_that_cannot_be_kept_is_an_error_that_names_the_place() {
        let desk = Desk::new();
        fs::write(desk.folder.path().join("dev.history"), "in the way").unwrap();
        let error = desk.history.keep(&state(7, "1")).unwrap_err().to_string();
        assert!(error.contains("dev.history"), "{error}");
    }
}
