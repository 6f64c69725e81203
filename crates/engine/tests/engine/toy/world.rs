//! The simulated reality: objects, the refusals, and the time things take. It outlives every process.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sidekick_engine::{Class, Fault, Intent, Mark};
use tokio::time::{Instant, sleep};

use super::disk::Disk;
use super::fuse::Fuse;
use super::locked;
use super::thing::Key;

/// How long a call is on its way, in each direction.
const LATENCY: Duration = Duration::from_millis(10);

/// What every toy resource consists of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Body {
    /// The natural name, where the kind has one; for the others a label.
    pub(crate) name: String,
    /// Identities it cannot exist without; they cannot be deleted while it lives. Immutable.
    pub(crate) holds: Vec<String>,
    /// Outputs of others that it was told. Mutable.
    pub(crate) reads: Vec<String>,
    /// Immutable.
    pub(crate) fixed: String,
    /// Mutable.
    pub(crate) tuned: String,
    /// Whether it refuses to be deleted. Mutable.
    pub(crate) protected: bool,
    /// Mutable, and never shown.
    pub(crate) hidden: String,
}

/// One resource as it really is.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    pub(crate) key: Key,
    pub(crate) mark: Option<Mark>,
    pub(crate) body: Body,
    /// Grows with each update.
    pub(crate) revision: u32,
    pub(crate) failed: bool,
    /// From when on a look at the identity shows it.
    visible_at: Instant,
    /// From when on a search shows it.
    indexed_at: Instant,
    /// The body before the last update, and how long looks still show it.
    stale: Option<(Body, Instant)>,
    steady_at: Instant,
    end: Option<End>,
}

#[derive(Clone, Copy, Debug)]
struct End {
    visible_at: Instant,
    gone_at: Instant,
}

/// How an object shows itself at some moment.
pub(crate) enum Sight {
    Absent,
    Settling,
    Steady(Body),
    Deleting,
    Failed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Find,
    Observe,
    Create,
    Update,
    Delete,
}

/// One call that reached the world, whatever its answer was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) verb: Verb,
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    /// The code of the refusal, if it was refused.
    pub(crate) refused: Option<Class>,
}

impl Call {
    pub(crate) fn is_mutation(&self) -> bool {
        !matches!(self.verb, Verb::Find | Verb::Observe)
    }
}

/// Something that goes wrong with the calls of one kind, a number of times.
#[derive(Clone, Debug)]
pub(crate) struct Trouble {
    pub(crate) verb: Verb,
    pub(crate) name: &'static str,
    pub(crate) class: Class,
    /// Whether the call takes effect although its answer is this.
    pub(crate) takes_effect: bool,
    /// How long the cloud is silent before anything happens.
    pub(crate) silence: Duration,
    pub(crate) times: u32,
}

/// The times and traits of a kind that the world must know.
#[derive(Clone, Copy)]
pub(crate) struct Species {
    pub(crate) kind: &'static str,
    pub(crate) key: Key,
    pub(crate) settles: Duration,
    pub(crate) leaves: Duration,
    pub(crate) in_use: bool,
}

#[derive(Clone, Default)]
pub(crate) struct World {
    pub(crate) objects: Vec<Object>,
    /// For each client token, what the first call with it asked for and got.
    tokens: BTreeMap<String, (Body, String)>,
    /// Every call that reached it.
    pub(crate) calls: Vec<Call>,
    /// Mutating calls whose intent was not durable. There must never be one.
    pub(crate) unrecorded: Vec<String>,
    pub(crate) troubles: Vec<Trouble>,
    /// How long each change takes until looks show it.
    pub(crate) lag: Duration,
    /// By how much more a search by tags lags behind, for kinds that know client tokens.
    pub(crate) search_lag: Duration,
    /// Objects of these names die while they are being made.
    pub(crate) doomed: Vec<&'static str>,
    /// Deletes of objects of these names are taken and not carried out.
    pub(crate) deaf: Vec<&'static str>,
    made: u32,
}

/// What one process reaches the world through.
#[derive(Clone)]
pub(crate) struct Cloud {
    pub(crate) world: Arc<Mutex<World>>,
    pub(crate) fuse: Fuse,
    pub(crate) disk: Disk,
}

