//! No crash loses, duplicates or leaks anything: the process dies at every boundary there is.

use std::time::Duration;

use sidekick_engine::{Class, Graph};

use crate::toy::{Bench, Cloud, Consent, Estate, Fuse, Mishap, Outcome, Snapshot};

/// Lets the command die at its k-th boundary, for each k; runs it again, and once more, and takes all down.
///
/// Returns how many boundaries there were.
pub(crate) async fn campaign(
    bench: &mut Bench,
    start: &Snapshot,
    command: impl Fn() -> Graph<Cloud>,
    consent: Consent,
) -> Result<u32, String> {
    for k in 1.. {
        bench.restore(start);
        let run = bench.run(&command(), consent, Fuse::at(k, Mishap::Crash)).await;
        if let Outcome::Ended(ended) = run.outcome {
            return match ended {
                Ok(report) if report.is_success() => Ok(k - 1),
                other => Err(format!("without a crash: {other:?}")),
            };
        }
        recover(bench, &command, consent, 1).await.map_err(|finding| format!("crash at {k}: {finding}"))?;
    }
    unreachable!("a run has an end")
}

/// Lets the command die at its k-th boundary, for each k, and then wants something else, which may take two runs: what
/// the crashed create made is found by the next one, and only the one after that knows that it must be replaced.
pub(crate) async fn change_of_mind(
    bench: &mut Bench,
    start: &Snapshot,
    command: impl Fn() -> Graph<Cloud>,
    wanted: impl Fn() -> Graph<Cloud>,
    consent: Consent,
) -> Result<(), String> {
    for k in 1.. {
        bench.restore(start);
        let run = bench.run(&command(), &[], Fuse::at(k, Mishap::Crash)).await;
        if !matches!(run.outcome, Outcome::Crashed) {
            break;
        }
        recover(bench, &wanted, consent, 2).await.map_err(|finding| format!("crash at {k}: {finding}"))?;
    }
    Ok(())
}

/// The command runs again and reaches its goal in at most `runs` runs, once more and does nothing, and then all goes
/// down.
pub(crate) async fn recover(
    bench: &Bench,
    command: impl Fn() -> Graph<Cloud>,
    consent: Consent,
    runs: u32,
) -> Result<(), String> {
    for left in (0..runs).rev() {
        let again = bench.run(&command(), consent, Fuse::none()).await;
        match &again.outcome {
            Outcome::Ended(Ok(report)) if report.is_success() => break,
            Outcome::Ended(Ok(report))
                if report.failed.iter().all(|it| it.1.class == Class::Blocked) && left > 0 => {}
            other => return Err(format!("the rerun failed: {other:?}")),
        }
    }
    sound(bench)?;
    let more = bench.run(&command(), consent, Fuse::none()).await;
    if !more.is_idle() || !more.plan.is_empty() {
        return Err(format!("the last run was not idle: {:?} {:?}", more.mutations, more.planned()));
    }
    let down = bench.down().await;
    if bench.world().marked().count() > 0 || bench.contents().is_some_and(|it| !it.rows.is_empty()) {
        return Err(format!("down left something: {:?}", down.outcome));
    }
    sound(bench)
}

fn sound(bench: &Bench) -> Result<(), String> {
    let findings = bench.audit();
    if findings.is_empty() { Ok(()) } else { Err(findings.join("; ")) }
}

/// A bench on which all of this stands, and where to go back to.
pub(crate) async fn standing(graph: &Graph<Cloud>) -> (Bench, Snapshot) {
    let bench = Bench::new();
    bench.up(graph).await.succeeded();
    let standing = bench.snapshot();
    (bench, standing)
}

