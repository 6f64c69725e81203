//! A run: survey, plan, and four walks. Down is the same with an empty graph.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use petgraph::graph::NodeIndex;
use serde_json::Value;

use crate::decide::Goal;
use crate::event::Observer;
use crate::graph::{Graph, Node, Phase};
use crate::job::{Job, Surroundings};
use crate::kind::{AnyKind, Seen, Traits};
use crate::ledger::{Contents, Entry, Ledger, LedgerError, Row};
use crate::plan::{Plan, Planned};
use crate::planner::Planner;
use crate::stop::Stop;
use crate::survey::{Sighting, Survey, kind, recorded, survey};
use crate::teardown::Order;
use crate::walk::{End, Progress, Report, Turn, walk};
use crate::{Address, Clock, Experience, Fault, Forecast, Mutation};

/// Everything a run works with.
pub struct Engine<'a, C: 'static> {
    /// The clients that reach the cloud.
    pub cloud: &'a C,
    /// The table of all kinds.
    pub kinds: &'a [&'static dyn AnyKind<C>],
    /// The record of the environment.
    pub ledger: &'a Ledger,
    /// The source of time.
    pub clock: Clock,
    /// What earlier runs learned of how long things take; this run adds to it.
    pub experience: &'a Experience,
    /// Who listens.
    pub observer: Observer,
    /// The request to stop.
    pub stop: Stop,
}

/// Why a run could not be planned, or did not start.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Some resources could not be looked at, so nothing was tried.
    #[error("the environment could not be read")]
    Survey(Vec<(Address, Fault)>),
    /// Some steps must not be taken, so nothing was tried.
    #[error("the plan cannot be carried out")]
    Refused(Vec<(Address, Fault)>),
    /// A stop was asked for before anything was tried.
    #[error("interrupted before anything was changed")]
    Interrupted,
    /// The ledger cannot be read or written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Plan {
    /// Refuses a plan with steps that must not be taken. `consent` names the resources whose data may be lost.
    pub fn check(&self, consent: &BTreeSet<Address>) -> Result<(), RunError> {
        let objections = self.objections(consent);
        if objections.is_empty() { Ok(()) } else { Err(RunError::Refused(objections)) }
    }
}

/// Looks at every resource on record. Changes nothing, and needs neither the desired graph nor the lock.
pub async fn look<C: Send + Sync + 'static>(
    cloud: &C,
    kinds: &[&'static dyn AnyKind<C>],
    clock: Clock,
    contents: &Contents,
) -> Result<Survey, RunError> {
    survey(cloud, clock, kinds, &Graph::new(), contents).await.map_err(RunError::Survey)
}

impl<C: Send + Sync + 'static> Engine<'_, C> {
    /// Looks at everything and plans. Changes nothing, so a stop ends it at once.
    pub async fn plan(&self, graph: &Graph<C>) -> Result<(Plan, Survey), RunError> {
        let mut contents = self.ledger.contents();
        contents.reinstate();
        change_back(graph, &mut contents);
        let survey = survey(self.cloud, self.clock, self.kinds, graph, &contents);
        let survey = self.stop.unless_asked(survey).await.ok_or(RunError::Interrupted)?;
        let survey = survey.map_err(RunError::Survey)?;
        let planner =
            Planner { graph, kinds: self.kinds, contents: &contents, survey: &survey, clock: self.clock };
        let plan = planner.plan().map_err(|fault| RunError::Refused(vec![(Address::new("plan"), fault)]))?;
        Ok((plan, survey))
    }

    /// How long a plan will take, and what it will wait for.
    pub fn forecast(&self, graph: &Graph<C>, plan: &Plan) -> Forecast {
        Forecast::new((graph, self.kinds), &self.ledger.contents(), self.experience, plan)
    }

