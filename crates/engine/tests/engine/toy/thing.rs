//! The kinds of the toy cloud: one resource type, made different by a nature of constants.

use std::fmt::Debug;
use std::marker::PhantomData;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sidekick_engine::{
    AnyKind, Diff, Erased, Intent, Live, Mark, Observed, Owner, Pace, Resource, Result, Revises, Teardown,
};
use uuid::Uuid;

use super::world::{Body, Cloud, Sight, Species, Verb};

/// By what a resource is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// Its tags only, like a VPC.
    Tags,
    /// Its tags, and the client token of its create call, like a NAT gateway.
    Token,
    /// A name that is unique, like an IAM role's.
    Name,
    /// A name within a parent it lives and dies with, like a secret's version.
    Parent,
}

/// A way to break the protocol, for the tests that show that the campaigns notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// The create call carries no ownership tags; they come with nothing else either.
    LeavesTheMarkOut,
    /// Looks trust whatever they find to be ours.
    TrustsWhatItFinds,
    /// The create call carries a token of its own making, as an SDK would send.
    SendsItsOwnToken,
}

/// What makes one toy kind different from another.
pub(crate) trait Nature: Clone + Debug + PartialEq + Send + Sync + 'static {
    const KIND: &'static str;
    const KEY: Key;
    const SETTLES: Duration = Duration::ZERO;
    const LEAVES: Duration = Duration::ZERO;
    const TEARDOWN: Teardown = Teardown::AfterDependents;
    const WITHIN: Option<&'static str> = None;
    /// Whether its create call leaves out what an update can bring.
    const BARE: bool = false;
    const STATEFUL: bool = false;
    const REVISES: Revises = Revises::Never;
    const DISTINCT_BY: &'static [&'static str] = &[];
    /// Whether it cannot be deleted while anything reads it.
    const IN_USE: bool = false;
    /// Whether it goes on reading what it read until all else is as desired.
    const KEEPS: bool = false;
    const FLAWS: &'static [Flaw] = &[];
}

