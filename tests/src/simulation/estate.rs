//! An operator's machine and an AWS account, which outlive any number of simulated processes.

use std::collections::BTreeSet;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures::FutureExt;
use sidekick_aws::permissions::Purpose;
use sidekick_aws::{Aws, Caller, Calls, KINDS, Secret, Supplied, connect};
use sidekick_engine::{
    Address, Clock, Engine, Event, Experience, Graph, Identity, Ledger, Observer, Plan, Report, Stop, Tokens,
    What, patiently,
};
use sidekick_sandbox::{Call, Phase, Sandbox, Verdict};
use sidekick_stack::config::Config;
use sidekick_stack::preflight::{Finding, Preflight};
use sidekick_stack::{Facts, graph, stack_name};

use super::configuration::Configuration;
use super::disk::Disk;
use super::foretold::untrue;
use super::fuse::Fuse;
use super::permitted::{Permitted, action};

/// What the operator supplies for each of the application's secrets; it must never reach the disk.
pub const SUPPLIED: &str = "canary-1f6d1c7a-supplied";

/// What a simulated process is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// `sidekick up` with this configuration.
    Up(Configuration),
    /// `sidekick down`.
    Down,
}

/// Something that a test does in the middle of a run.
pub type Mischief = Box<dyn FnOnce(&Sandbox) + Send>;

/// What happens to one process.
pub struct Fortune {
    /// When it dies.
    pub fuse: Fuse,
    /// Before which of its calls, counted from 1, somebody else does something in the account.
    pub mischief: Option<(u64, Mischief)>,
    /// At which of its events, counted from 1, the operator asks it to stop.
    pub stop_at: Option<u64>,
    /// At which boundary of its mutating calls, counted from 1, the connection breaks.
    pub loses_at: Option<u64>,
}

impl Fortune {
    /// Nothing happens.
    pub fn kind() -> Self {
        Self::dies(Fuse::none())
    }

    /// It dies, and nothing else happens.
    pub fn dies(fuse: Fuse) -> Self {
        Self { fuse, mischief: None, stop_at: None, loses_at: None }
    }

    /// A connection breaks, and nothing else happens.
    pub fn loses(at: u64) -> Self {
        Self { loses_at: Some(at), ..Self::kind() }
    }
}

/// How a process ended.
#[derive(Debug)]
pub enum Outcome {
    /// It died.
    Died,
    /// It gave up before it changed anything, for this reason.
    Refused(String),
    /// It came to its end.
    Ended(Plan, Report),
}

/// What happened, without what kept as it was.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Ended(plan, report) = self else {
            return match self {
                Self::Refused(why) => write!(f, "refused: {why}"),
                _ => f.write_str("died"),
            };
        };
        f.write_str(if report.is_success() { "reached its goal" } else { "did not reach its goal" })?;
        if report.interrupted {
            f.write_str(", stopped")?;
        }
        for (address, fault) in &report.failed {
            write!(f, "; {address} failed: {fault}")?;
        }
        for step in plan.changes() {
            write!(f, "; {:?} {} {:?}", step.action, step.address, step.changes)?;
        }
        Ok(())
    }
}

impl Outcome {
    /// Whether it reached its goal.
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Ended(_, report) if report.is_success())
    }
}

/// The account, the machine, and what was found wrong on the way.
pub struct Estate {
    /// The account.
    pub sandbox: Sandbox,
    /// The machine's disk.
    pub disk: Disk,
    /// Which resources an `up` may replace although their data is lost.
    pub consent: BTreeSet<Address>,
    /// Who is shown every mutating call, when it arrives and when it has taken effect.
    pub witness: Option<Witness>,
    /// Who is told all events.
    pub audience: Option<Observer>,
    /// An address whose spec differs from the configured one, and how.
    pub amendment: Option<(Address, Amendment)>,
    /// What the processes learned.
    pub experience: Experience,
    findings: Arc<Mutex<Vec<String>>>,
    called: Arc<Mutex<BTreeSet<Called>>>,
    processes: AtomicU64,
}

/// An IAM action that a process used, and what for: to look is to plan, also at the beginning of an `up`.
pub type Called = (Purpose, String);

/// A change of a spec.
pub type Amendment = Arc<dyn Fn(&mut serde_json::Value) + Send + Sync>;

/// Somebody who sees calls.
pub type Witness = Arc<dyn Fn(&Call, Phase) + Send + Sync>;

impl Estate {
    /// An account in which nothing was ever made, and a machine with an empty disk.
    pub fn new(seed: u64) -> Self {
        let disk = Disk::default();
        disk.forbid(&[SUPPLIED]);
        Self::of(Sandbox::in_memory(seed), disk)
    }

    fn of(sandbox: Sandbox, disk: Disk) -> Self {
        Self {
            sandbox,
            disk,
            consent: BTreeSet::new(),
            witness: None,
            audience: None,
            amendment: None,
            experience: Experience::default(),
            findings: Arc::default(),
            called: Arc::default(),
            processes: AtomicU64::new(0),
        }
    }

