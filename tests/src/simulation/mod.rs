//! Deterministic simulation: the unmodified engine and kinds over the simulated AWS, in virtual time.
//!
//! A process is a future that is dropped where it dies; a machine is its disk; an account is a sandbox. Hours of AWS
//! pass in milliseconds, and every run repeats from its seed.

pub mod audit;
pub mod bare;
pub mod configuration;
pub mod crashes;
pub mod disk;
pub mod estate;
pub mod foretold;
pub mod fuse;
pub mod goal;
pub mod mischief;
pub mod permitted;
pub mod processor;
pub mod story;
pub mod switching;
pub mod workers;
