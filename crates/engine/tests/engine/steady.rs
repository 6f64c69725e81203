//! What is as desired stays untouched, and what is not is seen, whoever changed it.

use std::collections::BTreeMap;
use std::time::Duration;

use sidekick_engine::{Change, Class, Graph, Planned, Reason};
use tokio::time::sleep;

use crate::toy::{Bench, Cloud, Estate, Fuse, Group, Mishap, Nature, Network, Service, Thing, Trouble, Verb};

/// The first estate, standing, and long enough so that the world's delays are over.
async fn standing() -> Bench {
    let bench = Bench::new();
    bench.up(&Estate::FIRST.graph()).await.succeeded();
    sleep(Duration::from_secs(600)).await;
    bench
}

#[tokio::test(start_paused = true)]
async fn a_second_up_mutates_nothing_and_writes_nothing() {
    let bench = standing().await;
    assert_eq!(bench.audit(), Vec::<String>::new());
    let run = bench.up(&Estate::FIRST.graph()).await.succeeded();
    assert!(run.plan.is_empty(), "{:?}", run.planned());
    assert!(run.is_idle(), "{:?}, {} writes", run.mutations, run.writes);
    assert_eq!(run.events, []);
}

#[tokio::test(start_paused = true)]
async fn a_down_leaves_nothing_and_a_second_down_does_nothing() {
    let bench = standing().await;
    let run = bench.down().await.succeeded();
    assert_eq!(bench.world().alive().count(), 0);
    assert_eq!(bench.contents().map(|it| it.rows.len()), Some(0));
    let told = run.effects();
    assert!(!told.contains(&"Delete current".to_owned()), "a part goes with its parent: {told:?}");
    assert!(bench.down().await.succeeded().is_idle());
}

/// The looks of a `down` at one thing that refuses to go so many times.
async fn looks_at<N: Nature>(refusals: u32) -> usize {
    let bench = Bench::new();
    let mut graph = Graph::new();
    graph.add("it", (), |()| Thing::<N>::named("it"));
    bench.up(&graph).await.succeeded();
    sleep(Duration::from_secs(600)).await;
    let trouble = Trouble {
        verb: Verb::Delete,
        name: "it",
        class: Class::Blocked,
        takes_effect: false,
        silence: Duration::ZERO,
        times: refusals,
    };
    bench.world().troubles.extend((refusals > 0).then_some(trouble));
    let before = bench.world().calls.len();
    bench.down().await.succeeded();
    assert_eq!(bench.world().alive().count(), 0);
    bench.world().calls[before..].iter().filter(|call| call.verb == Verb::Observe).count()
}

#[tokio::test(start_paused = true)]
async fn what_was_seen_a_moment_ago_is_not_looked_at_before_each_delete() {
    assert_eq!(looks_at::<Group>(0).await, 2, "one at the beginning, and one that finds it gone");
    assert_eq!(looks_at::<Group>(3).await, 2, "refused for a few seconds");
    assert_eq!(looks_at::<Group>(6).await, 3, "after ten seconds the name may be another one's");
    assert_eq!(looks_at::<Network>(6).await, 2, "AWS gives no identity twice");
}

