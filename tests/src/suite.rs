//! A runner for suites that need Python: where there is none, their tests count as ignored, not as passed.
//!
//! The standard harness cannot decide that while it runs. A suite is a test target with `harness = false`
//! whose `main` is a call of [`run_with_python`].

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

use crate::python;

/// A test: its name, which states the promise, and what shows it.
pub type Test = (&'static str, fn() -> Result<(), Box<dyn Error>>);

/// Runs the tests as `cargo test` would, with its arguments and its closing line.
pub fn run_with_python(tests: &[Test]) -> ExitCode {
    let ignored = !python::is_available();
    if ignored {
        // The result is reported by the closing line; when the reason cannot be written, that line still stands.
        let _ = writeln!(io::stderr(), "skipped: {}", python::MISSING);
    }
    let trial = |&(name, test): &Test| {
        Trial::test(name, move || test().map_err(|error| Failed::from(error.to_string())))
            .with_ignored_flag(ignored)
    };
    libtest_mimic::run(&Arguments::from_args(), tests.iter().map(trial).collect()).exit_code()
}
