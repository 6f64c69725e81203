//! Deterministic simulation from the command line: any number of random stories, one of them again, or every crash.
//!
//! ```sh
//! cargo build --workspace --bin simulate
//! target/debug/simulate stories --seeds 10000
//! target/debug/simulate story 4711
//! target/debug/simulate crashes
//! ```
//! What it prints is Markdown; the tables of `docs/reliability.md` are its output.

use std::io::{self, Write};
use std::ops::Range;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Parser, Subcommand};
use sidekick_tests::simulation::bare;
use sidekick_tests::simulation::configuration::Configuration;
use sidekick_tests::simulation::crashes::{self, CAMPAIGNS};
use sidekick_tests::simulation::estate::{self, Estate, Fortune};
use sidekick_tests::simulation::processor::Processor;
use sidekick_tests::simulation::story::{Ending, play};
use sidekick_tests::simulation::workers;

/// Runs the unmodified engine and kinds over the simulated AWS, in virtual time.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Tell the stories of many seeds
    Stories {
        /// How many
        #[arg(long, default_value_t = 1000)]
        seeds: u64,
        /// The first of them
        #[arg(long, default_value_t = 0)]
        from: u64,
        /// After so many minutes no further one is begun
        #[arg(long)]
        minutes: Option<u64>,
    },
    /// Tell one story again, call by call
    Story {
        /// Its seed
        seed: u64,
    },
    /// Let each command die at each of its boundaries
    Crashes {
        /// At how many boundaries, drawn at random, the second run dies after each death of the first
        #[arg(long, default_value_t = 1)]
        second_deaths: usize,
    },
    /// Measure what an undisturbed up and down costs
    Cost,
}

fn main() -> ExitCode {
    let processor = Processor::now();
    let told = match Arguments::parse().command {
        Command::Stories { seeds, from, minutes } => {
            stories(from..from.saturating_add(seeds), minutes, processor)
        }
        Command::Story { seed } => one_story(seed),
        Command::Crashes { second_deaths } => every_crash(second_deaths, processor),
        Command::Cost => cost(processor),
    };
    match told {
        Ok(true) => ExitCode::SUCCESS,
        // What was told cannot be told more clearly; where nothing can be printed, the exit code is left.
        Ok(false) | Err(_) => ExitCode::FAILURE,
    }
}

/// How many stories are told between two looks at the clock.
const AT_ONCE: usize = 64;

/// Whether all promises were kept.
fn stories(seeds: Range<u64>, minutes: Option<u64>, processor: Processor) -> io::Result<bool> {
    let begun = Instant::now();
    let in_time = || minutes.is_none_or(|minutes| begun.elapsed().as_secs() < minutes * 60);
    let mut endings = Vec::new();
    let mut waiting = seeds.clone();
    while in_time() && !waiting.is_empty() {
        endings.extend(workers::each(waiting.by_ref().take(AT_ONCE), play));
    }
    let number = endings.len();
    let used = processor.used();
    let sum = |count: fn(&Ending) -> u64| endings.iter().map(count).sum::<u64>();
    let from = seeds.start;
    let broken: Vec<_> = seeds.zip(&endings).filter(|(_, ending)| !ending.findings.is_empty()).collect();
    let mut out = io::stdout().lock();
    writeln!(out, "| stories, of the seeds from {from} on | {number} |\n|---|---|")?;
    let rows: [(&str, u64); 7] = [
        ("processes", sum(|ending| ending.processes)),
        ("of them died", sum(|ending| ending.deaths)),
        ("of them were asked to stop", sum(|ending| ending.stops)),
        ("deeds of strangers in the account", sum(|ending| ending.mischief)),
        ("calls", sum(|ending| ending.calls)),
        ("of them to change something", sum(|ending| ending.mutations)),
        ("of them met a fault", sum(|ending| ending.faults)),
    ];
    for (what, count) in rows {
        writeln!(out, "| {what} | {count} |")?;
    }
    writeln!(out, "| stories with a broken promise | {} |", broken.len())?;
    writeln!(out, "| processor time per story | {:.0} ms |", used.as_secs_f64() * 1000.0 / number as f64)?;
    for (seed, ending) in &broken {
        writeln!(out, "\nseed {seed}, again with `target/debug/simulate story {seed}`:")?;
        for finding in &ending.findings {
            writeln!(out, "  {finding}")?;
        }
    }
    Ok(broken.is_empty())
}

/// Whether all promises were kept.
fn one_story(seed: u64) -> io::Result<bool> {
    let ending = workers::run(play(seed));
    let mut out = io::stdout().lock();
    for line in ending.course.iter().chain(&ending.findings) {
        writeln!(out, "{line}")?;
    }
    Ok(ending.findings.is_empty())
}

/// Whether all promises were kept.
fn every_crash(second_deaths: usize, processor: Processor) -> io::Result<bool> {
    let mut out = io::stdout().lock();
    let mut kept = true;
    writeln!(
        out,
        "| command | deaths, one at each boundary | processes | broken promises |\n|---|---|---|---|"
    )?;
    for campaign in CAMPAIGNS {
        let tally = crashes::die_in_pairs(campaign, second_deaths);
        let broken = tally.findings.len();
        writeln!(out, "| {} | {} | {} | {broken} |", campaign.name, tally.boundaries, tally.processes)?;
        for finding in &tally.findings {
            writeln!(io::stderr(), "{finding}")?;
        }
        kept &= broken == 0;
    }
    writeln!(out, "\nprocessor time: {:.0} s", processor.used().as_secs_f64())?;
    Ok(kept)
}

/// How many times the cost is measured.
const MEASURED: u64 = 40;

/// Whether all of it reached its goal.
fn cost(processor: Processor) -> io::Result<bool> {
    let runs = workers::each(0..MEASURED, |seed| async move {
        let estate = Estate::new(seed);
        let up = estate.run(estate::Command::Up(Configuration::Shipped), Fortune::kind()).await;
        let down = estate.run(estate::Command::Down, Fortune::kind()).await;
        (up.is_success() && down.is_success(), estate.sandbox.logged())
    });
    let each = |used: Duration| used.as_secs_f64() * 1000.0 / MEASURED as f64;
    let used = each(processor.used());
    let calls = runs.iter().map(|(_, calls)| calls).sum::<usize>() / runs.len();
    writeln!(io::stdout(), "one up and down: {used:.0} ms of processor time, {calls} calls")?;
    let processor = Processor::now();
    workers::each(0..MEASURED, |_| bare::call(calls));
    let used = each(processor.used());
    writeln!(io::stdout(), "as many calls with nothing behind them: {used:.0} ms")?;
    Ok(runs.iter().all(|(reached, _)| *reached))
}
