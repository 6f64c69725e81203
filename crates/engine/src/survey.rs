//! One look at everything: what the cloud shows for every row, and for every desired resource that has none.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;

use futures::future::join_all;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use tokio::time::Instant;

use crate::graph::{Graph, Known};
use crate::kind::{AnyKind, Seen};
use crate::ledger::{Contents, Row};
use crate::{Address, Change, Class, Clock, Fault, Mark, fault, limits};

/// What was seen, by address. Looking changes nothing, neither in the cloud nor in the ledger.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// When it was begun.
    pub(crate) at: Timestamp,
    pub(crate) sightings: HashMap<Address, Sighting>,
}

#[derive(Clone, Debug)]
pub(crate) struct Sighting {
    /// The identity on record or found; absent if a look by name or mark came back empty.
    pub(crate) id: Option<Value>,
    pub(crate) seen: Seen,
    pub(crate) ours: bool,
}

/// How one resource is, in words that a status can show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", content = "note", rename_all = "snake_case")]
pub enum State {
    /// In its lasting state.
    Ready,
    /// AWS is working on it.
    Settling(String),
    /// It exists, but does not do its work.
    Degraded(String),
    /// On its way out.
    Deleting,
    /// Dead; the next `up` replaces it.
    Failed(String),
    /// Gone, although it is on record.
    Missing,
    /// Something of that name exists, and it is not ours.
    Foreign,
}

impl State {
    /// Whether there is a resource of ours.
    pub const fn exists(&self) -> bool {
        matches!(self, Self::Ready | Self::Settling(_) | Self::Degraded(_))
    }

    /// Why it does not work, if it does not.
    pub fn unready(&self) -> Option<String> {
        match self {
            Self::Ready => None,
            Self::Settling(why) | Self::Degraded(why) | Self::Failed(why) => Some(why.clone()),
            Self::Deleting => Some("deleting".to_owned()),
            Self::Missing => Some("missing".to_owned()),
            Self::Foreign => Some("replaced by something that is not ours".to_owned()),
        }
    }
}

impl Survey {
    /// How one resource is, if it was looked at.
    pub fn state(&self, address: &Address) -> Option<State> {
        let sighting = self.sightings.get(address)?;
        Some(match &sighting.seen {
            Seen::Absent => State::Missing,
            Seen::Deleting => State::Deleting,
            _ if !sighting.ours => State::Foreign,
            Seen::Settling { note, .. } => State::Settling(note.clone()),
            Seen::Failed { why, .. } | Seen::Dead { why } => State::Failed(why.clone()),
            Seen::Live { degraded: Some(why), .. } => State::Degraded(why.clone()),
            Seen::Live { .. } => State::Ready,
        })
    }

    /// The identities and outputs that were seen.
    pub(crate) fn known(&self) -> Known {
        let mut known = Known::default();
        for (address, sighting) in &self.sightings {
            sighting.tell(address, &mut known);
        }
        known
    }

    /// A resource of ours as the cloud shows it, in the terms of its spec.
    pub fn actual(&self, address: &Address) -> Option<&Value> {
        match self.sightings.get(address)? {
            Sighting { seen: Seen::Live { actual, .. }, ours: true, .. } => Some(actual),
            _ => None,
        }
    }

