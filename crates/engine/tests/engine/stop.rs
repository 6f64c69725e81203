//! A run that is asked to stop starts nothing new, records what is in flight, and can be taken up again.

use std::time::Duration;

use sidekick_engine::{Graph, What};

use crate::toy::{Bench, Estate, Group, Thing};

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
