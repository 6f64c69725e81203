//! What need not be looked at, because this run made it or what it lives in.

use std::time::Duration;

use sidekick_engine::{Class, Graph};

use crate::crash::campaign;
use crate::toy::{Bench, Cloud, Database, Rack, Shelf, Thing, Trouble, Verb};

/// A rack and what is on it.
fn graph() -> Graph<Cloud> {
    let mut graph: Graph<Cloud> = Graph::new();
    let rack = graph.add("rack", (), |()| Thing::<Rack>::named("rack").tuned("one"));
    graph.add("shelf", rack.accepted(), |rack| Thing::<Shelf>::named("shelf").holding([rack]));
    graph
}

/// What takes minutes in both directions.
fn database() -> Graph<Cloud> {
    let mut graph: Graph<Cloud> = Graph::new();
    graph.add("database", (), |()| Thing::<Database>::named("database"));
    graph
}

/// The calls about the thing of a name, in their order.
fn calls(bench: &Bench, name: &str) -> Vec<Verb> {
    bench.world().calls.iter().filter(|call| call.name == name).map(|call| call.verb).collect()
}

#[tokio::test(start_paused = true)]
async fn what_a_create_leaves_open_is_updated_without_a_look_in_between() {
    let bench = Bench::new();
    bench.up(&graph()).await.succeeded();
    assert_eq!(calls(&bench, "rack"), [Verb::Find, Verb::Create, Verb::Update, Verb::Observe]);
    assert_eq!(bench.audit(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn an_update_that_is_refused_right_after_the_create_is_decided_by_a_look() {
    let bench = Bench::new();
    let (class, takes_effect, silence) = (Class::NotYetVisible, false, Duration::ZERO);
    let trouble = Trouble { verb: Verb::Update, name: "rack", class, takes_effect, silence, times: 1 };
    bench.world().troubles.push(trouble);
    bench.up(&graph()).await.succeeded();
    let verbs = [Verb::Find, Verb::Create, Verb::Update, Verb::Observe, Verb::Update, Verb::Observe];
    assert_eq!(calls(&bench, "rack"), verbs);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_looked_for_in_what_was_made_a_moment_ago() {
    let bench = Bench::new();
    bench.up(&graph()).await.succeeded();
    assert_eq!(calls(&bench, "shelf"), [Verb::Create, Verb::Observe]);
}

#[tokio::test(start_paused = true)]
async fn what_is_in_something_that_was_found_is_looked_for() {
    let mut bench = Bench::new();
    bench.up(&graph()).await.succeeded();
    bench.lose_ledger();
    bench.world().calls.clear();
    let run = bench.up(&graph()).await.succeeded();
    assert_eq!(run.effects(), Vec::<String>::new());
    assert!(calls(&bench, "shelf").contains(&Verb::Find));
}

/// It may be over sooner than anybody expects, as it is in an emulator.
#[tokio::test(start_paused = true)]
async fn what_takes_minutes_is_looked_at_right_after_it_was_asked_for_all_the_same() {
    let bench = Bench::new();
    bench.up(&database()).await.succeeded();
    assert_eq!(calls(&bench, "database"), [Verb::Find, Verb::Create, Verb::Observe, Verb::Observe]);
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_took_down_is_not_waited_for() {
    let bench = Bench::new();
    bench.up(&database()).await.succeeded();
    bench.world().lose("database");
    let run = bench.down().await.succeeded();
    assert!(run.took < Duration::from_secs(5), "{:?}", run.took);
}

#[tokio::test(start_paused = true)]
async fn a_crash_loses_nothing() {
    let mut bench = Bench::new();
    let nothing = bench.snapshot();
    let boundaries = campaign(&mut bench, &nothing, graph, &[]).await;
    assert!(boundaries.as_ref().is_ok_and(|boundaries| *boundaries > 10), "{boundaries:?}");
}