    /// The fields of each resource that are not as they were recorded: what was changed outside of sidekick. After an
    /// interrupted update nobody can tell what is left of it from what somebody else did.
    pub fn drift<C>(
        &self,
        kinds: &[&'static dyn AnyKind<C>],
        contents: &Contents,
    ) -> fault::Result<BTreeMap<Address, Vec<Change>>> {
        let mut drift = BTreeMap::new();
        for (address, row) in contents.rows.iter().filter(|(_, row)| row.intent.is_none()) {
            let Some(actual) = self.actual(address) else { continue };
            let changes = kind(kinds, &row.kind)?.diff(&row.spec, actual)?.into_changes();
            if !changes.is_empty() {
                drift.insert(address.clone(), changes);
            }
        }
        Ok(drift)
    }

    /// The outputs of a resource as the cloud shows them.
    pub fn outputs(&self, address: &Address) -> Option<&Value> {
        match &self.sightings.get(address)?.seen {
            Seen::Live { outputs, .. } => Some(outputs),
            _ => None,
        }
    }
}

/// Looks at every row and every desired resource, all that can be looked at together at once.
///
/// What is found of a lost record completes the specs of its dependents, which are looked for in the next round.
pub(crate) async fn survey<C: Send + Sync + 'static>(
    cloud: &C,
    clock: Clock,
    kinds: &[&'static dyn AnyKind<C>],
    graph: &Graph<C>,
    contents: &Contents,
) -> Result<Survey, Vec<(Address, Fault)>> {
    let mut survey = Survey { at: clock.now(), ..Survey::default() };
    let mut known = recorded(contents);
    loop {
        let looks = pending(graph, contents, kinds, &known, &survey)?;
        if looks.is_empty() {
            return Ok(survey);
        }
        let stack = &contents.identity.stack;
        let seen = join_all(looks.into_iter().map(|(address, kind, spec, id)| async move {
            let mark = Mark::at(stack, &address);
            let sighting = patiently(clock, || look(cloud, kind, &spec, id.clone(), &mark)).await;
            (address, sighting)
        }))
        .await;
        let mut faults = Vec::new();
        for (address, sighting) in seen {
            match sighting {
                Ok(sighting) => {
                    sighting.tell(&address, &mut known);
                    survey.sightings.insert(address, sighting);
                }
                Err(fault) => faults.push((address, fault)),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
    }
}

impl Sighting {
    /// Adds what was seen to what is known.
    fn tell(&self, address: &Address, known: &mut Known) {
        match (&self.id, &self.seen) {
            (Some(id), Seen::Live { outputs, .. }) if self.ours => {
                known.ids.insert(address.clone(), id.clone());
                known.outputs.insert(address.clone(), outputs.clone());
            }
            (Some(id), Seen::Settling { .. }) if self.ours => {
                known.ids.insert(address.clone(), id.clone());
            }
            _ => {
                known.ids.remove(address);
                known.outputs.remove(address);
            }
        }
    }
}

/// What the ledger alone knows.
pub(crate) fn recorded(contents: &Contents) -> Known {
    let mut known = Known::default();
    for (address, Row { id, outputs, .. }) in &contents.rows {
        known.ids.extend(id.clone().map(|id| (address.clone(), id)));
        known.outputs.extend(outputs.clone().map(|outputs| (address.clone(), outputs)));
    }
    known
}

/// A look that is due: where, what kind, with which spec, and at which identity if one is on record.
type Look<C> = (Address, &'static dyn AnyKind<C>, Value, Option<Value>);

fn pending<C: Send + Sync + 'static>(
    graph: &Graph<C>,
    contents: &Contents,
    kinds: &[&'static dyn AnyKind<C>],
    known: &Known,
    survey: &Survey,
) -> Result<Vec<Look<C>>, Vec<(Address, Fault)>> {
    let mut looks = Vec::new();
    for (address, row) in &contents.rows {
        // An unanswered create has no identity to look at; the run that recovers it looks for it.
        let Some(id) = row.id.as_ref().filter(|_| !survey.sightings.contains_key(address)) else { continue };
        let kind = kind(kinds, &row.kind).map_err(|fault| vec![(address.clone(), fault)])?;
        let node = graph.index(address).map(|index| graph.node(index));
        let desired =
            node.filter(|node| node.kind.traits().name == row.kind).and_then(|node| node.spec(known));
        let spec = desired.map(|spec| row.unveil(kind.traits().hidden, spec));
        looks.push((address.clone(), kind, spec.unwrap_or_else(|| row.spec.clone()), Some(id.clone())));
    }
    for index in graph.in_order() {
        let node = graph.node(index);
        if contents.rows.contains_key(&node.address) || survey.sightings.contains_key(&node.address) {
            continue;
        }
        if let Some(spec) = node.spec(known) {
            looks.push((node.address.clone(), node.kind, spec, None));
        }
    }
    Ok(looks)
}

async fn look<C: Send + Sync>(
    cloud: &C,
    kind: &dyn AnyKind<C>,
    spec: &Value,
    id: Option<Value>,
    mark: &Mark,
) -> fault::Result<Sighting> {
    let id = match id {
        Some(id) => Some(id),
        None => kind.find(spec, cloud, mark).await?,
    };
    let seen = match &id {
        Some(id) => kind.observe(spec, cloud, id).await?,
        None => Seen::Absent,
    };
    let ours = seen.owner().is_none_or(|owner| owner.is(mark));
    Ok(Sighting { id, seen, ours })
}

/// Repeats a look that failed for no lasting reason: for a while if the cloud said so, a few times if nothing answered.
///
/// # Errors
/// The last failure.
pub async fn patiently<T, F: Future<Output = fault::Result<T>>>(
    clock: Clock,
    look: impl Fn() -> F,
) -> fault::Result<T> {
    // In our own time and not the cloud's, for it is a person who waits.
    let begun = Instant::now();
    let (mut failures, mut unanswered) = (0, 0);
    loop {
        let fault = match look().await {
            Err(fault) if fault.is_retryable() => fault,
            outcome => return outcome,
        };
        failures += 1;
        unanswered += u32::from(fault.class == Class::Transient && fault.code.is_none());
        if unanswered > limits::UNANSWERED_LOOKS_MOST || begun.elapsed() >= limits::LOOK_PATIENCE {
            return Err(fault);
        }
        clock.sleep(limits::backoff(failures)).await;
    }
}

/// The kind of a row, if this sidekick knows it.
pub(crate) fn kind<C>(
    kinds: &[&'static dyn AnyKind<C>],
    name: &str,
) -> fault::Result<&'static dyn AnyKind<C>> {
    kinds.iter().find(|kind| kind.traits().name == name).copied().ok_or_else(|| {
        Fault::new(Class::Invalid, "reading the state file", format!("there is no resource kind `{name}`"))
            .with_hint("the state file was written by another version of sidekick; use that version")
    })
}
