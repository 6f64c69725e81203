//! State files that must not be used: refused, and left as they are.

use std::fs;

use serde_json::{Value, json};

use crate::desk::Desk;
use crate::endpoint::Endpoint;
use crate::{Shown, trials};

trials![
    a_broken_state_file_is_refused_and_left_alone,
    a_newer_state_file_is_refused_by_name_and_left_alone,
    a_state_file_of_something_else_is_refused_and_left_alone,
    a_state_file_that_is_cut_off_anywhere_is_refused_before_any_call,
    what_needs_no_answer_of_aws_is_refused_before_any_call,
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
        is_refused(&desk, broken, READERS, &["state file is broken", "state history", "state restore"])?;
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

/// Checks that no run uses this state file, writes to it, or calls AWS.
fn is_refused_without_a_call(desk: &Desk, state: &[u8], words: &[&str]) -> Shown {
    fs::write(desk.beside_state("json"), state)?;
    let endpoint = Endpoint::new()?;
    for command in [&["plan"][..], &["up", "--yes"], &["down", "--yes"]] {
        let refused = endpoint.given_to(desk.place.sidekick(command))?.ends_with(1)?.says(words)?;
        refused.says(&["nothing was changed"])?;
    }
    assert!(!endpoint.was_called());
    assert!(desk.state()? == state, "the state file has changed");
    Ok(())
}

fn a_state_file_that_is_cut_off_anywhere_is_refused_before_any_call() -> Shown {
    let desk = Desk::up()?;
    let good = desk.state()?;
    // The last byte ends the line of the closing brace. That no other cut is whole either, the ledger's tests show.
    let cuts = (0..good.len() - 1).step_by(good.len() / 9).chain([1, 2, good.len() - 3, good.len() - 2]);
    for cut in cuts {
        let words = ["the state file is broken", "sidekick state history", "sidekick state restore"];
        is_refused_without_a_call(&desk, &good[..cut], &words)?;
    }
    fs::write(desk.beside_state("json"), good)?;
    desk.is_settled()?;
    Ok(())
}

fn what_needs_no_answer_of_aws_is_refused_before_any_call() -> Shown {
    let desk = Desk::up()?;
    let good: Value = serde_json::from_slice(&desk.state()?)?;
    let another = |field: &str, value: Value| {
        let mut state = good.clone();
        state[field] = value;
        serde_json::to_vec(&state)
    };
    is_refused_without_a_call(&desk, &another("format", 2.into())?, &["format 2"])?;
    is_refused_without_a_call(&desk, &another("serial", 1.into())?, &["serial 1,", "state restore"])?;
    let lineage = "67e55044-10b1-426f-9247-bb680e5fe0c8";
    is_refused_without_a_call(&desk, &another("lineage", lineage.into())?, &[lineage, "state restore"])?;
    // A run under another configuration's name is told by the state itself, which `down` goes by.
    for (field, value) in [("region", "eu-central-1"), ("stack", "other/dev")] {
        fs::write(desk.beside_state("json"), another(field, value.into())?)?;
        let endpoint = Endpoint::new()?;
        for command in [&["plan"][..], &["up", "--yes"]] {
            endpoint.given_to(desk.place.sidekick(command))?.ends_with(1)?.says(&[field, value])?;
        }
        assert!(!endpoint.was_called());
    }
    Ok(())
}