#[track_caller]
fn passed(boundaries: Result<u32, String>, at_least: u32) {
    match boundaries {
        Ok(boundaries) => assert!(boundaries >= at_least, "only {boundaries} boundaries were tried"),
        Err(finding) => panic!("{finding}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_crash_of_an_up_from_nothing_loses_nothing() {
    let mut bench = Bench::new();
    let nothing = bench.snapshot();
    passed(campaign(&mut bench, &nothing, || Estate::FIRST.graph(), &[]).await, 50);
}

#[tokio::test(start_paused = true)]
async fn a_crash_while_the_world_shows_things_late_loses_nothing() {
    let mut bench = Bench::new();
    bench.world().lag = Duration::from_secs(3);
    let nothing = bench.snapshot();
    passed(campaign(&mut bench, &nothing, || Estate::FIRST.graph(), &[]).await, 50);
}

/// What was made last may be seen before what was made first, so that what is as desired stands on something unseen.
#[tokio::test(start_paused = true)]
async fn a_crash_after_which_one_thing_is_not_shown_loses_nothing() {
    let mut bench = Bench::new();
    let nothing = bench.snapshot();
    for hidden in 0..Estate::FIRST.size() {
        for k in 1.. {
            bench.restore(&nothing);
            let run = bench.run(&Estate::FIRST.graph(), &[], Fuse::at(k, Mishap::Crash)).await;
            if !matches!(run.outcome, Outcome::Crashed) {
                break;
            }
            if hidden >= bench.world().objects.len() {
                continue;
            }
            bench.world().hide(hidden, Duration::from_secs(10));
            let recovered = recover(&bench, || Estate::FIRST.graph(), &[], 1).await;
            assert_eq!(recovered, Ok(()), "crash at {k}, after which thing {hidden} is not shown");
        }
    }
}

/// A search may lag behind for longer than anybody looks; then the client token tells that the create happened.
#[tokio::test(start_paused = true)]
async fn a_crash_while_searches_lag_behind_is_settled_by_the_token() {
    let mut bench = Bench::new();
    bench.world().search_lag = Duration::from_secs(90);
    let nothing = bench.snapshot();
    passed(campaign(&mut bench, &nothing, || Estate::FIRST.graph(), &[]).await, 50);
}

#[tokio::test(start_paused = true)]
async fn a_crash_of_an_update_in_place_loses_nothing() {
    let (mut bench, standing) = standing(&Estate::FIRST.graph()).await;
    let edited = Estate { label: "two", image: "v2", ..Estate::FIRST };
    passed(campaign(&mut bench, &standing, || edited.graph(), &[]).await, 20);
}

#[tokio::test(start_paused = true)]
async fn a_crash_of_a_replacement_loses_nothing() {
    let (mut bench, standing) = standing(&Estate::FIRST.graph()).await;
    let edited = Estate { range: "10.1.0.0/16", ..Estate::FIRST };
    passed(campaign(&mut bench, &standing, || edited.graph(), &["database"]).await, 50);
}

#[tokio::test(start_paused = true)]
async fn a_crash_of_a_removal_loses_nothing() {
    let (mut bench, standing) = standing(&Estate::FIRST.graph()).await;
    let edited = Estate { serves: false, secret: false, ..Estate::FIRST };
    passed(campaign(&mut bench, &standing, || edited.graph(), &[]).await, 12);
}

#[tokio::test(start_paused = true)]
async fn a_crash_of_a_down_loses_nothing() {
    let (mut bench, standing) = standing(&Estate::FIRST.graph()).await;
    passed(campaign(&mut bench, &standing, Graph::new, &[]).await, 30);
}

/// The configuration may change between a crash and the next run, so that the crashed create is not wanted any more.
#[tokio::test(start_paused = true)]
async fn a_crash_followed_by_an_edit_loses_nothing() {
    type Edit = (&'static str, fn() -> Graph<Cloud>);
    let edits: [Edit; 5] = [
        ("replacement", || Estate { range: "10.1.0.0/16", ..Estate::FIRST }.graph()),
        ("another name", || Estate { group: "www", ..Estate::FIRST }.graph()),
        ("update", || Estate { label: "two", image: "v2", ..Estate::FIRST }.graph()),
        ("removal", || Estate { serves: false, secret: false, ..Estate::FIRST }.graph()),
        ("down", Graph::new),
    ];
    let mut bench = Bench::new();
    let nothing = bench.snapshot();
    for (edit, graph) in edits {
        let first = || Estate::FIRST.graph();
        let recovered = change_of_mind(&mut bench, &nothing, first, graph, &["database"]).await;
        assert_eq!(recovered, Ok(()), "{edit}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_crash_of_the_recovery_from_a_crash_loses_nothing() {
    let small = || Estate { serves: false, secret: false, ..Estate::FIRST }.graph();
    let mut bench = Bench::new();
    let nothing = bench.snapshot();
    for first in 1.. {
        bench.restore(&nothing);
        let run = bench.run(&small(), &[], Fuse::at(first, Mishap::Crash)).await;
        if !matches!(run.outcome, Outcome::Crashed) {
            break;
        }
        let crashed = bench.snapshot();
        let second = campaign(&mut bench, &crashed, small, &[]).await;
        assert!(second.is_ok(), "crash at {first}: {second:?}");
    }
}
