//! The one seam between typed resources and the engine's uniform view: specs, ids and outputs become JSON here and
//! nowhere else.

use std::marker::PhantomData;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::fault::{Class, Fault, Result};
use crate::{Diff, Intent, Live, Mark, Observed, Owner, Pace, Resource, Revises, Teardown};

/// A resource kind of a cloud `C`, with its types erased.
pub trait AnyKind<C>: Send + Sync {
    /// The constants of the kind.
    fn traits(&self) -> Traits;

    /// Compares two specs of the kind.
    fn diff(&self, desired: &Value, actual: &Value) -> Result<Diff>;

    /// See [`Resource::meanwhile`].
    fn meanwhile(&self, desired: &Value, actual: &Value) -> Result<Value>;

    /// See [`Resource::as_created`].
    fn as_created(&self, spec: &Value) -> Result<Option<Value>>;

    /// Why the resource observed as `actual` must not be deleted.
    fn protection(&self, actual: &Value) -> Option<String>;

    /// See [`Resource::find`].
    fn find<'a>(
        &'a self,
        spec: &'a Value,
        cloud: &'a C,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Value>>>;

    /// See [`Resource::observe`].
    fn observe<'a>(&'a self, spec: &'a Value, cloud: &'a C, id: &'a Value) -> BoxFuture<'a, Result<Seen>>;

    /// See [`Resource::create`].
    fn create<'a>(
        &'a self,
        spec: &'a Value,
        cloud: &'a C,
        intent: &'a Intent,
    ) -> BoxFuture<'a, Result<Value>>;

    /// See [`Resource::update`]; `specs` are the desired and the observed one.
    fn update<'a>(
        &'a self,
        specs: (&'a Value, &'a Value),
        cloud: &'a C,
        id: &'a Value,
        intent: &'a Intent,
    ) -> BoxFuture<'a, Result<()>>;

    /// See [`Resource::delete`].
    fn delete<'a>(
        &'a self,
        spec: &'a Value,
        cloud: &'a C,
        id: &'a Value,
        intent: &'a Intent,
    ) -> BoxFuture<'a, Result<()>>;

    /// The identity as a person reads it.
    fn show_id(&self, id: &Value) -> String;
}

/// The constants of [`Resource`] as a value.
#[derive(Clone, Copy, Debug)]
pub struct Traits {
    /// [`Resource::KIND`]
    pub name: &'static str,
    /// [`Resource::UP`]
    pub up: Pace,
    /// [`Resource::DOWN`]
    pub down: Pace,
    /// [`Resource::PROPAGATION`]
    pub propagation: Duration,
    /// [`Resource::CREATES_ONCE`]
    pub creates_once: bool,
    /// [`Resource::WITHIN`]
    pub within: Option<&'static str>,
    /// [`Resource::UNIQUE_ID`]
    pub unique_id: bool,
    /// [`Resource::TEARDOWN`]
    pub teardown: Teardown,
    /// [`Resource::DISTINCT_BY`]
    pub distinct_by: &'static [&'static str],
    /// [`Resource::HIDDEN`]
    pub hidden: &'static [&'static str],
    /// [`Resource::STATEFUL`]
    pub stateful: bool,
    /// [`Resource::REVISES`]
    pub revises: Revises,
    /// [`Resource::DISRUPTS`]
    pub disrupts: &'static [(&'static str, &'static str)],
    /// [`Resource::PARENTED`]
    pub parented: bool,
}

/// [`Observed`] with its types erased.
#[derive(Clone, Debug)]
pub enum Seen {
    /// See [`Observed::Absent`].
    Absent,
    /// See [`Observed::Settling`].
    Settling {
        /// AWS's word for the state.
        note: String,
        /// Whose it is.
        owner: Owner,
    },
    /// See [`Observed::Steady`] and [`Observed::Degraded`].
    Live {
        /// The observed state in the terms of the spec.
        actual: Value,
        /// What dependents may read.
        outputs: Value,
        /// Whose it is.
        owner: Owner,
        /// What is wrong with it, if it does not do its work.
        degraded: Option<String>,
        /// What is left to the operator of it, if anything is.
        notice: Option<String>,
    },
    /// See [`Observed::Deleting`].
    Deleting,
    /// See [`Observed::Failed`].
    Failed {
        /// What AWS says about it.
        why: String,
        /// Whose it is.
        owner: Owner,
    },
    /// See [`Observed::Dead`].
    Dead {
        /// What AWS says about it.
        why: String,
    },
}

impl Seen {
    /// Whose it is, where that was seen.
    pub const fn owner(&self) -> Option<&Owner> {
        match self {
            Self::Settling { owner, .. } | Self::Live { owner, .. } | Self::Failed { owner, .. } => {
                Some(owner)
            }
            Self::Absent | Self::Deleting | Self::Dead { .. } => None,
        }
    }
}

/// The adapter from [`Resource`] to [`AnyKind`].
pub struct Erased<R>(PhantomData<fn() -> R>);

impl<R: Resource> Erased<R> {
    /// The kind as an entry of a static table.
    pub const KIND: &'static dyn AnyKind<R::Cloud> = &Self(PhantomData);
}

