//! The binary on a terminal, where it asks before it changes anything.

use std::process::Command;

use sidekick_tests::binary::sidekick;
use sidekick_tests::python;

use crate::desk::Desk;
use crate::{Shown, trials};

trials![ctrl_c_at_the_question_ends_the_command_and_nothing_was_changed];

const TERMINAL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/python/terminal.py");

fn ctrl_c_at_the_question_ends_the_command_and_nothing_was_changed() -> Shown {
    let python = python::interpreter()?.ok_or(python::MISSING)?;
    let desk = Desk::up()?;
    let before = desk.snapshot()?;
    let mut command = Command::new(python);
    command.arg(TERMINAL).arg(sidekick()?).args(["--sandbox", "down"]);
    command.current_dir(desk.place.path("")).env_clear().env("PYTHONDONTWRITEBYTECODE", "1");
    let outcome = command.output()?;
    let shown = String::from_utf8_lossy(&outcome.stdout);
    assert_eq!(outcome.status.code(), Some(130), "{shown}{}", String::from_utf8_lossy(&outcome.stderr));
    for text in ["Delete all of this? [y/N]", "interrupted before anything was changed"] {
        assert!(shown.contains(text), "it does not say {text:?}:\n{shown}");
    }
    desk.is_unchanged_since(&before)?;
    desk.is_settled()?;
    Ok(())
}
