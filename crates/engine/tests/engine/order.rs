//! What runs together, and what waits for what.

use std::time::Duration;

use sidekick_engine::{Graph, Planned, Reason};

use crate::toy::{Bench, Cloud, Database, Definition, Estate, Group, Listener, Network, Run, Service, Thing};

/// The virtual time that calls and looks may add to what the resources take.
const OVERHEAD: Duration = Duration::from_secs(5);

#[track_caller]
fn took(run: &Run, seconds: u64) {
    let typical = Duration::from_secs(seconds);
    assert!(run.took >= typical && run.took < typical + OVERHEAD, "{:?} instead of {typical:?}", run.took);
}

#[tokio::test(start_paused = true)]
async fn independent_resources_are_made_and_deleted_together() {
    let bench = Bench::new();
    let mut graph: Graph<Cloud> = Graph::new();
    for n in 0..20 {
        let name = format!("database-{n}");
        graph.add(name.clone(), (), move |()| Thing::<Database>::named(&name));
    }
    took(&bench.up(&graph).await.succeeded(), 300);
    took(&bench.down().await.succeeded(), 120);
}

#[tokio::test(start_paused = true)]
async fn a_run_takes_as_long_as_its_longest_path() {
    let bench = Bench::new();
    // The database takes 300 s; the service comes after it and takes 60 s; everything else runs beside them.
    took(&bench.up(&Estate::FIRST.graph()).await.succeeded(), 360);
    // Nothing holds the database, so its 120 s are the longest path.
    took(&bench.down().await.succeeded(), 120);
}

#[tokio::test(start_paused = true)]
async fn whoever_needs_only_the_identity_does_not_wait_until_it_is_ready() {
    let bench = Bench::new();
    let mut graph: Graph<Cloud> = Graph::new();
    let first = graph.add("first", (), |()| Thing::<Database>::named("first"));
    graph.add("named", (first.accepted(),), |(first,)| Thing::<Database>::named("named").holding([first]));
    took(&bench.up(&graph).await.succeeded(), 300);
    let bench = Bench::new();
    let mut graph: Graph<Cloud> = Graph::new();
    let second = graph.add("second", (), |()| Thing::<Database>::named("second"));
    graph.add("reads", (second.ready(),), |(second,)| Thing::<Database>::named("reads").reading([second]));
    took(&bench.up(&graph).await.succeeded(), 600);
}

#[tokio::test(start_paused = true)]
async fn what_starts_together_shares_one_write_of_the_ledger() {
    let bench = Bench::new();
    let mut graph: Graph<Cloud> = Graph::new();
    for n in 0..20 {
        let name = format!("group-{n}");
        graph.add(name.clone(), (), move |()| Thing::<Group>::named(&name));
    }
    let run = bench.up(&graph).await.succeeded();
    assert_eq!(run.writes, 3, "announced, answered, ready");
}

/// The position of a call among the effects of a run.
#[track_caller]
fn at(effects: &[String], call: &str) -> usize {
    effects.iter().position(|it| it == call).unwrap_or_else(|| panic!("no {call} in {effects:?}"))
}

#[tokio::test(start_paused = true)]
async fn a_teardown_asks_for_nothing_that_would_be_refused() {
    let bench = Bench::new();
    bench.up(&Estate::FIRST.graph()).await.succeeded();
    let run = bench.down().await.succeeded();
    assert!(run.mutations.iter().all(|call| call.refused.is_none()), "{:?}", run.mutations);
    let effects = run.effects();
    assert!(at(&effects, "Delete web") < at(&effects, "Delete network"));
    assert!(at(&effects, "Delete service") < at(&effects, "Delete web"));
}

#[tokio::test(start_paused = true)]
async fn a_teardown_lets_go_first_what_its_dependents_go_faster_without() {
    let bench = Bench::new();
    let mut graph: Graph<Cloud> = Graph::new();
    let listener = graph.add("listener", (), |()| Thing::<Listener>::named("listener"));
    graph.add("service", (listener.ready(),), |(it,)| Thing::<Service>::named("service").reading([it]));
    bench.up(&graph).await.succeeded();
    assert_eq!(bench.down().await.succeeded().effects(), ["Delete listener", "Delete service"]);
}

