//! A runner for suites that need Python: where there is none, their tests count as ignored, not as passed.
//!
//! The standard harness cannot decide that while it runs. A suite is a test target with `harness = false`
//! whose `main` ends with a call of [`run_with_python`] or [`run`].

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

use crate::python;

/// What a test ends with.
pub type Shown = Result<(), Box<dyn Error>>;

/// A test: its name, which states the promise, and what shows it.
pub type Test = (&'static str, fn() -> Shown);

/// A test as the harness runs it.
pub fn trial(name: &str, test: impl FnOnce() -> Shown + Send + 'static) -> Trial {
    Trial::test(name, move || test().map_err(|error| Failed::from(error.to_string())))
}

/// Runs the tests as `cargo test` would, with its arguments and its closing line.
pub fn run_with_python(trials: impl IntoIterator<Item = Trial>) -> ExitCode {
    let missing = (!python::is_available()).then_some(python::MISSING);
    run(&Arguments::from_args(), trials, missing)
}

/// Runs the tests, or counts them as ignored if there is a reason to skip them.
pub fn run(
    arguments: &Arguments,
    trials: impl IntoIterator<Item = Trial>,
    skipped: Option<&str>,
) -> ExitCode {
    if let Some(reason) = skipped {
        // The result is reported by the closing line; when the reason cannot be written, that line still stands.
        let _ = writeln!(io::stderr(), "skipped: {reason}");
    }
    let trials = trials.into_iter().map(|trial| trial.with_ignored_flag(skipped.is_some()));
    libtest_mimic::run(arguments, trials.collect()).exit_code()
}