#[tokio::test(start_paused = true)]
async fn an_edit_changes_only_what_it_is_about() {
    let bench = standing().await;
    let protected = Estate { protected: true, ..Estate::FIRST };
    let run = bench.up(&protected.graph()).await.succeeded();
    assert_eq!(run.effects(), ["Update database"]);
    let changes = &run.step("database").changes;
    let fields: Vec<_> =
        changes.iter().map(|it| (it.field.as_str(), &it.old, &it.new, it.replaces)).collect();
    assert_eq!(fields, [("protected", &false.into(), &true.into(), false)]);
    assert_eq!(run.step("database").reason, None);
    assert_eq!(bench.audit(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn what_was_deleted_behind_our_back_is_made_again_and_the_plan_says_so() {
    let bench = standing().await;
    bench.world().lose("service");
    let run = bench.up(&Estate::FIRST.graph()).await.succeeded();
    let step = run.step("service");
    assert_eq!((step.action, &step.reason), (Planned::Create, &Some(Reason::Missing)));
    assert_eq!(run.effects(), ["Create service"]);
    assert_eq!(bench.audit(), Vec::<String>::new());
}

/// In its first minute nobody can tell whether it is gone or does not show yet.
#[tokio::test(start_paused = true)]
async fn what_is_still_going_behind_our_back_is_named_by_nobody_until_it_is_made_again() {
    let graph = || {
        let mut graph: Graph<Cloud> = Graph::new();
        let service = graph.add("service", (), |()| Thing::<Service>::named("service"));
        graph.add("group", service.accepted(), |service| Thing::<Group>::named("group").holding([service]));
        graph
    };
    let bench = Bench::new();
    bench.up(&graph()).await.succeeded();
    bench.world().lose("group");
    let id = bench.world().named("service").id.clone();
    bench.world().delete(Thing::<Service>::SPECIES, &id).expect("nothing holds it");
    let run = bench.up(&graph()).await.succeeded();
    assert_eq!(run.effects(), ["Create service", "Create group"]);
    assert!(run.mutations.iter().all(|call| call.refused.is_none()), "{:?}", run.mutations);
}

#[tokio::test(start_paused = true)]
async fn what_was_deleted_right_after_it_was_made_is_waited_for_and_made_again() {
    let bench = Bench::new();
    let mut graph = Graph::new();
    graph.add("network", (), |()| Thing::<Network>::named("network"));
    bench.up(&graph).await.succeeded();
    bench.world().lose("network");
    let run = bench.up(&graph).await.succeeded();
    assert_eq!(run.step("network").action, Planned::Resume);
    assert_eq!(run.effects(), ["Create network"]);
    assert_eq!(bench.audit(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn what_was_changed_behind_our_back_is_changed_back_and_the_plan_says_so() {
    let bench = standing().await;
    bench.world().named_mut("web").body.tuned = "by hand".to_owned();
    let run = bench.up(&Estate::FIRST.graph()).await.succeeded();
    let step = run.step("group");
    assert_eq!((step.action, &step.reason), (Planned::Update, &Some(Reason::Drift)));
    assert_eq!(run.effects(), ["Update web"]);
    assert_eq!(bench.audit(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn what_was_changed_behind_our_back_is_told_apart_from_what_the_configuration_changes() {
    let bench = standing().await;
    bench.world().named_mut("database").body.tuned = "by hand".to_owned();
    let protected = Estate { protected: true, ..Estate::FIRST };
    let run = bench.up(&protected.graph()).await.succeeded();
    let step = run.step("database");
    assert_eq!((step.action, &step.reason), (Planned::Update, &None));
    let drift: BTreeMap<_, _> = step.changes.iter().map(|it| (it.field.as_str(), it.is_drift())).collect();
    assert_eq!(drift, [("protected", false), ("tuned", true)].into());
}

/// What an interrupted update left undone is nobody else's doing.
#[tokio::test(start_paused = true)]
async fn the_rest_of_an_interrupted_update_is_no_drift() {
    let mut bench = standing().await;
    let standing = bench.snapshot();
    let protected = Estate { protected: true, ..Estate::FIRST };
    let mut rests = 0;
    for boundary in 1..=4 {
        bench.restore(&standing);
        bench.run(&protected.graph(), &[], Fuse::at(boundary, Mishap::Crash)).await;
        let run = bench.up(&protected.graph()).await.succeeded();
        let rest = &run.step("database").changes;
        rests += usize::from(!rest.is_empty());
        assert!(!rest.iter().any(Change::is_drift), "death at {boundary}: {rest:?}");
    }
    assert!(rests > 1, "it died before its update took effect, and after it was announced");
}

/// The record follows the configuration, so that later drift is told as such.
#[tokio::test(start_paused = true)]
async fn an_edit_that_somebody_made_by_hand_already_is_no_change() {
    let bench = standing().await;
    bench.world().named_mut("database").body.protected = true;
    let protected = Estate { protected: true, ..Estate::FIRST };
    let run = bench.up(&protected.graph()).await.succeeded();
    assert_eq!(run.mutations, []);
    assert_eq!(bench.audit(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn an_update_that_shows_late_is_sent_once() {
    let bench = standing().await;
    bench.world().lag = Duration::from_millis(400);
    let edited = Estate { image: "v2", ..Estate::FIRST };
    let run = bench.up(&edited.graph()).await.succeeded();
    assert_eq!(run.effects(), ["Update definition", "Update service"]);
    assert_eq!(bench.world().named("definition").revision, 2);
}

#[tokio::test(start_paused = true)]
async fn a_plan_changes_nothing() {
    let bench = standing().await;
    bench.world().lose("service");
    bench.world().named_mut("web").body.tuned = "by hand".to_owned();
    let edited = Estate { range: "10.1.0.0/16", secret: false, ..Estate::FIRST };
    // Without consent for the database the run ends with the plan.
    let run = bench.up(&edited.graph()).await;
    assert_eq!(run.refusals().len(), 1);
    assert!(run.is_idle(), "{:?}, {} writes", run.mutations, run.writes);
}
