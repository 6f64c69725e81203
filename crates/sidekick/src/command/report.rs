//! `sidekick report`: what a run did, as one page. Without a call to AWS.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::args::Global;
use crate::error::Error;
use crate::printer::Printer;
use crate::recording::Recorded;
use crate::report::page;

pub(crate) fn report(
    global: &Global,
    printer: &Printer,
    which: Option<&str>,
    file: &Path,
) -> Result<u8, Error> {
    let run = Recorded::read(global, which)?;
    fs::write(file, page(&run)).map_err(Error::file(file))?;
    if printer.is_json() {
        printer.json(&json!({ "report": file, "run": run.name }));
    } else {
        printer.aside(&format!("{} shows the run {}.\n", file.display(), run.name));
    }
    Ok(0)
}
