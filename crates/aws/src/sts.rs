//! STS: who is calling, before anything else is asked.

use sidekick_engine::Result;

use crate::Aws;
use crate::fault::{Answer, missing};

/// The identity behind the credentials in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The account's twelve digits.
    pub account: String,
    /// The user's, role session's or root's ARN.
    pub arn: String,
}

impl Aws {
    /// Asks AWS whose credentials these are; needs no permission, so it fails only when they are not valid.
    pub async fn caller(&self) -> Result<Caller> {
        let operation = "sts GetCallerIdentity";
        let answer = self.sts.get_caller_identity().send().await.or_fault(operation)?;
        let account = answer.account().ok_or_else(|| missing(operation, "Account"))?.to_owned();
        let arn = answer.arn().ok_or_else(|| missing(operation, "Arn"))?.to_owned();
        Ok(Caller { account, arn })
    }
}
