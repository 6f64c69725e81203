//! `sidekick runs`: what earlier runs did. Without a call to AWS.

use std::time::Duration;

use sidekick_engine::Clock;

use crate::args::Global;
use crate::error::Error;
use crate::printer::Printer;
use crate::recording::Recorded;
use crate::render::{self, Progress};

pub(crate) fn runs_list(global: &Global, printer: &Printer) -> Result<u8, Error> {
    render::runs(printer, &Recorded::all(global)?);
    Ok(0)
}

pub(crate) fn runs_show(global: &Global, printer: &Printer, which: Option<&str>) -> Result<u8, Error> {
    render::run(printer, &Recorded::read(global, which)?);
    Ok(0)
}

/// What told a run tells it again: at once, or with its pauses, `speed` times as fast.
pub(crate) async fn runs_replay(
    global: &Global,
    printer: &Printer,
    which: Option<&str>,
    speed: Option<f64>,
) -> Result<u8, Error> {
    let recorded = Recorded::read(global, which)?;
    let Some((speed, started)) = speed.zip(recorded.started()) else {
        let progress = Progress::new(*printer);
        recorded.facts.iter().for_each(|fact| progress.show(fact));
        return Ok(0);
    };
    let clock = Clock::simulated(started.at, speed);
    let progress = Progress::watching(*printer, clock);
    for fact in &recorded.facts {
        clock.sleep(Duration::try_from(fact.at().duration_since(clock.now())).unwrap_or_default()).await;
        progress.show(fact);
    }
    Ok(0)
}
