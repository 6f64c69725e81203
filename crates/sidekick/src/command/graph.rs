//! `sidekick graph`: what there is and what needs what, as a picture. Only that of a plan calls AWS.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde_json::json;

use super::plan::planned;
use super::run::engine;
use crate::args::{Drawn, Global, Language};
use crate::diagram::{Diagram, dot, mermaid, svg};
use crate::error::Error;
use crate::printer::Printer;
use crate::recording::{Recorded, RunPlanned};
use crate::render;
use crate::session::{Session, load_config};
use crate::signal;
use crate::state_file::{StateFile, recorded};

/// What to draw, and how.
pub(crate) struct Drawing<'a> {
    pub(crate) of: Option<Drawn>,
    pub(crate) run: Option<&'a str>,
    pub(crate) format: Option<Language>,
}

pub(crate) async fn graph(
    global: &Global,
    printer: &Printer,
    drawing: Drawing<'_>,
    file: Option<&Path>,
) -> Result<u8, Error> {
    let language = drawing.language(file)?;
    let Some(diagram) = drawing.diagram(global).await? else {
        render::nothing_on_record(printer, &global.state_file());
        return Ok(0);
    };
    let text = match language {
        Language::Dot => dot(&diagram),
        Language::Mermaid => mermaid(&diagram),
        Language::Svg => svg(&diagram),
    };
    match file {
        Some(file) => {
            fs::write(file, text).map_err(Error::file(file))?;
            if printer.is_json() {
                printer.json(&json!({ "graph": file, "title": diagram.title }));
            } else {
                printer.aside(&format!("{} shows {}.\n", file.display(), diagram.title));
            }
        }
        None if printer.is_json() => printer.json(&json!({ "graph": text, "title": diagram.title })),
        None => printer.text(&text),
    }
    Ok(0)
}

impl Drawing<'_> {
    /// What was asked for, or else what the file's name says.
    fn language(&self, file: Option<&Path>) -> Result<Language, Error> {
        let ending = file.map(|file| file.extension().and_then(|ending| ending.to_str()).unwrap_or_default());
        Ok(match (self.format, ending) {
            (Some(language), _) => language,
            (None, None | Some("dot" | "gv")) => Language::Dot,
            (None, Some("mmd" | "mermaid")) => Language::Mermaid,
            (None, Some("svg")) => Language::Svg,
            (None, Some(_)) => {
                return Err(Error::unmet(
                    "the name of the file does not say in which language to draw",
                    "let it end in .dot, .mmd or .svg, or name the language with --format",
                ));
            }
        })
    }

    /// Nothing if there is nothing on record.
    async fn diagram(&self, global: &Global) -> Result<Option<Diagram>, Error> {
        let of = self.of.unwrap_or(if self.run.is_some() { Drawn::Run } else { Drawn::Plan });
        match of {
            Drawn::Run => {
                let run = Recorded::read(global, self.run)?;
                let diagram = Diagram::of_run(&run).ok_or_else(|| {
                    Error::unmet(
                        format!("the run {} ended before it had a plan", run.name),
                        "`sidekick runs` lists the others",
                    )
                });
                diagram.map(Some)
            }
            Drawn::Plan | Drawn::State if self.run.is_some() => Err(Error::unmet(
                "a run is named, and something else is to be drawn",
                "leave --of out, or name no run",
            )),
            Drawn::Plan => Ok(Some(Diagram::of_plan(&plan(global).await?))),
            Drawn::State => {
                let contents = recorded(global)?.filter(|contents| !contents.rows.is_empty());
                Ok(contents.as_ref().map(Diagram::of_state))
            }
        }
    }
}

/// What `up` would do.
async fn plan(global: &Global) -> Result<RunPlanned, Error> {
    let stop = signal::listen();
    let config = load_config(global)?;
    let file = StateFile::open_for(global, "graph", &config)?;
    let (session, facts) = Session::with_facts(global, &config, &stop).await?;
    let graph = sidekick_stack::graph(&config, &facts);
    let ledger = file.ledger(&session)?;
    let engine = engine(&session, &ledger, Arc::new(|_| {}), stop);
    let (plan, survey) = engine.plan(&graph).await?;
    Ok(planned((&engine, &session.identity), &graph, (&plan, &survey), None))
}