impl<R: Resource> AnyKind<R::Cloud> for Erased<R> {
    fn traits(&self) -> Traits {
        Traits {
            name: R::KIND,
            up: R::UP,
            down: R::DOWN,
            propagation: R::PROPAGATION,
            creates_once: R::CREATES_ONCE,
            within: R::WITHIN,
            unique_id: R::UNIQUE_ID,
            teardown: R::TEARDOWN,
            distinct_by: R::DISTINCT_BY,
            hidden: R::HIDDEN,
            stateful: R::STATEFUL,
            revises: R::REVISES,
            disrupts: R::DISRUPTS,
            parented: R::PARENTED,
        }
    }

    fn diff(&self, desired: &Value, actual: &Value) -> Result<Diff> {
        Ok(read::<R, R>(desired)?.diff(&read::<R, R>(actual)?))
    }

    fn meanwhile(&self, desired: &Value, actual: &Value) -> Result<Value> {
        json::<R>(&read::<R, R>(desired)?.meanwhile(&read::<R, R>(actual)?))
    }

    fn as_created(&self, spec: &Value) -> Result<Option<Value>> {
        read::<R, R>(spec)?.as_created().map(|created| json::<R>(&created)).transpose()
    }

    fn protection(&self, actual: &Value) -> Option<String> {
        read::<R, R>(actual).ok().and_then(|actual| actual.protection())
    }

    fn find<'a>(
        &'a self,
        spec: &'a Value,
        cloud: &'a R::Cloud,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Value>>> {
        async move { read::<R, R>(spec)?.find(cloud, mark).await?.map(|id| json::<R>(&id)).transpose() }
            .boxed()
    }

    fn observe<'a>(
        &'a self,
        spec: &'a Value,
        cloud: &'a R::Cloud,
        id: &'a Value,
    ) -> BoxFuture<'a, Result<Seen>> {
        async move { erase(read::<R, R>(spec)?.observe(cloud, &read::<R, R::Id>(id)?).await?) }.boxed()
    }

    fn create<'a>(
        &'a self,
        spec: &'a Value,
        cloud: &'a R::Cloud,
        intent: &'a Intent,
    ) -> BoxFuture<'a, Result<Value>> {
        async move { json::<R>(&read::<R, R>(spec)?.create(cloud, intent).await?) }.boxed()
    }

    fn update<'a>(
        &'a self,
        (desired, actual): (&'a Value, &'a Value),
        cloud: &'a R::Cloud,
        id: &'a Value,
        intent: &'a Intent,
    ) -> BoxFuture<'a, Result<()>> {
        async move {
            let (desired, actual) = (read::<R, R>(desired)?, read::<R, R>(actual)?);
            desired.update(&actual, cloud, &read::<R, R::Id>(id)?, intent).await
        }
        .boxed()
    }

    fn delete<'a>(
        &'a self,
        spec: &'a Value,
        cloud: &'a R::Cloud,
        id: &'a Value,
        intent: &'a Intent,
    ) -> BoxFuture<'a, Result<()>> {
        async move { read::<R, R>(spec)?.delete(cloud, &read::<R, R::Id>(id)?, intent).await }.boxed()
    }

    fn show_id(&self, id: &Value) -> String {
        read::<R, R::Id>(id).map_or_else(|_| id.to_string(), |id| id.to_string())
    }
}

fn erase<R: Resource>(observed: Observed<R>) -> Result<Seen> {
    let live = |Live { actual, outputs, owner }: Live<R>, degraded| {
        let notice = actual.notice();
        let (actual, outputs) = (json::<R>(&actual)?, json::<R>(&outputs)?);
        Ok(Seen::Live { actual, outputs, owner, degraded, notice })
    };
    match observed {
        Observed::Absent => Ok(Seen::Absent),
        Observed::Settling { note, owner } => Ok(Seen::Settling { note, owner }),
        Observed::Steady(steady) => live(steady, None),
        Observed::Degraded { why, live: degraded } => live(degraded, Some(why)),
        Observed::Unmarked => Ok(Seen::Failed { why: "it is not ours".to_owned(), owner: Owner::Unmarked }),
        Observed::Deleting => Ok(Seen::Deleting),
        Observed::Failed { why, owner } => Ok(Seen::Failed { why, owner }),
        Observed::Dead { why } => Ok(Seen::Dead { why }),
    }
}

/// Records of an older sidekick may lack a field that the kind has by now.
fn read<R: Resource, T: DeserializeOwned>(value: &Value) -> Result<T> {
    T::deserialize(value).map_err(|error| {
        Fault::new(Class::Invalid, format!("reading the record of {}", R::KIND), error.to_string())
            .with_hint("the state file was written by another version of sidekick; use that version")
    })
}

fn json<R: Resource>(value: &impl Serialize) -> Result<Value> {
    let unwritable = |error: serde_json::Error| {
        Fault::new(Class::Invalid, format!("recording {}", R::KIND), error.to_string())
    };
    serde_json::to_value(value).map_err(unwritable)
}
