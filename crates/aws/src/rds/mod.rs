//! RDS: the database, its parameters, and the subnets it may live in.

mod disruptions;
mod instance;
mod parameter_group;
mod parameters;
mod pending;
mod permissions;
mod reading;
mod request;
mod standing;
mod storage;
mod subnet_group;
mod tags;
mod upkeep;

pub use crate::secretsmanager::PasswordRef;
pub use instance::{Instance, InstanceOutputs};
pub use parameter_group::{ParameterGroup, ParameterGroupOutputs, Parameters};
pub(crate) use pending::Asked;
pub(crate) use permissions::PERMISSIONS;
pub use standing::{InstanceStanding, standing};
pub use storage::Storage;
pub use subnet_group::{SubnetGroup, SubnetGroupOutputs};
pub use upkeep::Upkeep;