impl Cloud {
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        locked(&self.world)
    }

    /// A call that only reads.
    pub(crate) async fn read<T>(
        &self,
        (verb, kind, name): (Verb, &'static str, &str),
        answer: impl FnOnce(&World) -> T,
    ) -> Result<T, Fault> {
        sleep(LATENCY).await;
        if self.fuse.is_dead() {
            std::future::pending::<()>().await;
        }
        let mut world = self.world();
        world.calls.push(Call { verb, kind, name: name.to_owned(), refused: None });
        match world.trouble(verb, name) {
            Some(trouble) => Err(fault(trouble.class, verb, kind, "it is a bad day")),
            None => Ok(answer(&world)),
        }
    }

    /// A call that changes something, if it may.
    pub(crate) async fn mutate<T>(
        &self,
        (verb, kind, name): (Verb, &'static str, &str),
        intent: &Intent,
        effect: impl FnOnce(&mut World) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        sleep(LATENCY).await;
        self.fuse.call(kind).await?;
        let trouble = self.world().trouble(verb, name);
        sleep(trouble.as_ref().map_or(Duration::ZERO, |trouble| trouble.silence)).await;
        let answer = {
            let recorded = self.disk.has(intent);
            let mut world = self.world();
            if !recorded {
                world.unrecorded.push(format!("{verb:?} {name}"));
            }
            let answer = match &trouble {
                Some(trouble) if !trouble.takes_effect => Err(fault(trouble.class, verb, kind, "not today")),
                _ => effect(&mut world),
            };
            let refused = answer.as_ref().err().map(|fault| fault.class);
            world.calls.push(Call { verb, kind, name: name.to_owned(), refused });
            match trouble {
                Some(trouble) if answer.is_ok() => Err(fault(trouble.class, verb, kind, "no answer")),
                _ => answer,
            }
        };
        self.fuse.call(kind).await?;
        sleep(LATENCY).await;
        answer
    }
}

impl World {
    pub(crate) fn create(
        &mut self,
        Species { kind, key, settles, .. }: Species,
        body: Body,
        mark: Option<Mark>,
        token: &str,
    ) -> Result<String, Fault> {
        let refusal = |class, message: &str| Err(fault(class, Verb::Create, kind, message));
        if key == Key::Token
            && let Some((first, id)) = self.tokens.get(token)
        {
            return if *first == body {
                Ok(id.clone())
            } else {
                refusal(Class::Invalid, "IdempotentParameterMismatch")
            };
        }
        let now = Instant::now();
        for held in &body.holds {
            let there = |it: &&Object| it.id == *held && it.visible_at <= now && it.end.is_none();
            if !self.alive().any(|it| there(&it)) {
                return refusal(Class::NotYetVisible, &format!("there is no {held}"));
            }
        }
        self.made += 1;
        let id = match key {
            Key::Name => format!("{kind}:{}", body.name),
            Key::Parent => format!("{}/{}", body.holds.join("+"), body.name),
            Key::Tags | Key::Token => format!("{kind}-{}", self.made),
        };
        if self.alive().any(|it| it.id == id) {
            return refusal(Class::Conflict, "AlreadyExists");
        }
        if key == Key::Token {
            self.tokens.insert(token.to_owned(), (body.clone(), id.clone()));
        }
        let visible_at = now + self.lag;
        let failed = self.doomed.iter().any(|name| *name == body.name);
        self.objects.push(Object {
            kind,
            id: id.clone(),
            key,
            mark,
            body,
            revision: 1,
            failed,
            visible_at,
            indexed_at: if key == Key::Token { visible_at + self.search_lag } else { visible_at },
            stale: None,
            steady_at: now + settles,
            end: None,
        });
        Ok(id)
    }

    pub(crate) fn update(&mut self, species: Species, id: &str, to: Body) -> Result<(), Fault> {
        let refusal = |class, message: &str| Err(fault(class, Verb::Update, species.kind, message));
        let (now, lag) = (Instant::now(), self.lag);
        let found =
            self.objects.iter_mut().find(|it| it.id == id && it.visible_at <= now && it.end.is_none());
        let Some(object) = found else { return refusal(Class::Gone, "NotFound") };
        if now < object.steady_at {
            return refusal(Class::Blocked, "it is not available");
        }
        if (&object.body.name, &object.body.holds, &object.body.fixed) != (&to.name, &to.holds, &to.fixed) {
            return refusal(Class::Invalid, "this cannot be changed");
        }
        object.stale = Some((std::mem::replace(&mut object.body, to), now + lag));
        object.revision += 1;
        object.steady_at = now + species.settles;
        Ok(())
    }

    pub(crate) fn delete(&mut self, species: Species, id: &str) -> Result<(), Fault> {
        let refusal = |class, message: &str| Err(fault(class, Verb::Delete, species.kind, message));
        let now = Instant::now();
        let lag = self.lag;
        let uses =
            |it: &Object| species.in_use && it.body.reads.iter().any(|read| read.trim_end_matches('!') == id);
        let holds = |it: &Object| it.key != Key::Parent && it.body.holds.iter().any(|held| held == id);
        let holder = self.alive().find(|it| holds(it) || uses(it));
        let held_by = holder.map(|it| it.id.clone());
        let deaf = self.alive().any(|it| it.id == id && self.deaf.iter().any(|name| *name == it.body.name));
        let found = self.objects.iter_mut().find(|it| it.id == id && it.visible_at <= now && it.is_alive());
        let Some(object) = found else { return refusal(Class::Gone, "NotFound") };
        if let Some(holder) = held_by {
            return refusal(Class::Blocked, &format!("DependencyViolation: {holder} needs it"));
        }
        if object.body.protected {
            return refusal(Class::Invalid, "deletion protection is on");
        }
        if object.end.is_some() || now < object.steady_at && !object.failed {
            return refusal(Class::Blocked, "it is busy");
        }
        if deaf {
            return Ok(());
        }
        object.end = Some(End { visible_at: now + lag, gone_at: now + species.leaves });
        let parts = self.objects.iter_mut().filter(|it| it.key == Key::Parent);
        for part in parts.filter(|it| it.body.holds.iter().any(|held| held == id)) {
            part.end = Some(End { visible_at: now + lag, gone_at: now + species.leaves });
        }
        Ok(())
    }

    /// The objects that exist, whether they show or not.
    pub(crate) fn alive(&self) -> impl Iterator<Item = &Object> {
        self.objects.iter().filter(|it| it.is_alive())
    }

    /// The objects that carry our mark, or are part of one that does.
    pub(crate) fn marked(&self) -> impl Iterator<Item = &Object> {
        let marked = |id: &str| self.alive().any(|it| it.id == id && it.mark.is_some());
        self.alive().filter(move |it| {
            it.mark.is_some() || it.key == Key::Parent && it.body.holds.iter().any(|held| marked(held))
        })
    }

    /// The object of a name, which must exist.
    pub(crate) fn named(&self, name: &str) -> &Object {
        self.alive().find(|it| it.body.name == name).unwrap_or_else(|| panic!("there is no {name}"))
    }

    /// The object of a name, to be meddled with.
    pub(crate) fn named_mut(&mut self, name: &str) -> &mut Object {
        let found = self.objects.iter_mut().find(|it| it.body.name == name && it.is_alive());
        found.unwrap_or_else(|| panic!("there is no {name}"))
    }

    /// Somebody else deletes the object of a name, with its parts.
    pub(crate) fn lose(&mut self, name: &str) {
        let now = Instant::now();
        let id = self.named(name).id.clone();
        let part = |it: &Object| it.key == Key::Parent && it.body.holds.contains(&id);
        for lost in self.objects.iter_mut().filter(|it| it.is_alive() && (it.id == id || part(it))) {
            lost.end = Some(End { visible_at: now, gone_at: now });
        }
    }

    /// No look at one of the objects shows it until it is older by so much.
    pub(crate) fn hide(&mut self, which: usize, how_long: Duration) {
        self.objects[which].visible_at += how_long;
    }

    fn trouble(&mut self, verb: Verb, name: &str) -> Option<Trouble> {
        let trouble =
            self.troubles.iter_mut().find(|it| (it.verb, it.name) == (verb, name) && it.times > 0)?;
        trouble.times -= 1;
        Some(trouble.clone())
    }
}

impl Object {
    fn is_alive(&self) -> bool {
        self.end.is_none_or(|end| Instant::now() < end.gone_at)
    }

    /// Whether a search shows it.
    pub(crate) fn is_indexed(&self) -> bool {
        self.indexed_at <= Instant::now() && self.end.is_none_or(|end| Instant::now() < end.visible_at)
    }

    pub(crate) fn sight(&self) -> Sight {
        let now = Instant::now();
        match self.end {
            _ if now < self.visible_at => Sight::Absent,
            Some(end) if end.visible_at <= now && end.gone_at <= now => Sight::Absent,
            Some(end) if end.visible_at <= now => Sight::Deleting,
            _ if self.failed => Sight::Failed,
            _ if now < self.steady_at => Sight::Settling,
            _ => Sight::Steady(match &self.stale {
                Some((before, until)) if now < *until => before.clone(),
                _ => self.body.clone(),
            }),
        }
    }
}

fn fault(class: Class, verb: Verb, kind: &str, message: &str) -> Fault {
    Fault::new(class, format!("{verb:?} {kind}"), message)
}
