//! A simulated AWS that plugs in under the unmodified AWS SDK for Rust, and serves the same over loopback HTTP.
//!
//! It keeps AWS's rules (what is refused, in which words), AWS's states and AWS's times, and it can fail the
//! way AWS fails. It knows the wire protocols and nothing of the SDK crates, of the engine, or of the
//! environment that somebody builds in it.
//!
//! Tasks of the simulated ECS live or die by their surroundings: routes, security groups, secrets, roles, log groups
//! and the data stores that their environment names. To watch a rollout fail on purpose, give it an image whose tag
//! contains `does-not-exist`, `crashes` or `answers-errors`.

mod acm;
mod applicationautoscaling;
mod call;
mod clock;
mod data_store;
mod dispatch;
mod duration;
mod ec2;
mod ecr;
mod ecs;
mod elasticache;
mod elbv2;
mod fault;
mod file;
mod filter;
mod http;
mod iam;
mod kms;
mod log;
mod logs;
mod page;
mod params;
mod placement;
mod rate;
mod rds;
mod reference;
mod sandbox;
mod sealed;
mod secretsmanager;
mod seed;
mod serve;
mod service;
mod servicequotas;
mod shared;
mod sts;
mod tags;
mod timeline;
mod wafv2;
mod window;
mod wire;
mod world;

pub use call::{Call, Reason, Refusal};
pub use fault::{Faults, Phase, Verdict};
pub use file::FileError;
pub use log::{CallLog, LoggedCall};
pub use sandbox::Sandbox;
