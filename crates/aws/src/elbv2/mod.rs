//! Elastic Load Balancing, version 2: the application load balancer and what belongs to it.

mod action;
mod attributes;
mod condition;
mod health_check;
mod listener;
mod listener_rule;
mod load_balancer;
mod protocol;
mod readiness;
pub(crate) mod tags;
mod target_group;
mod target_health;

pub use action::Action;
pub use condition::Conditions;
pub use health_check::HealthCheck;
pub use listener::{Listener, ListenerOutputs};
pub use listener_rule::{ListenerRule, ListenerRuleOutputs};
pub use load_balancer::{LoadBalancer, LoadBalancerOutputs};
pub use protocol::Protocol;
pub use target_group::{TargetGroup, TargetGroupOutputs};
pub(crate) use target_health::{is_attached, unhealthy};
