//! RDS: the database and the subnets it may live in.

mod instance;
mod reading;
mod request;
mod subnet_group;
mod tags;

pub use crate::secretsmanager::PasswordRef;
pub use instance::{Instance, InstanceOutputs};
pub use subnet_group::{SubnetGroup, SubnetGroupOutputs};
