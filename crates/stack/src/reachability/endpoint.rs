//! What connections lead to or come from.

use std::collections::BTreeSet;

/// A load balancer, the tasks of a service, or a data store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its address in the graph.
    pub name: String,
    /// The subnets that it is in, or may be.
    pub subnets: BTreeSet<String>,
    /// The security groups that it carries.
    pub groups: BTreeSet<String>,
    /// Whether it has public addresses.
    pub exposure: Exposure,
    /// The ports on which it listens.
    pub ports: BTreeSet<u16>,
    /// Why it does not work yet, or not any more.
    pub unready: Option<String>,
}

/// Whether an endpoint has public addresses, and what AWS calls that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exposure {
    /// It has, because it *is internet-facing*.
    Public(&'static str),
    /// It has not, because it *is internal*.
    Private(&'static str),
}

impl Exposure {
    /// One of two words for it.
    pub(super) const fn of(is_public: bool, [private, public]: [&'static str; 2]) -> Self {
        if is_public { Self::Public(public) } else { Self::Private(private) }
    }
}
