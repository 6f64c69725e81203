//! The stack program: a validated configuration becomes the graph of one environment, room by room.
//!
//! `network → security → data → edge → compute`, each a function that takes the handles of the former and gives
//! its own. Nothing here calls AWS but [`Facts::read`], and nothing knows the order of execution.

pub mod access;
pub mod config;

mod autoscaling;
mod compute;
pub mod cost;
mod data;
pub mod deployer;
mod edge;
mod facts;
#[cfg(test)]
mod holes;
mod names;
mod network;
pub mod outputs;
mod peering;
mod policies;
pub mod preflight;
#[cfg(test)]
mod previews;
pub mod promises;
pub mod reachability;
mod security;

use sidekick_aws::Aws;
use sidekick_engine::Graph;

pub use facts::Facts;

use config::Config;

/// Draws the graph of the configured environment.
pub fn graph(config: &Config, facts: &Facts) -> Graph<Aws> {
    let mut graph = Graph::new();
    let network = network::network(&mut graph, config, facts);
    let security = security::security(&mut graph, config, &network.vpc);
    let data = data::data(&mut graph, config, &network, &security);
    let edge = edge::edge(&mut graph, config, &network, &security);
    let rooms = compute::Rooms { network: &network, security: &security, data: &data, edge: &edge };
    compute::compute(&mut graph, config, facts, &rooms);
    graph
}

/// The name of the environment in ownership tags and state files: `sidekick/dev`.
pub fn stack_name(config: &Config) -> String {
    format!("{}/{}", config.name, config.environment_name)
}