macro_rules! natures {
    ($($(#[$doc:meta])* $name:ident = $kind:literal, $key:ident $({ $($constant:tt)* })?;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub(crate) struct $name;

        impl Nature for $name {
            const KIND: &'static str = $kind;
            const KEY: Key = Key::$key;
            $($($constant)*)?
        }
    )*};
}

natures! {
    /// Like a VPC: no name, no token.
    Network = "toy.network", Tags;
    /// Like a security group or an IAM role: its name is unique.
    Group = "toy.group", Name;
    /// Like a NAT gateway: its create call takes a client token.
    Address = "toy.address", Token;
    /// Like an RDS instance: slow, precious, and gone whenever asked.
    Database = "toy.database", Name {
        const SETTLES: Duration = Duration::from_secs(300);
        const LEAVES: Duration = Duration::from_secs(120);
        const TEARDOWN: Teardown = Teardown::Anytime;
        const STATEFUL: bool = true;
    };
    /// Like a task definition: an update makes a new revision.
    Definition = "toy.definition", Name {
        const TEARDOWN: Teardown = Teardown::Anytime;
        const REVISES: Revises = Revises::Always;
    };
    /// Like a listener: to be gone before what depends on it.
    Listener = "toy.listener", Tags { const TEARDOWN: Teardown = Teardown::BeforeDependents; };
    /// Like an ECS service: takes a while in both directions.
    Service = "toy.service", Name {
        const SETTLES: Duration = Duration::from_secs(60);
        const LEAVES: Duration = Duration::from_secs(30);
    };
    /// Like a listener that hands over from one target group to another.
    Front = "toy.front", Tags {
        const TEARDOWN: Teardown = Teardown::BeforeDependents;
        const KEEPS: bool = true;
    };
    /// Like an ECS service whose tasks are in both of them for a while.
    Fleet = "toy.fleet", Name {
        const SETTLES: Duration = Duration::from_secs(60);
        const LEAVES: Duration = Duration::from_secs(30);
        const KEEPS: bool = true;
    };
    /// Like a target group: those that use it change to another one in place, and then it may go.
    Pool = "toy.pool", Name {
        const DISTINCT_BY: &'static [&'static str] = &["name"];
        const IN_USE: bool = true;
    };
    /// Like a security group: its create call says nothing of its rules.
    Rack = "toy.rack", Tags { const BARE: bool = true; };
    /// Like a subnet: it is nowhere but in its network.
    Shelf = "toy.shelf", Tags { const WITHIN: Option<&'static str> = Some(Rack::KIND); };
    /// Like a secret's version: cannot be tagged or deleted, and goes with its parent.
    Version = "toy.version", Parent;
}

/// Every kind of a sound toy cloud.
pub(crate) const KINDS: &[&dyn AnyKind<Cloud>] = &[
    Erased::<Thing<Network>>::KIND,
    Erased::<Thing<Group>>::KIND,
    Erased::<Thing<Address>>::KIND,
    Erased::<Thing<Database>>::KIND,
    Erased::<Thing<Definition>>::KIND,
    Erased::<Thing<Listener>>::KIND,
    Erased::<Thing<Service>>::KIND,
    Erased::<Thing<Front>>::KIND,
    Erased::<Thing<Fleet>>::KIND,
    Erased::<Thing<Pool>>::KIND,
    Erased::<Thing<Rack>>::KIND,
    Erased::<Thing<Shelf>>::KIND,
    Erased::<Thing<Version>>::KIND,
];

/// A toy resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "", transparent)]
pub(crate) struct Thing<N: Nature> {
    body: Body,
    #[serde(skip)]
    nature: PhantomData<N>,
}

impl<N: Nature> Thing<N> {
    pub(crate) fn named(name: &str) -> Self {
        Self { body: Body { name: name.to_owned(), ..Body::default() }, nature: PhantomData }
    }

    pub(crate) fn holding(self, holds: impl IntoIterator<Item = String>) -> Self {
        self.with(|body| body.holds.extend(holds))
    }

    pub(crate) fn reading(self, reads: impl IntoIterator<Item = String>) -> Self {
        self.with(|body| body.reads.extend(reads))
    }

    pub(crate) fn fixed(self, value: &str) -> Self {
        self.with(|body| value.clone_into(&mut body.fixed))
    }

    pub(crate) fn tuned(self, value: &str) -> Self {
        self.with(|body| value.clone_into(&mut body.tuned))
    }

    pub(crate) fn protected(self, value: bool) -> Self {
        self.with(|body| body.protected = value)
    }

    pub(crate) fn hiding(self, value: &str) -> Self {
        self.with(|body| value.clone_into(&mut body.hidden))
    }

    fn with(mut self, change: impl FnOnce(&mut Body)) -> Self {
        change(&mut self.body);
        self
    }

    pub(crate) const SPECIES: Species =
        Species { kind: N::KIND, key: N::KEY, settles: N::SETTLES, leaves: N::LEAVES, in_use: N::IN_USE };
}

impl<N: Nature> Resource for Thing<N> {
    const KIND: &'static str = N::KIND;
    const CREATES_ONCE: bool = matches!(N::KEY, Key::Token | Key::Name);
    const UP: Pace = pace(N::SETTLES);
    const DOWN: Pace = pace(N::LEAVES);
    const UNIQUE_ID: bool = matches!(N::KEY, Key::Tags | Key::Token);
    const TEARDOWN: Teardown = N::TEARDOWN;
    const WITHIN: Option<&'static str> = N::WITHIN;
    const STATEFUL: bool = N::STATEFUL;
    const REVISES: Revises = N::REVISES;
    const PARENTED: bool = matches!(N::KEY, Key::Parent);
    const DISTINCT_BY: &'static [&'static str] = N::DISTINCT_BY;
    const HIDDEN: &'static [&'static str] = &["hidden"];

    type Cloud = Cloud;
    type Id = String;
    type Outputs = String;

    fn diff(&self, actual: &Self) -> Diff {
        let Body { name, holds, reads, fixed, tuned, protected, hidden } = &self.body;
        Diff::default()
            .immutable("name", name, &actual.body.name)
            .immutable("holds", holds, &actual.body.holds)
            .mutable("reads", reads, &actual.body.reads)
            .immutable("fixed", fixed, &actual.body.fixed)
            .mutable("tuned", tuned, &actual.body.tuned)
            .mutable("protected", protected, &actual.body.protected)
            .mutable("hidden", hidden, &actual.body.hidden)
    }

    fn meanwhile(&self, actual: &Self) -> Self {
        let is_kept = |read: &&String| N::KEEPS && !self.body.reads.contains(read);
        let kept = actual.body.reads.iter().filter(is_kept).cloned();
        self.clone().reading(kept.collect::<Vec<_>>())
    }

    fn as_created(&self) -> Option<Self> {
        N::BARE.then(|| self.clone().tuned(""))
    }

    fn protection(&self) -> Option<String> {
        self.body.protected.then(|| "deletion protection is on".to_owned())
    }

    async fn find(&self, cloud: &Cloud, mark: &Mark) -> Result<Option<String>> {
        let Body { name, holds, .. } = &self.body;
        let is_it = |it: &&super::world::Object| match N::KEY {
            Key::Tags | Key::Token => it.mark.as_ref() == Some(mark),
            Key::Name => it.body.name == *name,
            Key::Parent => (&it.body.name, &it.body.holds) == (name, holds),
        };
        cloud
            .read((Verb::Find, N::KIND, name), |world| {
                let mut found =
                    world.alive().filter(|it| it.kind == N::KIND && it.is_indexed()).filter(is_it);
                found.find(|it| !matches!(it.sight(), Sight::Deleting)).map(|it| it.id.clone())
            })
            .await
    }

    async fn observe(&self, cloud: &Cloud, id: &String) -> Result<Observed<Self>> {
        cloud
            .read((Verb::Observe, N::KIND, &self.body.name), |world| {
                // Of several objects that had the identity one after the other, the last counts.
                let Some(object) = world.objects.iter().rfind(|it| it.id == *id && it.kind == N::KIND) else {
                    return Observed::Absent;
                };
                let owner = match &object.mark {
                    _ if N::KEY == Key::Parent => Owner::Parent,
                    _ if N::FLAWS.contains(&Flaw::TrustsWhatItFinds) => Owner::Parent,
                    Some(mark) => Owner::Marked(mark.clone()),
                    None => Owner::Unmarked,
                };
                match object.sight() {
                    Sight::Absent => Observed::Absent,
                    Sight::Deleting => Observed::Deleting,
                    Sight::Settling => Observed::Settling { note: "pending".to_owned(), owner },
                    Sight::Failed => Observed::Failed { why: "insufficient capacity".to_owned(), owner },
                    Sight::Steady(body) => Observed::Steady(Live {
                        actual: Self { body, nature: PhantomData }.hiding(&self.body.hidden),
                        outputs: if N::REVISES == Revises::Always {
                            format!("{id}@{}", object.revision)
                        } else {
                            format!("{id}!")
                        },
                        owner,
                    }),
                }
            })
            .await
    }

    async fn create(&self, cloud: &Cloud, intent: &Intent) -> Result<String> {
        let marked = N::KEY != Key::Parent && !N::FLAWS.contains(&Flaw::LeavesTheMarkOut);
        let token = match N::FLAWS.contains(&Flaw::SendsItsOwnToken) {
            true => Uuid::new_v4().to_string(),
            false => intent.token(),
        };
        let body = self.as_created().unwrap_or_else(|| self.clone()).body;
        let effect = |world: &mut super::world::World| {
            let mark = marked.then(|| intent.mark().clone());
            world.create(Self::SPECIES, body, mark, &token)
        };
        cloud.mutate((Verb::Create, N::KIND, &self.body.name), intent, effect).await
    }

    async fn update(&self, _: &Self, cloud: &Cloud, id: &String, intent: &Intent) -> Result<()> {
        let effect = |world: &mut super::world::World| world.update(Self::SPECIES, id, self.body.clone());
        cloud.mutate((Verb::Update, N::KIND, &self.body.name), intent, effect).await
    }

    async fn delete(&self, cloud: &Cloud, id: &String, intent: &Intent) -> Result<()> {
        let effect = |world: &mut super::world::World| world.delete(Self::SPECIES, id);
        cloud.mutate((Verb::Delete, N::KIND, &self.body.name), intent, effect).await
    }
}

/// The first look comes when a slow change is just over.
const fn pace(typical: Duration) -> Pace {
    match typical.as_secs() {
        0 => Pace::PROMPT,
        seconds => {
            Pace { step: Duration::from_secs(5), ..Pace::seconds(seconds, seconds, seconds + 60, 900) }
        }
    }
}
