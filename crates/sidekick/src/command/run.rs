//! `sidekick up` and `sidekick down`: plan, ask, carry out, report.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use sidekick_aws::{Aws, KINDS};
use sidekick_engine::{Address, Engine, Graph, Identity, Ledger, Observer, Plan, Report, Stop};
use sidekick_stack::Facts;
use sidekick_stack::access::{changes, pending};
use sidekick_stack::config::{Config, nearest};
use sidekick_stack::outputs::outputs;

use super::doctor;
use super::plan::{SavedPlan, planned};
use crate::args::Global;
use crate::error::Error;
use crate::experience_file;
use crate::printer::Printer;
use crate::recording::{Recording, RunFact, RunFinished, RunStarted, SCHEMA};
use crate::render::{self, Words};
use crate::session::{Session, load_config};
use crate::signal;
use crate::state_file::{self, StateFile};
use crate::telling::Telling;

/// How a run is agreed to.
pub(crate) struct Approval<'a> {
    pub(crate) yes: bool,
    pub(crate) plan: Option<&'a Path>,
    pub(crate) replace: &'a [String],
}

/// The engine for one command.
pub(crate) fn engine<'a>(
    session: &'a Session,
    ledger: &'a Ledger,
    observer: Observer,
    stop: Stop,
) -> Engine<'a, Aws> {
    let Session { aws, clock, experience, .. } = session;
    Engine { cloud: aws, kinds: KINDS, ledger, clock: *clock, experience, observer, stop }
}

pub(crate) async fn up(global: &Global, printer: &Printer, approval: Approval<'_>) -> Result<u8, Error> {
    let printer = &printer.asking(!approval.yes && approval.plan.is_none());
    let stop = signal::listen();
    let config = load_config(global)?;
    let saved = approval.plan.map(SavedPlan::read).transpose()?;
    let file = StateFile::open_for(global, "up", &config)?;
    file.prepare()?;
    let (session, facts) = Session::with_facts(global, &config, &stop).await?;
    let graph = sidekick_stack::graph(&config, &facts);
    let ledger = file.ledger(&session)?;
    let consent: BTreeSet<Address> =
        approval.replace.iter().map(|address| Address::from(address.as_str())).collect();
    render::cautions(printer, &config.cautions());
    let run = Run {
        desired: Some((&config, &facts)),
        ..Run::new((global, printer), (&session, &ledger), stop, Words::UP)
    };
    run.carry_out(&graph, &consent, approval.yes, saved.as_ref()).await?;
    let rows = ledger.contents().rows;
    render::outputs(printer, &outputs(&rows));
    render::pending(printer, &pending(&config, &facts, &|address| rows.get(address)?.outputs.clone()));
    Ok(0)
}

/// Needs no configuration: the state file knows what there is and in which order it goes.
pub(crate) async fn down(global: &Global, printer: &Printer, yes: bool) -> Result<u8, Error> {
    let printer = &printer.asking(!yes);
    let stop = signal::listen();
    let file = StateFile::open(global, "down")?;
    let Some(Identity { stack, region, .. }) = file.on_record()?.cloned() else {
        render::nothing_on_record(printer, &global.state_file());
        return Ok(0);
    };
    file.prepare()?;
    let session = Session::connect(global, (stack, region));
    let session = signal::unless_asked(&stop, session).await?;
    let ledger = file.ledger(&session)?;
    let run = Run::new((global, printer), (&session, &ledger), stop, Words::DOWN);
    run.carry_out(&Graph::new(), &BTreeSet::new(), yes, None).await?;
    Ok(0)
}

struct Run<'a> {
    global: &'a Global,
    printer: &'a Printer,
    session: &'a Session,
    ledger: &'a Ledger,
    telling: Arc<Telling>,
    stop: Stop,
    words: Words,
    /// What the plan is made from, if it makes anything.
    desired: Option<(&'a Config, &'a Facts)>,
}

impl<'a> Run<'a> {
    /// A run that is recorded from now on.
    fn new(
        (global, printer): (&'a Global, &'a Printer),
        (session, ledger): (&'a Session, &'a Ledger),
        stop: Stop,
        words: Words,
    ) -> Self {
        let recording = Recording::begin(global, words.command);
        let telling = Telling::new(recording, render::Progress::watching(*printer, session.clock), session);
        Self { global, printer, session, ledger, telling, stop, words, desired: None }
    }
}