#[tokio::test(start_paused = true)]
async fn a_teardown_does_not_wait_with_what_may_go_at_any_time() {
    let bench = Bench::new();
    let mut graph: Graph<Cloud> = Graph::new();
    let database = graph.add("database", (), |()| Thing::<Database>::named("database"));
    graph.add("service", (database.ready(),), |(it,)| Thing::<Service>::named("service").reading([it]));
    bench.up(&graph).await.succeeded();
    // 120 s and 30 s, side by side.
    took(&bench.down().await.succeeded(), 120);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_desired_any_more_goes_after_the_build() {
    let bench = Bench::new();
    let graph = |replaced: bool| {
        let mut graph: Graph<Cloud> = Graph::new();
        let old = (!replaced).then(|| graph.add("old", (), |()| Thing::<Network>::named("old")).ready());
        let new = replaced.then(|| graph.add("new", (), |()| Thing::<Network>::named("new")).ready());
        let reads: Vec<_> = old.into_iter().chain(new).collect();
        graph.add("service", reads, |reads| Thing::<Service>::named("service").reading(reads));
        graph
    };
    bench.up(&graph(false)).await.succeeded();
    let run = bench.up(&graph(true)).await.succeeded();
    assert_eq!(run.effects(), ["Create new", "Update service", "Delete old"]);
    assert_eq!(bench.audit(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn what_a_failed_dependent_still_holds_is_not_deleted() {
    let bench = Bench::new();
    let graph = |both: bool| {
        let mut graph: Graph<Cloud> = Graph::new();
        let old = both.then(|| graph.add("old", (), |()| Thing::<Network>::named("old")).ready());
        let reads: Vec<_> = old.into_iter().collect();
        graph.add("service", reads, |reads| Thing::<Service>::named("service").reading(reads));
        graph
    };
    bench.up(&graph(true)).await.succeeded();
    bench.world().troubles.push(crate::toy::Trouble {
        verb: crate::toy::Verb::Update,
        name: "service",
        class: sidekick_engine::Class::Denied,
        takes_effect: false,
        silence: Duration::ZERO,
        times: 1,
    });
    let run = bench.up(&graph(false)).await;
    let skipped: Vec<_> =
        run.report().skipped.iter().map(|(it, because)| (it.as_str(), because.as_str())).collect();
    assert_eq!(skipped, [("old", "service")]);
    let run = bench.up(&graph(false)).await.succeeded();
    assert_eq!(run.effects(), ["Update service", "Delete old"]);
}

#[tokio::test(start_paused = true)]
async fn what_reads_a_new_revision_is_decided_once_it_is_known() {
    let bench = Bench::new();
    bench.up(&Estate::FIRST.graph()).await.succeeded();
    let edited = Estate { image: "v2", ..Estate::FIRST };
    let run = bench.up(&edited.graph()).await.succeeded();
    assert_eq!(run.step("definition").action, Planned::Update);
    let upstream = vec!["definition".into()];
    let step = run.step("service");
    assert_eq!((step.action, &step.reason), (Planned::Follow, &Some(Reason::After { upstream })));
    assert_eq!(run.effects(), ["Update definition", "Update service"]);
    let told = bench.world().named("service").body.reads[0].clone();
    assert_eq!(told, "toy.definition:definition@2");
}

#[tokio::test(start_paused = true)]
async fn a_follower_that_needs_no_change_is_left_alone() {
    let bench = Bench::new();
    let graph = |image: &'static str| {
        let mut graph: Graph<Cloud> = Graph::new();
        let definition =
            graph.add("definition", (), move |()| Thing::<Definition>::named("definition").tuned(image));
        graph.add("service", (definition.ready(),), |_| Thing::<Service>::named("service"));
        graph
    };
    bench.up(&graph("v1")).await.succeeded();
    let run = bench.up(&graph("v2")).await.succeeded();
    assert_eq!(run.step("service").action, Planned::Follow);
    assert_eq!(run.effects(), ["Update definition"]);
}

#[tokio::test(start_paused = true)]
async fn what_was_just_made_is_gone_as_soon_as_its_delete_is_over() {
    let bench = Bench::new();
    let mut graph: Graph<Cloud> = Graph::new();
    graph.add("network", (), |()| Thing::<Network>::named("network"));
    bench.up(&graph).await.succeeded();
    took(&bench.down().await.succeeded(), 0);
}
