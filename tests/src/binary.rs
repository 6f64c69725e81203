//! The `sidekick` binary as its users hold it: arguments, files and environment in; exit code, output and files out.
//!
//! Each test has a workplace of its own, with a copy of the shipped configuration that it may edit. What every run
//! printed is kept in it, so that a test can look for what must not be anywhere.

use std::cell::Cell;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use std::{env, thread};

use serde_json::Value;
use tempfile::TempDir;

use crate::account::{Account, Host};

const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// No command of these suites takes this long outside of AWS; one that does hangs.
const LIMIT: Duration = Duration::from_secs(400);
/// AWS alone takes a quarter of an hour to bring an environment up.
const LIMIT_IN_AWS: Duration = Duration::from_secs(3600);

/// Why the binary could not be run, or did not do what was expected of it.
#[derive(Debug, thiserror::Error)]
pub enum BinaryError {
    /// It does not compile.
    #[error("cargo could not build sidekick:\n{0}")]
    NotBuilt(String),
    /// It ended otherwise than expected.
    #[error("{what}\n{outcome}")]
    Unexpected {
        /// What is wrong.
        what: String,
        /// Everything that the run showed.
        outcome: Outcome,
    },
    /// A file of the configuration does not hold what a test wants to change, or not once.
    #[error("{file} does not hold {text:?} exactly once")]
    NotInConfiguration {
        /// The configuration file.
        file: String,
        /// What was looked for.
        text: String,
    },
    /// The system said no.
    #[error("running sidekick: {0}")]
    Io(#[from] io::Error),
}

/// The built binary. The first caller of a test process builds it, with the profile of the test itself.
pub fn sidekick() -> Result<&'static Path, BinaryError> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let built = BUILT.get_or_init(|| build().map_err(|error| error.to_string()));
    built.as_deref().map_err(|error| BinaryError::NotBuilt(error.clone()))
}

fn build() -> io::Result<PathBuf> {
    // Cargo puts a test at TARGET/PROFILE/deps/NAME.
    let test = env::current_exe()?;
    let mut folders = test.ancestors().skip(2);
    let (Some(profile), Some(target)) = (folders.next(), folders.next()) else {
        return Err(io::Error::new(ErrorKind::NotFound, "the test is not in a cargo target folder"));
    };
    let name = profile.file_name().filter(|name| *name != "debug").unwrap_or(OsStr::new("dev"));
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--workspace", "--bin", "sidekick", "--profile"]).arg(name);
    command.arg("--target-dir").arg(target).current_dir(WORKSPACE);
    // What cargo tells a test of its own package is for build scripts a changed environment: with it, everything that
    // hangs on one of them would be built again.
    for (name, _) in env::vars_os().filter(|(name, _)| is_about_a_package(name)) {
        command.env_remove(name);
    }
    let output = command.output()?;
    if output.status.success() {
        return Ok(profile.join("sidekick").with_extension(env::consts::EXE_EXTENSION));
    }
    Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
}

/// Whether cargo sets this variable to describe the package that it runs a test of.
fn is_about_a_package(variable: &OsStr) -> bool {
    let variable = variable.to_string_lossy();
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CRATE_", "CARGO_PRIMARY_", "CARGO_BIN_"]
        .iter()
        .any(|prefix| variable.starts_with(prefix))
}

/// Where programs keep what they keep for themselves, and the folder of the workplace that stands for it.
const OWN_FOLDERS: [(&str, &str); 6] = [
    ("HOME", "home"),
    ("TMPDIR", "tmp"),
    ("XDG_CACHE_HOME", "home/.cache"),
    ("XDG_CONFIG_HOME", "home/.config"),
    ("XDG_DATA_HOME", "home/.local/share"),
    ("XDG_STATE_HOME", "home/.local/state"),
];

/// A folder in which an operator works: configuration, state file, secrets file, and what was printed. Whatever a run
/// writes anywhere is in it.
#[derive(Debug)]
pub struct Workplace {
    folder: TempDir,
    runs: Cell<usize>,
}

impl Workplace {
    /// A workplace with the shipped configuration and nothing else.
    pub fn new() -> Result<Self, BinaryError> {
        let workplace = Self { folder: TempDir::new()?, runs: Cell::new(0) };
        fs::create_dir(workplace.path("config"))?;
        fs::create_dir(workplace.path("printed"))?;
        for (_, folder) in OWN_FOLDERS {
            fs::create_dir_all(workplace.path(folder))?;
        }
        for file in fs::read_dir(Path::new(WORKSPACE).join("config"))? {
            let file = file?;
            fs::copy(file.path(), workplace.path("config").join(file.file_name()))?;
        }
        Ok(workplace)
    }

