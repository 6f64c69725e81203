//! Replacements of which the new one is made first: what uses the old one goes on, and no crash or change of mind makes
//! anything twice or leaves anything behind.

use std::time::Duration;

use sidekick_engine::{Class, Graph, Mutation, Planned};

use crate::crash::{campaign, change_of_mind, standing};
use crate::toy::{Cloud, Database, Listener, Network, Pool, Service, Thing, Trouble, Verb};

/// A pool, the front that is to know it before the service does, and the service.
fn graph(range: &'static str, pool: &'static str, label: &'static str) -> Graph<Cloud> {
    let mut graph: Graph<Cloud> = Graph::new();
    let network = graph.add("network", (), move |()| Thing::<Network>::named("network").fixed(range));
    let pool = graph.add("pool", (network.accepted(),), move |(network,)| {
        Thing::<Pool>::named(pool).holding([network]).tuned(label)
    });
    let front = graph.add("front", (network.accepted(), pool.accepted()), |(network, pool)| {
        Thing::<Listener>::named("front").holding([network]).reading([pool])
    });
    graph.add("service", (pool.accepted(), front.ready()), |(pool, _)| {
        Thing::<Service>::named("service").reading([pool])
    });
    graph
}

fn first() -> Graph<Cloud> {
    graph("10.0.0.0/16", "pool", "one")
}

fn renamed() -> Graph<Cloud> {
    graph("10.0.0.0/16", "lake", "one")
}

#[tokio::test(start_paused = true)]
async fn the_new_one_is_made_and_taken_before_the_old_one_goes() {
    let (bench, _) = standing(&first()).await;
    let run = bench.up(&renamed()).await.succeeded();
    assert!(run.step("pool").new_first);
    let planned = run.planned();
    let planned = ["network", "pool", "front", "service"].map(|it| planned.get(it).copied());
    let follow = Some(Planned::Follow);
    assert_eq!(planned, [None, Some(Planned::Replace), follow, follow]);
    assert_eq!(run.effects(), ["Create lake", "Update front", "Update service", "Delete pool"]);
    let foretold = run.forecast.prospects.iter().map(|it| (it.address.as_str(), it.action));
    let (create, update, delete) = (Mutation::Create, Mutation::Update, Mutation::Delete);
    let order = [("pool", create), ("front", update), ("service", update), ("pool", delete)];
    assert_eq!(foretold.collect::<Vec<_>>(), order);
    assert!(run.mutations.iter().all(|call| call.refused.is_none()), "{:?}", run.mutations);
    assert_eq!(bench.audit(), Vec::<String>::new());
    assert!(bench.up(&renamed()).await.succeeded().is_idle());
    bench.down().await.succeeded();
    assert_eq!(bench.world().alive().count(), 0);
}

/// With the network everything in it goes, and nothing can be made beside it.
#[tokio::test(start_paused = true)]
async fn what_goes_with_another_is_not_made_beside_itself() {
    let (bench, _) = standing(&first()).await;
    let run = bench.up(&graph("10.1.0.0/16", "lake", "one")).await.succeeded();
    assert!(!run.step("pool").new_first);
    assert_eq!(bench.audit(), Vec::<String>::new());
    assert_eq!(bench.world().alive().count(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_crash_loses_nothing() {
    let (mut bench, standing) = standing(&first()).await;
    let boundaries = campaign(&mut bench, &standing, renamed, &[]).await;
    assert!(boundaries.as_ref().is_ok_and(|count| *count > 14), "{boundaries:?}");
}

/// The second run wants the first configuration, a third one, another network, or nothing.
#[tokio::test(start_paused = true)]
async fn a_crash_and_a_change_of_mind_lose_nothing() {
    let (mut bench, standing) = standing(&first()).await;
    let minds: [fn() -> Graph<Cloud>; 6] = [
        first,
        || graph("10.0.0.0/16", "pool", "two"),
        || graph("10.0.0.0/16", "sea", "one"),
        || graph("10.0.0.0/16", "lake", "two"),
        || graph("10.1.0.0/16", "pool", "one"),
        Graph::new,
    ];
    for (mind, wanted) in minds.into_iter().enumerate() {
        let recovered = change_of_mind(&mut bench, &standing, renamed, wanted, &[]).await;
        assert_eq!(recovered, Ok(()), "mind {mind}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_old_one_stays_as_long_as_something_uses_it() {
    for (verb, name) in [(Verb::Create, "lake"), (Verb::Update, "front"), (Verb::Update, "service")] {
        let (bench, _) = standing(&first()).await;
        let (class, takes_effect, silence) = (Class::Denied, false, Duration::ZERO);
        bench.world().troubles.push(Trouble { verb, name, class, takes_effect, silence, times: 1 });
        let run = bench.up(&renamed()).await;
        assert_eq!(run.report().failed.len(), 1, "{verb:?} {name}: {:?}", run.report());
        assert!(bench.world().alive().any(|it| it.body.name == "pool"), "{verb:?} {name}");
        bench.up(&renamed()).await.succeeded();
        assert_eq!(bench.audit(), Vec::<String>::new(), "{verb:?} {name}");
        assert_eq!(bench.world().alive().count(), 4, "{verb:?} {name}");
    }
}

/// A database that reads the pool, whose engine can only be changed by a replacement.
fn database(pool: &'static str, engine: &'static str) -> Graph<Cloud> {
    let mut graph: Graph<Cloud> = Graph::new();
    let pool = graph.add("pool", (), move |()| Thing::<Pool>::named(pool));
    let database = graph.add("database", (pool.accepted(),), move |(pool,)| {
        Thing::<Database>::named("database").reading([pool]).fixed(engine)
    });
    graph.add("service", (database.ready(),), |(database,)| {
        Thing::<Service>::named("service").reading([database])
    });
    graph
}

/// What the database is to read is not known before the pool is made, but that it must be replaced is.
#[tokio::test(start_paused = true)]
async fn a_replacement_is_planned_although_something_else_of_it_is_not_known_yet() {
    let (mut bench, standing) = standing(&database("pool", "postgres")).await;
    let refused = bench.up(&database("lake", "mysql")).await;
    assert_eq!(refused.planned().get("database"), Some(&Planned::Replace));
    assert_eq!(refused.refusals().len(), 1, "its data would be lost");
    assert!(refused.mutations.is_empty(), "{:?}", refused.mutations);
    let run =
        bench.run(&database("lake", "mysql"), &["database"], crate::toy::Fuse::none()).await.succeeded();
    assert_eq!(run.step("service").action, Planned::Follow);
    assert_eq!(bench.audit(), Vec::<String>::new());
    let boundaries = campaign(&mut bench, &standing, || database("lake", "mysql"), &["database"]).await;
    assert!(boundaries.as_ref().is_ok_and(|count| *count > 10), "{boundaries:?}");
    // With what was not known alone, it goes on as it is.
    bench.restore(&standing);
    let run = bench.up(&database("lake", "postgres")).await.succeeded();
    assert_eq!(run.step("database").action, Planned::Follow);
    assert_eq!(run.effects(), ["Create lake", "Update database", "Delete pool"]);
}
