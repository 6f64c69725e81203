//! A call as it arrived, and how it can be refused.

use std::borrow::Cow;
use std::fmt;

use serde_json::{Map, Value};

use crate::service::{Dialect, Operation, Service};

/// One API call, freed from its wire protocol. What `Debug` shows of it names the parameters without their
/// values, of which some are secret.
#[derive(Clone)]
pub struct Call {
    /// The service's signing name, such as `ec2` or `elasticloadbalancing`.
    pub service: String,
    /// The operation, such as `CreateVpc`.
    pub operation: String,
    /// The account of the caller, if it is not the sandbox's own.
    pub account: Option<String>,
    /// The region that the caller signed for.
    pub region: String,
    /// The parameters under their wire names; lists are arrays, numbers and flags of query protocols are text.
    pub params: Map<String, Value>,
}

impl Call {
    /// Whether it is to change the world.
    pub fn is_mutating(&self) -> bool {
        let operation = Service::named(&self.service).and_then(|service| service.operation(&self.operation));
        operation.is_some_and(Operation::is_mutating) && !self.is_dry_run()
    }

    /// Whether it only asks what would come of it.
    fn is_dry_run(&self) -> bool {
        self.params.get("DryRun").is_some_and(|flag| *flag == true || *flag == "true")
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Call")
            .field("service", &self.service)
            .field("operation", &self.operation)
            .field("account", &self.account)
            .field("region", &self.region)
            .field("params", &self.params.keys())
            .finish()
    }
}

/// What a handler answers: the result under its wire names, or a refusal.
pub(crate) type Answer = Result<Value, Refusal>;

/// Why a call was refused, from the view of somebody who checks the caller's manners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The caller could have known: bad or missing parameters, a wrong order, a name that is taken.
    Illegal,
    /// The thing named does not exist (any more, or not visibly yet).
    Absent,
    /// Something still refers to the thing, or it is busy; one learns that by trying.
    Blocked,
    /// The caller asked for a dry run, which would have succeeded.
    DryRun,
    /// Calls came faster than AWS bears.
    TooFast,
    /// A fault that the caller did nothing to deserve: throttling out of the blue, a server error.
    Injected,
}

/// A refused call: AWS's error code and words, and why.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The error code as it stands on the wire.
    pub code: Cow<'static, str>,
    /// AWS's words.
    pub message: String,
    /// The HTTP status.
    pub status: u16,
    /// Why the call was refused.
    pub reason: Reason,
}

impl Refusal {
    /// Refuses what the caller should not have asked.
    pub(crate) fn illegal(code: &'static str, message: impl Into<String>) -> Self {
        Self { code: Cow::Borrowed(code), message: message.into(), status: 400, reason: Reason::Illegal }
    }

    /// Refuses because the thing named is not there.
    pub(crate) fn absent(code: &'static str, message: impl Into<String>) -> Self {
        Self { reason: Reason::Absent, ..Self::illegal(code, message) }
    }

    /// Refuses because calls come too fast.
    pub(crate) fn too_fast(dialect: &Dialect) -> Self {
        let (code, words) = (dialect.throttled, dialect.throttled_words);
        Self { status: dialect.throttled_status, reason: Reason::TooFast, ..Self::illegal(code, words) }
    }

    /// Refuses because something refers to the thing or it is busy.
    pub(crate) fn blocked(code: &'static str, message: impl Into<String>) -> Self {
        Self { reason: Reason::Blocked, ..Self::illegal(code, message) }
    }

    /// Fails without any guilt of the caller.
    pub(crate) fn injected(code: &'static str, message: impl Into<String>, status: u16) -> Self {
        Self { status, reason: Reason::Injected, ..Self::illegal(code, message) }
    }

    /// The same refusal under another HTTP status.
    pub(crate) fn status(self, status: u16) -> Self {
        Self { status, ..self }
    }
}
