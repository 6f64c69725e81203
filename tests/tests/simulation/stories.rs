//! Random stories: faults, deaths, stops, strangers and changes of mind in every order. The gate tells thousands of
//! them; here are enough to notice what a change breaks. `simulate`, a program of this package, tells any number.

use std::collections::BTreeMap;

use sidekick_tests::simulation::story::play;
use sidekick_tests::simulation::workers;

const SEEDS: u64 = 200;

#[test]
fn whatever_happens_every_promise_holds_in_the_end() {
    let endings = workers::each(0..SEEDS, play);
    let broken = (0..).zip(&endings).filter(|(_, ending)| !ending.findings.is_empty());
    let broken: BTreeMap<u64, _> = broken.map(|(seed, ending)| (seed, &ending.findings)).collect();
    assert!(
        broken.is_empty(),
        "replay with `cargo build --workspace --bin simulate && target/debug/simulate story SEED`:\n{broken:#?}"
    );
    let deaths: u64 = endings.iter().map(|ending| ending.deaths).sum();
    let faults: u64 = endings.iter().map(|ending| ending.faults).sum();
    assert!(deaths > SEEDS / 2 && faults > SEEDS, "{deaths} deaths and {faults} faults are no hardship");
}

#[test]
fn a_story_repeats_from_its_seed() {
    let endings = workers::each([11, 11, 12], play);
    assert_eq!(endings[0], endings[1]);
    assert_ne!(endings[0], endings[2]);
}
