//! A failure as seen from the cloud, classed by what the engine may do about it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What the engine may do about a failure. Only the cloud crate knows which error code belongs to which class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The request rate was exceeded; nothing happened. Retried with a growing pause.
    Throttled,
    /// The outcome is unknown: a lost answer, a timeout, an error of the server. A create is looked up before it
    /// is sent again.
    Transient,
    /// Something we named is too new to be seen everywhere yet; nothing happened. Retried for a while.
    NotYetVisible,
    /// Something else still holds the resource, or it is busy; nothing happened. Retried until the deadline.
    Blocked,
    /// The name is taken. The engine looks who has it.
    Conflict,
    /// Credentials or permissions are missing. Final.
    Denied,
    /// The request can never succeed as it is: bad values, quotas, or an answer we cannot read. Final.
    Invalid,
    /// The thing is not there (any more).
    Gone,
}

/// One failed operation: what was tried, what the cloud said, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What the engine may do about it.
    pub class: Class,
    /// What was tried, such as `ec2 CreateVpc`.
    pub operation: String,
    /// The cloud's error code, when it gave one.
    pub code: Option<String>,
    /// The cloud's own words, or ours when it said nothing.
    pub message: String,
    /// The request id by which the cloud's support finds the call.
    pub request_id: Option<String>,
    /// What the operator can do next.
    pub hint: Option<String>,
}

/// The result of anything that may fail at the cloud.
pub type Result<T> = std::result::Result<T, Fault>;

impl Fault {
    /// A fault that no answer of the cloud stands behind.
    pub fn new(class: Class, operation: impl Into<String>, message: impl Into<String>) -> Self {
        let (operation, message) = (operation.into(), message.into());
        Self { class, operation, code: None, message, request_id: None, hint: None }
    }

    /// Says what the operator can do next.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Whether trying again without any change may succeed.
    pub const fn is_retryable(&self) -> bool {
        matches!(self.class, Class::Throttled | Class::Transient | Class::NotYetVisible | Class::Blocked)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.operation)?;
        if let Some(code) = &self.code {
            write!(f, "{code}: ")?;
        }
        f.write_str(&self.message)?;
        if let Some(request_id) = &self.request_id {
            write!(f, " (request {request_id})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Fault {}
