//! The binary against LocalStack, or against whatever `AWS_ENDPOINT_URL` names: the cases that hold everywhere.
//!
//! Without that variable the suite starts a LocalStack of its own, in which every case has an account for itself, so
//! that they run side by side. An account that is given is everybody's, so the cases take turns in it, and each calls
//! its environment otherwise.

use std::net::TcpStream;
use std::process::{Command, ExitCode};
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use sidekick_tests::cases::{self, Case};
use sidekick_tests::ground::{Ground, LocalStackOnce};
use sidekick_tests::localstack::LocalStack;
use sidekick_tests::site::{Result, Site};
use sidekick_tests::suite;

const CHECKS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../localstack/plugin/check_repairs.py");

/// LocalStack is one process, which answers no faster to more of them.
const SIDE_BY_SIDE: usize = 4;

/// What shows something of LocalStack itself.
type Own = fn(&LocalStackOnce) -> Result;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    match Ground::chosen() {
        Ground::LocalStack { skipped } => {
            arguments.test_threads.get_or_insert(SIDE_BY_SIDE);
            let localstack = Arc::new(LocalStackOnce::default());
            suite::run(&arguments, on_localstack(&localstack), skipped.as_deref())
        }
        Ground::Given(given) => {
            arguments.test_threads = Some(1);
            let trial = |&(name, case): &Case| {
                let given = given.clone();
                suite::trial(name, move || case(&|| given.site()))
            };
            suite::run(&arguments, cases::ALONE.iter().map(trial), None)
        }
        Ground::Refused(reason) => {
            let refused = Trial::test("the_account_is_meant", move || Err(reason.into()));
            suite::run(&arguments, [refused], None)
        }
    }
}

fn on_localstack(localstack: &Arc<LocalStackOnce>) -> Vec<Trial> {
    let trial = |&(name, case): &Case| {
        let localstack = localstack.clone();
        suite::trial(name, move || case(&|| Site::of(localstack.get()?.account())))
    };
    let cases = [cases::ALONE, cases::EMULATED].concat();
    let mut trials: Vec<_> = cases.iter().map(trial).collect();
    let own: [(&str, Own); 2] = [
        ("the_plugin_answers_as_its_repairs_promise", the_plugin_answers_as_its_repairs_promise),
        ("up_leaves_it_running_until_down", up_leaves_it_running_until_down),
    ];
    trials.extend(own.map(|(name, test)| {
        let localstack = localstack.clone();
        suite::trial(name, move || test(&localstack))
    }));
    trials
}

fn the_plugin_answers_as_its_repairs_promise(localstack: &LocalStackOnce) -> Result {
    let localstack = localstack.get()?;
    let mut checks = Command::new(localstack.python());
    checks.arg(CHECKS).env("PYTHONDONTWRITEBYTECODE", "1");
    localstack.account().serve(&mut checks);
    let checked = checks.output()?;
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    Ok(())
}

fn up_leaves_it_running_until_down(localstack: &LocalStackOnce) -> Result {
    let localstack = localstack.get()?;
    let shown = runs_until_down(localstack);
    // Whatever was shown, nothing stays behind; with nothing to stop, that is no error.
    printed(localstack, "down")?;
    shown
}

fn runs_until_down(localstack: &LocalStack) -> Result {
    let first = printed(localstack, "up")?;
    let address = first.trim().trim_start_matches("http://");
    TcpStream::connect(address)?;
    let second = printed(localstack, "up")?;
    if second != first {
        return Err(format!("a second one did not find the first: {first} {second}").into());
    }
    printed(localstack, "down")?;
    if TcpStream::connect(address).is_ok() { Err("it still runs".into()) } else { Ok(()) }
}

/// What one of the scripts says on its standard output, if it succeeds.
fn printed(localstack: &LocalStack, script: &str) -> Result<String> {
    let ended = localstack.script(script).output()?;
    if ended.status.success() {
        return Ok(String::from_utf8(ended.stdout)?);
    }
    Err(String::from_utf8_lossy(&ended.stderr).into())
}
