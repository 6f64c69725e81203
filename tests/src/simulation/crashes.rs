//! Exhaustive crashes: a command dies at each of its boundaries in turn, then the same command runs again, and once
//! more. After each death a second fate is tried: the environment is taken down at once; and a third: the second run
//! dies as well, somewhere; this as often as is wished.

use std::collections::BTreeMap;

use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::IteratorRandom;

use super::audit::mutating_calls;
use super::configuration::Configuration;
use super::estate::{Command, Estate, Fortune, Outcome};
use super::fuse::Fuse;
use super::goal::{an_age, idles, reaches};
use super::workers;

/// A command, and where it begins.
#[derive(Clone, Copy, Debug)]
pub struct Campaign {
    /// What is tried, in words.
    pub name: &'static str,
    /// The configuration that stands already, if one does.
    pub standing: Option<Configuration>,
    /// What dies and runs again.
    pub command: Command,
}

/// Every campaign that the suite runs.
pub const CAMPAIGNS: &[Campaign] = &[
    campaign("up from nothing", None, Command::Up(Configuration::Shipped)),
    campaign("up, changes in place", STANDING, Command::Up(Configuration::InPlace)),
    campaign("up, replacement", STANDING, Command::Up(Configuration::Replacement)),
    campaign("up, replacement, the new one first", STANDING, Command::Up(Configuration::Succession)),
    campaign("up, removal", STANDING, Command::Up(Configuration::Removal)),
    campaign("down", STANDING, Command::Down),
];

const STANDING: Option<Configuration> = Some(Configuration::Shipped);

const fn campaign(name: &'static str, standing: Option<Configuration>, command: Command) -> Campaign {
    Campaign { name, standing, command }
}

/// What a campaign came to.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// The boundaries at which something happened.
    pub boundaries: u64,
    /// The processes that ran.
    pub processes: u64,
    /// The broken promises, each with what broke it.
    pub findings: Vec<String>,
}

/// Lets a campaign's command die at every `step`th boundary; with 1, at each.
pub fn die(campaign: &Campaign, step: usize) -> Tally {
    let scene = workers::run(Scene::set(campaign, &|_| ()));
    scene.at((1..=scene.boundaries).step_by(step), "death", |at| scene.death(at, 1))
}

/// Lets a campaign's command die at each boundary, and after each death the second run at so many.
pub fn die_in_pairs(campaign: &Campaign, second_deaths: usize) -> Tally {
    let scene = workers::run(Scene::set(campaign, &|_| ()));
    scene.at(1..=scene.boundaries, "death", |at| scene.death(at, second_deaths))
}

/// Lets the connection break at every `step`th boundary of the command's mutating calls; the same run rides it out.
pub fn lose(campaign: &Campaign, step: usize) -> Tally {
    let scene = workers::run(Scene::set(campaign, &|_| ()));
    scene.at((1..=scene.calls * 2).step_by(step), "loss", |at| scene.loss(at))
}

/// Lets the command die at every `step`th boundary of an estate that is spoilt before it is used, until a promise is
/// broken.
pub fn die_until_broken(campaign: &Campaign, step: usize, spoil: impl Fn(&Estate) + Sync) -> Tally {
    let scene = workers::run(Scene::set(campaign, &spoil));
    let boundaries: Vec<u64> = (1..=scene.boundaries).step_by(step).collect();
    let mut tally = Tally::default();
    for some in boundaries.chunks(SOME) {
        tally = scene.at(some.iter().copied(), "death", |at| scene.death(at, 1));
        if !tally.findings.is_empty() {
            break;
        }
    }
    tally
}

/// How many deaths are tried before anybody looks whether a promise was broken.
const SOME: usize = 16;

/// Where a campaign begins, and what its command does undisturbed.
struct Scene<'a> {
    campaign: &'a Campaign,
    spoil: &'a (dyn Fn(&Estate) + Sync),
    start: Estate,
    /// What the command leaves in the account.
    undisturbed: BTreeMap<String, usize>,
    /// The boundaries that it meets, and its mutating calls.
    boundaries: u64,
    calls: u64,
}

