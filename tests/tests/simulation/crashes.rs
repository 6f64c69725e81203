//! A command dies at one of its boundaries; the same command then finishes the work, and once more has none.
//!
//! Here it dies at every seventh boundary, a prime step that meets both sides of calls and writes of every sort; the gate
//! lets it die at each (`simulate crashes`).

use sidekick_tests::simulation::crashes::{CAMPAIGNS, die, lose};

const STEP: usize = 7;

#[track_caller]
fn survives_deaths(name: &str, at_least: u64) {
    let campaign = CAMPAIGNS.iter().find(|campaign| campaign.name == name).expect("there is such a campaign");
    let tally = die(campaign, STEP);
    assert_eq!(tally.findings, [""; 0], "{} findings", tally.findings.len());
    assert!(tally.boundaries >= at_least, "only {} deaths", tally.boundaries);
}

#[test]
fn an_up_from_nothing_survives_deaths() {
    survives_deaths("up from nothing", 40);
}

#[test]
fn an_up_that_changes_things_in_place_survives_deaths() {
    survives_deaths("up, changes in place", 20);
}

#[test]
fn an_up_that_replaces_things_survives_deaths() {
    survives_deaths("up, replacement", 6);
}

#[test]
fn an_up_that_removes_things_survives_deaths() {
    survives_deaths("up, removal", 2);
}

#[test]
fn a_down_survives_deaths() {
    survives_deaths("down", 25);
}

#[track_caller]
fn rides_out_losses(name: &str) {
    let campaign = CAMPAIGNS.iter().find(|campaign| campaign.name == name).expect("there is such a campaign");
    let tally = lose(campaign, 3);
    assert_eq!(tally.findings, [""; 0], "{} findings", tally.findings.len());
}

#[test]
fn an_up_rides_out_lost_calls_and_answers() {
    rides_out_losses("up from nothing");
}

#[test]
fn a_down_rides_out_lost_calls_and_answers() {
    rides_out_losses("down");
}
