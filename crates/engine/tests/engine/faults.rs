//! Faults of the cloud: what can be ridden out is, what cannot stops only what depends on it, and says so.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use sidekick_engine::{Class, Clock, Fault, Graph, Planned, RunError, What, patiently};

use crate::toy::{Bench, Estate, Fuse, Group, Mishap, Network, Outcome, Thing, Trouble, Verb, locked};

fn trouble(verb: Verb, name: &'static str, class: Class, times: u32) -> Trouble {
    Trouble { verb, name, class, takes_effect: false, silence: Duration::ZERO, times }
}

#[tokio::test(start_paused = true)]
async fn any_lost_call_or_answer_of_an_up_is_ridden_out() {
    let mut bench = Bench::new();
    let nothing = bench.snapshot();
    for k in 1.. {
        bench.restore(&nothing);
        let fuse = Fuse::at(k, Mishap::Loss);
        bench.run(&Estate::FIRST.graph(), &[], fuse.clone()).await.succeeded();
        assert_eq!(bench.audit(), Vec::<String>::new(), "loss at {k}");
        if !fuse.is_blown() {
            assert!(k > 18, "only {k} calls could be lost");
            return;
        }
    }
}

/// A repeated update of a definition would make a revision too many.
#[tokio::test(start_paused = true)]
async fn any_lost_call_or_answer_of_an_update_is_ridden_out_without_a_second_one() {
    let mut bench = Bench::new();
    bench.up(&Estate::FIRST.graph()).await.succeeded();
    let standing = bench.snapshot();
    let edited = Estate { label: "two", image: "v2", ..Estate::FIRST };
    for k in 1.. {
        bench.restore(&standing);
        let fuse = Fuse::at(k, Mishap::Loss);
        bench.run(&edited.graph(), &[], fuse.clone()).await.succeeded();
        assert_eq!(bench.audit(), Vec::<String>::new(), "loss at {k}");
        assert!(bench.world().alive().all(|it| it.revision <= 2), "loss at {k}");
        if !fuse.is_blown() {
            assert!(k > 12, "only {k} calls could be lost");
            return;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn any_lost_call_or_answer_of_a_down_is_ridden_out() {
    let mut bench = Bench::new();
    bench.up(&Estate::FIRST.graph()).await.succeeded();
    let standing = bench.snapshot();
    for k in 1.. {
        bench.restore(&standing);
        let fuse = Fuse::at(k, Mishap::Loss);
        bench.run(&Graph::new(), &[], fuse.clone()).await.succeeded();
        assert_eq!(bench.world().marked().count(), 0, "loss at {k}");
        assert_eq!(bench.audit(), Vec::<String>::new(), "loss at {k}");
        if !fuse.is_blown() {
            assert!(k > 12, "only {k} calls could be lost");
            return;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_shows_late_is_neither_made_twice_nor_given_up() {
    let bench = Bench::new();
    bench.world().lag = Duration::from_secs(20);
    let run = bench.up(&Estate::FIRST.graph()).await.succeeded();
    assert_eq!(bench.audit(), Vec::<String>::new());
    let made = run.effects().iter().filter(|it| it.starts_with("Create")).count();
    assert_eq!(made, Estate::FIRST.size());
}

/// The search for a lost create lasts from the last try on, not from the first.
#[tokio::test(start_paused = true)]
async fn a_create_that_is_lost_after_a_long_throttle_is_still_looked_for() {
    let bench = Bench::new();
    {
        let mut world = bench.world();
        world.lag = Duration::from_secs(10);
        world.troubles.push(trouble(Verb::Create, "network", Class::Throttled, 8));
        let lost = trouble(Verb::Create, "network", Class::Transient, 1);
        world.troubles.push(Trouble { takes_effect: true, ..lost });
    }
    bench.up(&Estate::FIRST.graph()).await.succeeded();
    assert_eq!(bench.audit(), Vec::<String>::new());
}

/// A call that is given up after half a minute may take effect at its very end.
#[tokio::test(start_paused = true)]
async fn a_create_that_was_silent_for_long_is_looked_for_from_the_end_of_the_silence_on() {
    let bench = Bench::new();
    {
        let mut world = bench.world();
        world.lag = Duration::from_secs(10);
        let lost = trouble(Verb::Create, "network", Class::Transient, 1);
        world.troubles.push(Trouble { takes_effect: true, silence: Duration::from_secs(30), ..lost });
    }
    bench.up(&Estate::FIRST.graph()).await.succeeded();
    assert_eq!(bench.audit(), Vec::<String>::new());
}

/// The same across two processes: the second starts to look when the first one last tried.
#[tokio::test(start_paused = true)]
async fn a_create_that_is_lost_in_a_crash_after_a_long_throttle_is_still_looked_for() {
    let mut bench = Bench::new();
    bench.world().lag = Duration::from_secs(10);
    bench.world().troubles.push(trouble(Verb::Create, "network", Class::Throttled, 8));
    let nothing = bench.snapshot();
    let small = Estate { serves: false, secret: false, ..Estate::FIRST };
    for k in 1.. {
        bench.restore(&nothing);
        let run = bench.run(&small.graph(), &[], Fuse::at(k, Mishap::Crash)).await;
        bench.up(&small.graph()).await.succeeded();
        assert_eq!(bench.audit(), Vec::<String>::new(), "crash at {k}");
        if !matches!(run.outcome, Outcome::Crashed) {
            return;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn throttling_is_ridden_out_and_told() {
    let bench = Bench::new();
    for verb in [Verb::Find, Verb::Observe, Verb::Create] {
        bench.world().troubles.push(trouble(verb, "database", Class::Throttled, 3));
    }
    let run = bench.up(&Estate::FIRST.graph()).await.succeeded();
    let retries = run.events.iter().filter(|event| matches!(&event.what, What::Retrying { .. })).count();
    assert!(retries >= 6, "{retries} retries were told");
    assert_eq!(bench.audit(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_failure_stops_only_what_depends_on_it_and_the_next_up_continues() {
    let bench = Bench::new();
    bench.world().troubles.push(trouble(Verb::Create, "definition", Class::Denied, 1));
    let run = bench.up(&Estate::FIRST.graph()).await;
    let report = run.report();
    let failed: Vec<_> =
        report.failed.iter().map(|(address, fault)| (address.as_str(), fault.class)).collect();
    assert_eq!(failed, [("definition", Class::Denied)]);
    let skipped: Vec<_> =
        report.skipped.iter().map(|(it, because)| (it.as_str(), because.as_str())).collect();
    assert_eq!(skipped, [("service", "definition")]);
    assert_eq!(bench.audit(), Vec::<String>::new(), "a create that was refused leaves no row");
    assert_eq!(bench.world().marked().count(), Estate::FIRST.size() - 2);

    let run = bench.up(&Estate::FIRST.graph()).await.succeeded();
    assert_eq!(run.effects(), ["Create definition", "Create service"]);
    assert_eq!(bench.audit(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_told_once_with_what_was_tried_and_why() {
    let bench = Bench::new();
    bench.world().troubles.push(trouble(Verb::Create, "database", Class::Denied, 1));
    let run = bench.up(&Estate::FIRST.graph()).await;
    let told: Vec<_> = run
        .events
        .iter()
        .filter_map(|event| match &event.what {
            What::Failed { fault } => Some(format!("{}: {fault}", event.address)),
            What::Skipped { because } => Some(format!("{}: skipped because of {because}", event.address)),
            _ => None,
        })
        .collect();
    assert_eq!(
        told,
        [
            "database: Create toy.database: not today",
            "secret.version: skipped because of database",
            "definition: skipped because of database",
            "service: skipped because of database",
        ]
    );
}

/// What AWS refuses for a long time and rightly does not count towards the few times that an answer may be lost.
#[tokio::test(start_paused = true)]
async fn an_answer_may_be_lost_after_many_refusals_that_are_waited_out() {
    let bench = Bench::new();
    let refused = trouble(Verb::Create, "network", Class::NotYetVisible, 14);
    bench.world().troubles.push(refused);
    bench.world().troubles.push(trouble(Verb::Create, "network", Class::Transient, 1));
    bench.up(&Estate::FIRST.graph()).await.succeeded();
    assert_eq!(bench.audit(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn endless_throttling_fails_in_the_end_and_leaves_nothing_behind() {
    let bench = Bench::new();
    bench.world().troubles.push(trouble(Verb::Create, "secret", Class::Throttled, u32::MAX));
    let run = bench.up(&Estate::FIRST.graph()).await;
    let failed: Vec<_> = run.report().failed.iter().map(|(address, _)| address.as_str()).collect();
    assert_eq!(failed, ["secret"]);
    assert_eq!(bench.audit(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_is_never_carried_out_is_given_up_at_the_deadline() {
    let bench = Bench::new();
    bench.up(&Estate::FIRST.graph()).await.succeeded();
    bench.world().deaf = vec!["secret"];
    let run = bench.down().await;
    let failed: Vec<_> = run.report().failed.iter().map(|(address, _)| address.as_str()).collect();
    assert_eq!(failed, ["secret"]);
    // The deadline of 300 s counts from the first time that it was sent, and the last pause is a part of that.
    assert!(run.took < Duration::from_secs(316), "it took {:?}", run.took);
    bench.world().deaf.clear();
    bench.down().await.succeeded();
    assert_eq!(bench.world().marked().count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_shows_late_is_sent_once() {
    let bench = Bench::new();
    bench.up(&Estate::FIRST.graph()).await.succeeded();
    tokio::time::sleep(Duration::from_secs(100)).await;
    // The first pause after a prompt delete is 0.3 s.
    bench.world().lag = Duration::from_millis(200);
    let run = bench.down().await.succeeded();
    let deletes = run.mutations.iter().filter(|call| call.name == "network").count();
    assert_eq!(deletes, 1, "{:?}", run.mutations);
}

#[tokio::test(start_paused = true)]
async fn an_unanswered_create_that_is_not_desired_any_more_is_found_and_deleted() {
    let mut bench = Bench::new();
    let nothing = bench.snapshot();
    // The create of the service takes effect; the process dies before its answer.
    let crashed = (1..).map(|k| Fuse::at(k, Mishap::Crash));
    for fuse in crashed {
        bench.restore(&nothing);
        bench.run(&Estate::FIRST.graph(), &[], fuse).await;
        let unanswered = bench
            .contents()
            .is_some_and(|it| it.rows.get(&"service".into()).is_some_and(|row| row.id.is_none()));
        if unanswered && bench.world().marked().any(|it| it.body.name == "service") {
            break;
        }
    }
    let without = Estate { serves: false, ..Estate::FIRST };
    let run = bench.up(&without.graph()).await.succeeded();
    assert_eq!(run.step("service").action, Planned::Delete);
    assert!(run.effects().contains(&"Delete service".to_owned()));
    assert_eq!(bench.audit(), Vec::<String>::new());
    assert_eq!(bench.world().marked().count(), without.size());
}

#[tokio::test(start_paused = true)]
async fn what_died_while_it_was_made_fails_and_is_replaced_by_the_next_up() {
    let bench = Bench::new();
    bench.world().doomed = vec!["database"];
    let run = bench.up(&Estate::FIRST.graph()).await;
    let (address, fault) = &run.report().failed[0];
    assert_eq!(address.as_str(), "database");
    assert!(fault.message.contains("insufficient capacity"), "{fault}");

    bench.world().doomed.clear();
    let run = bench.up(&Estate::FIRST.graph()).await.succeeded();
    // It never held data, so nobody has to agree.
    assert_eq!(run.step("database").action, Planned::Replace);
    assert_eq!(bench.audit(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn what_is_lost_while_it_is_made_is_looked_for_before_it_is_made_again() {
    let bench = Bench::new();
    let mut graph = Graph::new();
    graph.add("network", (), |()| Thing::<Network>::named("network"));
    let (world, lost) = (bench.world.clone(), AtomicBool::new(false));
    let run = bench.interrupted(&graph, move |event| {
        if matches!(event.what, What::Accepted { .. }) && !lost.swap(true, Ordering::Relaxed) {
            locked(&world).lose("network");
        }
        false
    });
    assert_eq!(run.await.succeeded().effects(), ["Create network", "Create network"]);
    let verbs: Vec<_> = bench.world().calls.iter().map(|call| call.verb).collect();
    let second = verbs.iter().rposition(|verb| *verb == Verb::Create).expect("it was created twice");
    assert_eq!(verbs[second - 1], Verb::Find);
    assert_eq!(bench.audit(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_taken_by_our_own_lost_create_is_ours() {
    let bench = Bench::new();
    let mut graph = Graph::new();
    graph.add("group", (), |()| Thing::<Group>::named("group"));
    // It shows only after it counts as never having happened.
    bench.world().lag = Duration::from_secs(40);
    let lost = trouble(Verb::Create, "group", Class::Transient, 1);
    bench.world().troubles.push(Trouble { takes_effect: true, ..lost });
    let run = bench.up(&graph).await.succeeded();
    let refused: Vec<_> = run.mutations.iter().map(|call| call.refused).collect();
    let (first, others) = refused.split_first().expect("it was tried");
    // Once the name is known to be taken, it is searched for and not tried again and again.
    assert!(first.is_none() && (1..=2).contains(&others.len()), "{refused:?}");
    assert!(others.iter().all(|refused| *refused == Some(Class::Conflict)), "{refused:?}");
    assert_eq!(bench.audit(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_look_that_fails_for_no_lasting_reason_is_repeated() {
    let bench = Bench::new();
    bench.up(&Estate::FIRST.graph()).await.succeeded();
    bench.world().troubles.push(trouble(Verb::Observe, "web", Class::Throttled, 2));
    bench.world().troubles.push(trouble(Verb::Observe, "database", Class::Transient, 2));
    let run = bench.up(&Estate::FIRST.graph()).await.succeeded();
    assert!(run.is_idle() && run.plan.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_look_is_repeated_longer_while_the_cloud_answers() {
    let tries = async |code: Option<&str>, speed: f64| {
        let tried = AtomicU32::new(0);
        let answer: Result<(), Fault> = patiently(Clock::simulated(Timestamp::UNIX_EPOCH, speed), || async {
            tried.fetch_add(1, Ordering::Relaxed);
            let fault = Fault::new(Class::Transient, "look", "not today");
            Err(Fault { code: code.map(str::to_owned), ..fault })
        })
        .await;
        assert!(answer.is_err());
        tried.into_inner()
    };
    assert_eq!(tries(None, 1.0).await, 5);
    assert_eq!(tries(Some("InternalError"), 1.0).await, 7, "in 20 seconds");
    assert!(tries(Some("InternalError"), 300.0).await > 100, "in 20 seconds of ours");
}

#[tokio::test(start_paused = true)]
async fn a_look_that_is_denied_ends_the_run_before_anything_changes() {
    let bench = Bench::new();
    bench.up(&Estate::FIRST.graph()).await.succeeded();
    bench.world().troubles.push(trouble(Verb::Observe, "web", Class::Denied, 1));
    let run = bench.down().await;
    let Outcome::Ended(Err(RunError::Survey(faults))) = &run.outcome else { panic!("{:?}", run.outcome) };
    let faults: Vec<_> = faults.iter().map(|(address, fault)| (address.as_str(), fault.class)).collect();
    assert_eq!(faults, [("group", Class::Denied)]);
    assert!(run.is_idle());
}
