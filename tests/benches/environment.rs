//! Prints how fast the environment comes and goes, next to how fast AWS itself lets it, as Markdown.
//!
//! Everything is virtual time, so that the machine does not matter. `SEEDS` says how many environments; 200 if unset.

use std::collections::BTreeMap;
use std::io::{self, Write};

use sidekick_engine::Experience;
use sidekick_sandbox::Faults;
use sidekick_tests::benchmark::critical_path::{CriticalPath, critical_path};
use sidekick_tests::benchmark::recording::{CALL, Recording, Run};
use sidekick_tests::benchmark::statistics::quantile;
use sidekick_tests::benchmark::{environment, terraform};
use sidekick_tests::simulation::configuration::Configuration;
use sidekick_tests::simulation::workers;

/// How often an account is met until it is known.
const MEETINGS: u64 = 8;

fn main() -> io::Result<()> {
    let seeds = std::env::var("SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(200);
    let recordings = workers::each(0..seeds, |seed| Recording::of(seed, Faults::default()));
    let mut out = io::stdout().lock();
    writeln!(out, "{seeds} environments, {:.0} ms a call\n", CALL * 1000.0)?;
    writeln!(out, "| figure | median | 95 % | 99 % | worst |\n|---|---|---|---|---|")?;
    limits(&mut out, &recordings)?;
    calls(&mut out, &recordings)?;
    comparison(&mut out, &recordings)?;
    under_a_tenth(&mut out, &recordings)?;
    learning(&mut out)?;
    ways(&mut out, &recordings)
}

/// A row of quantiles.
fn row(out: &mut impl Write, name: &str, values: &[f64], digits: usize) -> io::Result<()> {
    let shown = [0.5, 0.95, 0.99, 1.0].map(|part| format!("{:.digits$}", quantile(values, part)));
    writeln!(out, "| {name} | {} |", shown.join(" | "))
}

fn best_up(it: &Recording) -> CriticalPath {
    critical_path(&environment::up(&it.addresses, &it.up.spans))
}

fn best_down(it: &Recording) -> CriticalPath {
    critical_path(&environment::down(&it.addresses, &it.down.spans))
}

fn each(recordings: &[Recording], figure: impl Fn(&Recording) -> f64) -> Vec<f64> {
    recordings.iter().map(figure).collect()
}

/// How near to AWS's own limits.
fn limits(out: &mut impl Write, recordings: &[Recording]) -> io::Result<()> {
    let ratio = each(recordings, |it| it.up.makespan() / best_up(it).seconds);
    row(out, "`up` from nothing, makespan ÷ critical path", &ratio, 3)?;
    let ratio = each(recordings, |it| it.down.makespan() / best_down(it).seconds);
    row(out, "`down`, makespan ÷ critical path", &ratio, 3)?;
    row(out, "`up` from nothing, s", &each(recordings, |it| it.up.makespan()), 1)?;
    row(out, "`down`, s", &each(recordings, |it| it.down.makespan()), 1)?;
    for operation in ["CreateDBInstance", "CreateReplicationGroup"] {
        let sent = each(recordings, |it| it.up.first(operation).unwrap_or(f64::NAN));
        row(out, &format!("`{operation}` sent, s after the start"), &sent, 2)?;
    }
    let lags = |run: fn(&Recording) -> &Run| -> Vec<f64> {
        recordings.iter().flat_map(|it| run(it).lags().map(|(_, lag)| lag).collect::<Vec<_>>()).collect()
    };
    row(out, "`up`: from its being ready to our knowing it, s", &lags(|it| &it.up), 2)?;
    row(out, "`down`: from its being gone to our knowing it, s", &lags(|it| &it.down), 2)?;
    row(out, "`up` with nothing to do, s", &each(recordings, |it| it.again.makespan()), 2)?;
    row(out, "its round trips", &each(recordings, |it| (it.again.makespan() / CALL).floor()), 0)?;
    row(out, "its reads", &each(recordings, |it| it.again.calls.len() as f64), 0)
}

/// How many calls it takes.
fn calls(out: &mut impl Write, recordings: &[Recording]) -> io::Result<()> {
    let all = |run: &Run| run.calls.len() as f64;
    let waited = |run: &Run| run.spans.values().map(|span| span.length()).sum::<f64>() / 60.0;
    let allowed = |run: &Run| 1.5 * run.changes() as f64 + 2.0 * waited(run);
    row(out, "`up`: calls", &each(recordings, |it| all(&it.up)), 0)?;
    row(out, "of them changed something", &each(recordings, |it| it.up.changes() as f64), 0)?;
    row(
        out,
        "calls ÷ (1.5 × changes + 2 a minute waited)",
        &each(recordings, |it| all(&it.up) / allowed(&it.up)),
        2,
    )?;
    let looks = even_looks(recordings);
    row(out, "looks every 3 s, from the earliest moment on", &looks, 0)?;
    let least = recordings.iter().zip(&looks).map(|(it, looks)| it.up.changes() as f64 + looks);
    let least: Vec<_> = least.zip(recordings).map(|(least, it)| least / allowed(&it.up)).collect();
    row(out, "changes and these looks alone ÷ (1.5 × changes + 2 a minute waited)", &least, 2)?;
    row(out, "`down`: calls", &each(recordings, |it| all(&it.down)), 0)?;
    let throttled = |it: &Recording| it.up.throttled() + it.again.throttled() + it.down.throttled();
    row(out, "throttled calls, all three commands", &each(recordings, |it| throttled(it) as f64), 0)
}

/// How many looks an `up` needs to know of all that takes its time within 1.5 s in the median and 3 s at the most, if it
/// knows of each thing how long that takes at the least, and looks evenly.
fn even_looks(recordings: &[Recording]) -> Vec<f64> {
    const BETWEEN: f64 = 3.0;
    let mut earliest: BTreeMap<&str, f64> = BTreeMap::new();
    for (address, span) in recordings.iter().flat_map(|it| &it.up.spans) {
        let earliest = earliest.entry(address).or_insert(f64::INFINITY);
        *earliest = earliest.min(span.length());
    }
    each(recordings, |it| {
        let looks =
            it.up.spans.iter().map(|(address, span)| {
                ((span.length() - earliest[address.as_str()]) / BETWEEN).floor() + 1.0
            });
        looks.sum()
    })
}

/// Doing what Terraform does, by its documented delays: a simulation.
fn comparison(out: &mut impl Write, recordings: &[Recording]) -> io::Result<()> {
    let drain = f64::from(Configuration::Shipped.get().target_group.deregistration_delay_seconds);
    let nodes = |it: &Recording| environment::up(&it.addresses, &it.up.spans);
    let up = |it: &Recording| terraform::up(&nodes(it), &it.settled);
    let down = |it: &Recording| terraform::down(&nodes(it), &it.down.spans, drain);
    let (applied, destroyed) = (each(recordings, up), each(recordings, down));
    row(out, "Terraform's order and waits (simulated): `apply`, s", &applied, 1)?;
    row(out, "Terraform's order and waits (simulated): `destroy`, s", &destroyed, 1)?;
    let slower = |simulated: &[f64], run: fn(&Recording) -> &Run| -> Vec<f64> {
        simulated.iter().zip(recordings).map(|(seconds, it)| seconds / run(it).makespan()).collect()
    };
    row(out, "`apply` (simulated) ÷ `up`", &slower(&applied, |it| &it.up), 2)?;
    row(out, "`destroy` (simulated) ÷ `down`", &slower(&destroyed, |it| &it.down), 2)
}

/// The same with a tenth of AWS's rate limits, for some of the seeds.
fn under_a_tenth(out: &mut impl Write, recordings: &[Recording]) -> io::Result<()> {
    let tenth = Faults { rates_cut: 0.9, ..Faults::default() };
    let few = recordings.len().min(20);
    let slowed = workers::each(0..few as u64, |seed| Recording::of(seed, tenth.clone()));
    let ratio = |run: fn(&Recording) -> &Run| -> Vec<f64> {
        slowed.iter().zip(recordings).map(|(it, full)| run(it).makespan() / run(full).makespan()).collect()
    };
    row(out, &format!("at a tenth of AWS's rates ({few}): `up`, times as long"), &ratio(|it| &it.up), 3)?;
    row(out, &format!("at a tenth of AWS's rates ({few}): `down`, times as long"), &ratio(|it| &it.down), 3)?;
    row(out, "throttled calls of `up` then", &each(&slowed, |it| it.up.throttled() as f64), 0)
}

/// An account in which everything takes twice as long, met for the first time and when it is known.
fn learning(out: &mut impl Write) -> io::Result<()> {
    let meetings = workers::run(async {
        let mut meetings = Vec::new();
        let mut experience = Experience::default();
        for seed in 0..MEETINGS {
            let slow = Faults { slowdown: 1.0, ..Faults::default() };
            let (met, learned) = Recording::with(seed, slow, experience).await;
            experience = learned;
            meetings.push(met);
        }
        meetings
    });
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let lag =
        |it: &Recording| mean(&it.up.lags().chain(it.down.lags()).map(|(_, lag)| lag).collect::<Vec<_>>());
    writeln!(out, "\nAn account in which everything takes twice as long, run by run:\n")?;
    writeln!(out, "| run | calls of `up` | calls of `down` | mean lag, s |\n|---|---|---|---|")?;
    for (number, it) in meetings.iter().enumerate() {
        let (up, down) = (it.up.calls.len(), it.down.calls.len());
        writeln!(out, "| {} | {up} | {down} | {:.2} |", number + 1, lag(it))?;
    }
    Ok(())
}

/// The critical paths of the environment whose `up` is the median one, and how often each thing is on one.
fn ways(out: &mut impl Write, recordings: &[Recording]) -> io::Result<()> {
    let mut by_length: Vec<_> = recordings.iter().map(|it| (best_up(it), it)).collect();
    by_length.sort_by(|(one, _), (other, _)| one.seconds.total_cmp(&other.seconds));
    let Some((path, median)) = by_length.get(by_length.len() / 2) else { return Ok(()) };
    for (name, path, run) in [("up", path, &median.up), ("down", &best_down(median), &median.down)] {
        writeln!(
            out,
            "\nCritical path of `{name}` in the median environment: {:.1} s, done in {:.1} s\n",
            path.seconds,
            run.makespan()
        )?;
        writeln!(out, "| its turn came, s | what | known as done, s |\n|---|---|---|")?;
        for (address, start) in &path.steps {
            let known = run.known.get(address).map_or(f64::NAN, |known| known - run.begun);
            writeln!(out, "| {start:.1} | {address} | {known:.1} |")?;
        }
        often(out, name, run)?;
    }
    let mut last: BTreeMap<&str, usize> = BTreeMap::new();
    for (path, it) in &by_length {
        for (address, _) in path.steps.iter().filter(|(address, _)| it.up.spans.contains_key(address)) {
            *last.entry(address).or_default() += 1;
        }
    }
    let shares: Vec<_> = last.iter().map(|(address, count)| format!("{address} {count}")).collect();
    writeln!(out, "\nOn the critical path of `up`, of {}: {}", recordings.len(), shares.join(", "))
}

/// How many of the operations that are called most often are named.
const NAMED: usize = 14;

/// Which calls a run is made of.
fn often(out: &mut impl Write, name: &str, run: &Run) -> io::Result<()> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    run.calls.iter().for_each(|call| *counts.entry(&call.operation).or_default() += 1);
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(operation, count)| (std::cmp::Reverse(*count), *operation));
    let named: Vec<_> =
        counts.iter().take(NAMED).map(|(operation, count)| format!("{operation} {count}")).collect();
    writeln!(
        out,
        "\nIts {} calls of `{name}`, the most frequent first: {}, …",
        run.calls.len(),
        named.join(", ")
    )
}
