//! The binary in its sandbox, as an operator holds it: up, again, edits, failures, interruptions, down.
//!
//! Each trial has a folder and a simulated AWS of its own, so all of them run side by side. Only what looks at the
//! sandbox from outside, with boto3, or sits at a terminal needs Python, and counts as ignored where there is none.

mod canaries;
mod desk;
mod disks;
mod doctor;
mod edits;
mod endpoint;
mod forms;
mod history;
mod interruptions;
mod lifecycle;
mod log;
mod nest;
mod ownership;
mod peers;
mod pictures;
mod production;
mod reachability;
mod refusals;
mod replacements;
mod rollouts;
mod saved_plans;
mod secrets;
mod served;
mod state_files;
mod terminal;

use std::io::{self, Write};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use sidekick_tests::python;
use sidekick_tests::suite::Test;

/// What a trial gives back: nothing, or whatever went wrong.
type Shown = Result<(), Box<dyn std::error::Error>>;

/// A run waits for the simulated AWS far more than it computes, so there may be more of them than processors.
const SIDE_BY_SIDE: usize = 4;

/// The trials of a module, each under the name of its function.
macro_rules! trials {
    ($($promise:ident),+ $(,)?) => {
        pub(crate) const TRIALS: &[sidekick_tests::suite::Test] = &[$((stringify!($promise), $promise)),+];
    };
}
pub(crate) use trials;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(SIDE_BY_SIDE);
    let plain = [
        // The longest ones come first, so that the others run meanwhile.
        ("canaries", canaries::TRIALS),
        ("lifecycle", lifecycle::TRIALS),
        ("edits", edits::TRIALS),
        ("replacements", replacements::TRIALS),
        ("rollouts", rollouts::TRIALS),
        ("production", production::TRIALS),
        ("interruptions", interruptions::TRIALS),
        ("ownership", ownership::TRIALS),
        ("peers", peers::TRIALS),
        ("reachability", reachability::TRIALS),
        ("saved_plans", saved_plans::TRIALS),
        ("secrets", secrets::TRIALS),
        ("refusals", refusals::TRIALS),
        ("state_files", state_files::TRIALS),
        ("history", history::TRIALS),
        ("disks", disks::TRIALS),
        ("doctor", doctor::TRIALS),
        ("forms", forms::TRIALS),
        ("log", log::TRIALS),
    ];
    let mut trials: Vec<Trial> = plain.iter().flat_map(|(part, tests)| named(part, tests)).collect();
    let without_python = !python::is_available();
    if without_python {
        // The closing line counts what is ignored; when the reason cannot be written, that count still stands.
        let _ = writeln!(io::stderr(), "skipped: {}", python::MISSING);
    }
    let with_python = named("served", served::TRIALS).chain(named("terminal", terminal::TRIALS));
    trials.extend(with_python.map(|trial| trial.with_ignored_flag(without_python)));
    let without_tmux = !pictures::is_available();
    if without_tmux {
        let _ = writeln!(io::stderr(), "skipped: {}", pictures::MISSING);
    }
    trials.extend(named("pictures", pictures::TRIALS).map(|trial| trial.with_ignored_flag(without_tmux)));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn named(part: &str, tests: &'static [Test]) -> impl Iterator<Item = Trial> {
    tests.iter().map(move |&(promise, test)| {
        Trial::test(format!("{part}::{promise}"), move || {
            test().map_err(|error| Failed::from(error.to_string()))
        })
    })
}
