//! The whole engine and all kinds over the simulated AWS in virtual time: hours of AWS pass in seconds, and every run
//! repeats from its seed.

mod conformance;
mod crashes;
mod fields;
mod lifecycle;
mod permissions;
mod preflight;
mod rollouts;
mod sabotage;
mod settings;
mod speed;
mod stories;
