//! A moto server of a test's own: an AWS emulator over real HTTP on a free port of this machine.
//!
//! It is started by `tests/moto/launch.py`, which mends what would stop a tool that is right about AWS, and it
//! dies with the value that stands for it. It shows that requests serialise and answers parse. It cannot show
//! waiting, ordering or refusals; the sandbox does.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use tempfile::TempDir;

use crate::account::{Account, Host};
use crate::python::{self, PythonError};

const LAUNCHER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/moto/launch.py");
const START_LIMIT: Duration = Duration::from_secs(60);

/// Why moto could not be started or asked.
#[derive(Debug, thiserror::Error)]
pub enum MotoError {
    /// Its virtual environment could not be made.
    #[error(transparent)]
    Python(#[from] PythonError),
    /// The server ended, or did not answer in time.
    #[error("moto did not come up; it wrote:\n{0}")]
    NotStarted(String),
    /// The server was asked for something and did not do it.
    #[error("moto answered {0}")]
    Refused(String),
    /// The system said no.
    #[error("running moto: {0}")]
    Io(#[from] io::Error),
}

/// One AWS call that reached the server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// The service as signatures name it, such as `elasticloadbalancing`.
    pub service: String,
    /// The operation, such as `CreateListener`.
    pub action: String,
}

impl Call {
    /// The call that a line of the log of `SIDEKICK_LOG=debug` is about, answered or not.
    pub fn logged(line: &str) -> Option<Self> {
        let (_, call) = line.split_once(": AWS call ")?;
        let field = |name: &str| {
            let (_, value) = call.split_once(&format!("{name}=\""))?;
            value.split('"').next().map(str::to_owned)
        };
        Some(Self { service: field("service")?, action: field("operation")? })
    }

    /// Whether the call may have changed anything.
    pub fn is_mutating(&self) -> bool {
        !["Describe", "List", "Get", "Simulate"].iter().any(|reading| self.action.starts_with(reading))
    }
}

/// A running moto server; dropping it ends the server.
#[derive(Debug)]
pub struct Moto {
    server: Child,
    address: SocketAddr,
    folder: TempDir,
}

impl Moto {
    /// Starts a server, with everything it needs. `None` when this machine has no usable Python: a reason to
    /// skip, which is then on the error stream.
    pub fn start() -> Result<Option<Self>, MotoError> {
        let Some(python) = python::interpreter()? else { return Ok(None) };
        // Another process may take the free port between our look and moto's; then moto ends, and we look again.
        for _ in 0..2 {
            match Self::start_once(&python) {
                Err(MotoError::NotStarted(log)) if log.contains("already in use") => {}
                decided => return decided.map(Some),
            }
        }
        Self::start_once(&python).map(Some)
    }

    fn start_once(python: &Path) -> Result<Self, MotoError> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let folder = TempDir::new()?;
        let log = File::create(folder.path().join("server.log"))?;
        let mut command = Command::new(python);
        command.args([LAUNCHER, "-H", &address.ip().to_string(), "-p", &address.port().to_string()]);
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        command.env("MOTO_CALL_LOG", folder.path().join("calls.log"));
        command.env("MOTO_STOP_WITH_STDIN", "1");
        command.stdin(Stdio::piped()).stdout(log.try_clone()?).stderr(log);
        let mut moto = Self { server: command.spawn()?, address, folder };
        moto.wait_until_ready()?;
        Ok(moto)
    }

    fn wait_until_ready(&mut self) -> Result<(), MotoError> {
        let deadline = Instant::now() + START_LIMIT;
        while Instant::now() < deadline && self.server.try_wait()?.is_none() {
            if self.ask("GET", "/moto-api/").is_ok() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Err(MotoError::NotStarted(fs::read_to_string(self.server_log())?))
    }

    /// Where the server answers, as an AWS endpoint URL.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its one account.
    pub fn account(&self) -> Account {
        Account::of_emulator(Host::Moto, self.endpoint(), "testing")
    }

    /// The AWS calls that have reached the server so far, in the order of their arrival.
    pub fn calls(&self) -> io::Result<Vec<Call>> {
        let log = fs::read_to_string(self.folder.path().join("calls.log"))?;
        let call =
            |(service, action): (&str, &str)| Call { service: service.to_owned(), action: action.to_owned() };
        Ok(log.lines().filter_map(|line| line.split_once(' ')).map(call).collect())
    }

    /// Makes the server forget every resource. The calls so far stay known.
    pub fn reset(&self) -> Result<(), MotoError> {
        self.ask("POST", "/moto-api/reset")
    }

    /// The file in which the server writes down its requests and its own errors.
    pub fn server_log(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }

    fn ask(&self, method: &str, path: &str) -> Result<(), MotoError> {
        let mut connection = TcpStream::connect_timeout(&self.address, Duration::from_secs(5))?;
        connection.set_read_timeout(Some(Duration::from_secs(20)))?;
        write!(
            connection,
            "{method} {path} HTTP/1.0\r\nHost: {}\r\nContent-Length: 0\r\n\r\n",
            self.address
        )?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer)?;
        let status = answer.lines().next().unwrap_or_default();
        if status.split(' ').nth(1) == Some("200") {
            Ok(())
        } else {
            Err(MotoError::Refused(status.to_owned()))
        }
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        // Both fail only for a server that has ended already, which is what is wanted.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::Call;

    #[test]
    fn calls_are_read_from_the_log_of_a_run() {
        let line = "2026-11-25T14:24:38.593491Z DEBUG sidekick_aws::permits::call: AWS call service=\"ec2\" \
                    operation=\"CreateVpc\" host=\"127.0.0.1:4566\" status=200";
        assert_eq!(Call::logged(line), Some(call("CreateVpc")));
        let lost = line.replace("AWS call", "AWS call without an answer");
        assert_eq!(Call::logged(&lost), Some(call("CreateVpc")));
        assert_eq!(Call::logged("2026-11-25T14:24:38Z DEBUG sidekick::session: connected"), None);
    }

    fn call(action: &str) -> Call {
        Call { service: "ec2".to_owned(), action: action.to_owned() }
    }

    #[test]
    fn only_what_reads_does_not_count_as_mutating() {
        for reading in ["DescribeVpcs", "ListTagsForResource", "GetWebACL"] {
            assert!(!call(reading).is_mutating(), "{reading}");
        }
        for mutating in ["CreateVpc", "ModifyVpcAttribute", "TagResource", "DeregisterTaskDefinition", "?"] {
            assert!(call(mutating).is_mutating(), "{mutating}");
        }
    }
}
