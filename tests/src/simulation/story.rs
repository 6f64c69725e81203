//! A random story of one environment, told by its seed: everything that can go wrong does, in some order, and in the
//! end every promise must hold all the same.

use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use sidekick_sandbox::Faults;

use super::audit::{illegal_calls, mutating_calls};
use super::configuration::Configuration;
use super::estate::{Command, Estate, Fortune, Outcome};
use super::fuse::Fuse;
use super::goal::{an_age, idles};
use super::mischief::meddle;

/// How many undisturbed runs may pass until the goal is reached: what died is found, then replaced, and what depends
/// on it may be refused once.
const CALM_RUNS: usize = 4;
/// No run meets more boundaries than this, so that a death drawn below it mostly comes.
const BOUNDARIES: u64 = 420;
/// No run makes more calls than this, with the same consequence.
const CALLS: u64 = 500;

/// What happened in one story, and which promises were broken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ending {
    /// The processes that ran.
    pub processes: u64,
    /// Those of them that died.
    pub deaths: u64,
    /// Those that the operator stopped.
    pub stops: u64,
    /// Things that somebody else did in the account.
    pub mischief: u64,
    /// The calls over the wire, and those of them that met a fault.
    pub calls: u64,
    /// The calls that were to change something.
    pub mutations: u64,
    /// The calls that met a fault of the sandbox.
    pub faults: u64,
    /// What happened, in its order: how each process ended, and the calls that were to change something.
    pub course: Vec<String>,
    /// The broken promises; none in a sound story.
    pub findings: Vec<String>,
}

/// Tells the story of a seed, in virtual time; call it in a runtime whose clock is paused.
pub async fn play(seed: u64) -> Ending {
    let mut story = Story::new(seed);
    if let Err(finding) = story.tell().await {
        story.ending.findings.push(finding);
    }
    story.end()
}

struct Story {
    estate: Estate,
    random: StdRng,
    faults: Faults,
    /// Whether an answer may have been lost by now, or what was made may not have been shown.
    doubtful: bool,
    ending: Ending,
}

impl Story {
    fn new(seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        let estate = Estate::new(random.random());
        let faults = draw_faults(&mut random);
        Self { estate, random, faults, doubtful: false, ending: Ending::default() }
    }

    /// Up, perhaps another up with an edit, and down: each first disturbed, then left in peace.
    async fn tell(&mut self) -> Result<(), String> {
        let edited = Configuration::ALL[self.random.random_range(0..Configuration::ALL.len())];
        self.disturbed(Command::Up(Configuration::Shipped)).await;
        // An operator may change their mind before anything stands, even that there shall be an environment.
        if self.random.random_bool(0.6) {
            self.calm(Command::Up(edited)).await?;
            if self.random.random_bool(0.5) {
                self.meddle_in_peace();
                self.disturbed(Command::Up(Configuration::Shipped)).await;
            }
        }
        if self.random.random_bool(0.5) {
            self.disturbed(Command::Down).await;
        }
        self.calm(Command::Down).await
    }

    /// Some runs with faults, deaths, stops and strangers.
    async fn disturbed(&mut self, command: Command) {
        self.estate.sandbox.set_faults(self.faults.clone()).expect("a world in memory can be written");
        for _ in 0..self.random.random_range(1..3) {
            let fortune = self.draw_fortune();
            let outcome = self.run(command, fortune).await;
            self.doubtful |= matches!(outcome, Outcome::Died)
                || self.faults.lose_response > 0.0
                || self.faults.time_out > 0.0
                || self.faults.hidden_seconds > 0.0;
        }
        self.estate.sandbox.set_faults(Faults::default()).expect("a world in memory can be written");
    }

