//! What the cloud does not show is as it was recorded, so a change of it is made, and no crash loses it.

use sidekick_engine::{Graph, Planned};

use crate::crash::{campaign, change_of_mind, standing};
use crate::toy::{Cloud, Database, Network, Service, Thing};

/// A database with something in it that no look shows, and a service that reads it.
fn graph(hidden: &'static str, label: &'static str) -> Graph<Cloud> {
    let mut graph: Graph<Cloud> = Graph::new();
    let network = graph.add("network", (), |()| Thing::<Network>::named("network"));
    let database = graph.add("database", (network.accepted(),), move |(network,)| {
        Thing::<Database>::named("database").holding([network]).hiding(hidden).tuned(label)
    });
    graph.add("service", (database.ready(),), |(database,)| {
        Thing::<Service>::named("service").reading([database])
    });
    graph
}

#[tokio::test(start_paused = true)]
async fn a_change_of_it_is_planned_and_made_once() {
    let (bench, _) = standing(&graph("one", "a")).await;
    let run = bench.up(&graph("two", "a")).await.succeeded();
    assert_eq!(run.planned().get("database"), Some(&Planned::Update));
    let changes: Vec<_> = run.step("database").changes.iter().map(|change| change.field.clone()).collect();
    assert_eq!(changes, ["hidden"]);
    assert_eq!(run.effects(), ["Update database"]);
    assert_eq!(bench.audit(), Vec::<String>::new());
    assert!(bench.up(&graph("two", "a")).await.succeeded().is_idle());
}

#[tokio::test(start_paused = true)]
async fn a_crash_of_such_a_change_does_not_lose_it() {
    let (mut bench, standing) = standing(&graph("one", "a")).await;
    for label in ["a", "b"] {
        let boundaries = campaign(&mut bench, &standing, || graph("two", label), &[]).await;
        assert!(boundaries.as_ref().is_ok_and(|count| *count > 3), "{boundaries:?}");
    }
}

/// The second run wants the first value again, or a third one.
#[tokio::test(start_paused = true)]
async fn a_crash_followed_by_a_change_of_mind_leaves_what_is_wanted_at_last() {
    let (mut bench, standing) = standing(&graph("one", "a")).await;
    for (label, wanted) in [("a", "one"), ("a", "three"), ("b", "one"), ("b", "three")] {
        let result =
            change_of_mind(&mut bench, &standing, || graph("two", label), || graph(wanted, "a"), &[]).await;
        assert_eq!(result, Ok(()), "{label} {wanted}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_crash_of_its_create_and_another_wish_leave_what_is_wanted_at_last() {
    let mut bench = crate::toy::Bench::new();
    let nothing = bench.snapshot();
    let result = change_of_mind(&mut bench, &nothing, || graph("one", "a"), || graph("two", "a"), &[]).await;
    assert_eq!(result, Ok(()));
}
