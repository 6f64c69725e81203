//! How long a plan will take, by what is typical of its kinds in this account, and what it will wait for last.
//!
//! It is the walks of a run in thought: the same order, with typical durations in place of AWS. Nothing depends on it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::graph::Phase;
use crate::ledger::{Contents, Row};
use crate::plan::{Plan, Planned};
use crate::seconds;
use crate::survey::kind;
use crate::teardown::Order;
use crate::walk::{End, Progress};
use crate::{Address, AnyKind, Experience, Graph, Mutation, Traits};

/// An update of what takes longer than this to make is not foretold: how long it takes depends on what is updated.
const FORETOLD: Duration = Duration::from_secs(10);

/// How often what AWS does at once is looked at: before the change and after it.
const LOOKS_AT_THE_PROMPT: usize = 3;

/// What a run is expected to do, and when.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// Each change, in the order of the walks.
    pub prospects: Vec<Prospect>,
    /// When the last of them is expected to be over.
    #[serde(with = "seconds")]
    pub total: Duration,
    /// About how many calls it takes, the looks while waiting included.
    #[serde(default)]
    pub calls: usize,
    /// Updates that may take minutes, or no time: they count for nothing here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unforetold: Vec<Address>,
}

/// One change that is expected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prospect {
    /// Which resource.
    pub address: Address,
    /// What is done to it.
    pub action: Mutation,
    /// When it starts, from the run's start.
    #[serde(with = "seconds")]
    pub starts: Duration,
    /// When it is over.
    #[serde(with = "seconds")]
    pub ends: Duration,
    /// What it waits for last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Address>,
    /// Whether the run takes longer if this does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub critical: bool,
}

impl Forecast {
    /// Until a create is answered, and what depends on no more than its identity may start.
    pub const ANSWERED: Duration = Duration::from_millis(500);

    /// Foretells a plan.
    pub(crate) fn new<C: Send + Sync + 'static>(
        (graph, kinds): (&Graph<C>, &[&'static dyn AnyKind<C>]),
        contents: &Contents,
        experience: &Experience,
        plan: &Plan,
    ) -> Self {
        let mut forecast = Self::default();
        let down = |row: &Row| {
            let traits = kind(kinds, &row.kind).map(AnyKind::traits).ok();
            traits.map_or(Duration::ZERO, |it| experience.pace(it.name, Mutation::Delete, it.down).typical)
        };
        let doomed = plan.doomed(contents);
        forecast.teardown(kinds, contents, &doomed.iter().collect(), down);
        forecast.build(graph, experience, plan);
        // What goes last is held by nothing that stays: whatever depended on it has been changed by then.
        let last: BTreeSet<_> = plan.orphans().into_iter().chain(plan.superseding().cloned()).collect();
        let last: BTreeSet<_> = last.difference(&doomed).collect();
        let mut left = contents.clone();
        left.rows.retain(|address, _| last.contains(address));
        forecast.teardown(kinds, &left, &last, down);
        forecast.mark_critical();
        forecast.calls = forecast.calls(
            |address| {
                let kind_of = |row: &Row| kind(kinds, &row.kind).ok().map(AnyKind::traits);
                let node = graph.index(address).map(|index| graph.node(index).kind.traits());
                node.or_else(|| contents.rows.get(address).and_then(kind_of))
            },
            experience,
        );
        forecast
    }

    /// A call for each change, and the looks: what goes on for long is looked at together with others of its kind.
    fn calls(&self, traits: impl Fn(&Address) -> Option<Traits>, experience: &Experience) -> usize {
        let mut together: BTreeMap<(&str, bool), usize> = BTreeMap::new();
        let mut calls = self.prospects.len();
        for Prospect { address, action, .. } in &self.prospects {
            let Some(traits) = traits(address) else { continue };
            let pace = match action {
                Mutation::Delete => experience.pace(traits.name, *action, traits.down),
                _ => experience.pace(traits.name, Mutation::Create, traits.up),
            };
            let looks = match action {
                _ if pace.typical <= FORETOLD => {
                    calls += LOOKS_AT_THE_PROMPT;
                    continue;
                }
                Mutation::Update => pace.looks_at_update(),
                _ => pace.looks(),
            };
            let known = together.entry((traits.name, *action == Mutation::Delete)).or_default();
            *known = looks.max(*known);
        }
        calls + together.values().sum::<usize>()
    }

    /// The last change so far, which the next walk waits for.
    fn last(&self) -> Option<(Duration, Address)> {
        let last = self.prospects.iter().max_by_key(|prospect| prospect.ends);
        last.map(|prospect| (prospect.ends, prospect.address.clone()))
    }

    fn note(
        &mut self,
        (address, action): (&Address, Mutation),
        starts: Duration,
        took: Duration,
        after: Option<Address>,
    ) {
        let ends = starts + took;
        self.total = self.total.max(ends);
        let (address, critical) = (address.clone(), false);
        self.prospects.push(Prospect { address, action, starts, ends, after, critical });
    }

    fn build<C: Send + Sync + 'static>(&mut self, graph: &Graph<C>, experience: &Experience, plan: &Plan) {
        let base = self.last();
        let steps: BTreeMap<_, _> = plan.steps.iter().map(|step| (&step.address, step.action)).collect();
        let mut spans: BTreeMap<Address, (Duration, Duration)> = BTreeMap::new();
        for index in graph.in_order() {
            let node = graph.node(index);
            let traits = node.kind.traits();
            let create = experience.pace(traits.name, Mutation::Create, traits.up).typical;
            let (action, took) = match steps.get(&node.address) {
                Some(Planned::Create | Planned::Recover | Planned::Replace | Planned::Resume) => {
                    (Mutation::Create, create)
                }
                Some(Planned::Update | Planned::Follow | Planned::Adopt) if create > FORETOLD => {
                    self.unforetold.push(node.address.clone());
                    (Mutation::Update, Self::ANSWERED)
                }
                Some(Planned::Update | Planned::Follow | Planned::Adopt) => (Mutation::Update, create),
                _ => continue,
            };
            let producers = graph.needs(index).filter_map(|(producer, phase)| {
                let producer = &graph.node(producer).address;
                let (starts, ends) = *spans.get(producer)?;
                let met = if phase == Phase::Ready { ends } else { ends.min(starts + Self::ANSWERED) };
                Some((met, producer.clone()))
            });
            let (starts, after) = producers.max().or_else(|| base.clone()).unzip();
            let starts = starts.unwrap_or_default();
            spans.insert(node.address.clone(), (starts, starts + took));
            self.note((&node.address, action), starts, took, after);
        }
    }

