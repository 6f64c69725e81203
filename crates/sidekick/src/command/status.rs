//! `sidekick status`: how each resource is, and who can reach whom.

use sidekick_stack::access::{self, Seen};
use sidekick_stack::outputs;

use crate::args::Global;
use crate::error::Error;
use crate::printer::Printer;
use crate::render;
use crate::session::{Session, load_config};
use crate::state_file::recorded;

/// The exit code when something is not as it should be.
const UNWELL: u8 = 1;

pub(crate) async fn status(global: &Global, printer: &Printer) -> Result<u8, Error> {
    let Some(contents) = recorded(global)?.filter(|contents| !contents.rows.is_empty()) else {
        render::nothing_on_record(printer, &global.state_file());
        return Ok(0);
    };
    let config = load_config(global)?;
    let (session, facts) = Session::open(global, &config).await?;
    let survey = sidekick_engine::look(&session.aws, sidekick_aws::KINDS, session.clock, &contents).await?;
    let known = outputs::outputs(&contents.rows);
    let seen = Seen {
        state: &|address| survey.state(address),
        outputs: &|address| survey.outputs(address).cloned(),
    };
    let lines = access::access(&config, &facts, &seen, &known);
    let well = render::status(printer, &contents, &survey, &lines);
    Ok(if well { 0 } else { UNWELL })
}
