//! Replacements: what must go with what, what needs consent, and what must not go at all.

use std::time::Duration;

use sidekick_engine::{Class, Graph, Planned, Reason};

use crate::toy::{
    Bench, Cloud, Definition, Estate, Fuse, Group, Listener, Mishap, Network, Outcome, Service, Thing,
    Trouble, Verb,
};

/// The first estate, standing.
async fn standing(estate: Estate) -> Bench {
    let bench = Bench::new();
    bench.up(&estate.graph()).await.succeeded();
    bench
}

#[tokio::test(start_paused = true)]
async fn a_replacement_dooms_what_cannot_outlive_it_and_nothing_else() {
    let bench = standing(Estate::FIRST).await;
    let edited = Estate { range: "10.1.0.0/16", ..Estate::FIRST };
    let run = bench.run(&edited.graph(), &["database"], Fuse::none()).await.succeeded();
    let fields: Vec<_> =
        run.step("network").changes.iter().map(|it| (it.field.as_str(), it.replaces)).collect();
    assert_eq!(fields, [("fixed", true)]);
    assert_eq!(run.step("group").reason, Some(Reason::With { upstream: "network".into() }));
    let planned = run.planned();
    let replaced = |address| planned.get(address) == Some(&Planned::Replace);
    assert!(
        ["network", "group", "database", "listener", "service", "address"].into_iter().all(replaced),
        "{planned:?}"
    );
    // The definition only reads the database's endpoint, and the version too; both live on.
    assert_eq!(planned.get("definition"), Some(&Planned::Follow));
    assert_eq!(planned.get("secret.version"), Some(&Planned::Follow));
    assert_eq!(planned.get("secret"), None);
    assert!(run.mutations.iter().all(|call| call.refused.is_none()), "{:?}", run.mutations);
    assert_eq!(bench.audit(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_replacement_of_what_holds_data_needs_consent() {
    let bench = standing(Estate::FIRST).await;
    let edited = Estate { engine: "mysql", ..Estate::FIRST };
    let run = bench.up(&edited.graph()).await;
    assert!(run.step("database").loses_data);
    assert_eq!(run.refusals().len(), 1);
    assert!(run.refusals()[0].starts_with("database: "), "{:?}", run.refusals());
    assert!(run.is_idle());

    let run = bench.run(&edited.graph(), &["database"], Fuse::none()).await.succeeded();
    assert!(run.effects().starts_with(&["Delete database".to_owned(), "Create database".to_owned()]));
    assert_eq!(bench.audit(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_replacement_that_fails_stops_only_what_depends_on_it() {
    let bench = standing(Estate::FIRST).await;
    let trouble = |verb, name| Trouble {
        verb,
        name,
        class: Class::Denied,
        takes_effect: false,
        silence: Duration::ZERO,
        times: 1,
    };
    bench.world().troubles.push(trouble(Verb::Delete, "web"));
    let edited = Estate { range: "10.1.0.0/16", label: "two", ..Estate::FIRST };
    let run = bench.run(&edited.graph(), &["database"], Fuse::none()).await;
    let failed: Vec<_> = run.report().failed.iter().map(|(address, _)| address.as_str()).collect();
    assert_eq!(failed, ["group"]);
    assert!(
        run.report().skipped.iter().all(|(_, because)| because.as_str() == "group"),
        "{:?}",
        run.report()
    );
    assert!(run.effects().contains(&"Update secret".to_owned()), "{:?}", run.effects());

    bench.run(&edited.graph(), &["database"], Fuse::none()).await.succeeded();
    assert_eq!(bench.audit(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn what_is_doomed_with_another_needs_consent_too() {
    let bench = standing(Estate::FIRST).await;
    let edited = Estate { range: "10.1.0.0/16", ..Estate::FIRST };
    let run = bench.run(&edited.graph(), &["network"], Fuse::none()).await;
    assert_eq!(run.refusals().len(), 1);
    assert!(run.refusals()[0].starts_with("database: "), "{:?}", run.refusals());
    assert!(run.is_idle());
}

#[tokio::test(start_paused = true)]
async fn what_is_protected_refuses_a_replacement_and_a_down_before_anything_changes() {
    let protected = Estate { protected: true, ..Estate::FIRST };
    let bench = standing(protected).await;
    let edited = Estate { range: "10.1.0.0/16", ..protected };
    for run in [bench.run(&edited.graph(), &["database"], Fuse::none()).await, bench.down().await] {
        assert_eq!(run.refusals().len(), 1);
        assert!(run.refusals()[0].contains("deletion protection is on"), "{:?}", run.refusals());
        assert!(run.is_idle());
    }
    bench.up(&Estate::FIRST.graph()).await.succeeded();
    bench.down().await.succeeded();
    assert_eq!(bench.world().alive().count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_replacement_that_only_the_run_can_know_fails_with_what_to_do_and_the_next_up_makes_it() {
    let bench = Bench::new();
    // Whether the definition says something else after its update is known only then.
    let graph = |image: &'static str| {
        let mut graph: Graph<Cloud> = Graph::new();
        let definition = graph.add("definition", (), move |()| Thing::<Definition>::named("d").tuned(image));
        let reads =
            graph.add("reads", (definition.ready(),), |(it,)| Thing::<Network>::named("reads").fixed(&it));
        graph.add("holds", (reads.accepted(),), |(it,)| Thing::<Group>::named("holds").holding([it]));
        graph
    };
    bench.up(&graph("a")).await.succeeded();
    let run = bench.up(&graph("b")).await;
    let (address, fault) = &run.report().failed[0];
    assert_eq!(address.as_str(), "reads");
    assert!(fault.hint.as_ref().is_some_and(|hint| hint.contains("sidekick up")), "{fault:?}");
    let run = bench.up(&graph("b")).await.succeeded();
    assert_eq!(run.step("reads").action, Planned::Replace);
    assert_eq!(bench.audit(), Vec::<String>::new());
}

/// Whatever takes the listener's place has another identity, so what has that one for ever is replaced as well.
#[tokio::test(start_paused = true)]
async fn what_cannot_change_to_the_identity_of_a_replaced_one_is_replaced_in_the_same_run() {
    let graph = |range: &'static str| {
        let mut graph: Graph<Cloud> = Graph::new();
        let listener = graph.add("listener", (), move |()| Thing::<Listener>::named("l").fixed(range));
        let reads =
            graph.add("reads", (listener.ready(),), |(it,)| Thing::<Network>::named("reads").fixed(&it));
        graph.add("holds", (reads.accepted(),), |(it,)| Thing::<Group>::named("holds").holding([it]));
        graph
    };
    let (mut bench, _) = crate::crash::standing(&graph("a")).await;
    // What is no longer new and not seen is gone.
    tokio::time::sleep(Duration::from_secs(600)).await;
    let standing = bench.snapshot();
    let run = bench.up(&graph("b")).await.succeeded();
    let planned = ["listener", "reads", "holds"].map(|it| run.step(it).action);
    assert_eq!(planned, [Planned::Replace; 3]);
    assert_eq!(bench.audit(), Vec::<String>::new());
    let boundaries = crate::crash::campaign(&mut bench, &standing, || graph("b"), &[]).await;
    assert!(boundaries.as_ref().is_ok_and(|count| *count > 10), "{boundaries:?}");
}

/// `a` is a service or a group, and `b` holds it.
fn either(service: bool) -> Graph<Cloud> {
    let mut graph: Graph<Cloud> = Graph::new();
    let b = |(a,): (String,)| Thing::<Group>::named("b").holding([a]);
    if service {
        let a = graph.add("a", (), |()| Thing::<Service>::named("a"));
        graph.add("b", (a.accepted(),), b);
    } else {
        let a = graph.add("a", (), |()| Thing::<Group>::named("a"));
        graph.add("b", (a.accepted(),), b);
    }
    graph
}

#[tokio::test(start_paused = true)]
async fn another_kind_at_an_address_is_a_replacement() {
    let bench = Bench::new();
    bench.up(&either(false)).await.succeeded();
    let run = bench.up(&either(true)).await.succeeded();
    let step = run.step("a");
    let was = Reason::Kind { was: "toy.group".to_owned() };
    assert_eq!((step.action, &step.reason), (Planned::Replace, &Some(was)));
    assert_eq!(run.effects(), ["Delete b", "Delete a", "Create a", "Create b"]);
    assert_eq!(bench.audit(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn another_kind_at_the_address_of_a_crashed_run_loses_nothing() {
    let mut bench = Bench::new();
    let nothing = bench.snapshot();
    for first in [false, true] {
        for k in 1.. {
            bench.restore(&nothing);
            let run = bench.run(&either(first), &[], Fuse::at(k, Mishap::Crash)).await;
            bench.up(&either(!first)).await.succeeded();
            assert_eq!(bench.audit(), Vec::<String>::new(), "crash at {k}");
            assert_eq!(bench.world().alive().count(), 2, "crash at {k}");
            if !matches!(run.outcome, Outcome::Crashed) {
                break;
            }
        }
    }
}

/// The old one is on its way out when the new kind takes the address.
#[tokio::test(start_paused = true)]
async fn another_kind_waits_until_what_had_the_address_is_gone() {
    let bench = Bench::new();
    bench.up(&either(true)).await.succeeded();
    let species = Thing::<Service>::SPECIES;
    {
        let mut world = bench.world();
        world.lose("b");
        let id = world.named("a").id.clone();
        world.delete(species, &id).expect("nothing holds it");
    }
    let run = bench.up(&either(false)).await.succeeded();
    assert_eq!(run.step("a").action, Planned::Replace);
    assert_eq!(bench.audit(), Vec::<String>::new());
    assert_eq!(bench.world().alive().count(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_is_removed_and_holds_what_is_replaced_goes_first() {
    let graph = |range: &'static str, chain: bool| {
        let mut graph: Graph<Cloud> = Graph::new();
        let base = graph.add("base", (), move |()| Thing::<Network>::named("base").fixed(range));
        if chain {
            let link =
                graph.add("link", (base.accepted(),), |(it,)| Thing::<Group>::named("link").holding([it]));
            graph.add("end", (link.accepted(),), |(it,)| Thing::<Group>::named("end").holding([it]));
        }
        graph
    };
    let bench = Bench::new();
    bench.up(&graph("a", true)).await.succeeded();
    let run = bench.up(&graph("b", false)).await.succeeded();
    assert_eq!(run.effects(), ["Delete end", "Delete link", "Delete base", "Create base"]);
    assert_eq!(bench.audit(), Vec::<String>::new());
}
