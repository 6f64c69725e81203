//! How long the environment takes and how long AWS needs for it, in virtual time: nothing here reads a real clock.
//!
//! What AWS needs comes from the simulated AWS itself, thing by thing; what must wait for what stands in
//! [`environment`], by hand and not taken from the program that is measured.

pub mod critical_path;
pub mod environment;
pub mod recording;
pub mod spans;
pub mod statistics;
pub mod terraform;
