//! What would keep a plan from being carried out, found before its first change. All is looked at at once, and nothing is changed.
//!
//! What cannot be looked at stays unknown: for want of a permission, or where an emulator does not know the call.

mod cache_node_type;
mod certificates;
mod database_class;
mod image;
mod permissions;
mod quotas;
mod secret_names;
mod versions;

use futures::future::{BoxFuture, join_all};
use serde::Serialize;
use sidekick_aws::{Aws, Caller};
use sidekick_engine::{Fault, Plan, Planned, Step};

use crate::config::Config;

/// What was found out about one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at, in a few words.
    pub subject: String,
    /// How it is.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// How something is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// As it has to be.
    Good {
        /// What was seen.
        seen: String,
    },
    /// In the way of the plan.
    Problem {
        /// What is wrong.
        what: String,
        /// What to do about it.
        hint: String,
    },
    /// It could not be found out, which stops nothing.
    Unknown {
        /// Why.
        why: String,
    },
}

/// What a plan is looked at with.
pub struct Preflight<'a> {
    /// The clients.
    pub aws: &'a Aws,
    /// The configuration that the plan is made from.
    pub config: &'a Config,
    /// Who would carry it out.
    pub caller: &'a Caller,
    /// What would be done. If that is nothing, everything is looked at that can be.
    pub plan: &'a Plan,
    /// Whether EC2 is asked for creates in dry runs whatever IAM says. An endpoint that does not know them carries them out,
    /// so that they are for those who ask for a diagnosis; a run asks where IAM refuses to simulate, as AWS alone does.
    pub dry_runs: bool,
}

impl Preflight<'_> {
    /// Looks at everything that the plan touches.
    pub async fn findings(&self) -> Vec<Finding> {
        let checks: [BoxFuture<'_, Vec<Finding>>; 7] = [
            Box::pin(quotas::check(self)),
            Box::pin(secret_names::check(self)),
            Box::pin(image::check(self)),
            Box::pin(certificates::check(self)),
            Box::pin(database_class::check(self)),
            Box::pin(cache_node_type::check(self)),
            Box::pin(permissions::check(self)),
        ];
        [versions::check(self), join_all(checks).await.concat()].concat()
    }

    /// The steps that make something, or change one of these fields of it.
    fn setting<'b>(&'b self, fields: &'b [&str]) -> impl Iterator<Item = &'b Step> {
        let sets = |step: &Step| match step.action {
            Planned::Keep | Planned::Forget | Planned::Refuse | Planned::Delete => false,
            Planned::Create | Planned::Recover | Planned::Replace => true,
            Planned::Adopt | Planned::Resume | Planned::Update | Planned::Follow => {
                step.changes.iter().any(|change| fields.contains(&change.field.as_str()))
            }
        };
        self.plan.steps.iter().filter(move |step| sets(step))
    }

    /// Whether the plan makes something of this kind or changes one of these fields of it, or does nothing at all.
    fn sets(&self, kind: &str, fields: &[&str]) -> bool {
        self.plan.is_empty() || self.setting(fields).any(|step| step.kind == kind)
    }

    /// The resources of a kind that the plan makes beside those that there are.
    fn made(&self, kind: &str) -> impl Iterator<Item = &Step> {
        let is_new = |step: &&Step| step.action == Planned::Create || step.new_first;
        self.plan.changes().filter(move |step| step.kind == kind).filter(is_new)
    }
}

impl Finding {
    fn new(subject: impl Into<String>, verdict: Verdict) -> Self {
        Self { subject: subject.into(), verdict }
    }

    /// What was wrong and what to do, if it is in the way.
    pub fn problem(&self) -> Option<(String, String)> {
        match &self.verdict {
            Verdict::Problem { what, hint } => Some((format!("{}: {what}", self.subject), hint.clone())),
            Verdict::Good { .. } | Verdict::Unknown { .. } => None,
        }
    }
}

impl Verdict {
    fn good(seen: impl Into<String>) -> Self {
        Self::Good { seen: seen.into() }
    }

    fn problem(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Problem { what: what.into(), hint: hint.into() }
    }

    fn unknown(why: impl Into<String>) -> Self {
        Self::Unknown { why: why.into() }
    }

    /// A look that failed.
    fn unseen(fault: &Fault) -> Self {
        Self::unknown(fault.to_string())
    }
}