    fn teardown<C>(
        &mut self,
        kinds: &[&'static dyn AnyKind<C>],
        contents: &Contents,
        chosen: &BTreeSet<&Address>,
        down: impl Fn(&Row) -> Duration,
    ) {
        let rows: BTreeMap<_, _> =
            contents.rows.iter().filter(|(address, _)| chosen.contains(address)).collect();
        let order = Order::new(kinds, contents, &rows);
        let base = self.last();
        let (mut now, mut after) = base.map_or((Duration::ZERO, None), |(at, address)| (at, Some(address)));
        let mut progress = Progress::default();
        let mut waiting: Vec<&Address> = rows.keys().copied().collect();
        let mut running: Vec<(Duration, &Address)> = Vec::new();
        loop {
            waiting.retain(|address| match order.turn(address, &progress) {
                Ok(true) => {
                    let took = down(rows[address]);
                    self.note((address, Mutation::Delete), now, took, after.clone());
                    running.push((now + took, address));
                    false
                }
                Ok(false) => true,
                Err(_) => false,
            });
            let Some(next) = running.iter().enumerate().min_by_key(|(_, (ends, _))| *ends).map(|(at, _)| at)
            else {
                return;
            };
            let (ends, address) = running.swap_remove(next);
            progress.ended.insert(address.clone(), End::Done);
            (now, after) = (ends, Some(address.clone()));
        }
    }

    /// Follows what was waited for last, from the end to the start. An address may stand here twice, deleted and made
    /// anew; the one before is then the one that is over when the next starts.
    fn mark_critical(&mut self) {
        let mut at = (0..self.prospects.len()).max_by_key(|at| self.prospects[*at].ends);
        while let Some(current) = at {
            self.prospects[current].critical = true;
            let Prospect { after, .. } = &self.prospects[current];
            at = (0..current).rev().find(|before| Some(&self.prospects[*before].address) == after.as_ref());
        }
    }
}
