//! Runs the engine on the toy cloud, one process after the other, and audits what is left.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use jiff::Timestamp;
use sidekick_engine::{
    AnyKind, Clock, Contents, Engine, Event, Experience, Forecast, Graph, Identity, Ledger, LedgerError,
    MemoryStorage, Plan, Planned, Report, RunError, Step, Stop, Stopper, Storage, Tokens,
};
use tokio::time::Instant;

use super::disk::Disk;
use super::fuse::Fuse;
use super::locked;
use super::thing::KINDS;
use super::world::{Call, Cloud, World};

/// The addresses whose data may be lost.
pub(crate) type Consent = &'static [&'static str];

/// A world, a disk, and a clock: all that outlives a process.
pub(crate) struct Bench {
    pub(crate) world: Arc<Mutex<World>>,
    pub(crate) kinds: &'static [&'static dyn AnyKind<Cloud>],
    /// Whether the disk says that a write is durable before it is.
    pub(crate) disk_lies: bool,
    memory: MemoryStorage,
    pub(crate) experience: Experience,
    clock: Clock,
    processes: Mutex<u64>,
}

/// A world and a disk to go back to.
pub(crate) struct Snapshot {
    world: World,
    text: Option<Vec<u8>>,
}

/// How one process ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It died.
    Crashed,
    /// It ended by itself.
    Ended(Result<Report, RunError>),
}

/// What one process did.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) outcome: Outcome,
    /// The plan, if it came so far.
    pub(crate) plan: Plan,
    /// What was foretold of it.
    pub(crate) forecast: Forecast,
    pub(crate) events: Vec<Event>,
    /// The mutating calls of this run that reached the world.
    pub(crate) mutations: Vec<Call>,
    pub(crate) writes: u32,
    pub(crate) took: Duration,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with_kinds(KINDS)
    }

    pub(crate) fn with_kinds(kinds: &'static [&'static dyn AnyKind<Cloud>]) -> Self {
        let base = Timestamp::from_second(1_800_000_000).expect("a time that exists");
        Self {
            world: Arc::default(),
            kinds,
            disk_lies: false,
            memory: MemoryStorage::default(),
            experience: Experience::default(),
            clock: Clock::simulated(base, 1.0),
            processes: Mutex::new(0),
        }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        locked(&self.world)
    }

    /// The time that the engine goes by.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What is on the disk.
    pub(crate) fn contents(&self) -> Option<Contents> {
        let text = self.memory.read().expect("memory can be read")?;
        Some(Contents::parse(&text).expect("a ledger that was written can be read"))
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot { world: self.world().clone(), text: self.memory.read().expect("memory can be read") }
    }

    pub(crate) fn restore(&mut self, snapshot: &Snapshot) {
        *self.world() = snapshot.world.clone();
        self.memory = MemoryStorage::default();
        if let Some(text) = &snapshot.text {
            self.memory.write(text).expect("memory can be written");
        }
    }

    /// The state file is lost.
    pub(crate) fn lose_ledger(&mut self) {
        self.memory = MemoryStorage::default();
    }

    /// One process that brings `graph` up, undisturbed.
    pub(crate) async fn up(&self, graph: &Graph<Cloud>) -> Run {
        self.run(graph, &[], Fuse::none()).await
    }

    /// One process that takes everything down, undisturbed.
    pub(crate) async fn down(&self) -> Run {
        self.up(&Graph::new()).await
    }

    /// One process with something in store for it.
    pub(crate) async fn run(&self, graph: &Graph<Cloud>, consent: Consent, fuse: Fuse) -> Run {
        let (_stopper, stop) = Stop::new();
        self.process(graph, consent, fuse, stop, |_| {}).await
    }

    /// One process that somebody stops once `when` is true of an event.
    pub(crate) async fn interrupted(
        &self,
        graph: &Graph<Cloud>,
        when: impl Fn(&Event) -> bool + Send + Sync + 'static,
    ) -> Run {
        let (stopper, stop): (Stopper, Stop) = Stop::new();
        let observer = move |event: &Event| {
            if when(event) {
                stopper.ask();
            }
        };
        self.process(graph, &[], Fuse::none(), stop, observer).await
    }

    /// One process that somebody stops at a moment of their own choice.
    pub(crate) async fn stopped(
        &self,
        graph: &Graph<Cloud>,
        fuse: Fuse,
        moment: impl Future<Output = ()>,
    ) -> Run {
        let (stopper, stop) = Stop::new();
        let asked = async {
            moment.await;
            stopper.ask();
            std::future::pending().await
        };
        tokio::select! {
            run = self.process(graph, &[], fuse, stop, |_| {}) => run,
            run = asked => run,
        }
    }

    async fn process(
        &self,
        graph: &Graph<Cloud>,
        consent: Consent,
        fuse: Fuse,
        stop: Stop,
        observer: impl Fn(&Event) + Send + Sync + 'static,
    ) -> Run {
        let mut disk = Disk::new(self.memory.clone(), fuse.clone(), self.disk_lies);
        let cloud = Cloud { world: self.world.clone(), fuse: fuse.clone(), disk: disk.clone() };
        let (begun, calls) = (Instant::now(), self.world().calls.len());
        let events: Arc<Mutex<Vec<Event>>> = Arc::default();
        let planned: Mutex<(Plan, Forecast)> = Mutex::default();
        let work = async {
            let ledger = self.open(disk.clone())?;
            let heard = events.clone();
            let observer = Arc::new(move |event: &Event| {
                locked(&heard).push(event.clone());
                observer(event);
            });
            let engine = Engine {
                cloud: &cloud,
                kinds: self.kinds,
                ledger: &ledger,
                clock: self.clock,
                experience: &self.experience,
                observer,
                stop,
            };
            let (plan, survey) = engine.plan(graph).await?;
            *locked(&planned) = (plan.clone(), engine.forecast(graph, &plan));
            let consent = consent.iter().map(|it| (*it).into()).collect();
            engine.apply(graph, (&plan, &survey), &consent).await
        };
        let outcome = tokio::select! {
            biased;
            () = fuse.death() => Outcome::Crashed,
            ended = work => Outcome::Ended(ended),
        };
        if !matches!(outcome, Outcome::Crashed) {
            disk.flush();
        }
        let (plan, forecast) = planned.into_inner().expect("no thread panicked");
        Run {
            outcome,
            plan,
            forecast,
            events: locked(&events).clone(),
            mutations: self.world().calls[calls..].iter().filter(|it| it.is_mutation()).cloned().collect(),
            writes: disk.writes(),
            took: begun.elapsed(),
        }
    }

    fn open(&self, disk: Disk) -> Result<Ledger, LedgerError> {
        let identity = Identity { stack: "toy/dev".into(), account: "1".into(), region: "here".into() };
        let mut processes = locked(&self.processes);
        *processes += 1;
        Ledger::open(disk, identity, self.clock, Tokens::Seeded(*processes << 32))
    }

    /// Everything that must hold after a run reached its goal, whatever happened before. Empty is sound.
    pub(crate) fn audit(&self) -> Vec<String> {
        let world = self.world();
        let contents = self.contents();
        let empty = BTreeMap::new();
        let rows = contents.as_ref().map_or(&empty, |it| &it.rows);
        let mut findings: Vec<_> =
            world.unrecorded.iter().map(|it| format!("unrecorded call: {it}")).collect();
        for (address, row) in rows {
            let object =
                world.marked().find(|it| row.kind == it.kind && row.id == Some(it.id.clone().into()));
            match object {
                None => findings.push(format!("lost row: {address} stands for nothing of ours")),
                Some(it) if it.mark.as_ref().is_some_and(|mark| mark.address != *address) => {
                    findings.push(format!("wrong row: {address} stands for another's {}", it.id));
                }
                Some(it) if serde_json::to_value(&it.body).ok().as_ref() != Some(&row.spec) => {
                    findings.push(format!("stale row: {address} is not as recorded"));
                }
                Some(_) => {}
            }
            if row.intent.is_some() || row.outputs.is_none() {
                findings.push(format!("unfinished row: {address}"));
            }
        }
        for object in world.marked() {
            let recorded = |it: &&sidekick_engine::Row| it.id == Some(object.id.clone().into());
            if !rows.values().any(|it| recorded(&it)) {
                findings.push(format!("orphan: {} is in no row", object.id));
            }
        }
        let unique: BTreeSet<_> = world.marked().map(|it| (it.kind, &it.body.name)).collect();
        if unique.len() != world.marked().count() {
            findings.push("duplicate: two objects of ours have one name".to_owned());
        }
        findings
    }
}

