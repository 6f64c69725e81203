//! The stable logical name of one resource in one stack.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};

/// A logical name such as `network.subnet.private-a`, assigned by the stack and never by AWS.
///
/// Everything the ledger, the plan and the events say is keyed by it, so it must not depend on list positions. Copies
/// share the text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(from = "String")]
pub struct Address(Arc<str>);

impl Address {
    /// Names a resource.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the address of a resource ends with that another one takes the place of.
const SUPERSEDED: &str = "~old";

impl Address {
    /// Where a resource stands on record while another one takes its place.
    pub(crate) fn superseded(&self) -> Self {
        Self::new(format!("{self}{SUPERSEDED}"))
    }

    /// The address in whose place this one was, if it is superseded.
    pub(crate) fn successor(&self) -> Option<Self> {
        self.0.strip_suffix(SUPERSEDED).map(Self::new)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl From<&str> for Address {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl From<String> for Address {
    fn from(name: String) -> Self {
        Self::new(name)
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}
