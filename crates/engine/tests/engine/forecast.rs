//! What is foretold of a run, against the run itself in virtual time.

use std::collections::BTreeSet;
use std::time::Duration;

use sidekick_engine::{Forecast, Graph, Mutation, Prospect};
use tokio::time::sleep;

use crate::toy::{Bench, Estate};

/// A run may take so much longer or shorter than foretold, beside the looks that come a little late.
fn is_near(foretold: Duration, took: Duration) -> bool {
    let slack = Duration::from_secs(30) + took / 4;
    foretold + slack >= took && took + slack >= foretold
}

/// What the critical changes say: each begins when the one before is over or begun, and the last one ends it all.
fn is_a_way_through(forecast: &Forecast) {
    let critical: Vec<_> = forecast.prospects.iter().filter(|prospect| prospect.critical).collect();
    assert_eq!(critical.last().map(|last| last.ends), Some(forecast.total), "{forecast:#?}");
    assert_eq!(critical[0].starts, Duration::ZERO, "{forecast:#?}");
    for pair in critical.windows(2) {
        assert_eq!(pair[1].after.as_ref(), Some(&pair[0].address), "{forecast:#?}");
        assert!(pair[0].starts <= pair[1].starts && pair[1].starts <= pair[0].ends, "{forecast:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn up_and_down_take_about_as_long_as_foretold() {
    let bench = Bench::new();
    let up = bench.up(&Estate::FIRST.graph()).await.succeeded();
    assert_eq!(up.forecast.prospects.len(), Estate::FIRST.size());
    assert!(is_near(up.forecast.total, up.took), "{:?} and not {:?}", up.took, up.forecast.total);
    is_a_way_through(&up.forecast);
    sleep(Duration::from_secs(600)).await;
    let down = bench.down().await.succeeded();
    assert!(down.forecast.prospects.iter().all(|prospect| prospect.action == Mutation::Delete));
    let gone: BTreeSet<_> = down.forecast.prospects.iter().map(|prospect| &prospect.address).collect();
    assert_eq!(gone.len(), Estate::FIRST.size(), "each goes once");
    assert!(is_near(down.forecast.total, down.took), "{:?} and not {:?}", down.took, down.forecast.total);
    is_a_way_through(&down.forecast);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_foretold_of_a_run_that_does_nothing() {
    let bench = Bench::new();
    bench.up(&Estate::FIRST.graph()).await.succeeded();
    sleep(Duration::from_secs(600)).await;
    assert_eq!(bench.up(&Estate::FIRST.graph()).await.succeeded().forecast, Forecast::default());
    let nothing = Bench::new().up(&Graph::new()).await.succeeded();
    assert_eq!(nothing.forecast, Forecast::default());
}

#[tokio::test(start_paused = true)]
async fn a_replacement_is_a_deletion_and_what_follows_it() {
    let bench = Bench::new();
    bench.up(&Estate::FIRST.graph()).await.succeeded();
    sleep(Duration::from_secs(600)).await;
    let moved = Estate { range: "10.1.0.0/16", ..Estate::FIRST };
    let run = bench.run(&moved.graph(), &["database"], crate::toy::Fuse::none()).await;
    let of = |address: &str| -> Vec<_> {
        let own = run.forecast.prospects.iter().filter(|prospect| prospect.address.as_str() == address);
        own.map(|prospect| prospect.action).collect()
    };
    assert_eq!(of("network"), [Mutation::Delete, Mutation::Create]);
    is_a_way_through(&run.forecast);
}

#[tokio::test(start_paused = true)]
async fn what_goes_last_is_foretold_although_something_that_stays_depends_on_it_on_record() {
    let bench = Bench::new();
    bench.up(&Estate::FIRST.graph()).await.succeeded();
    sleep(Duration::from_secs(600)).await;
    let edited = Estate { secret: false, ..Estate::FIRST };
    let run = bench.up(&edited.graph()).await.succeeded();
    let is_gone = |address: &str| {
        let deletes = |it: &&Prospect| it.address.as_str() == address && it.action == Mutation::Delete;
        run.forecast.prospects.iter().filter(deletes).count()
    };
    assert_eq!(["secret", "secret.version"].map(is_gone), [1; 2], "{:#?}", run.forecast);
    is_a_way_through(&run.forecast);
}
