//! ElastiCache: the Redis replication group, its parameters, and the subnets it may live in.

mod auth_token;
mod disruptions;
mod encryption;
mod parameter_group;
mod parameters;
mod permissions;
mod reading;
mod replication_group;
mod request;
mod standing;
mod subnet_group;
mod tags;
mod token;
mod upkeep;

pub use auth_token::{AuthToken, AuthTokenOutputs};
pub use encryption::Encryption;
pub use parameter_group::{ParameterGroup, ParameterGroupOutputs, Parameters};
pub(crate) use permissions::PERMISSIONS;
pub use replication_group::{ReplicationGroup, ReplicationGroupOutputs};
pub use standing::{GroupStanding, standing};
pub use subnet_group::{SubnetGroup, SubnetGroupOutputs};
pub use upkeep::Upkeep;
