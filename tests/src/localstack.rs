//! A LocalStack of a suite's own, which `localstack/server.py` installs into cargo's target folder and starts.
//!
//! Its accounts are told apart by access keys of twelve digits, so each test has one for itself. It dies with the value
//! that stands for it, and with this process in any case: it ends when its standard input is closed.

use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::account::{Account, Host};
use crate::python::{self, PythonError};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../localstack");
/// It may have to be installed first, by way of a slow network.
const START_LIMIT: Duration = Duration::from_secs(900);
const STOP_LIMIT: Duration = Duration::from_secs(15);

/// Why LocalStack could not be started.
#[derive(Debug, thiserror::Error)]
pub enum LocalStackError {
    /// This machine has no Python that it runs on; the text says which would do.
    #[error("{0}")]
    NoPython(String),
    /// There is no place to install it in.
    #[error(transparent)]
    Python(#[from] PythonError),
    /// It ended, or did not answer in time; why is on the error stream.
    #[error("LocalStack did not come up")]
    NotStarted,
    /// The system said no.
    #[error("running LocalStack: {0}")]
    Io(#[from] io::Error),
}

/// A running LocalStack; dropping it ends it.
#[derive(Debug)]
pub struct LocalStack {
    server: Child,
    folder: PathBuf,
    url: String,
    accounts: AtomicU64,
}

impl LocalStack {
    /// The Python that LocalStack would run on, as `localstack/find-python` finds it. Installs nothing.
    pub fn find_python() -> Result<PathBuf, LocalStackError> {
        let answer = Command::new(Path::new(FOLDER).join("find-python")).output()?;
        if answer.status.success() {
            return Ok(String::from_utf8_lossy(&answer.stdout).trim().into());
        }
        Err(LocalStackError::NoPython(String::from_utf8_lossy(&answer.stderr).trim().to_owned()))
    }

    /// Starts it, and installs it first where that is needed.
    pub fn start() -> Result<Self, LocalStackError> {
        let python = Self::find_python()?;
        let folder = python::target_folder()?.join("localstack");
        let mut command = Command::new(python);
        command.arg(Path::new(FOLDER).join("server.py")).args(["run", "--folder"]).arg(&folder);
        command.env("PYTHONDONTWRITEBYTECODE", "1").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut server = command.spawn()?;
        let (sender, told) = mpsc::channel();
        if let Some(printed) = server.stdout.take() {
            thread::spawn(move || {
                let mut line = String::new();
                // A server that ends says nothing, and the end of the channel tells so.
                if BufReader::new(printed).read_line(&mut line).is_ok() {
                    let _ = sender.send(line);
                }
            });
        }
        let mut localstack = Self { server, folder, url: String::new(), accounts: AtomicU64::new(1) };
        let line = told.recv_timeout(START_LIMIT).unwrap_or_default();
        localstack.url = line.trim().to_owned();
        if localstack.url.is_empty() { Err(LocalStackError::NotStarted) } else { Ok(localstack) }
    }

    /// `localstack/up` or `localstack/down`, on what this one was installed into.
    pub fn script(&self, name: &str) -> Command {
        let mut command = Command::new(Path::new(FOLDER).join(name));
        command.arg("--folder").arg(&self.folder).env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }

    /// An account that nobody has used.
    pub fn account(&self) -> Account {
        let number = self.accounts.fetch_add(1, Ordering::Relaxed);
        Account::of_emulator(Host::LocalStack, self.url.clone(), &format!("{number:012}"))
    }

    /// The Python of its own environment, with all that it is made of.
    pub fn python(&self) -> PathBuf {
        self.folder.join("venv/bin/python")
    }
}

impl Drop for LocalStack {
    fn drop(&mut self) {
        drop(self.server.stdin.take());
        let deadline = Instant::now() + STOP_LIMIT;
        while Instant::now() < deadline && matches!(self.server.try_wait(), Ok(None)) {
            thread::sleep(Duration::from_millis(20));
        }
        // Both fail only for a server that has ended already, which is what is wanted.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
