//! CloudWatch Logs: the log group.

mod log_group;
mod permissions;

pub use log_group::{LogGroup, LogGroupOutputs};
pub(crate) use permissions::PERMISSIONS;