    /// A copy that goes its own way from now on.
    #[must_use]
    pub fn fork(&self) -> Self {
        let fork = Self::of(self.sandbox.fork(), self.disk.fork());
        fork.processes.store(self.processes(), Ordering::Relaxed);
        Self { consent: self.consent.clone(), called: Arc::clone(&self.called), ..fork }
    }

    /// One process to which this happens.
    pub async fn run(&self, command: Command, fortune: Fortune) -> Outcome {
        let Fortune { fuse, mischief, stop_at, loses_at } = fortune;
        let (config, purpose) = match command {
            Command::Up(configuration) => (configuration.get(), Purpose::Up),
            Command::Down => (Configuration::Shipped.get(), Purpose::Down),
        };
        let looks = Arc::new(AtomicBool::new(true));
        // Who may only plan may look like `up` does; `down` looks at less.
        let of_looks = if purpose == Purpose::Up { Purpose::Plan } else { purpose };
        let watch = Watch {
            fuse: fuse.clone(),
            disk: self.disk.clone(),
            findings: Arc::clone(&self.findings),
            looks: Arc::clone(&looks),
            permitted: [of_looks, purpose].map(|purpose| Permitted::of(config, purpose)),
            is_amended: self.amendment.is_some(),
            called: Arc::clone(&self.called),
            calls: AtomicU64::new(0),
            boundaries: AtomicU64::new(0),
            loses_at,
            witness: self.witness.clone(),
            mischief: Mutex::new(mischief.map(|(at, act)| (at, act, self.sandbox.clone()))),
        };
        self.sandbox.on_call(move |call, phase| watch.verdict(call, phase));
        let process = self.process((command, config), &fuse, stop_at, &looks);
        let outcome = tokio::select! {
            biased;
            () = fuse.death() => Outcome::Died,
            outcome = AssertUnwindSafe(process).catch_unwind() => outcome.unwrap_or_else(|panic| {
                let words = panic.downcast_ref::<String>().map_or("it panicked", String::as_str);
                note(&self.findings, format!("panic: {words}"));
                Outcome::Died
            }),
        };
        // The hook holds the sandbox, which holds the hook.
        self.sandbox.on_call(|_, _| Verdict::Proceed);
        if matches!(outcome, Outcome::Died) {
            self.disk.drop_unflushed();
        } else {
            self.disk.flush();
        }
        outcome
    }

    /// What a process does, as the binary does it.
    async fn process(
        &self,
        (command, config): (Command, &Config),
        fuse: &Fuse,
        stop_at: Option<u64>,
        looks: &AtomicBool,
    ) -> Outcome {
        let number = self.processes.fetch_add(1, Ordering::Relaxed);
        let (aws, clock) = (self.aws(config), self.clock());
        let facts = async {
            match command {
                Command::Up(_) => patiently(clock, || Facts::read(&aws, config)).await.map(Some),
                Command::Down => Ok(None),
            }
        };
        let (caller, facts) = match tokio::try_join!(patiently(clock, || aws.caller()), facts) {
            Ok(answers) => answers,
            Err(fault) => return Outcome::Refused(fault.to_string()),
        };
        let identity = Identity {
            stack: stack_name(config),
            account: caller.account.clone(),
            region: config.region.clone(),
        };
        let tokens = Tokens::Seeded(number << 32);
        let ledger = match Ledger::open(self.disk.hand(fuse), identity, clock, tokens) {
            Ok(ledger) => ledger,
            Err(error) => return Outcome::Refused(error.to_string()),
        };
        let preflight = facts.is_some().then_some((config, &caller));
        let mut graph = facts.map_or_else(Graph::new, |facts| graph(config, &facts));
        if let Some((address, amendment)) = &self.amendment {
            let amendment = Arc::clone(amendment);
            graph.amend(address, move |spec| amendment(spec));
        }
        self.carry_out((&aws, clock), &ledger, (&graph, preflight), stop_at, looks).await
    }

    /// The clients of one process.
    pub fn aws(&self, config: &Config) -> Aws {
        let supplied = config.app_secrets().into_iter().map(|secret| secret.variable.to_owned());
        let supplied: Supplied = supplied.map(|name| (name, Secret::new(SUPPLIED))).collect();
        Aws::new(
            &connect::simulated(&config.region, self.sandbox.http_client(), 1.0, &Calls::default()),
            supplied,
        )
    }

    /// The account's clock.
    pub fn clock(&self) -> Clock {
        let now = self.sandbox.now().try_into().expect("the sandbox's time is a time");
        Clock::simulated(now, 1.0)
    }