    /// A file or folder of the workplace.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The state file of the environment `dev`.
    pub fn state(&self) -> PathBuf {
        self.path(".sidekick/dev.json")
    }

    /// Replaces a text in a configuration file that holds it once.
    pub fn edit(&self, file: &str, old: &str, new: &str) -> Result<(), BinaryError> {
        let path = self.path("config").join(file);
        let text = fs::read_to_string(&path)?;
        if text.matches(old).count() != 1 {
            return Err(BinaryError::NotInConfiguration { file: file.to_owned(), text: old.to_owned() });
        }
        Ok(fs::write(path, text.replace(old, new))?)
    }

    /// Adds a table to a configuration file.
    pub fn append(&self, file: &str, table: &str) -> Result<(), BinaryError> {
        let path = self.path("config").join(file);
        let text = fs::read_to_string(&path)?;
        Ok(fs::write(path, format!("{text}\n{table}\n"))?)
    }

    /// A run of the binary in this workplace, with nothing of this process's environment.
    pub fn sidekick(&self, arguments: &[&str]) -> Run {
        let number = self.runs.replace(self.runs.get() + 1);
        let own =
            OWN_FOLDERS.map(|(name, folder)| (name.to_owned(), self.path(folder).display().to_string()));
        let mut variables = Vec::from(own);
        variables.extend(env::var("PATH").ok().map(|path| ("PATH".to_owned(), path)));
        Run {
            folder: self.folder.path().to_owned(),
            arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
            printed: self.path(&format!("printed/{number:02}")),
            variables,
            reader: None,
            limit: LIMIT,
        }
    }

    /// What all runs so far have written to their error streams, the first run's first.
    pub fn complaints(&self) -> io::Result<String> {
        let streams = (0..self.runs.get()).map(|number| self.path(&format!("printed/{number:02}.err")));
        // A run that has not begun has no file yet.
        streams.filter(|stream| stream.exists()).map(fs::read_to_string).collect()
    }

    /// Its folder, with everything in it; what was printed is among that.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// A run that has not begun.
#[derive(Debug)]
pub struct Run {
    folder: PathBuf,
    arguments: Vec<String>,
    printed: PathBuf,
    variables: Vec<(String, String)>,
    reader: Option<Stdio>,
    limit: Duration,
}

impl Run {
    /// Gives the run this account for its AWS.
    pub fn on(mut self, account: &Account) -> Self {
        if account.host == Host::Aws {
            self.limit = LIMIT_IN_AWS;
        }
        self.variables.extend(account.environment().map(|(name, value)| (name.to_owned(), value)));
        self
    }

    /// Sets a variable of its environment.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Lets it print to somebody else than this test.
    pub fn printing_to(mut self, reader: Stdio) -> Self {
        self.reader = Some(reader);
        self
    }

    /// Starts the run and leaves it to itself.
    pub fn start(self) -> Result<Running, BinaryError> {
        let (stdout, stderr) = (self.printed.with_extension("out"), self.printed.with_extension("err"));
        let printed = File::create(&stdout)?;
        let mut command = self.command(sidekick()?);
        command.args(&self.arguments).stderr(File::create(&stderr)?);
        command.stdout(self.reader.unwrap_or_else(|| printed.into()));
        let process = command.spawn()?;
        let (arguments, limit) = (self.arguments, self.limit);
        Ok(Running { process, arguments, stdout, stderr, begun: Instant::now(), limit })
    }

    /// Runs to the end, whatever that is.
    pub fn end(self) -> Result<Outcome, BinaryError> {
        self.start()?.end()
    }

    /// Runs to the end where no file can grow beyond this many blocks of 512 bytes, as on a disk that is full.
    pub fn end_with_room_for(self, blocks: u32) -> Result<Outcome, BinaryError> {
        let begun = Instant::now();
        let mut command = self.command("sh");
        // Without its signal, the limit is an error of the write. Pipes have no limit, so what is said is heard.
        let limited = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
        command.args(["-c", &limited, "sh"]).arg(sidekick()?).args(&self.arguments);
        let output = command.output()?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        let command = format!("sidekick {} (with room for {blocks} blocks)", self.arguments.join(" "));
        Ok(Outcome { command, code: output.status.code(), stdout, stderr, took: begun.elapsed() })
    }

    fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.folder).env_clear().stdin(Stdio::null());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs to the end, which has to be this exit code.
    pub fn ends_with(self, code: i32) -> Result<Outcome, BinaryError> {
        let outcome = self.end()?;
        if outcome.code == Some(code) {
            return Ok(outcome);
        }
        Err(outcome.unexpected(&format!("the exit code should be {code}")))
    }
}

