//! `sidekick state`: what is on record, without a call to AWS and without the lock.

use serde_json::json;
use sidekick_engine::Address;

use crate::args::Global;
use crate::error::Error;
use crate::printer::Printer;
use crate::render;
use crate::state_file::recorded;

pub(crate) fn state_list(global: &Global, printer: &Printer) -> Result<u8, Error> {
    let rows = recorded(global)?.map(|contents| contents.rows).unwrap_or_default();
    if printer.is_json() {
        for (address, row) in &rows {
            printer.json(&json!({ "address": address, "kind": row.kind, "id": row.id }));
        }
    } else {
        let lines = rows.iter().map(|(address, row)| {
            let id = row.id.as_ref().map_or("(create not answered yet)".to_owned(), render::bare);
            [address.to_string(), row.kind.clone(), id]
        });
        printer.text(&render::columns(lines));
    }
    Ok(0)
}

pub(crate) fn state_show(global: &Global, printer: &Printer, address: &str) -> Result<u8, Error> {
    let rows = recorded(global)?.map(|contents| contents.rows).unwrap_or_default();
    let Some(row) = rows.get(&Address::from(address)) else {
        let what = format!("there is no record of {address}");
        return Err(Error::unmet(what, "`sidekick state list` prints all addresses"));
    };
    if printer.is_json() {
        printer.json(&json!(row));
    } else {
        let text = serde_json::to_string_pretty(row).unwrap_or_else(|error| error.to_string());
        printer.text(&format!("{text}\n"));
    }
    Ok(0)
}
