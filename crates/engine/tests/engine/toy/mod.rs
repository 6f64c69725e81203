//! A cloud in miniature that behaves like AWS where it matters to the engine, and a bench to run the engine on it.
//!
//! Nothing here is lenient: the world refuses what AWS refuses, and every mutating call is checked against what is
//! durable at that moment.

use std::sync::{Mutex, MutexGuard};

mod bench;
mod disk;
mod estate;
mod fuse;
mod thing;
mod world;

pub(crate) use bench::{Bench, Consent, Outcome, Run, Snapshot};
pub(crate) use estate::Estate;
pub(crate) use fuse::{Fuse, Mishap};
pub(crate) use thing::{
    Database, Definition, Flaw, Fleet, Front, Group, Key, Listener, Nature, Network, Pool, Rack, Service,
    Shelf, Thing,
};
pub(crate) use world::{Body, Cloud, Trouble, Verb, World};

/// The one way in which the tests' shared state is reached.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no test panics while it holds a lock")
}
