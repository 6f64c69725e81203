//! The runs that are on record beside a state file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use sidekick_engine::Event;

use super::fact::{CallEnded, Fact, RunFact, RunFinished, RunPlanned, RunStarted};
use crate::args::Global;
use crate::error::Error;

/// How a recording's file name ends.
const ENDING: &str = ".ndjson";

/// A run as it was recorded.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) name: String,
    pub(crate) facts: Vec<Fact>,
}

/// The folder of the recordings of one environment.
pub(super) fn folder(global: &Global) -> PathBuf {
    global.state_file().with_extension("runs")
}

pub(super) fn path(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}{ENDING}"))
}

/// The names of all recordings, the oldest first.
pub(super) fn all(folder: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        names.extend(name.to_str().and_then(|name| name.strip_suffix(ENDING)).map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

fn names(folder: &Path) -> Result<Vec<String>, Error> {
    all(folder).map_err(Error::file(folder))
}

impl Recorded {
    /// Which run it was; unknown only of an empty recording.
    pub(crate) fn started(&self) -> Option<&RunStarted> {
        self.run_facts()
            .find_map(|fact| if let RunFact::RunStarted(started) = fact { Some(started) } else { None })
    }

    /// What it was to do; nothing if it ended before it knew.
    pub(crate) fn planned(&self) -> Option<&RunPlanned> {
        self.run_facts()
            .find_map(|fact| if let RunFact::RunPlanned(planned) = fact { Some(planned) } else { None })
    }

    /// When it was agreed to.
    pub(crate) fn agreed(&self) -> Option<Timestamp> {
        self.run_facts().find_map(|fact| if let RunFact::RunAgreed { at } = fact { Some(*at) } else { None })
    }

    /// How it ended; nothing if it was killed, or is still under way.
    pub(crate) fn finished(&self) -> Option<&RunFinished> {
        self.run_facts()
            .find_map(|fact| if let RunFact::RunFinished(finished) = fact { Some(finished) } else { None })
    }

    /// Its calls, in the order in which they ended.
    pub(crate) fn calls(&self) -> impl Iterator<Item = &CallEnded> {
        self.run_facts().filter_map(|fact| if let RunFact::Called(call) = fact { Some(call) } else { None })
    }

    /// What happened to its resources.
    pub(crate) fn events(&self) -> impl Iterator<Item = &Event> {
        self.facts.iter().filter_map(|fact| if let Fact::Resource(event) = fact { Some(event) } else { None })
    }

    fn run_facts(&self) -> impl Iterator<Item = &RunFact> {
        self.facts.iter().filter_map(|fact| if let Fact::Run(fact) = fact { Some(fact) } else { None })
    }

    /// All recordings of an environment, the oldest first.
    pub(crate) fn all(global: &Global) -> Result<Vec<Self>, Error> {
        let folder = folder(global);
        names(&folder)?.into_iter().map(|name| Self::at(&path(&folder, &name), &name)).collect()
    }

    /// Reads a recording: by its name, the newest if none is named, or by the path of its file.
    pub(crate) fn read(global: &Global, which: Option<&str>) -> Result<Self, Error> {
        let folder = folder(global);
        let names = names(&folder)?;
        let chosen = match which {
            None => names.last(),
            Some(which) => names.iter().find(|name| *name == which),
        };
        match (chosen, which) {
            (Some(name), _) => Self::at(&path(&folder, name), name),
            (None, Some(which)) if Path::new(which).is_file() => Self::at(Path::new(which), which),
            (None, which) => Err(unknown(which, &names)),
        }
    }

    fn at(path: &Path, name: &str) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(Error::file(path))?;
        let facts = facts(&text).ok_or_else(|| {
            Error::unmet(
                format!("{} is not a recording of this sidekick", path.display()),
                "read it with the sidekick that wrote it; docs/events.md describes the form",
            )
        })?;
        Ok(Self { name: name.to_owned(), facts })
    }
}

/// The facts of a recording. A run that was killed may have left half a line at the end.
fn facts(text: &str) -> Option<Vec<Fact>> {
    let (lines, cut) = text.rsplit_once('\n').unwrap_or(("", text));
    let facts: Result<Vec<Fact>, _> = lines.lines().map(serde_json::from_str).collect();
    let facts = facts.ok()?;
    (!facts.is_empty() || cut.is_empty()).then_some(facts)
}

fn unknown(which: Option<&str>, names: &[String]) -> Error {
    let Some(which) = which else {
        return Error::unmet("no run is on record", "every `sidekick up` and `sidekick down` is recorded");
    };
    let hint = if names.is_empty() {
        "no run is on record yet".to_owned()
    } else {
        format!("`sidekick runs` lists those that are; the newest is {}", names[names.len() - 1])
    };
    Error::unmet(format!("there is no run {which}, nor a file of that name"), hint)
}
