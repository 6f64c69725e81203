//! What is ours is known by its marks, and what is not ours is never touched.

use std::time::Duration;

use sidekick_engine::{Class, Graph, Mark, Planned, What};
use tokio::time::sleep;

use crate::toy::{Bench, Body, Database, Estate, Group, Thing, Verb, World, locked};

/// Somebody else makes a group of this name.
fn intrude(world: &mut World, name: &str, mark: Option<Mark>) {
    let body = Body { name: name.to_owned(), tuned: "theirs".to_owned(), ..Body::default() };
    world.create(Thing::<Group>::SPECIES, body, mark, "theirs").expect("the name is free");
}

#[tokio::test(start_paused = true)]
async fn a_stranger_of_our_name_is_refused_before_anything_changes() {
    let bench = Bench::new();
    intrude(&mut bench.world(), "secret", None);
    let run = bench.up(&Estate::FIRST.graph()).await;
    assert_eq!(run.refusals().len(), 1);
    assert!(run.refusals()[0].starts_with("secret: "), "{:?}", run.refusals());
    assert_eq!(run.step("secret").action, Planned::Refuse);
    assert!(run.is_idle());
}

#[tokio::test(start_paused = true)]
async fn another_environments_resource_is_a_stranger() {
    let bench = Bench::new();
    let mark = Mark { stack: "toy/prod".to_owned(), address: "secret".into() };
    intrude(&mut bench.world(), "secret", Some(mark));
    let run = bench.up(&Estate::FIRST.graph()).await;
    assert_eq!(run.step("secret").action, Planned::Refuse);
    assert!(run.is_idle());
}

/// The group's own spec is complete only once the network exists, so the stranger is met in the middle of the run.
#[tokio::test(start_paused = true)]
async fn a_stranger_that_is_met_during_the_run_fails_what_needs_its_name_and_is_left_alone() {
    let bench = Bench::new();
    intrude(&mut bench.world(), "web", None);
    let run = bench.up(&Estate::FIRST.graph()).await;
    let (address, fault) = &run.report().failed[0];
    assert_eq!((address.as_str(), fault.class), ("group", Class::Conflict));
    assert!(fault.hint.is_some());
    assert_eq!(bench.world().named("web").body.tuned, "theirs");
    assert_eq!(bench.audit(), Vec::<String>::new(), "no row stands for the stranger");

    bench.down().await.succeeded();
    let left: Vec<_> = bench.world().alive().map(|it| it.body.name.clone()).collect();
    assert_eq!(left, ["web"]);
}

#[tokio::test(start_paused = true)]
async fn a_stranger_that_comes_between_our_look_and_our_create_is_left_alone() {
    let bench = Bench::new();
    let mut graph = Graph::new();
    graph.add("secret", (), |()| Thing::<Group>::named("secret"));
    let world = bench.world.clone();
    let run = bench.interrupted(&graph, move |event| {
        if matches!(event.what, What::Started { .. }) {
            intrude(&mut locked(&world), "secret", None);
        }
        false
    });
    let run = run.await;
    let (address, fault) = &run.report().failed[0];
    assert_eq!((address.as_str(), fault.class), ("secret", Class::Conflict));
    assert!(fault.hint.is_some());
    assert_eq!(bench.world().named("secret").body.tuned, "theirs");
    assert_eq!(bench.audit(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_stranger_that_took_the_place_of_ours_is_neither_changed_nor_deleted() {
    let bench = Bench::new();
    bench.up(&Estate::FIRST.graph()).await.succeeded();
    sleep(Duration::from_secs(100)).await;
    bench.world().lose("secret");
    intrude(&mut bench.world(), "secret", None);
    let run = bench.up(&Estate::FIRST.graph()).await;
    assert_eq!(run.step("secret").action, Planned::Refuse);
    assert!(run.is_idle());

    let run = bench.down().await.succeeded();
    assert!(run.mutations.iter().all(|call| call.name != "secret"), "{:?}", run.mutations);
    let left: Vec<_> = bench.world().alive().map(|it| it.body.name.clone()).collect();
    assert_eq!(left, ["secret"]);
    assert_eq!(bench.contents().map(|it| it.rows.len()), Some(0));
}

#[tokio::test(start_paused = true)]
async fn after_the_state_file_is_lost_everything_is_found_without_a_single_change() {
    let mut bench = Bench::new();
    bench.up(&Estate::FIRST.graph()).await.succeeded();
    bench.lose_ledger();
    let run = bench.up(&Estate::FIRST.graph()).await.succeeded();
    // The definition is as desired, so it gets no new revision, and the service is known to need none.
    let adopted = run.planned().values().filter(|action| **action == Planned::Adopt).count();
    assert_eq!(adopted, Estate::FIRST.size());
    assert_eq!(run.mutations, []);
    assert_eq!(bench.audit(), Vec::<String>::new());
    assert!(bench.up(&Estate::FIRST.graph()).await.succeeded().is_idle());
    bench.down().await.succeeded();
    assert_eq!(bench.world().alive().count(), 0);
}

#[tokio::test(start_paused = true)]
async fn after_the_state_file_is_lost_an_edit_is_made_in_place() {
    let mut bench = Bench::new();
    bench.up(&Estate::FIRST.graph()).await.succeeded();
    bench.lose_ledger();
    let edited = Estate { label: "two", ..Estate::FIRST };
    let run = bench.up(&edited.graph()).await.succeeded();
    assert!(run.mutations.iter().all(|call| call.verb == Verb::Update), "{:?}", run.mutations);
    assert_eq!(bench.audit(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn what_is_still_being_made_when_the_state_file_is_lost_is_adopted_and_waited_for() {
    let mut bench = Bench::new();
    let mut graph = Graph::new();
    graph.add("database", (), |()| Thing::<Database>::named("database"));
    bench.interrupted(&graph, |event| matches!(event.what, What::Accepted { .. })).await;
    bench.lose_ledger();
    let run = bench.up(&graph).await.succeeded();
    assert_eq!((run.step("database").action, run.mutations.len()), (Planned::Adopt, 0));
    assert_eq!(bench.audit(), Vec::<String>::new());
}
