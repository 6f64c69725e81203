//! A ledger that cannot be written ends the run before any call that would not be on record.

use sidekick_engine::{Graph, LedgerError, RunError};

use crate::toy::{Bench, Cloud, Estate, Fuse, Mishap, Outcome};

/// The disk is full from the k-th moment on, for each k; after it was cleared, the same command reaches its goal.
async fn campaign(
    bench: &mut Bench,
    start: &crate::toy::Snapshot,
    command: impl Fn() -> Graph<Cloud>,
) -> u32 {
    for k in 1.. {
        bench.restore(start);
        let fuse = Fuse::at(k, Mishap::FullDisk);
        let run = bench.run(&command(), &[], fuse.clone()).await;
        match &run.outcome {
            Outcome::Ended(Err(RunError::Ledger(LedgerError::Write(error)))) => {
                assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
            }
            Outcome::Ended(Ok(report)) if report.is_success() => return k - 1,
            other => panic!("full at {k}: {other:?}"),
        }
        assert_eq!(bench.world().unrecorded, Vec::<String>::new(), "full at {k}");
        bench.run(&command(), &[], Fuse::none()).await.succeeded();
        assert_eq!(bench.audit(), Vec::<String>::new(), "full at {k}");
    }
    unreachable!("a run has an end")
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_is_full_during_an_up_loses_nothing() {
    let mut bench = Bench::new();
    let nothing = bench.snapshot();
    assert!(campaign(&mut bench, &nothing, || Estate::FIRST.graph()).await > 20);
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_is_full_during_a_down_loses_nothing() {
    let mut bench = Bench::new();
    bench.up(&Estate::FIRST.graph()).await.succeeded();
    let standing = bench.snapshot();
    assert!(campaign(&mut bench, &standing, Graph::new).await > 10);
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_is_full_from_the_start_lets_no_call_through() {
    let bench = Bench::new();
    let run = bench.run(&Estate::FIRST.graph(), &[], Fuse::at(1, Mishap::FullDisk)).await;
    assert!(matches!(run.outcome, Outcome::Ended(Err(RunError::Ledger(_)))));
    assert_eq!(run.mutations, []);
    assert_eq!(bench.world().alive().count(), 0);
}