impl<'a> Scene<'a> {
    async fn set(campaign: &'a Campaign, spoil: &'a (dyn Fn(&Estate) + Sync)) -> Self {
        let start = Estate::new(7);
        spoil(&start);
        if let Some(standing) = campaign.standing {
            let up = start.run(Command::Up(standing), Fortune::kind()).await;
            assert!(up.is_success(), "{up:?}");
            an_age().await;
        }
        // Time goes on only in copies, so that each of them begins at the same moment.
        let (whole, start) = (start.fork(), start.fork());
        spoil(&whole);
        let fuse = Fuse::none();
        // A spoilt estate may fail here already; then every death finds that out again.
        let _ = whole.run(campaign.command, Fortune::dies(fuse.clone())).await;
        an_age().await;
        let (undisturbed, calls) = (whole.world().census(), mutating_calls(&whole.sandbox.log()) as u64);
        Self { campaign, spoil, start, undisturbed, boundaries: fuse.met(), calls }
    }

    /// Does something at each of these boundaries, and puts what was found together.
    fn at<F>(
        &self,
        boundaries: impl Iterator<Item = u64> + Clone,
        what: &str,
        work: impl Fn(u64) -> F + Sync,
    ) -> Tally
    where
        F: Future<Output = (u64, Vec<String>)>,
    {
        let mut tally = Tally::default();
        for (at, (processes, findings)) in boundaries.clone().zip(workers::each(boundaries, work)) {
            let place = |it| format!("{}, {what} at {at}: {it}", self.campaign.name);
            tally.boundaries += 1;
            tally.processes += processes;
            tally.findings.extend(findings.into_iter().map(place));
        }
        tally
    }

    fn copy(&self, estate: &Estate) -> Estate {
        let copy = estate.fork();
        (self.spoil)(&copy);
        copy
    }

    /// One death and its three fates.
    async fn death(&self, at: u64, second_deaths: usize) -> (u64, Vec<String>) {
        let command = self.campaign.command;
        let estate = self.copy(&self.start);
        let mut findings = Vec::new();
        if !matches!(estate.run(command, Fortune::dies(Fuse::at(at))).await, Outcome::Died) {
            findings.push("it did not die, so the run does not repeat".to_owned());
        }
        let (taken_down, dead) = (self.copy(&estate), self.copy(&estate));
        let died = estate.processes();
        let ran = |fate: &Estate| fate.processes() - died;

        findings.extend(reaches(&estate, command, Fortune::kind(), &self.undisturbed).await);
        findings.extend(idles(&estate, command).await);

        if command != Command::Down {
            let found = reaches(&taken_down, Command::Down, Fortune::kind(), &BTreeMap::new()).await;
            findings.extend(found.into_iter().map(|it| format!("then down: {it}")));
        }

        let mut processes = died - self.start.processes() + ran(&estate) + ran(&taken_down);
        let all = 1..self.boundaries.max(2);
        for second in all.sample(&mut StdRng::seed_from_u64(at), second_deaths) {
            let twice = self.copy(&dead);
            let _ = twice.run(command, Fortune::dies(Fuse::at(second))).await;
            let found = reaches(&twice, command, Fortune::kind(), &self.undisturbed).await;
            findings.extend(found.into_iter().map(|it| format!("and again at {second}: {it}")));
            processes += ran(&twice);
        }
        (processes, findings)
    }

    /// One broken connection.
    async fn loss(&self, at: u64) -> (u64, Vec<String>) {
        let (estate, command) = (self.copy(&self.start), self.campaign.command);
        let mut findings = reaches(&estate, command, Fortune::loses(at), &self.undisturbed).await;
        findings.extend(idles(&estate, command).await);
        (estate.processes() - self.start.processes(), findings)
    }
}
