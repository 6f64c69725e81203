//! The engine against a toy cloud, in virtual time: what is promised under crashes, faults and edits.
//!
//! One binary, one module per promise. Nothing here knows AWS, and nothing reaches around the engine's public face.

mod crash;
mod disk;
mod faults;
mod forecast;
mod hidden;
mod made;
mod meanwhile;
mod order;
mod ownership;
mod replace;
mod sabotage;
mod steady;
mod stop;
mod succession;
mod toy;
