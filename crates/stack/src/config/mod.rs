//! The configuration of one environment: two TOML files in, one validated [`Config`] out.
//!
//! `default.toml` is overlaid by the chosen profile, and that by `<environment>.toml`; every value is read with the rules AWS will hold it
//! to, and all problems of both files are reported together, each with its place and a hint. There are two
//! levels only, the merged tree and the `Config`. Nothing here calls AWS, prints, or knows the graph.

mod alb;
mod amazon_resource_name;
mod app;
mod autoscaling;
mod cache;
mod cidr;
mod database;
mod draft;
mod image;
mod listener_rule;
mod load;
mod logs;
mod names;
mod network;
mod parameters;
mod peers;
mod problem;
mod profile;
mod project;
mod public_alb;
mod reading;
mod repository;
mod reserved_words;
mod roles;
mod schema;
mod secrets;
mod security;
mod service;
mod settings;
mod shape;
mod signer;
mod source;
mod spelling;
mod tags;
mod target_group;
mod tree;
mod unknown_keys;
mod value;
mod variable;
mod waf;
mod window;

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use tests::over_default;

pub use alb::{Alb, HTTPS_PORT, SubnetRouting};
pub use app::{App, AppSecret};
pub use autoscaling::Autoscaling;
pub use cache::Cache;
pub use database::{Database, StorageType};
pub use draft::{Draft, SHARED, SMALLEST_VPC};
pub use listener_rule::{ListenerRule, RuleAction};
pub use load::{environments, load, settings};
pub use logs::Logs;
pub use network::{NatGateways, Network, Subnet};
pub use peers::{Connection, Peer, PeerVpc};
pub use problem::{ConfigProblems, Problem};
pub use profile::Profile;
pub use project::Config;
pub use public_alb::PublicAlb;
pub use repository::Repository;
pub use roles::Roles;
pub use schema::schema;
pub use secrets::Secrets;
pub use security::{Posture, Security};
pub use service::{Architecture, CircuitBreaker, ContainerInsights, Service};
pub use settings::Setting;
pub use signer::Signer;
pub use spelling::nearest;
pub use target_group::{HealthCheck, TargetGroup};
pub use waf::{ManagedRuleGroup, RateLimit, Waf};
