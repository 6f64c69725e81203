//! `sidekick config show`: every value that counts and where it came from, without a call to AWS.

use sidekick_stack::config;

use crate::args::Global;
use crate::error::Error;
use crate::printer::Printer;
use crate::render;

pub(crate) fn config_show(global: &Global, printer: &Printer) -> Result<u8, Error> {
    let settings = config::settings(&global.config_dir, &global.env).map_err(Error::Config)?;
    render::settings(printer, &settings);
    Ok(0)
}