    /// Carries out a plan. `consent` names the resources whose data may be lost by a replacement.
    ///
    /// # Errors
    /// When a step must not be taken or the ledger cannot be written. What fails at the cloud is in the report.
    pub async fn apply(
        &self,
        graph: &Graph<C>,
        (plan, survey): (&Plan, &Survey),
        consent: &BTreeSet<Address>,
    ) -> Result<Report, RunError> {
        plan.check(consent)?;
        let work = async {
            self.ledger.reinstate().await?;
            self.ledger.rearrange(|contents| change_back(graph, contents)).await?;
            self.note_what_was_seen(graph, plan, survey).await?;
            let mut report = Report::default();
            let doomed = self.ledger.read(|contents| plan.doomed(contents));
            self.teardown(doomed, survey, &mut report).await?;
            if self.stop.is_asked() {
                report.interrupted = true;
                return Ok(report);
            }
            self.ledger.supersede(plan.superseding()).await?;
            let built = self.build(graph, plan, survey, &mut report).await?;
            self.let_go(graph, built, &mut report).await?;
            let mut orphans = plan.orphans();
            let superseded = plan.superseding().filter(|address| !report.has_failed(address));
            orphans.extend(superseded.map(Address::superseded));
            self.teardown(orphans, survey, &mut report).await?;
            Ok(report)
        };
        tokio::select! {
            biased;
            report = work => report.map_err(RunError::Ledger),
            () = self.ledger.keep() => unreachable!("BUG: the ledger's keeper never returns"),
        }
    }

