//! The AWS side: one small file per resource kind, the clients, and the one table of AWS error codes.
//!
//! A kind answers what it is asked by one or a few API calls. It never waits, retries, prints or saves.

pub mod applicationautoscaling;
pub mod ec2;
pub mod ecr;
pub mod ecs;
pub mod elasticache;
pub mod elbv2;
pub mod fault;
pub mod iam;
mod id;
pub mod logs;
pub mod permissions;
pub mod permits;
pub mod preflight;
pub mod rds;
mod reads;
pub mod secretsmanager;
mod spelling;
mod sts;
mod tags;
pub mod wafv2;

mod changed;
mod client;
pub mod connect;
mod kinds;

pub use client::{Aws, Secret, Supplied};
pub use id::*;
pub use kinds::KINDS;
pub use permits::{Called, Calls};
pub use sts::Caller;
pub use tags::{ADDRESS, STACK, Tags};