impl Run {
    /// The report of a run that was neither refused nor cut off.
    pub(crate) fn report(&self) -> &Report {
        match &self.outcome {
            Outcome::Ended(Ok(report)) => report,
            other => panic!("the run did not end with a report: {other:?}"),
        }
    }

    /// The addresses and words of a run that was refused before it began.
    pub(crate) fn refusals(&self) -> Vec<String> {
        match &self.outcome {
            Outcome::Ended(Err(RunError::Refused(faults))) => {
                faults.iter().map(|(address, fault)| format!("{address}: {fault}")).collect()
            }
            other => panic!("the run was not refused: {other:?}"),
        }
    }

    /// Asserts that it reached its goal.
    pub(crate) fn succeeded(self) -> Self {
        assert!(self.report().is_success(), "{:#?}", self.report());
        self
    }

    /// Whether it changed nothing, neither in the world nor on disk.
    pub(crate) fn is_idle(&self) -> bool {
        self.mutations.is_empty() && self.writes == 0
    }

    /// What was planned to be done, by address.
    pub(crate) fn planned(&self) -> BTreeMap<&str, Planned> {
        self.plan.changes().map(|step| (step.address.as_str(), step.action)).collect()
    }

    /// The planned step of an address.
    pub(crate) fn step(&self, address: &str) -> &Step {
        let step = self.plan.steps.iter().find(|step| step.address.as_str() == address);
        step.unwrap_or_else(|| panic!("nothing is planned for {address}"))
    }

    /// The calls that took effect, as `Create network`, in their order.
    pub(crate) fn effects(&self) -> Vec<String> {
        let effective = self.mutations.iter().filter(|call| call.refused.is_none());
        effective.map(|call| format!("{:?} {}", call.verb, call.name)).collect()
    }
}
