//! CloudWatch Logs: the log group.

mod log_group;

pub use log_group::{LogGroup, LogGroupOutputs};
