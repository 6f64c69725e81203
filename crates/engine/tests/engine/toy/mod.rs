//! A cloud in miniature that behaves like AWS where it matters to the engine, and a bench to run the engine on it.
//!
//! Nothing here is lenient: the world refuses what AWS refuses, and every mutating call is checked against what is
//! durable at that moment.

mod bench;
mod disk;
mod estate;
mod fuse;
mod thing;
mod world;

pub(crate) use bench::{Bench, Consent, Outcome, Run, Snapshot};
pub(crate) use disk::Disk;
pub(crate) use estate::Estate;
pub(crate) use fuse::{Fuse, Mishap};
pub(crate) use thing::{
    Address, Database, Definition, Flaw, Group, KINDS, Key, Listener, Nature, Network, Service, Thing, Version,
};
pub(crate) use world::{Body, Call, Cloud, Trouble, Verb, World};
