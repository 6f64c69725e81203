//! ECS: the cluster, what a task is made of, and the service that keeps tasks running.

mod circuit_breaker;
mod cluster;
mod container;
mod last_words;
mod permissions;
mod reading;
mod request;
mod revisions;
mod rollout;
mod service;
mod standing;
mod stopped;
mod tags;
mod task_definition;

pub use circuit_breaker::CircuitBreaker;
pub use cluster::{Cluster, ClusterOutputs};
pub use container::Container;
pub(crate) use permissions::PERMISSIONS;
pub(crate) use reading::missing_tasks;
pub use service::{Service, ServiceOutputs};
pub use standing::{ServiceStanding, standing};
pub use task_definition::{TaskDefinition, TaskDefinitionOutputs};
