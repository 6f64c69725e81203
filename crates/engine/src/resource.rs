//! The central trait: the desired state of one resource is its type.

use std::fmt::{Debug, Display};
use std::future::Future;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::fault::Result;
use crate::{Diff, Intent, Mark, Owner, Pace};

/// Plain data that can be recorded, compared and sent between tasks.
pub trait Data: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static {}
impl<T: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static> Data for T {}

/// A kind of AWS resource. The value of the type is the desired state ("spec"), with real values in every field.
///
/// # Expected flow
/// The engine observes, decides, and calls one of create, update and delete; then it observes again, until there is
/// no difference. A kind never waits, retries, prints or saves; it answers or fails with a classed [`Fault`](crate::Fault).
///
/// # Guarantees the engine gives
/// A mutating method runs only after its [`Intent`] is durable on disk. `create` is not called before a look-up
/// by `find` came back empty, unless nothing of ours can be there; see [`Resource::WITHIN`].
pub trait Resource: Data {
    /// The kind's name, equal to its file path: `ec2.subnet`.
    const KIND: &'static str;
    /// How long it takes until a create or update is steady, and how often to look.
    const UP: Pace = Pace::PROMPT;
    /// How long it takes until a delete is over, and how often to look.
    const DOWN: Pace = Pace::PROMPT;
    /// How long a create or update may be refused because something it names is too new to be seen.
    const PROPAGATION: Duration = Duration::from_secs(120);
    /// Whether AWS makes no second one of a create that is sent again: it refuses the name, or answers by the client
    /// token with the first. Then a create with an unknown outcome is sent again without a long search for its result.
    const CREATES_ONCE: bool = false;
    /// The kind of what it lives in and cannot outlive, if there is none of its name or mark anywhere else. In one that this
    /// run made there is nothing of ours yet, for its identity was known to nobody, so nothing is looked for.
    const WITHIN: Option<&'static str> = None;
    /// Whether AWS makes up the identity and never gives it again. Then what has it cannot have become another one's since
    /// it was seen, and is deleted without another look.
    const UNIQUE_ID: bool = false;
    /// When, relative to its dependents, AWS lets the resource go.
    const TEARDOWN: Teardown = Teardown::AfterDependents;
    /// The fields that tell two of a kind apart. If one of them forces a replacement, old and new can stand side by side:
    /// then the new one is made first, and the old one goes when nothing holds it any more.
    const DISTINCT_BY: &'static [&'static str] = &[];
    /// The fields that the cloud does not show, such as how it is to be deleted. They are as they were recorded last, so a
    /// change of them is a change like any other; `observe` repeats them from `self`.
    const HIDDEN: &'static [&'static str] = &[];
    /// Whether it holds data that a replacement would destroy.
    const STATEFUL: bool = false;
    /// Which updates give it new outputs, so that dependents cannot be planned before they ran.
    const REVISES: Revises = Revises::Never;
    /// The updates in place that take it out of service for a while: the field, and what happens, in words for the operator.
    const DISRUPTS: &'static [(&'static str, &'static str)] = &[];
    /// Whether it has no end of its own and goes with its parent: instead of deleting it, the engine forgets it.
    const PARENTED: bool = false;

    /// The clients that reach the cloud; the engine never looks inside.
    type Cloud: Send + Sync + 'static;
    /// The physical identity, known as soon as the create call is answered; all that observing and deleting need.
    type Id: Data + Display;
    /// What dependents may read once the resource is ready.
    type Outputs: Data;

    /// Compares `self`, the desired state, with the observed state, each field once.
    fn diff(&self, actual: &Self) -> Diff;

    /// The desired state as long as others are not as desired yet: beside what is wanted it keeps those parts of `actual`
    /// that they still use. They go once everything stands. A state that was reached in this way stays as it is.
    fn meanwhile(&self, _actual: &Self) -> Self {
        self.clone()
    }

    /// What stands as soon as `create` was answered, if that is certain. What differs from it is updated at once, without
    /// a look in between.
    fn as_created(&self) -> Option<Self> {
        None
    }

    /// Why the resource, observed as `self`, must not be deleted, if it is protected.
    fn protection(&self) -> Option<String> {
        None
    }

    /// What is left to the operator, of the resource observed as `self`, although it is as desired.
    fn notice(&self) -> Option<String> {
        None
    }

    /// Looks for the resource by its natural name or, where it has none, by its ownership tags.
    ///
    /// Resources that are deleted or on their way out do not count. The engine checks whose the result is.
    fn find(&self, cloud: &Self::Cloud, mark: &Mark)
    -> impl Future<Output = Result<Option<Self::Id>>> + Send;

    /// Reads existence, readiness, actual state and outputs at once.
    ///
    /// `self` is the desired spec, or the recorded one when nothing is desired, with what is [hidden](Self::HIDDEN) as it was
    /// recorded; most kinds need only the id.
    fn observe(
        &self,
        cloud: &Self::Cloud,
        id: &Self::Id,
    ) -> impl Future<Output = Result<Observed<Self>>> + Send;

    /// The one call that makes it exist, with the ownership tags in it; the rest converges through `update`.
    fn create(&self, cloud: &Self::Cloud, intent: &Intent) -> impl Future<Output = Result<Self::Id>> + Send;

    /// Brings the mutable fields from `actual` to `self`. Safe to repeat.
    fn update(
        &self,
        actual: &Self,
        cloud: &Self::Cloud,
        id: &Self::Id,
        intent: &Intent,
    ) -> impl Future<Output = Result<()>> + Send;

    /// Starts to delete it; `self` is the spec as last recorded. A resource that is gone already is a success.
    fn delete(
        &self,
        cloud: &Self::Cloud,
        id: &Self::Id,
        intent: &Intent,
    ) -> impl Future<Output = Result<()>> + Send;
}