/// A run under way; dropping it ends it.
#[derive(Debug)]
pub struct Running {
    process: Child,
    arguments: Vec<String>,
    stdout: PathBuf,
    stderr: PathBuf,
    begun: Instant,
    limit: Duration,
}

impl Running {
    /// The id of its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Sends it a signal by its name: `INT`, as Ctrl-C does, or `TERM`.
    pub fn signal(&self, name: &str) -> Result<(), BinaryError> {
        let sent = Command::new("kill").args(["-s", name]).arg(self.id().to_string()).status()?;
        if sent.success() { Ok(()) } else { Err(io::Error::other("the process takes no signal").into()) }
    }

    /// Whether it is over.
    pub fn has_ended(&mut self) -> Result<bool, BinaryError> {
        Ok(self.process.try_wait()?.is_some())
    }

    /// Waits until its standard output is as far as this, or it has ended; gives what it has printed by then.
    pub fn wait_until(&mut self, far_enough: impl Fn(&str) -> bool) -> Result<String, BinaryError> {
        loop {
            // In this order, what is printed last is seen.
            let ended = self.process.try_wait()?.is_some();
            let printed = fs::read_to_string(&self.stdout)?;
            if ended || far_enough(&printed) || self.begun.elapsed() > self.limit {
                return Ok(printed);
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for the end, and looks at the run again and again until then.
    pub fn watched(mut self, mut look: impl FnMut(&Self) -> io::Result<()>) -> Result<Outcome, BinaryError> {
        while self.process.try_wait()?.is_none() && self.begun.elapsed() <= self.limit {
            look(&self)?;
            thread::sleep(Duration::from_millis(10));
        }
        self.end()
    }

    /// Ends the run at once, as a crash or a power cut does.
    pub fn kill(mut self) -> Result<Outcome, BinaryError> {
        self.process.kill()?;
        self.end()
    }

    /// Waits for the end.
    pub fn end(mut self) -> Result<Outcome, BinaryError> {
        let status = loop {
            if let Some(status) = self.process.try_wait()? {
                break Some(status);
            }
            if self.begun.elapsed() > self.limit {
                self.process.kill()?;
                self.process.wait()?;
                break None;
            }
            thread::sleep(Duration::from_millis(5));
        };
        let outcome = Outcome {
            command: format!("sidekick {}", self.arguments.join(" ")),
            code: status.and_then(|status| status.code()),
            stdout: fs::read_to_string(&self.stdout)?,
            stderr: fs::read_to_string(&self.stderr)?,
            took: self.begun.elapsed(),
        };
        if status.is_none() { Err(outcome.unexpected("it hangs")) } else { Ok(outcome) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only for a process that has ended already, which is what is wanted.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// How a run ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    command: String,
    /// The exit code; none if a signal ended the run.
    pub code: Option<i32>,
    /// Its standard output.
    pub stdout: String,
    /// Its error stream.
    pub stderr: String,
    /// How long it took.
    pub took: Duration,
}

impl Outcome {
    /// The field of this name in the first line of JSON that has it.
    pub fn json(&self, field: &str) -> Result<Value, BinaryError> {
        for line in self.stdout.lines() {
            let Ok(mut value) = serde_json::from_str::<Value>(line) else {
                return Err(self.clone().unexpected(&format!("this line is no JSON: {line}")));
            };
            if let Some(value) = value.get_mut(field) {
                return Ok(value.take());
            }
        }
        Err(self.clone().unexpected(&format!("no line of JSON has the field {field}")))
    }

    /// Both streams, for texts that may be on either.
    pub fn text(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// Checks that all of these are said, on either stream.
    pub fn says(self, texts: &[&str]) -> Result<Self, BinaryError> {
        let all = self.text();
        match texts.iter().find(|text| !all.contains(**text)) {
            None => Ok(self),
            Some(text) => Err(self.unexpected(&format!("it does not say {text:?}"))),
        }
    }

    /// What is wrong, with everything the run showed.
    pub fn unexpected(self, what: &str) -> BinaryError {
        BinaryError::Unexpected { what: what.to_owned(), outcome: self }
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { command, code, stdout, stderr, took } = self;
        let code = code.map_or_else(|| "a signal".to_owned(), |code| format!("exit code {code}"));
        write!(f, "`{command}` ended with {code} after {took:.1?}\n--- stdout\n{stdout}--- stderr\n{stderr}")
    }
}
