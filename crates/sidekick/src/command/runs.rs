//! `sidekick runs`: what earlier runs did. Without a call to AWS.

use crate::args::Global;
use crate::error::Error;
use crate::printer::Printer;
use crate::recording::{Recorded, runs};
use crate::render::{self, Progress};

pub(crate) fn runs_list(global: &Global, printer: &Printer) -> Result<u8, Error> {
    let recorded = runs(global)?.into_iter().map(|name| Recorded::read(global, Some(&name)));
    render::runs(printer, &recorded.collect::<Result<Vec<_>, _>>()?);
    Ok(0)
}

pub(crate) fn runs_show(global: &Global, printer: &Printer, which: Option<&str>) -> Result<u8, Error> {
    render::run(printer, &Recorded::read(global, which)?);
    Ok(0)
}

/// The same rooms through which a run's facts went tell them again.
pub(crate) fn runs_replay(global: &Global, printer: &Printer, which: Option<&str>) -> Result<u8, Error> {
    let progress = Progress::new(*printer);
    Recorded::read(global, which)?.facts.iter().for_each(|fact| progress.show(fact));
    Ok(0)
}