    /// Plans and carries out.
    async fn carry_out(
        &self,
        (aws, clock): (&Aws, Clock),
        ledger: &Ledger,
        (graph, preflight): (&Graph<Aws>, Option<(&Config, &Caller)>),
        stop_at: Option<u64>,
        looks: &AtomicBool,
    ) -> Outcome {
        let (stopper, stop) = Stop::new();
        let (events, findings) = (AtomicU64::new(0), Arc::clone(&self.findings));
        let audience = self.audience.clone();
        let observer = Arc::new(move |event: &Event| {
            audience.iter().for_each(|audience| audience(event));
            if Some(events.fetch_add(1, Ordering::Relaxed) + 1) == stop_at {
                stopper.ask();
            }
            if let What::Failed { fault } | What::Retrying { fault, .. } = &event.what {
                let words = format!("{fault:?}");
                if words.contains(SUPPLIED) {
                    note(&findings, format!("leak: a supplied secret is in an event of {}", event.address));
                }
                if words.contains("a defect of sidekick") {
                    note(&findings, format!("defect: {}: {words}", event.address));
                }
            }
        });
        let experience = &self.experience;
        let engine = Engine { cloud: aws, kinds: KINDS, ledger, clock, experience, observer, stop };
        let (plan, survey) = match engine.plan(graph).await {
            Ok(planned) => planned,
            Err(error) => return Outcome::Refused(format!("{error:?}")),
        };
        looks.store(false, Ordering::Relaxed);
        if let Some((config, caller)) = preflight.filter(|_| !plan.is_empty()) {
            let findings = Preflight { aws, config, caller, plan: &plan, dry_runs: false }.findings().await;
            let problems: Vec<_> = findings.iter().filter_map(Finding::problem).collect();
            if !problems.is_empty() {
                return Outcome::Refused(format!("{problems:?}"));
            }
        }
        let previews = graph.preview(&plan, &survey);
        match engine.apply(graph, (&plan, &survey), &self.consent).await {
            Ok(report) => {
                if report.is_success() {
                    let untrue = untrue(&previews, &ledger.contents().rows);
                    untrue.into_iter().for_each(|words| note(&self.findings, words));
                }
                Outcome::Ended(plan, report)
            }
            Err(error) => Outcome::Refused(format!("{error:?}")),
        }
    }

    /// How many processes ran here, and before in what this was forked from.
    pub fn processes(&self) -> u64 {
        self.processes.load(Ordering::Relaxed)
    }

    /// What the processes called here, and in all that is forked from here.
    pub fn called(&self) -> BTreeSet<Called> {
        self.called.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was found wrong while processes ran, so far.
    pub fn findings(&self) -> Vec<String> {
        self.findings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn note(findings: &Mutex<Vec<String>>, finding: String) {
    findings.lock().unwrap_or_else(PoisonError::into_inner).push(finding);
}

/// Sees every call of a process at both of its boundaries.
struct Watch {
    fuse: Fuse,
    disk: Disk,
    findings: Arc<Mutex<Vec<String>>>,
    /// Whether the process still only looks.
    looks: Arc<AtomicBool>,
    /// What it may call while it looks, and then.
    permitted: [Arc<Permitted>; 2],
    is_amended: bool,
    called: Arc<Mutex<BTreeSet<Called>>>,
    /// All calls, and the boundaries of those that are to change something.
    calls: AtomicU64,
    boundaries: AtomicU64,
    loses_at: Option<u64>,
    witness: Option<Witness>,
    mischief: Mutex<Option<(u64, Mischief, Sandbox)>>,
}

impl Watch {
    fn verdict(&self, call: &Call, phase: Phase) -> Verdict {
        if self.fuse.is_blown() {
            return Verdict::Hang;
        }
        if phase == Phase::BeforeEffect {
            self.ask_leave(call);
            self.meddle();
        }
        if !call.is_mutating() {
            return Verdict::Proceed;
        }
        if phase == Phase::BeforeEffect && !self.disk.holds("\"intent\"") {
            let finding = format!("unrecorded call: {} while no intent was on disk", call.operation);
            note(&self.findings, finding);
        }
        self.witness.iter().for_each(|witness| witness(call, phase));
        if Some(self.boundaries.fetch_add(1, Ordering::Relaxed) + 1) == self.loses_at {
            return Verdict::Lose;
        }
        if self.fuse.passes() { Verdict::Proceed } else { Verdict::Hang }
    }

    /// Notes the call, and that the policy does not allow it.
    fn ask_leave(&self, call: &Call) {
        let [looks, acts] = &self.permitted;
        let permitted = if self.looks.load(Ordering::Relaxed) { looks } else { acts };
        let action = action(call);
        if let Some(objection) = permitted.objection(call, &action, self.is_amended) {
            note(&self.findings, objection);
        }
        let called = (permitted.purpose, action);
        self.called.lock().unwrap_or_else(PoisonError::into_inner).insert(called);
    }

    fn meddle(&self) {
        let number = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        let mut mischief = self.mischief.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, act, sandbox)) = mischief.take_if(|(at, ..)| *at <= number) {
            act(&sandbox);
        }
    }
}
