//! `sidekick plan`: what `up` would do. Changes nothing, neither in AWS nor in the state file.

use std::collections::BTreeSet;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sidekick_aws::Aws;
use sidekick_engine::{Address, Engine, Graph, Identity, Plan, Survey, unreadable};
use sidekick_stack::access::{changes, pending};
use sidekick_stack::config::Config;
use sidekick_stack::cost::Costs;
use uuid::Uuid;

use super::run::engine;
use crate::args::Global;
use crate::error::Error;
use crate::printer::Printer;
use crate::recording::{RunPlanned, SCHEMA};
use crate::render;
use crate::session::{Session, load_config};
use crate::signal;
use crate::state_file::StateFile;

/// The exit code of `--detailed-exitcode` when there are changes.
const CHANGES: u8 = 2;

/// A plan in a file, with the state it was made from.
#[derive(PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SavedPlan {
    stack: String,
    lineage: Uuid,
    plan: Plan,
}

pub(crate) async fn plan(
    global: &Global,
    printer: &Printer,
    out: Option<&Path>,
    detailed_exitcode: bool,
) -> Result<u8, Error> {
    let stop = signal::listen();
    let config = load_config(global)?;
    let file = StateFile::open_for(global, "plan", &config)?;
    let (session, facts) = Session::with_facts(global, &config, &stop).await?;
    let graph = sidekick_stack::graph(&config, &facts);
    let ledger = file.ledger(&session)?;
    let engine = engine(&session, &ledger, std::sync::Arc::new(|_| {}), stop);
    let (plan, survey) = engine.plan(&graph).await?;
    render::plan(printer, &planned((&engine, &session.identity), &graph, (&plan, &survey), Some(&config)));
    render::placeholders(printer, &session.placeholders);
    render::cautions(printer, &config.cautions());
    let outputs_of = |address: &Address| survey.outputs(address).cloned();
    render::pending(printer, &pending(&config, &facts, &outputs_of));
    let contents = ledger.contents();
    render::access_changes(printer, &changes((&config, &facts), &graph, (&contents, &survey)));
    if let Some(path) = out {
        let saved =
            SavedPlan { stack: contents.identity.stack, lineage: contents.lineage, plan: plan.clone() };
        saved.write(path)?;
    }
    // What `up` would refuse, `plan` fails for, so that a pipeline stops before it asks anybody.
    plan.check(&BTreeSet::new())?;
    Ok(if detailed_exitcode && !plan.is_empty() { CHANGES } else { 0 })
}

/// A plan with all that is said of it. What it costs only a configuration tells.
pub(crate) fn planned(
    (engine, identity): (&Engine<'_, Aws>, &Identity),
    graph: &Graph<Aws>,
    (plan, survey): (&Plan, &Survey),
    config: Option<&Config>,
) -> RunPlanned {
    let mut resources = graph.outline();
    let leaving = engine.ledger.contents().outline();
    resources.extend(leaving.into_iter().filter(|it| !graph.contains(&it.address)));
    let previews = graph.preview(plan, survey);
    RunPlanned {
        at: engine.clock.now(),
        identity: identity.clone(),
        plan: plan.clone(),
        disruptions: plan.disruptions(engine.kinds, &previews),
        costs: config.map(|config| {
            Costs::new(config, |address| graph.contains(address)).against(config, plan, &previews)
        }),
        previews,
        resources,
        forecast: engine.forecast(graph, plan),
        schema: Some(SCHEMA),
    }
}

impl SavedPlan {
    fn write(&self, path: &Path) -> Result<(), Error> {
        let text = serde_json::to_vec_pretty(self).map_err(std::io::Error::from);
        text.and_then(|text| std::fs::write(path, text)).map_err(Error::file(path))
    }

    /// Reads a plan that `up` shall carry out.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read(path).map_err(Error::file(path))?;
        serde_json::from_slice(&text).map_err(|error| {
            Error::unmet(
                format!("{} is not a plan of this sidekick: {}", path.display(), unreadable(&error)),
                "make one with `sidekick plan --out FILE`",
            )
        })
    }

    /// Whether this is the plan that is due now. A plan for an empty state file has no lineage to compare.
    pub(crate) fn is(&self, stack: &str, lineage: Option<Uuid>, plan: &Plan) -> bool {
        self.stack == stack && lineage.is_none_or(|lineage| self.lineage == lineage) && self.plan == *plan
    }
}
