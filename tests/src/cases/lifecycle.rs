//! The main job: up from nothing, nothing more to do, down to nothing; also after a crash and a loss.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use crate::audit::Inventory;
use crate::reference;
use serde_json::json;

use super::Open;
use crate::site::{Result, Site};

pub(super) fn up_makes_every_row_of_the_reference_and_nothing_else(open: Open<'_>) -> Result {
    let site = open()?;
    site.up()?;
    let made = site.expect(&reference::environment())?;
    let outputs = site.sidekick(&["--output", "json", "outputs"]).ends_with(0)?.json("outputs")?;
    for (output, key) in [
        ("vpc_id", "vpc sidekick-vpc"),
        ("database_endpoint", "endpoint of sidekick-postgres"),
        ("redis_endpoint", "endpoint of sidekick-redis"),
        ("postgres_secret_arn", "secret sidekick/postgres/credentials"),
    ] {
        assert_eq!(outputs[output].as_str(), made.identities().get(key).copied(), "{output}");
    }
    the_password_is_long_and_needs_no_escape(&site)
}

/// The audit tells it by a name, so what it is made of is checked here.
fn the_password_is_long_and_needs_no_escape(site: &Site) -> Result {
    let (_, value) = site.database_secret()?;
    let password = value["password"].as_str().unwrap_or_default();
    assert_eq!(password.len(), 40);
    assert!(password.chars().all(|letter| letter.is_ascii_alphanumeric()));
    Ok(())
}

pub(super) fn a_second_up_changes_nothing(open: Open<'_>) -> Result {
    let site = open()?;
    site.up()?;
    let (state, mark) = (fs::read(site.workplace.state())?, site.mark()?);
    site.up()?;
    assert_eq!(site.plan()?, json!({}));
    assert_eq!(site.mutations(mark)?, Vec::<String>::new());
    assert_eq!(fs::read(site.workplace.state())?, state, "the state file has changed");
    site.sidekick(&["status"]).ends_with(0)?;
    site.expect(&reference::environment())?;
    Ok(())
}

pub(super) fn down_leaves_nothing_and_a_second_down_finds_nothing(open: Open<'_>) -> Result {
    let site = open()?.with_environment()?;
    site.sidekick(&["down", "--yes"]).ends_with(0)?;
    site.expect(&Inventory::default())?;
    assert_eq!(site.state()?["rows"], json!({}));
    let mark = site.mark()?;
    site.sidekick(&["down", "--yes"]).ends_with(0)?.says(&["Nothing is on record"])?;
    assert_eq!(site.mark()?, mark, "with nothing on record there is nothing to ask AWS");
    Ok(())
}

pub(super) fn a_killed_up_is_finished_by_the_next_without_a_duplicate(open: Open<'_>) -> Result {
    let site = open()?;
    // While the network is made, and while the rest is.
    for calls in [5, 30] {
        let mark = site.mark()?;
        let run = site.sidekick(&["up", "--yes"]).start()?;
        let deadline = Instant::now() + Duration::from_secs(120);
        while site.mutations(mark)?.len() < calls {
            assert!(Instant::now() < deadline, "the run makes no progress");
            thread::sleep(Duration::from_millis(1));
        }
        let outcome = run.kill()?;
        assert_eq!(outcome.code, None, "the run was over before it was killed\n{outcome}");
    }
    site.up()?;
    site.expect(&reference::environment())?;
    assert_eq!(site.plan()?, json!({}));
    Ok(())
}

pub(super) fn a_lost_state_file_is_found_again_by_the_ownership_tags(open: Open<'_>) -> Result {
    let site = open()?.with_environment()?;
    fs::remove_file(site.workplace.state())?;
    let plan = site.plan()?;
    let actions: Vec<_> = plan.as_object().into_iter().flatten().map(|(_, step)| &step["action"]).collect();
    assert!(!actions.is_empty() && actions.iter().all(|action| *action == "adopt"), "{plan:#}");
    let mark = site.mark()?;
    site.up()?;
    assert_eq!(site.mutations(mark)?, Vec::<String>::new());
    site.let_an_hour_pass()?;
    assert_eq!(site.plan()?, json!({}));
    site.sidekick(&["down", "--yes"]).ends_with(0)?;
    site.expect(&Inventory::default())?;
    Ok(())
}
