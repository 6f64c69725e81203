//! The world in a file, shared by processes.
//!
//! A side file carries the OS lock (which dies with its holder) and a revision, by which a process learns that
//! another one has changed the world since it last looked.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::sealed::SealingKey;
use crate::world::World;

/// Why a world's file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The operating system refused.
    #[error("sandbox file {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not a world.
    #[error("sandbox file {path} is damaged")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the parser said.
        source: serde_json::Error,
    },
    /// The file was written by a newer version.
    #[error("sandbox file {path} has format {found}, this version knows up to {known}", known = World::FORMAT)]
    Newer {
        /// The file.
        path: PathBuf,
        /// The format found in it.
        found: u32,
    },
}

/// Where a world is kept.
#[derive(Clone, Debug)]
pub(crate) struct WorldFile {
    path: PathBuf,
    fresh: PathBuf,
    side: PathBuf,
    key: PathBuf,
}

/// A world's file while this process alone may read and write it.
pub(crate) struct Locked<'a> {
    file: &'a WorldFile,
    side: File,
}

impl WorldFile {
    pub(crate) fn new(path: &Path) -> Self {
        let beside = |suffix| {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        };
        Self { path: path.to_owned(), fresh: beside(".new"), side: beside(".lock"), key: beside(".key") }
    }

    /// Waits until no other process holds the world.
    pub(crate) fn lock(&self) -> Result<Locked<'_>, FileError> {
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| self.io(error))?;
        }
        let open = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&self.side);
        let side = open.map_err(|error| self.io(error))?;
        side.lock().map_err(|error| self.io(error))?;
        Ok(Locked { file: self, side })
    }

    fn io(&self, source: io::Error) -> FileError {
        FileError::Io { path: self.path.clone(), source }
    }
}

impl Locked<'_> {
    /// Counts the writes; a damaged count is zero, which makes everybody read the file again.
    pub(crate) fn revision(&mut self) -> Result<u64, FileError> {
        let file = self.file;
        self.count().map_err(|error| file.io(error))
    }

    /// The saved world, if there is one.
    pub(crate) fn read(&self) -> Result<Option<World>, FileError> {
        let text = match std::fs::read_to_string(&self.file.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.file.io(error)),
        };
        let damaged = |source| FileError::Damaged { path: self.file.path.clone(), source };
        let saved: serde_json::Value = serde_json::from_str(&text).map_err(damaged)?;
        match saved["format"].as_u64().and_then(|found| u32::try_from(found).ok()) {
            Some(found) if found > World::FORMAT => {
                Err(FileError::Newer { path: self.file.path.clone(), found })
            }
            _ => {
                let mut world: World = serde_json::from_value(saved).map_err(damaged)?;
                world.sealing_key = self.sealing_key()?;
                Ok(Some(world))
            }
        }
    }

    /// The key that seals the world's secret texts.
    pub(crate) fn sealing_key(&self) -> Result<SealingKey, FileError> {
        SealingKey::in_file(&self.file.key).map_err(|error| self.file.io(error))
    }

    /// Replaces the saved world and gives the new revision.
    pub(crate) fn write(&mut self, world: &World) -> Result<u64, FileError> {
        let file = self.file;
        self.replace(world).map_err(|error| file.io(error))
    }

    fn replace(&mut self, world: &World) -> io::Result<u64> {
        let text = serde_json::to_vec(world)?;
        // The revision goes first: a crash in between makes others read an unchanged world, never miss a change.
        let revision = self.count()? + 1;
        self.side.set_len(0)?;
        self.side.seek(SeekFrom::Start(0))?;
        write!(self.side, "{revision}")?;
        // Whoever holds the lock is alone, so one name does, and a killed process leaves no heap of files behind.
        private(&self.file.fresh)?.write_all(&text)?;
        std::fs::rename(&self.file.fresh, &self.file.path)?;
        Ok(revision)
    }

    fn count(&mut self) -> io::Result<u64> {
        let mut text = String::new();
        self.side.seek(SeekFrom::Start(0))?;
        self.side.read_to_string(&mut text)?;
        Ok(text.trim().parse().unwrap_or(0))
    }
}

/// An empty file that its owner alone can read.
fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
