//! WAF, version 2, for regional resources: the web ACL, the IP sets of its rules, and its association with a load
//! balancer.

mod arn;
mod association;
mod ip_set;
mod permissions;
mod rule;
mod tags;
mod web_acl;

pub use association::{Association, AssociationOutputs};
pub use ip_set::{IpSet, IpSetOutputs};
pub(crate) use permissions::PERMISSIONS;
pub use rule::{Statement, WebAclRule};
pub use web_acl::{WebAcl, WebAclOutputs};
