//! The states that are kept, and what came of bringing one back.

use jiff::Timestamp;
use serde_json::json;
use sidekick_engine::{Kept, Restored};

use super::columns::columns;
use super::style::moment;
use crate::printer::Printer;

/// Lists the kept states. `present` is the state file's text.
pub(crate) fn history(printer: &Printer, kept: &[Kept], present: Option<&[u8]>) {
    let is_present = |kept: &Kept| present == Some(kept.text.as_slice());
    if printer.is_json() {
        for kept in kept {
            printer.json(&json!({
                "name": kept.name, "serial": kept.contents.serial, "kept_at": kept_at(kept),
                "resources": kept.contents.rows.len(), "present": is_present(kept),
            }));
        }
        return;
    }
    let lines = kept.iter().map(|kept| {
        let time = kept_at(kept).map(moment).unwrap_or_default();
        let mark = if is_present(kept) { "the present state file" } else { "" };
        [kept.name.clone(), time, count(kept.contents.rows.len()), mark.to_owned()]
    });
    printer.text(&columns(lines));
}

/// Says what is in the state file now, and what to do next.
pub(crate) fn restored(printer: &Printer, from: u64, restored: &Restored) {
    let Restored { contents, set_aside } = restored;
    if printer.is_json() {
        printer.json(&json!({
            "restored": from, "serial": contents.serial, "resources": contents.rows.len(), "set_aside": set_aside,
        }));
        return;
    }
    if let Some(aside) = set_aside {
        printer.text(&format!("The broken state file is now {}.\n", aside.display()));
    }
    printer.text(&format!(
        "The state file is as it was at serial {from}, with {}; it has serial {} now.\nRun `sidekick up` next, and before any `sidekick down`: it finds by their ownership tags the resources that this state does not know.\n",
        count(contents.rows.len()), contents.serial
    ));
}

fn kept_at(kept: &Kept) -> Option<Timestamp> {
    Timestamp::try_from(kept.kept_at).ok()
}

fn count(resources: usize) -> String {
    format!("{resources} resource{}", if resources == 1 { "" } else { "s" })
}
