//! `sidekick state history` and `sidekick state restore`: the states that are kept, and one of them brought back.
//! Without a call to AWS.

use std::path::Path;

use sidekick_engine::{Contents, FileStorage, History, Kept};
use sidekick_stack::stack_name;

use crate::args::Global;
use crate::error::Error;
use crate::printer::Printer;
use crate::render;
use crate::session::load_config;
use crate::state_file::lock;

pub(crate) fn state_history(global: &Global, printer: &Printer) -> Result<u8, Error> {
    let path = global.state_file();
    let kept = History::beside(&path).all()?;
    let present = FileStorage::peek(&path).map_err(Error::file(path))?;
    render::history(printer, &kept, present.as_deref());
    Ok(0)
}

pub(crate) fn state_restore(global: &Global, printer: &Printer, which: &str) -> Result<u8, Error> {
    let mut storage = lock(global, "state restore")?;
    let chosen = chosen(&storage.history().all()?, which)?;
    // A configuration that cannot be read is no reason to leave a broken state file as it is; `up` will refuse both.
    if let Ok(config) = load_config(global) {
        chosen.is_about(&stack_name(&config), &config.region)?;
    }
    let serial = chosen.serial;
    let restored = storage.restore(chosen)?;
    render::restored(printer, serial, &restored);
    Ok(0)
}

/// The kept state of this name, or else the state in this file.
fn chosen(kept: &[Kept], which: &str) -> Result<Contents, Error> {
    if let Some(kept) = kept.iter().find(|kept| kept.name == which) {
        return Ok(kept.contents.clone());
    }
    let file = Path::new(which);
    let text = FileStorage::peek(file).map_err(Error::file(file))?;
    let Some(text) = text else {
        return Err(Error::unmet(
            format!("there is no kept state {which}, nor a file of that name"),
            known(kept),
        ));
    };
    Contents::parse(&text)
        .map_err(|error| Error::unmet(format!("{which} cannot be restored: {error}"), known(kept)))
}

fn known(kept: &[Kept]) -> String {
    let names: Vec<_> = kept.iter().map(|kept| kept.name.as_str()).collect();
    if names.is_empty() {
        "no state is kept yet; `up` and `down` keep those that they begin and end with".to_owned()
    } else {
        format!("the states that are kept are {}", names.join(", "))
    }
}
