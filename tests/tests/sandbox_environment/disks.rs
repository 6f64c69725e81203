//! Disks without room and folders that cannot be written: told before any call, and survived in the middle of a run.

use std::fs;

use sidekick_tests::binary::Outcome;

use crate::desk::Desk;
use crate::endpoint::{self, Endpoint};
use crate::{Shown, trials};

trials![
    a_folder_that_cannot_be_written_stops_a_run_before_any_call,
    a_full_disk_stops_a_run_before_any_call,
    a_disk_that_fills_up_under_way_loses_nothing,
    a_run_whose_end_cannot_be_kept_says_so_and_has_not_failed,
];

/// Everything that changes something.
const CHANGING: [&[&str]; 2] = [&["up", "--yes"], &["down", "--yes"]];

fn a_folder_that_cannot_be_written_stops_a_run_before_any_call() -> Shown {
    let endpoint = Endpoint::new()?;
    // No permission bit stops root, so the obstacles are such as stop everybody.
    for state in ["config/dev.toml/dev.json", "/proc/sidekick/dev.json"] {
        let desk = Desk::new()?;
        for command in CHANGING {
            let words = [command, &["--state", state]].concat();
            let refused = endpoint.given_to(desk.place.sidekick(&words))?.ends_with(1)?;
            refused.says(&["the state file cannot be used", state, "make the file's folder writable"])?;
        }
    }
    let desk = Desk::up()?;
    let before = desk.snapshot()?;
    fs::rename(desk.beside_state("history"), desk.place.path("history"))?;
    let note = fs::read(desk.beside_state("lock"))?;
    for in_the_way in ["lock", "new", "history"] {
        let place = desk.beside_state(in_the_way);
        if place.exists() {
            fs::remove_file(&place)?;
        }
        // What should be a file is a folder, and the other way round.
        if in_the_way == "history" {
            fs::write(&place, "")?;
        } else {
            fs::create_dir(&place)?;
        }
        for command in CHANGING {
            let refused = endpoint.given_to(desk.place.sidekick(command))?.ends_with(1)?;
            let name = format!(".sidekick/dev.{in_the_way}");
            refused.says(&["the state file cannot be used", &name, "make the file's folder writable"])?;
        }
        if place.is_dir() { fs::remove_dir(&place)? } else { fs::remove_file(&place)? }
    }
    assert!(!endpoint.was_called());
    fs::write(desk.beside_state("lock"), note)?;
    desk.is_unchanged_since(&before)?;
    desk.is_settled()?;
    Ok(())
}

fn a_full_disk_stops_a_run_before_any_call() -> Shown {
    let endpoint = Endpoint::new()?;
    let desk = Desk::new()?;
    // With room for the note of its lock, and for nothing else.
    for blocks in [0, 1] {
        let run = endpoint.given_to(desk.place.sidekick(&["up", "--yes"]))?;
        is_refused(&run.end_with_room_for(blocks)?, "up")?;
    }
    desk.brings("up")?;
    let before = desk.snapshot()?;
    // With room for a little, and not for the state that is there.
    for blocks in [0, 1, 16] {
        for command in CHANGING {
            let run = endpoint.given_to(desk.place.sidekick(command))?;
            is_refused(&run.end_with_room_for(blocks)?, command[0])?;
        }
    }
    assert!(!endpoint.was_called());
    desk.is_unchanged_since(&before)?;
    assert!(!desk.beside_state("new").exists(), "what was tried is gone");
    desk.is_settled()?;
    Ok(())
}

fn is_refused(outcome: &Outcome, command: &str) -> Shown {
    assert_eq!(outcome.code, Some(1), "{command}: {outcome}");
    outcome.clone().says(&["the state file cannot be used", "free some disk space"])?;
    Ok(())
}

fn a_disk_that_fills_up_under_way_loses_nothing() -> Shown {
    let desk = Desk::new()?;
    // A process of its own holds AWS, since the sandbox's file would be the first to find no room.
    let mut server = desk.run("--output json sandbox serve --port 0").start()?;
    let printed = server.wait_until(|printed| printed.ends_with('\n'))?;
    let served: serde_json::Value = serde_json::from_str(&printed)?;
    let address = served["endpoint"].as_str().ok_or("an endpoint")?;
    let secrets = ["SEQUENCE_PROJECT_ACCESS_KEY", "BACKEND_WALLET_PV_KEY"];
    let run =
        secrets.iter().fold(desk.place.sidekick(&["up", "--yes"]), |run, name| run.with(name, "testing"));
    let ended = endpoint::at(run, address).end_with_room_for(16)?;
    assert_eq!(ended.code, Some(1), "{ended}");
    let ended = ended.says(&["creating", "the state could not be written", "free some disk space"])?;
    server.signal("INT")?;
    server.end()?;

    assert!(desk.recorded()?.len() < 37, "{ended}");
    assert_eq!(desk.kept()?.len(), 1, "the last good state is kept");
    desk.brings("up")?;
    desk.is_settled()?;
    let undisturbed = Desk::up()?.world()?.census();
    assert_eq!(desk.world()?.census(), undisturbed, "nothing was made twice, nothing is missing");
    Ok(())
}

fn a_run_whose_end_cannot_be_kept_says_so_and_has_not_failed() -> Shown {
    let desk = Desk::new()?;
    let mut run = desk.run("up --yes").start()?;
    run.wait_until(|printed| printed.contains("creating"))?;
    fs::write(desk.beside_state("history"), "in the way")?;
    let ended = run.end()?;
    assert_eq!(ended.code, Some(0), "{ended}");
    ended.says(&["could not be kept in the history", ".sidekick/dev.history/"])?;
    // A run that cannot keep what it starts from does not start.
    desk.run("up --yes").ends_with(1)?.says(&[".sidekick/dev.history/"])?;
    fs::remove_file(desk.beside_state("history"))?;
    desk.brings("up")?.says(&["No changes"])?;
    assert_eq!(desk.kept()?.len(), 1);
    Ok(())
}
