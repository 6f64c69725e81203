//! WAF, version 2, for regional resources: the web ACL and its association with a load balancer.

mod association;
mod rule;
mod tags;
mod web_acl;

pub use association::{Association, AssociationOutputs};
pub use rule::{Statement, WebAclRule};
pub use web_acl::{WebAcl, WebAclOutputs};
