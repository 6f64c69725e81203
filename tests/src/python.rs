//! The Python that the suites use: an interpreter of this machine, and a virtual environment of our own.
//!
//! The environment lies in cargo's target folder and holds what `tests/moto/requirements.txt` names. It is built
//! once, by whichever test process comes first, and built anew when the requirements or the interpreter change.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

const REQUIREMENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/moto/requirements.txt");

/// Why tests that need Python are skipped, where they are.
pub const MISSING: &str = "this machine has no python3 of version 3.11 or later with the venv module";

/// Prints who it is, and fails when it is too old or cannot make a virtual environment.
const PROBE: &str =
    "import sys, venv, ensurepip; assert sys.version_info >= (3, 11); print(sys.executable, sys.version)";

/// Why the virtual environment could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PythonError {
    /// The test does not run from within a cargo target folder.
    #[error("no cargo target folder above {0}")]
    NoTargetFolder(PathBuf),
    /// A file could not be read or written, or a program not be started.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// What the system said.
        source: io::Error,
    },
    /// A program of Python's ended with an error.
    #[error("{program} failed:\n{output}")]
    Failed {
        /// The program and its first arguments.
        program: String,
        /// What it wrote to its error stream.
        output: String,
    },
}

impl PythonError {
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

/// Whether this machine has a usable Python. Installs nothing.
pub fn is_available() -> bool {
    find_python().is_some()
}

/// The interpreter of the virtual environment, which is made first where it is missing or outdated.
///
/// `None` when this machine has no usable Python; the reason is then on the error stream.
pub fn interpreter() -> Result<Option<PathBuf>, PythonError> {
    let Some((python, identity)) = find_python() else {
        // Not `eprintln!`: the test harness would swallow it, and what is skipped has to say so.
        let _ = writeln!(io::stderr(), "skipped: {MISSING}");
        return Ok(None);
    };
    let target = target_folder()?;
    let lock_path = target.join("moto-venv.lock");
    let lock = File::create(&lock_path).map_err(PythonError::io(lock_path.display().to_string()))?;
    lock.lock().map_err(PythonError::io("locking the virtual environment"))?;
    let folder = target.join("moto-venv");
    install(python, &identity, &folder)?;
    Ok(Some(folder.join("bin/python")))
}

/// The first usable interpreter of this machine, and what it says of itself.
fn find_python() -> Option<(&'static str, String)> {
    ["python3", "python3.14", "python3.13", "python3.12", "python3.11"].into_iter().find_map(|name| {
        let answer = Command::new(name).args(["-c", PROBE]).output().ok()?;
        answer.status.success().then(|| (name, String::from_utf8_lossy(&answer.stdout).into_owned()))
    })
}

pub(crate) fn target_folder() -> Result<PathBuf, PythonError> {
    let executable = std::env::current_exe().map_err(PythonError::io("finding this executable"))?;
    // Cargo's marks of a target folder, wherever it lies; the first is missing where the folder was there before.
    let marks = ["CACHEDIR.TAG", ".rustc_info.json"];
    let marked = |folder: &&Path| marks.iter().any(|mark| folder.join(mark).is_file());
    let found = executable.ancestors().find(marked).map(Path::to_owned);
    found.ok_or(PythonError::NoTargetFolder(executable))
}

/// Makes the environment, unless the stamp in it says that it is what would be made.
fn install(python: &str, identity: &str, folder: &Path) -> Result<(), PythonError> {
    let requirements = fs::read_to_string(REQUIREMENTS).map_err(PythonError::io(REQUIREMENTS))?;
    let wanted = format!("{identity}{requirements}");
    let stamp = folder.join("installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    run(python, ["-m".as_ref(), "venv".as_ref(), "--clear".as_ref(), folder.as_os_str()])?;
    let pip =
        ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "-r", REQUIREMENTS];
    run(folder.join("bin/python"), pip)?;
    // The stamp comes last, so that an interrupted installation is done again.
    fs::write(&stamp, wanted).map_err(PythonError::io(stamp.display().to_string()))
}

fn run<A: AsRef<OsStr>>(
    program: impl AsRef<OsStr>,
    arguments: impl IntoIterator<Item = A>,
) -> Result<(), PythonError> {
    let mut command = Command::new(program);
    command.args(arguments);
    let program = format!("{command:?}");
    let answer = command.output().map_err(PythonError::io(program.clone()))?;
    if answer.status.success() {
        return Ok(());
    }
    Err(PythonError::Failed { program, output: String::from_utf8_lossy(&answer.stderr).into_owned() })
}
