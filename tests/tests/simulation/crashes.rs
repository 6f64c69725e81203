//! A command dies at each of its boundaries; the same command then finishes the work, and once more has none.

use sidekick_tests::simulation::crashes::{CAMPAIGNS, die, lose};

#[track_caller]
fn survives_every_death(name: &str, at_least: u64) {
    let campaign = CAMPAIGNS.iter().find(|campaign| campaign.name == name).expect("there is such a campaign");
    let tally = die(campaign, |_| ());
    assert_eq!(tally.findings, [""; 0], "{} findings", tally.findings.len());
    assert!(tally.boundaries >= at_least, "only {} boundaries were met", tally.boundaries);
}

#[test]
fn an_up_from_nothing_survives_every_death() {
    survives_every_death("up from nothing", 200);
}

#[test]
fn an_up_that_changes_things_in_place_survives_every_death() {
    survives_every_death("up, changes in place", 60);
}

#[test]
fn an_up_that_replaces_things_survives_every_death() {
    survives_every_death("up, replacement", 30);
}

#[test]
fn an_up_that_removes_things_survives_every_death() {
    survives_every_death("up, removal", 6);
}

#[test]
fn a_down_survives_every_death() {
    survives_every_death("down", 120);
}

#[track_caller]
fn rides_out_every_loss(name: &str) {
    let campaign = CAMPAIGNS.iter().find(|campaign| campaign.name == name).expect("there is such a campaign");
    let tally = lose(campaign);
    assert_eq!(tally.findings, [""; 0], "{} findings", tally.findings.len());
}

#[test]
fn an_up_rides_out_every_lost_call_and_answer() {
    rides_out_every_loss("up from nothing");
}

#[test]
fn a_down_rides_out_every_lost_call_and_answer() {
    rides_out_every_loss("down");
}
