//! The binary in its sandbox, as an operator holds it: up, again, edits, failures, interruptions, down.
//!
//! Each trial has a folder and a simulated AWS of its own, so all of them run side by side. Only what looks at the
//! sandbox from outside, with boto3, or sits at a terminal needs Python, and what looks at a page needs a browser; they
//! count as ignored where there is none.

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
mod pages;
mod peers;
mod pictures;
mod previews;
mod production;
mod reachability;
mod recordings;
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
use sidekick_tests::suite::Test;
use sidekick_tests::{browser, python};

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
        ("previews", previews::TRIALS),
        ("reachability", reachability::TRIALS),
        ("saved_plans", saved_plans::TRIALS),
        ("secrets", secrets::TRIALS),
        ("refusals", refusals::TRIALS),
        ("state_files", state_files::TRIALS),
        ("history", history::TRIALS),
        ("disks", disks::TRIALS),
        ("doctor", doctor::TRIALS),
        ("forms", forms::TRIALS),
        ("recordings", recordings::TRIALS),
        ("log", log::TRIALS),
    ];
    let mut trials: Vec<Trial> = plain.iter().flat_map(|(part, tests)| named(part, tests)).collect();
    let (with_python, with_tmux, with_browser) = (
        [("served", served::TRIALS), ("terminal", terminal::TRIALS)],
        [("pictures", pictures::TRIALS)],
        [("pages", pages::TRIALS)],
    );
    trials.extend(named_if(python::is_available(), python::MISSING, &with_python));
    trials.extend(named_if(pictures::is_available(), pictures::MISSING, &with_tmux));
    trials.extend(named_if(browser::is_available(), browser::MISSING, &with_browser));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn named(part: &str, tests: &'static [Test]) -> impl Iterator<Item = Trial> {
    tests.iter().map(move |&(promise, test)| {
        Trial::test(format!("{part}::{promise}"), move || {
            test().map_err(|error| Failed::from(error.to_string()))
        })
    })
}

/// The trials of modules that need something of this machine: without it they count as ignored, and it is said why.
fn named_if(available: bool, missing: &str, parts: &[(&str, &'static [Test])]) -> Vec<Trial> {
    if !available {
        // The closing line counts what is ignored; when the reason cannot be written, that count still stands.
        let _ = writeln!(io::stderr(), "skipped: {missing}");
    }
    let all = parts.iter().flat_map(|(part, tests)| named(part, tests));
    all.map(|trial| trial.with_ignored_flag(!available)).collect()
}
