//! What runs did, each in a file beside the state: one fact a line, as it happens. Nothing depends on it, so a recording
//! that cannot be written is never a reason for a run to fail.

mod fact;
mod runs;
mod spans;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

pub(crate) use fact::{
    CallEnded, Fact, FailedResource, RunFact, RunFinished, RunPlanned, RunStarted, SCHEMA, SkippedResource,
};
pub(crate) use runs::Recorded;
pub(crate) use spans::{Ended, Outcome, Span, Tally};

use crate::args::Global;

/// How many runs are kept.
const KEPT_MOST: usize = 100;

/// The recording of the run that is under way.
pub(crate) struct Recording {
    /// The run's name.
    pub(crate) name: String,
    file: Mutex<Option<File>>,
}

impl Recording {
    /// Begins to record; the oldest recordings go.
    pub(crate) fn begin(global: &Global, command: &str) -> Self {
        let folder = runs::folder(global);
        let begun = name(Timestamp::now(), command);
        let (name, file) = match create(&folder, &begun) {
            Ok((name, file)) => (name, Some(file)),
            Err(error) => {
                tracing::warn!(folder = %folder.display(), %error, "this run is not recorded");
                (begun, None)
            }
        };
        Self { name, file: Mutex::new(file) }
    }

    /// Adds one fact. A recording that once could not be written ends there, so that what there is has no gaps.
    pub(crate) fn note(&self, fact: &Fact) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(open) = file.as_mut() else { return };
        let written = serde_json::to_vec(fact).map_err(io::Error::from).and_then(|mut line| {
            line.push(b'\n');
            open.write_all(&line)
        });
        if let Err(error) = written {
            tracing::warn!(run = self.name, %error, "the recording of this run ends here");
            *file = None;
        }
    }
}

/// The name of a run: those of later ones come after it, also within a second.
fn name(begun: Timestamp, command: &str) -> String {
    format!("{}-{command}", begun.strftime("%Y%m%dT%H%M%S%.3fZ"))
}

/// Creates the file of a run. A second run in the same millisecond has a number behind its name.
fn create(folder: &Path, begun: &str) -> io::Result<(String, File)> {
    fs::create_dir_all(folder)?;
    for name in runs::all(folder)?.into_iter().rev().skip(KEPT_MOST - 1) {
        fs::remove_file(runs::path(folder, &name))?;
    }
    for number in 1_u32.. {
        let name = if number == 1 { begun.to_owned() } else { format!("{begun}-{number}") };
        match OpenOptions::new().append(true).create_new(true).mode(0o600).open(runs::path(folder, &name)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            opened => return opened.map(|file| (name, file)),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_began_later_comes_later_whatever_it_was() {
        let at = |milliseconds| Timestamp::from_millisecond(milliseconds).unwrap();
        let names = [
            name(at(1_796_094_507_471), "up"),
            name(at(1_796_094_507_999), "down"),
            name(at(1_796_094_508_000), "down"),
        ];
        assert_eq!(names[0], "20261201T030827.471Z-up");
        assert!(names.is_sorted(), "{names:?}");
    }
}
