//! As fast as AWS allows, in virtual time. The figures in full are those of the benchmark `environment`; here a few
//! environments show that none of them is lost.

use sidekick_sandbox::Faults;
use sidekick_tests::benchmark::critical_path::critical_path;
use sidekick_tests::benchmark::environment;
use sidekick_tests::benchmark::recording::{CALL, Recording};
use sidekick_tests::benchmark::statistics::quantile;
use sidekick_tests::simulation::workers;

#[test]
fn up_and_down_take_hardly_longer_than_aws_itself() {
    let recordings = workers::each(0..8, |seed| Recording::of(seed, Faults::default()));
    for it in &recordings {
        let best = critical_path(&environment::up(&it.addresses, &it.up.spans));
        assert!(it.up.makespan() <= 1.05 * best.seconds, "{} s of {best:?}", it.up.makespan());
        assert!(it.up.makespan() > best.seconds, "nothing is faster than AWS: {best:?}");
        let best = critical_path(&environment::down(&it.addresses, &it.down.spans));
        assert!(it.down.makespan() <= 1.06 * best.seconds, "{} s of {best:?}", it.down.makespan());
        assert!(it.down.makespan() > best.seconds, "nothing is faster than AWS: {best:?}");
        for operation in ["CreateDBInstance", "CreateReplicationGroup"] {
            assert!(it.up.first(operation).is_some_and(|sent| sent <= 3.0), "{operation}");
        }
        let throttled = it.up.throttled() + it.again.throttled() + it.down.throttled();
        assert_eq!(throttled, 0);
    }
    let lags = recordings.iter().flat_map(|it| it.up.lags().chain(it.down.lags()).map(|(_, lag)| lag));
    let lags: Vec<_> = lags.collect();
    assert!(lags.len() > 50 && quantile(&lags, 0.95) <= 3.0, "{lags:?}");
}

#[test]
fn an_up_with_nothing_to_do_takes_three_round_trips_and_fifty_reads() {
    let it = workers::run(Recording::of(1, Faults::default()));
    assert!(it.again.makespan() < 4.0 * CALL, "{} s", it.again.makespan());
    let calls: Vec<_> = it.again.calls.iter().map(|call| call.operation.as_str()).collect();
    assert!(calls.len() <= 50, "{} calls: {calls:?}", calls.len());
}

#[test]
fn at_a_tenth_of_the_rate_limits_everything_takes_longer_and_nothing_fails() {
    let tenth = Faults { rates_cut: 0.9, ..Faults::default() };
    let (slowed, full) =
        (workers::run(Recording::of(1, tenth)), workers::run(Recording::of(1, Faults::default())));
    assert!(slowed.up.throttled() > 0, "the limit is felt");
    // What is made waits for AWS anyway; a command that only reads shows the limit.
    let (slowed, full) = (slowed.again.makespan(), full.again.makespan());
    assert!(slowed > full, "{slowed} s and {full} s");
}
