//! A run that is asked to stop starts nothing new, records what is in flight, and can be taken up again.

use std::cell::Cell;
use std::time::Duration;

use sidekick_engine::{Event, Graph, RunError, What};
use tokio::time::{Instant, sleep};

use crate::toy::{Bench, Cloud, Estate, Fuse, Group, Mishap, Outcome, Snapshot, Thing};

/// By when a run has left after it was asked to stop, whatever AWS does.
const LEAVES_WITHIN: Duration = Duration::from_secs(7);

#[tokio::test(start_paused = true)]
async fn a_run_that_is_stopped_at_any_event_can_be_taken_up_again() {
    let mut bench = Bench::new();
    let nothing = bench.snapshot();
    for n in 1.. {
        bench.restore(&nothing);
        let events = std::sync::atomic::AtomicUsize::new(0);
        let nth = move |_: &_| events.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1 == n;
        let run = bench.interrupted(&Estate::FIRST.graph(), nth).await;
        if run.events.len() < n {
            assert!(n > 25, "only {n} events");
            return;
        }
        // What was announced has its answer on record; nothing is left in doubt.
        let contents = bench.contents().expect("something was written");
        assert!(contents.rows.values().all(|row| row.id.is_some()), "stopped at {n}: {contents:#?}");
        assert!(run.report().failed.is_empty(), "stopped at {n}: {:?}", run.report());
        let made = bench.world().marked().count();
        assert_eq!(contents.rows.len(), made, "stopped at {n}");

        bench.up(&Estate::FIRST.graph()).await.succeeded();
        assert_eq!(bench.audit(), Vec::<String>::new(), "stopped at {n}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_waits_stops_at_once_and_says_that_it_was_interrupted() {
    let bench = Bench::new();
    let waits = |event: &sidekick_engine::Event| {
        event.address.as_str() == "database" && matches!(event.what, What::Settling { .. })
    };
    let run = bench.interrupted(&Estate::FIRST.graph(), waits).await;
    assert!(run.report().interrupted && !run.report().is_success());
    assert!(run.took < Duration::from_secs(2), "it took {:?}", run.took);
}

#[tokio::test(start_paused = true)]
async fn a_stop_that_comes_when_all_is_done_interrupts_nothing() {
    let bench = Bench::new();
    let mut graph = Graph::new();
    graph.add("last", (), |()| Thing::<Group>::named("last"));
    let run = bench.interrupted(&graph, |event| matches!(event.what, What::Ready { .. })).await;
    assert!(run.report().is_success(), "{:?}", run.report());
}

#[tokio::test(start_paused = true)]
async fn a_stopped_down_can_be_taken_up_again() {
    let bench = Bench::new();
    bench.up(&Estate::FIRST.graph()).await.succeeded();
    let run = bench.interrupted(&Graph::new(), |event| matches!(event.what, What::Gone { .. })).await;
    assert!(run.report().interrupted);
    bench.down().await.succeeded();
    assert_eq!(bench.world().alive().count(), 0);
    assert_eq!(bench.audit(), Vec::<String>::new());
}

/// Each call in turn, or its answer, is lost without a word; then the run is asked to stop. Returns how many there are.
async fn silences(bench: &mut Bench, start: &Snapshot, command: impl Fn() -> Graph<Cloud>) -> u32 {
    for k in 1.. {
        bench.restore(start);
        let (fuse, asked_at) = (Fuse::at(k, Mishap::Silence), Cell::new(None));
        let moment = async {
            fuse.blown().await;
            asked_at.set(Some(Instant::now()));
        };
        let run = bench.stopped(&command(), fuse.clone(), moment).await;
        let Some(asked_at) = asked_at.get() else { return k - 1 };
        assert!(asked_at.elapsed() < LEAVES_WITHIN, "silence at {k}: it took {:?}", asked_at.elapsed());
        let report = run.report();
        assert!(report.interrupted && report.failed.is_empty(), "silence at {k}: {report:?}");
        assert_eq!(report.unanswered.len(), 1, "silence at {k}: {report:?}");
        let rows = bench.contents().expect("something was written").rows;
        assert!(rows[&report.unanswered[0]].intent.is_some(), "silence at {k}: {rows:#?}");

        bench.up(&command()).await.succeeded();
        assert_eq!(bench.audit(), Vec::<String>::new(), "silence at {k}");
        assert!(bench.up(&command()).await.is_idle(), "silence at {k}");
    }
    unreachable!("a run has an end")
}

#[tokio::test(start_paused = true)]
async fn a_stopped_up_leaves_although_a_call_is_never_answered_and_loses_nothing() {
    let mut bench = Bench::new();
    let nothing = bench.snapshot();
    let calls = silences(&mut bench, &nothing, || Estate::FIRST.graph()).await;
    assert!(calls > 17, "only {calls} calls and answers could be lost");
}

#[tokio::test(start_paused = true)]
async fn a_stopped_update_leaves_although_a_call_is_never_answered_and_loses_nothing() {
    let mut bench = Bench::new();
    bench.up(&Estate::FIRST.graph()).await.succeeded();
    let standing = bench.snapshot();
    let edited = Estate { label: "two", image: "v2", ..Estate::FIRST };
    let calls = silences(&mut bench, &standing, || edited.graph()).await;
    assert!(calls > 11, "only {calls} calls and answers could be lost");
}

#[tokio::test(start_paused = true)]
async fn a_stopped_down_leaves_although_a_call_is_never_answered_and_loses_nothing() {
    let mut bench = Bench::new();
    bench.up(&Estate::FIRST.graph()).await.succeeded();
    let standing = bench.snapshot();
    let calls = silences(&mut bench, &standing, Graph::new).await;
    assert!(calls > 11, "only {calls} calls and answers could be lost");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_started_after_a_stop_whatever_was_under_way() {
    type Command = fn() -> Graph<Cloud>;
    let mut bench = Bench::new();
    let nothing = bench.snapshot();
    bench.up(&Estate::FIRST.graph()).await.succeeded();
    let standing = bench.snapshot();
    let commands: [(&Snapshot, Command); 3] = [
        (&nothing, || Estate::FIRST.graph()),
        (&standing, || Estate { label: "two", image: "v2", ..Estate::FIRST }.graph()),
        (&standing, Graph::new),
    ];
    // In steps much shorter than a call, so that the stop comes before, during and after looks and calls.
    for ((start, command), n) in commands.iter().flat_map(|it| (0..70).map(move |n| (it, n))) {
        bench.restore(start);
        let (moment, asked_at) = (Duration::from_millis(3 * n), Cell::new(None));
        let asked = async {
            sleep(moment).await;
            asked_at.set(Some(bench.now()));
        };
        let run = bench.stopped(&command(), Fuse::none(), asked).await;
        let late = |event: &&Event| {
            matches!(event.what, What::Started { .. }) && asked_at.get().is_some_and(|it| event.at > it)
        };
        let late: Vec<_> = run.events.iter().filter(late).collect();
        assert!(late.is_empty(), "stopped after {moment:?}: {late:?}");
        assert!(run.took < moment + Duration::from_millis(50), "stopped after {moment:?}: {:?}", run.took);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_during_the_survey_ends_the_run_at_once_with_nothing_changed() {
    let bench = Bench::new();
    bench.up(&Estate::FIRST.graph()).await.succeeded();
    let edited = Estate { label: "two", ..Estate::FIRST };
    // No look is answered by then.
    let moment = Duration::from_millis(3);
    let run = bench.stopped(&edited.graph(), Fuse::none(), sleep(moment)).await;
    assert!(matches!(run.outcome, Outcome::Ended(Err(RunError::Interrupted))), "{:?}", run.outcome);
    assert!(run.is_idle());
    assert_eq!(run.took, moment);
}
