//! `sidekick outputs`: the addresses and names that others need, from the state file alone.

use sidekick_stack::outputs;

use crate::args::Global;
use crate::error::Error;
use crate::printer::Printer;
use crate::render;
use crate::state_file::recorded;

pub(crate) fn outputs(global: &Global, printer: &Printer, name: Option<&str>) -> Result<u8, Error> {
    let rows = recorded(global)?.map(|contents| contents.rows).unwrap_or_default();
    let known = outputs::outputs(&rows);
    let Some(name) = name else {
        render::outputs(printer, &known);
        return Ok(0);
    };
    match known.get(name) {
        Some(value) if printer.is_json() => printer.json(&serde_json::json!(value)),
        Some(value) => printer.text(&format!("{value}\n")),
        None if outputs::names().any(|other| other == name) => {
            // Without a configuration, what is not on record may be on its way or not wanted at all.
            let hint =
                "if the configuration has its resource, it is known once `sidekick up` has made that ready";
            let why = "its resource is not on record, or not ready yet";
            return Err(Error::unmet(format!("the output {name} is not known: {why}"), hint));
        }
        None => {
            let names: Vec<_> = outputs::names().collect();
            return Err(Error::unmet(
                format!("there is no output {name}"),
                format!("the outputs are {}", names.join(", ")),
            ));
        }
    }
    Ok(0)
}