    /// Records what the survey showed: what is gone is forgotten, what is as desired is confirmed.
    async fn note_what_was_seen(
        &self,
        graph: &Graph<C>,
        plan: &Plan,
        survey: &Survey,
    ) -> Result<(), LedgerError> {
        // What the plan went by: more than was seen, for what is too new to be shown has its identity all the same.
        let known = graph.lasting(plan, survey);
        for step in &plan.steps {
            let Some(index) = graph.index(&step.address) else { continue };
            let Some(Sighting { seen, .. }) = survey.sightings.get(&step.address) else { continue };
            match (step.action, seen) {
                (Planned::Create, Seen::Absent | Seen::Dead { .. }) => {
                    self.ledger.record(&step.address, Entry::Gone).await?;
                }
                (Planned::Keep, Seen::Live { outputs, .. }) => {
                    let Some(spec) = graph.node(index).spec(&known) else { continue };
                    let (outputs, depends_on) = (outputs.clone(), graph.depends_on(index));
                    let entry = Entry::Ready { spec, outputs, depends_on };
                    self.ledger.record(&step.address, entry).await?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Brings every node that is not as desired to its spec, each as soon as what it needs is known.
    async fn build(
        &self,
        graph: &Graph<C>,
        plan: &Plan,
        survey: &Survey,
        report: &mut Report,
    ) -> Result<Progress, LedgerError> {
        let mut progress = Progress::default();
        let mut waiting = Vec::new();
        let planned: HashMap<_, _> = plan.steps.iter().map(|step| (&step.address, step.action)).collect();
        for index in graph.in_order() {
            let node = graph.node(index);
            let action = planned.get(&node.address).copied();
            let row = self.ledger.row(&node.address);
            if report.has_failed(&node.address) {
                // What could not be torn down would be met half-gone by its dependents.
                progress.ended.insert(node.address.clone(), End::Failed);
            } else if action == Some(Planned::Keep) {
                progress.ended.insert(node.address.clone(), End::Done);
                let outputs = row.as_ref().and_then(|row| row.outputs.clone());
                progress.known.outputs.extend(outputs.map(|outputs| (node.address.clone(), outputs)));
            } else {
                waiting.push(index);
            }
            let stays = action.is_some_and(Planned::keeps_identity);
            let id = row.and_then(|row| row.id).filter(|_| stays);
            progress.known.ids.extend(id.map(|id| (node.address.clone(), id)));
        }
        let remaining = graph.remaining(self.experience);
        waiting.sort_by_key(|index| std::cmp::Reverse(remaining.get(index).copied()));
        let waiting = waiting
            .into_iter()
            .map(|index| graph.node(index))
            .map(|it| (it.address.clone(), it.kind.traits().name));
        // What takes the place of something in use must be whole before it is used.
        let superseding = self.ledger.read(Contents::superseding);
        let turn = |address: &Address, progress: &Progress| {
            build_turn(graph, survey, &superseding, address, progress)
        };
        walk(&self.surroundings(), waiting.collect(), &mut progress, report, turn).await?;
        Ok(progress)
    }

    /// Lets go of what was kept in use until everything stood, one resource after the other in the order of the graph:
    /// what comes first no longer sends anybody to what the later ones take away. If something does not stand, what is
    /// kept may still be needed.
    async fn let_go(
        &self,
        graph: &Graph<C>,
        built: Progress,
        report: &mut Report,
    ) -> Result<(), LedgerError> {
        let nodes = graph.in_order().map(|index| (index, graph.node(index)));
        let keeping: Vec<_> = nodes.filter(|(_, node)| built.keeping.contains(&node.address)).collect();
        let waiting =
            keeping.iter().map(|(_, node)| (node.address.clone(), node.kind.traits().name)).collect();
        let failed = report.first_failed().cloned();
        let mut progress = Progress { known: built.known, ..Progress::default() };
        let turn = |address: &Address, progress: &Progress| {
            if let Some(failed) = &failed {
                return Turn::Never(failed.clone());
            }
            for (index, node) in &keeping {
                match progress.ended.get(&node.address) {
                    _ if node.address == *address => {
                        let job = build_job(graph, *index, progress);
                        return job.map_or(Turn::NotYet, |job| {
                            Turn::Now(Box::new(Job { meanwhile: false, ..job }))
                        });
                    }
                    Some(End::Done) => {}
                    Some(End::Failed | End::Skipped) => return Turn::Never(node.address.clone()),
                    None => return Turn::NotYet,
                }
            }
            Turn::NotYet
        };
        walk(&self.surroundings(), waiting, &mut progress, report, turn).await
    }

    /// Takes down the chosen rows, each as soon as AWS lets it go.
    async fn teardown(
        &self,
        chosen: BTreeSet<Address>,
        survey: &Survey,
        report: &mut Report,
    ) -> Result<(), LedgerError> {
        if chosen.is_empty() {
            return Ok(());
        }
        let contents = self.ledger.contents();
        let chosen = chosen.iter().filter_map(|address| contents.rows.get_key_value(address));
        let chosen: BTreeMap<&Address, &Row> = chosen.collect();
        let mut waiting = Vec::new();
        for (address, row) in &chosen {
            // The plan was made with these kinds, so they are known.
            let Ok(kind) = kind(self.kinds, &row.kind) else { continue };
            waiting.push(((*address).clone(), kind));
        }
        let typical = |kind: Traits| self.experience.pace(kind.name, Mutation::Delete, kind.down).typical;
        waiting.sort_by_key(|(_, kind)| std::cmp::Reverse(typical(kind.traits())));
        let order = Order::new(self.kinds, &contents, &chosen);
        let turn = |address: &Address, progress: &Progress| match order.turn(address, progress) {
            Ok(true) => teardown_job(self.kinds, (&contents, survey), address),
            Ok(false) => Turn::NotYet,
            Err(because) => Turn::Never(because),
        };
        let waiting = waiting.into_iter().map(|(address, kind)| (address, kind.traits().name)).collect();
        walk(&self.surroundings(), waiting, &mut Progress::default(), report, turn).await
    }

    fn surroundings(&self) -> Surroundings<'_, C> {
        let Self { cloud, ledger, clock, experience, observer, stop, .. } = self;
        Surroundings { cloud, ledger, clock: *clock, experience, observer, stop }
    }
}

/// Lets each resource return to its address that is wanted there again, after another one has begun to take its place.
/// Says whether there was any.
fn change_back<C: Send + Sync + 'static>(graph: &Graph<C>, contents: &mut Contents) -> bool {
    let mut wanted = contents.superseding();
    if wanted.is_empty() {
        return false;
    }
    let known = recorded(contents);
    let fits = |address: &Address, node: &Node<C>, spec: &Value| {
        let row = contents.rows.get(address).filter(|row| row.kind == node.kind.traits().name);
        row.is_some_and(|row| node.kind.diff(spec, &row.spec).is_ok_and(|diff| !diff.replaces()))
    };
    wanted.retain(|address| {
        let node = graph.index(address).map(|index| graph.node(index));
        let spec = node.and_then(|node| Some((node, node.spec(&known)?)));
        spec.is_some_and(|(node, spec)| {
            fits(&address.superseded(), node, &spec) && !fits(address, node, &spec)
        })
    });
    wanted.iter().for_each(|address| contents.exchange(address));
    !wanted.is_empty()
}

/// A node's turn has come when the identities it names and the outputs it reads are known.
fn build_turn<C: Send + Sync + 'static>(
    graph: &Graph<C>,
    survey: &Survey,
    superseding: &BTreeSet<Address>,
    address: &Address,
    progress: &Progress,
) -> Turn<C> {
    let Some(index) = graph.index(address) else { return Turn::NotYet };
    for (producer, phase) in graph.needs(index) {
        let producer = &graph.node(producer).address;
        let ended = progress.ended.get(producer);
        let met = match phase {
            Phase::Accepted if !superseding.contains(producer) => progress.known.ids.contains_key(producer),
            Phase::Accepted | Phase::Ready => ended == Some(&End::Done),
        };
        match ended {
            _ if met => {}
            Some(End::Failed | End::Skipped) => return Turn::Never(producer.clone()),
            _ => return Turn::NotYet,
        }
    }
    let unseen = survey.sightings.get(address).is_some_and(|sighting| sighting.id.is_none());
    let looked = unseen || lives_in_what_was_made(graph, index, &progress.made);
    build_job(graph, index, progress).map_or(Turn::NotYet, |job| Turn::Now(Box::new(Job { looked, ..job })))
}

/// Whether all that a node lives in was made in this run.
fn lives_in_what_was_made<C: Send + Sync + 'static>(
    graph: &Graph<C>,
    index: NodeIndex,
    made: &HashSet<Address>,
) -> bool {
    let within = graph.node(index).kind.traits().within;
    let needs = graph.needs(index).map(|(producer, _)| graph.node(producer));
    let mut homes = needs.filter(|it| within == Some(it.kind.traits().name)).peekable();
    homes.peek().is_some() && homes.all(|home| made.contains(&home.address))
}

