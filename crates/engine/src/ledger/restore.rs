//! An earlier state put in the place of the present one, which is kept before.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::storage::{FileStorage, Storage, replace};
use super::{Contents, LedgerError};

/// What came of a restored state.
#[derive(Clone, Debug)]
pub struct Restored {
    /// The present state now.
    pub contents: Contents,
    /// Where the state file that was there before is, if it was broken.
    pub set_aside: Option<PathBuf>,
}

impl FileStorage {
    /// Makes this the present state, under a serial above all others here. The file that is there is kept first.
    pub fn restore(&mut self, chosen: Contents) -> Result<Restored, LedgerError> {
        let history = self.history();
        let path = self.path().to_owned();
        let failed = |error| LedgerError::Io { path: path.clone(), source: Arc::new(error) };
        let mut set_aside = None;
        if let Some(present) = self.read().map_err(failed)? {
            match Contents::parse(&present) {
                Ok(_) => history.keep(&present)?,
                Err(_) => set_aside = Some(put_aside(&path, &present)?),
            }
        }
        let kept = history.newest()?.map(|kept| kept.contents.serial);
        let written = self.newest().map(|newest| newest.serial);
        let highest = [kept, written, Some(chosen.serial)].into_iter().flatten().max().unwrap_or(0);
        let contents = Contents { serial: highest.saturating_add(1), ..chosen };
        let text = contents.text().map_err(|error| LedgerError::Write(Arc::new(error.into())))?;
        self.write(&text).map_err(|error| LedgerError::Write(Arc::new(error)))?;
        // The next run keeps what it starts from, so it is not lost if it cannot be kept yet.
        let _ = history.keep(&text);
        Ok(Restored { contents, set_aside })
    }
}

/// Copies a broken state file to a name that is free.
fn put_aside(path: &Path, text: &[u8]) -> Result<PathBuf, LedgerError> {
    let mut number = 1_u32;
    loop {
        let mut name = path.as_os_str().to_owned();
        name.push(if number == 1 { ".broken".to_owned() } else { format!(".broken-{number}") });
        let aside = PathBuf::from(name);
        let failed = |error| LedgerError::Io { path: aside.clone(), source: Arc::new(error) };
        match FileStorage::peek(&aside).map_err(failed)? {
            Some(same) if same == text => return Ok(aside),
            Some(_) => number += 1,
            None => {
                replace(&aside, &path.with_extension("new"), text).map_err(failed)?;
                return Ok(aside);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::ledger::{Holder, Identity, Row};

    fn state(lineage: u128, serial: u64, resources: usize) -> Contents {
        let identity = Identity { stack: "toy/dev".into(), account: "1".into(), region: "here".into() };
        let row = Row {
            kind: "toy.thing".into(),
            id: Some(json!("id")),
            spec: json!(1),
            outputs: None,
            depends_on: [].into(),
            intent: None,
            created_at: None,
        };
        let rows = (0..resources).map(|number| (format!("it-{number}").into(), row.clone())).collect();
        Contents { serial, rows, ..Contents::new(identity, Uuid::from_u128(lineage)) }
    }

    fn lock(path: &Path) -> FileStorage {
        let (user, since, command) = Default::default();
        FileStorage::lock(path, &Holder { pid: 1, user, since, command }).unwrap()
    }

    #[test]
    fn an_earlier_state_comes_back_as_the_newest_and_the_present_one_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dev.json");
        lock(&path).write(&state(1, 9, 5).text().unwrap()).unwrap();
        let restored = lock(&path).restore(state(1, 3, 2)).unwrap();
        assert_eq!((&restored.contents, &restored.set_aside), (&state(1, 10, 2), &None));
        let mut storage = lock(&path);
        assert_eq!(storage.load().unwrap(), Some(state(1, 10, 2)));
        let kept: Vec<_> = storage.history().all().unwrap().into_iter().map(|kept| kept.contents).collect();
        assert_eq!(kept, [state(1, 10, 2), state(1, 9, 5)]);
    }

    #[test]
    fn a_broken_file_is_set_aside_and_none_that_was_set_aside_before_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dev.json");
        for (broken, aside) in
            [("{", "dev.json.broken"), ("[", "dev.json.broken-2"), ("{", "dev.json.broken")]
        {
            fs::write(&path, broken).unwrap();
            let restored = lock(&path).restore(state(1, 3, 2)).unwrap();
            assert_eq!(restored.set_aside, Some(folder.path().join(aside)));
            assert_eq!(fs::read_to_string(folder.path().join(aside)).unwrap(), broken);
            assert_eq!(lock(&path).load().unwrap(), Some(restored.contents));
        }
    }

    #[test]
    fn the_state_of_another_ledger_is_taken_over_under_a_serial_above_all_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dev.json");
        lock(&path).write(&state(1, 9, 5).text().unwrap()).unwrap();
        // What lies there now was refused, and it is kept all the same.
        fs::write(&path, state(2, 40, 1).text().unwrap()).unwrap();
        assert!(lock(&path).load().is_err());
        let restored = lock(&path).restore(state(3, 2, 4)).unwrap();
        assert_eq!(restored.contents, state(3, 41, 4));
        assert_eq!(lock(&path).load().unwrap(), Some(state(3, 41, 4)));
    }

    #[test]
    fn nothing_is_changed_if_the_present_state_cannot_be_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dev.json");
        lock(&path).write(&state(1, 9, 5).text().unwrap()).unwrap();
        fs::write(folder.path().join("dev.history"), "in the way").unwrap();
        lock(&path).restore(state(1, 3, 2)).unwrap_err();
        assert_eq!(lock(&path).load().unwrap(), Some(state(1, 9, 5)));
    }
}
