//! What is kept in use until all else is as desired: nothing is without what it uses at any time, and no crash or change
//! of mind leaves anything behind.

use std::time::Duration;

use sidekick_engine::{Class, Graph};

use crate::crash::{campaign, change_of_mind, standing};
use crate::toy::{Cloud, Fleet, Front, Fuse, Mishap, Outcome, Pool, Thing, Trouble, Verb};

/// A pool, the front that sends to it, and the fleet that is in it.
fn graph(pool: &'static str) -> Graph<Cloud> {
    let mut graph: Graph<Cloud> = Graph::new();
    let pool = graph.add("pool", (), move |()| Thing::<Pool>::named(pool));
    let front = graph.add("front", pool.accepted(), |pool| Thing::<Front>::named("front").reading([pool]));
    graph.add("fleet", (pool.accepted(), front.ready()), |(pool, _)| {
        Thing::<Fleet>::named("fleet").reading([pool])
    });
    graph
}

fn first() -> Graph<Cloud> {
    graph("pool")
}

fn other() -> Graph<Cloud> {
    graph("lake")
}

#[tokio::test(start_paused = true)]
async fn what_is_in_use_goes_when_all_stands_in_the_order_of_the_graph() {
    let (bench, _) = standing(&first()).await;
    let run = bench.up(&other()).await.succeeded();
    let effects =
        ["Create lake", "Update front", "Update fleet", "Update front", "Update fleet", "Delete pool"];
    assert_eq!(run.effects(), effects);
    assert!(run.mutations.iter().all(|call| call.refused.is_none()), "{:?}", run.mutations);
    assert_eq!(bench.audit(), Vec::<String>::new());
    assert!(bench.up(&other()).await.succeeded().is_idle());
    bench.down().await.succeeded();
    assert_eq!(bench.world().alive().count(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_in_use_stays_as_long_as_something_does_not_stand() {
    let (bench, _) = standing(&first()).await;
    let (class, takes_effect, silence) = (Class::Denied, false, Duration::ZERO);
    let trouble = Trouble { verb: Verb::Update, name: "fleet", class, takes_effect, silence, times: 1 };
    bench.world().troubles.push(trouble);
    let run = bench.up(&other()).await;
    assert_eq!(run.effects(), ["Create lake", "Update front"]);
    let skipped: Vec<_> = run.report().skipped.iter().map(|(at, by)| (at.as_str(), by.as_str())).collect();
    assert_eq!(skipped, [("front", "fleet"), ("pool~old", "fleet")]);
    let run = bench.up(&other()).await.succeeded();
    assert_eq!(run.effects(), ["Update fleet", "Update front", "Update fleet", "Delete pool"]);
    assert_eq!(bench.audit(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_crash_loses_nothing() {
    let (mut bench, standing) = standing(&first()).await;
    let boundaries = campaign(&mut bench, &standing, other, &[]).await;
    assert!(boundaries.as_ref().is_ok_and(|count| *count > 20), "{boundaries:?}");
}

/// Whoever wants the old one again after a crash gets it back, and what uses it is never without either.
#[tokio::test(start_paused = true)]
async fn a_crash_and_a_return_to_the_old_one_replace_nothing() {
    let (mut bench, standing) = standing(&first()).await;
    let mut returned = 0;
    for k in 1.. {
        bench.restore(&standing);
        if !matches!(bench.run(&other(), &[], Fuse::at(k, Mishap::Crash)).await.outcome, Outcome::Crashed) {
            break;
        }
        let run = bench.up(&first()).await.succeeded();
        let replaced = run.effects().into_iter().find(|it| it == "Delete front" || it == "Delete fleet");
        assert_eq!(replaced, None, "after a crash at {k}");
        returned += usize::from(run.effects().contains(&"Delete lake".to_owned()));
        assert_eq!(bench.audit(), Vec::<String>::new(), "after a crash at {k}");
        assert!(bench.up(&first()).await.succeeded().is_idle(), "after a crash at {k}");
        assert_eq!(bench.world().alive().count(), 3, "after a crash at {k}");
    }
    assert!(returned > 10, "the old one was wanted again {returned} times");
}

#[tokio::test(start_paused = true)]
async fn a_crash_and_a_change_of_mind_lose_nothing() {
    let (mut bench, standing) = standing(&first()).await;
    let minds: [fn() -> Graph<Cloud>; 3] = [first, || graph("sea"), Graph::new];
    for (mind, wanted) in minds.into_iter().enumerate() {
        let recovered = change_of_mind(&mut bench, &standing, other, wanted, &[]).await;
        assert_eq!(recovered, Ok(()), "mind {mind}");
    }
}