/// Which updates give a resource new outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revises {
    /// None.
    Never,
    /// Each.
    Always,
    /// Those that change one of these fields.
    With(&'static [&'static str]),
}

/// What one look at the cloud showed.
#[derive(Clone, Debug)]
pub enum Observed<R: Resource> {
    /// There is no such resource.
    Absent,
    /// AWS is still working on it.
    Settling {
        /// AWS's own word for the state.
        note: String,
        /// Whose it is.
        owner: Owner,
    },
    /// It is in its lasting state.
    Steady(Live<R>),
    /// It exists and can be changed, but does not do its work (an ECS rollout that failed).
    Degraded {
        /// What is wrong, in words for the operator.
        why: String,
        /// Its state all the same.
        live: Live<R>,
    },
    /// It carries no ownership tags, so it is somebody else's. What others made may lack what a kind must read of its
    /// own, so nothing more of it was read.
    Unmarked,
    /// It is on its way out.
    Deleting,
    /// It is dead: only deleting and making it anew helps.
    Failed {
        /// What AWS says about it.
        why: String,
        /// Whose it is.
        owner: Owner,
    },
    /// It is dead and nothing of it is left to delete: AWS lists it for a while yet. Only making it anew helps.
    Dead {
        /// What AWS says about it.
        why: String,
    },
}

/// A resource that can be read in full.
#[derive(Clone, Debug)]
pub struct Live<R: Resource> {
    /// The observed state in the terms of the spec, ownership tags left out.
    pub actual: R,
    /// What dependents may read.
    pub outputs: R::Outputs,
    /// Whose it is.
    pub owner: Owner,
}

/// When AWS lets a resource go, relative to the resources that depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Teardown {
    /// AWS refuses the delete while a dependent lives; also the choice when in doubt.
    AfterDependents,
    /// It goes whenever asked: dependents hold only its outputs, or die with it.
    Anytime,
    /// It must go first, because its dependents go faster without it (a listener, before the service drains).
    BeforeDependents,
}
