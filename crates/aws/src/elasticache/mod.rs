//! ElastiCache: the Redis replication group and the subnets it may live in.

mod reading;
mod replication_group;
mod request;
mod subnet_group;
mod tags;

pub use replication_group::{ReplicationGroup, ReplicationGroupOutputs};
pub use subnet_group::{SubnetGroup, SubnetGroupOutputs};
