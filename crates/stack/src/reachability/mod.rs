//! Who can reach whom: a question about subnets, routes, security groups and public addresses, and about nothing else.
//!
//! The [`Network`] and its [`Endpoint`]s are plain data. They are filled twice: from what a run is to make, and from what
//! stands, whoever made it. Network ACLs are not a part of it; the one that AWS gives to a VPC lets everything through.

mod endpoint;
mod fill;
mod network;
mod path;
mod range;

pub use endpoint::{Endpoint, Exposure};
pub use fill::{Environment, Resource};
pub use network::{Group, Network, Peer, Rule, Subnet, Table, Target};
pub(crate) use path::Direction;
pub use path::{Answer, Way};
pub(crate) use range::is_within;
