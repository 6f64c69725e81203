//! `sidekick completions` and `sidekick man`: what the command line says of itself, for shells and for `man`.

use std::fs;
use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;

use crate::args::Arguments;
use crate::error::Error;
use crate::printer::Printer;

pub(crate) fn completions(printer: &Printer, shell: Shell) -> u8 {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "sidekick", &mut text);
    printer.text(&String::from_utf8_lossy(&text));
    0
}

pub(crate) fn man(printer: &Printer, out: Option<&Path>) -> Result<u8, Error> {
    let Some(folder) = out else {
        let mut page = Vec::new();
        let stdout = Path::new("the manual page");
        Man::new(Arguments::command()).render(&mut page).map_err(Error::file(stdout))?;
        printer.text(&String::from_utf8_lossy(&page));
        return Ok(0);
    };
    fs::create_dir_all(folder).map_err(Error::file(folder))?;
    clap_mangen::generate_to(Arguments::command(), folder).map_err(Error::file(folder))?;
    printer.aside(&format!("wrote the manual pages to {}\n", folder.display()));
    Ok(0)
}
