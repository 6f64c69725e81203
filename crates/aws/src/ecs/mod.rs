//! ECS: the cluster, what a task is made of, and the service that keeps tasks running.

mod circuit_breaker;
mod cluster;
mod container;
mod last_words;
mod reading;
mod request;
mod revisions;
mod rollout;
mod service;
mod stopped;
mod tags;
mod task_definition;

pub use circuit_breaker::CircuitBreaker;
pub use cluster::{Cluster, ClusterOutputs};
pub use container::Container;
pub use service::{Service, ServiceOutputs};
pub use task_definition::{TaskDefinition, TaskDefinitionOutputs};