/// What brings a node to its spec, once that is complete.
fn build_job<C: Send + Sync + 'static>(
    graph: &Graph<C>,
    index: NodeIndex,
    progress: &Progress,
) -> Option<Job<C>> {
    let node = graph.node(index);
    let spec = node.spec(&progress.known)?;
    let (address, kind, depends_on) = (node.address.clone(), node.kind, graph.depends_on(index));
    Some(Job {
        address,
        kind,
        goal: Goal::Present,
        spec,
        depends_on,
        looked: false,
        seen: None,
        meanwhile: true,
    })
}

fn teardown_job<C: Send + Sync + 'static>(
    kinds: &[&'static dyn AnyKind<C>],
    (contents, survey): (&Contents, &Survey),
    address: &Address,
) -> Turn<C> {
    let Some(row) = contents.rows.get(address) else { return Turn::NotYet };
    let Ok(kind) = kind(kinds, &row.kind) else { return Turn::NotYet };
    let (spec, depends_on) = (row.spec.clone(), row.depends_on.clone());
    let sighting = survey.sightings.get(address).filter(|sighting| sighting.id == row.id);
    Turn::Now(Box::new(Job {
        address: address.clone(),
        kind,
        goal: Goal::Absent,
        spec,
        depends_on,
        looked: false,
        seen: sighting.map(|it| (survey.at, it.seen.clone())),
        meanwhile: false,
    }))
}
