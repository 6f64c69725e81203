//! State files that must not be used: refused, and left as they are.

use std::fs;

use serde_json::{Value, json};

use crate::desk::Desk;
use crate::{Shown, trials};

trials![
    a_broken_state_file_is_refused_and_left_alone,
    a_newer_state_file_is_refused_by_name_and_left_alone,
    a_state_file_of_something_else_is_refused_and_left_alone,
];

/// Checks that no command uses this state file, and that none writes to it.
fn is_refused(desk: &Desk, state: &[u8], commands: &[&str], words: &[&str]) -> Shown {
    fs::write(desk.beside_state("json"), state)?;
    let before = desk.snapshot()?;
    for command in commands {
        desk.run(command).ends_with(1)?.says(words)?.says(&["nothing was changed"])?;
    }
    desk.is_unchanged_since(&before)
}

/// Every command that reads the state file.
const READERS: &[&str] =
    &["plan", "up --yes", "down --yes", "status", "outputs", "state list", "state show network.vpc"];

fn a_broken_state_file_is_refused_and_left_alone() -> Shown {
    let desk = Desk::up()?;
    let good = desk.state()?;
    for broken in [&good[..good.len() / 2], b"", b"not json", b"[]", b"{\"format\": 1}"] {
        is_refused(&desk, broken, READERS, &["state file is broken", "backup"])?;
    }
    fs::write(desk.beside_state("json"), good)?;
    desk.is_settled()?;
    Ok(())
}

fn a_newer_state_file_is_refused_by_name_and_left_alone() -> Shown {
    let desk = Desk::up()?;
    let newer = json!({ "format": 2, "written_by": "sidekick 9.9.9", "resources": [] });
    is_refused(&desk, &serde_json::to_vec(&newer)?, READERS, &["newer", "sidekick 9.9.9", "format 2"])
}

fn a_state_file_of_something_else_is_refused_and_left_alone() -> Shown {
    let desk = Desk::up()?;
    let state: Value = serde_json::from_slice(&desk.state()?)?;
    let another = |field: &str, value: &str| {
        let mut state = state.clone();
        state[field] = value.into();
        serde_json::to_vec(&state)
    };
    let changing = ["plan", "up --yes"];
    is_refused(
        &desk,
        &another("account", "999999999999")?,
        &["plan", "up --yes", "down --yes"],
        &["account 999999999999"],
    )?;
    is_refused(&desk, &another("region", "eu-central-1")?, &changing, &["region eu-central-1"])?;
    is_refused(&desk, &another("stack", "other/dev")?, &changing, &["stack other/dev"])?;
    Ok(())
}
