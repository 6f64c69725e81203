//! `sidekick config`: every value that counts and where it came from, and what a file may say; without a call to AWS.

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

pub(crate) fn config_schema(printer: &Printer) -> Result<u8, Error> {
    let schema = config::schema();
    if printer.is_json() {
        printer.json(&schema);
    } else {
        printer.text(&format!("{schema:#}\n"));
    }
    Ok(0)
}