impl Run<'_> {
    /// Plans, asks and does it. However that ends, the state that it ends with is kept.
    async fn carry_out(
        &self,
        graph: &Graph<Aws>,
        consent: &BTreeSet<Address>,
        yes: bool,
        saved: Option<&SavedPlan>,
    ) -> Result<(), Error> {
        let Session { identity, experience, clock, .. } = self.session;
        self.telling.tell(RunFact::RunStarted(RunStarted {
            at: clock.now(),
            schema: SCHEMA,
            run: self.telling.recording.name.clone(),
            command: self.words.command.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            identity: identity.clone(),
            sandbox: self.global.sandbox,
        }));
        let ended = self.attempt(graph, consent, yes, saved).await;
        if let Some(error) = ended.as_ref().err().filter(|error| !error.is_told()) {
            self.telling.tell(RunFact::RunFinished(RunFinished::without_a_verdict(error, clock.now())));
        }
        experience_file::write(self.global, identity, experience);
        if let Err(error) = state_file::keep(self.global) {
            // What was done is on record, so the run has not failed for it.
            render::not_kept(self.printer, &error);
        }
        ended
    }

    async fn attempt(
        &self,
        graph: &Graph<Aws>,
        consent: &BTreeSet<Address>,
        yes: bool,
        saved: Option<&SavedPlan>,
    ) -> Result<(), Error> {
        let engine = engine(self.session, self.ledger, self.telling.observer(), self.stop.clone());
        let (plan, survey) = engine.plan(graph).await?;
        self.telling.tell(RunFact::RunPlanned(planned(
            (&engine, &self.session.identity),
            graph,
            (&plan, &survey),
            self.desired.map(|(config, _)| config),
        )));
        render::placeholders(self.printer, &self.session.placeholders);
        if let Some(desired) = self.desired {
            let changes = changes(desired, graph, (&self.ledger.contents(), &survey));
            render::access_changes(self.printer, &changes);
        }
        if let Some(saved) = saved {
            self.check(&plan, saved)?;
        }
        are_known(consent, &plan)?;
        let clock = self.session.clock;
        if plan.is_empty() {
            // What stands may be recorded otherwise than it is seen by now.
            engine.apply(graph, (&plan, &survey), consent).await?;
            self.telling.tell(RunFact::RunFinished(RunFinished::of(&Report::default(), clock.now())));
            return Ok(());
        }
        signal::unless_asked(&self.stop, self.agree(&plan, consent, yes || saved.is_some())).await?;
        let (started, begun) = (clock.now(), std::time::Instant::now());
        self.telling.tell(RunFact::RunAgreed { at: started });
        let report = engine.apply(graph, (&plan, &survey), consent).await?;
        self.telling.tell(RunFact::RunFinished(RunFinished {
            seconds: clock.since(started).as_secs_f64(),
            here: self.global.sandbox.then(|| begun.elapsed().as_secs_f64()),
            ..RunFinished::of(&report, clock.now())
        }));
        match report {
            report if report.is_success() => Ok(()),
            report if report.interrupted => Err(Error::Interrupted),
            _ => Err(Error::Incomplete),
        }
    }

    /// A plan in a file is carried out as it is, or not at all.
    fn check(&self, plan: &Plan, saved: &SavedPlan) -> Result<(), Error> {
        let contents = self.ledger.contents();
        let lineage = (contents.serial > 0).then_some(contents.lineage);
        if saved.is(&contents.identity.stack, lineage, plan) {
            return Ok(());
        }
        let hint = "the configuration or the environment has changed since; make a new one with `sidekick plan --out FILE`";
        Err(Error::unmet("the plan in the file is not what would be done now", hint))
    }

    /// Nothing is changed before the plan was seen and agreed to.
    async fn agree(&self, plan: &Plan, consent: &BTreeSet<Address>, yes: bool) -> Result<(), Error> {
        match self.desired {
            Some((config, _)) => doctor::preflight(self.session, config, (plan, consent)).await?,
            None => plan.check(consent)?,
        }
        if yes {
            return Ok(());
        }
        match self.printer.ask(self.words.question).await {
            Some(true) => Ok(()),
            Some(false) => {
                Err(Error::unmet("not agreed to; nothing was changed", "answer `y`, or call with --yes"))
            }
            None => Err(Error::unmet(
                format!(
                    "`sidekick {}` asks before it changes anything, and there is no terminal to ask on",
                    self.words.command
                ),
                "call with --yes to agree beforehand",
            )),
        }
    }
}

/// Refuses the agreement to the loss of what nobody knows: a slip would go unnoticed until it is the wrong thing that is kept.
fn are_known(consent: &BTreeSet<Address>, plan: &Plan) -> Result<(), Error> {
    let unknown = consent.iter().filter(|address| plan.action(address).is_none());
    let reason = |address: &Address| {
        let known = plan.steps.iter().map(|step| step.address.as_str());
        let hint = match nearest(address.as_str(), known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`sidekick graph` draws all resources with their addresses".to_owned(),
        };
        (format!("there is no {address}, neither in the configuration nor on record"), hint)
    };
    let reasons: Vec<_> = unknown.map(reason).collect();
    if reasons.is_empty() {
        return Ok(());
    }
    Err(Error::Unmet { what: "--replace names what does not exist".to_owned(), reasons })
}