    /// Undisturbed runs reach the goal, and every promise holds.
    async fn calm(&mut self, command: Command) -> Result<(), String> {
        let mut outcome = self.run(command, Fortune::kind()).await;
        for _ in 1..CALM_RUNS {
            if outcome.is_success() {
                break;
            }
            outcome = self.run(command, Fortune::kind()).await;
        }
        if !outcome.is_success() {
            return Err(format!("no rest: after {CALM_RUNS} undisturbed runs of {command:?}: {outcome}"));
        }
        an_age().await;
        self.ending.findings.extend(self.estate.audit());
        self.ending.findings.extend(idles(&self.estate, command).await);
        if command == Command::Down {
            let left = self.estate.world().census();
            if !left.is_empty() {
                self.ending.findings.push(format!("leak: down left {left:?}"));
            }
        }
        if self.ending.findings.is_empty() { Ok(()) } else { Err(format!("found after {command:?}")) }
    }

    async fn run(&mut self, command: Command, fortune: Fortune) -> Outcome {
        let before = self.estate.sandbox.logged();
        let outcome = self.estate.run(command, fortune).await;
        self.ending.processes += 1;
        self.note(&format!("{command:?} {outcome}"), before);
        match &outcome {
            Outcome::Died => self.ending.deaths += 1,
            Outcome::Ended(_, report) if report.interrupted => self.ending.stops += 1,
            _ => {}
        }
        outcome
    }

    /// Adds the calls of one process to the course of the story.
    fn note(&mut self, process: &str, since: usize) {
        self.ending.course.push(process.to_owned());
        let log = self.estate.sandbox.log_since(since);
        for call in log.0.iter().filter(|call| call.mutating) {
            let who = if call.over_wire { "" } else { "a stranger: " };
            let refused = call.refused.as_ref().map(|(code, ..)| format!(": {code}")).unwrap_or_default();
            self.ending.course.push(format!("  {:.1} {who}{}{refused}", call.at, call.operation));
        }
    }

    fn draw_fortune(&mut self) -> Fortune {
        let random = &mut self.random;
        let fuse =
            if random.random_bool(0.6) { Fuse::at(random.random_range(1..BOUNDARIES)) } else { Fuse::none() };
        let stop_at = random.random_bool(0.1).then(|| random.random_range(1..150));
        let mischief = random.random_bool(0.3).then(|| {
            let (at, mut deeds) = (random.random_range(1..CALLS), StdRng::seed_from_u64(random.random()));
            let act = move |sandbox: &sidekick_sandbox::Sandbox| {
                let _ = meddle(sandbox, &mut deeds);
            };
            (at, Box::new(act) as super::estate::Mischief)
        });
        self.ending.mischief += u64::from(mischief.is_some());
        Fortune { fuse, mischief, stop_at, loses_at: None }
    }

    fn meddle_in_peace(&mut self) {
        for _ in 0..self.random.random_range(0..3) {
            self.ending.mischief += u64::from(meddle(&self.estate.sandbox, &mut self.random).is_some());
        }
    }

    fn end(mut self) -> Ending {
        let log = self.estate.sandbox.log();
        let over_wire = || log.0.iter().filter(|call| call.over_wire);
        self.ending.calls = over_wire().count() as u64;
        self.ending.mutations = mutating_calls(&log) as u64;
        let injected = |reason| reason == sidekick_sandbox::Reason::Injected;
        let faults = over_wire().filter(|it| it.refused.as_ref().is_some_and(|why| injected(why.2)));
        self.ending.faults = faults.count() as u64;
        // A stranger's deeds may make any call illegal that was right a moment ago.
        if self.ending.mischief == 0 {
            self.ending.findings.extend(illegal_calls(&log, self.doubtful));
        }
        self.ending
    }
}

/// Each fault is off in half of the stories, so that each also happens alone.
fn draw_faults(random: &mut impl Rng) -> Faults {
    let mut upto = |most: f64| if random.random_bool(0.5) { random.random_range(0.0..most) } else { 0.0 };
    Faults {
        throttle: upto(0.15),
        server_error: upto(0.08),
        lose_response: upto(0.1),
        time_out: upto(0.03),
        hidden_seconds: upto(20.0),
        slowdown: upto(1.5),
        propagation_seconds: upto(180.0),
        failure: upto(0.3),
        no_capacity: upto(0.4),
        seed: random.random(),
        ..Faults::default()
    }
}
