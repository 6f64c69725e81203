//! The state file as a run holds it: locked, read and checked before anything is asked of AWS.

use jiff::Timestamp;
use sidekick_engine::{Contents, FileStorage, History, Holder, Identity, Ledger, Tokens};
use sidekick_stack::config::Config;
use sidekick_stack::stack_name;

use crate::args::Global;
use crate::error::Error;
use crate::render::moment;
use crate::session::{Session, variable};

/// A state file with its lock.
pub(crate) struct StateFile {
    storage: FileStorage,
    /// What is in it, if there is one.
    contents: Option<Contents>,
}

impl StateFile {
    /// Takes the lock and reads. A file that is not the last one written here is refused.
    pub(crate) fn open(global: &Global, command: &str) -> Result<Self, Error> {
        let mut storage = lock(global, command)?;
        let contents = storage.load()?;
        Ok(Self { storage, contents })
    }

    /// Does the same for a configuration, and refuses the state of another environment.
    pub(crate) fn open_for(global: &Global, command: &str, config: &Config) -> Result<Self, Error> {
        let file = Self::open(global, command)?;
        if let Some(contents) = &file.contents {
            contents.is_about(&stack_name(config), &config.region)?;
        }
        Ok(file)
    }

    /// Makes sure that a run can record what it will do.
    pub(crate) fn prepare(&self) -> Result<(), Error> {
        Ok(self.storage.prepare()?)
    }

    /// What the resources on record belong to, if there are any. A file that was lost is not taken for one that never
    /// was.
    pub(crate) fn on_record(&self) -> Result<Option<&Identity>, Error> {
        match &self.contents {
            Some(contents) if contents.rows.is_empty() => Ok(None),
            Some(contents) => Ok(Some(&contents.identity)),
            None => self.storage.missed()?.map_or(Ok(None), |missing| Err(missing.into())),
        }
    }

    /// The ledger on it, now that AWS has said whose account this is.
    pub(crate) fn ledger(self, session: &Session) -> Result<Ledger, Error> {
        Ok(Ledger::open(self.storage, session.identity.clone(), session.clock, Tokens::Random)?)
    }
}

/// Takes the lock of the state file, whatever is in it.
pub(crate) fn lock(global: &Global, command: &str) -> Result<FileStorage, Error> {
    tracing::debug!(file = %global.state_file().display(), "locking the state file");
    Ok(FileStorage::lock(&global.state_file(), &holder(command))?)
}

/// Reads the state file without its lock; absent if there is none. A file that a run would refuse is refused here too.
pub(crate) fn recorded(global: &Global) -> Result<Option<Contents>, Error> {
    let path = global.state_file();
    tracing::debug!(file = %path.display(), "reading the state file");
    Ok(FileStorage::look(&path)?)
}

/// Keeps the state that a run has ended with, however it ended.
pub(crate) fn keep(global: &Global) -> Result<(), Error> {
    let path = global.state_file();
    match FileStorage::peek(&path).map_err(Error::file(&path))? {
        Some(text) => Ok(History::beside(&path).keep(&text)?),
        None => Ok(()),
    }
}

fn holder(command: &str) -> Holder {
    let host = std::fs::read_to_string("/etc/hostname").ok().map(|name| name.trim().to_owned());
    let user = variable("USER").or_else(|| variable("LOGNAME")).unwrap_or_else(|| "unknown".to_owned());
    let host = variable("HOSTNAME").or(host).unwrap_or_else(|| "unknown".to_owned());
    Holder {
        pid: std::process::id(),
        user: format!("{user}@{host}"),
        since: moment(Timestamp::now()),
        command: format!("sidekick {command}"),
    }
}
