//! What is recorded of a run, and what `--output json` prints of it: one fact a line. docs/events.md describes them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sidekick_engine::{
    Address, Disruption, Event, Fault, Forecast, Identity, Outlined, Plan, Preview, Report,
};
use sidekick_stack::cost::Costs;

use crate::error::Error;

/// The version of this form. It grows when a reader of the old form would misunderstand the new one.
pub(crate) const SCHEMA: u32 = 1;

/// One line of a recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Fact {
    /// About the run.
    Run(RunFact),
    /// About one resource.
    Resource(Event),
}

/// What is told of a run as a whole. All times are the cloud's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum RunFact {
    /// The first line.
    RunStarted(RunStarted),
    /// What the run will do, before it is agreed to.
    RunPlanned(RunPlanned),
    /// It was agreed to, and begins.
    RunAgreed { at: Timestamp },
    /// A call was answered, or lost.
    Called(CallEnded),
    /// The last line. A run that was killed has none.
    RunFinished(RunFinished),
}

/// Which run this is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RunStarted {
    pub(crate) at: Timestamp,
    pub(crate) schema: u32,
    /// The run's name among the recorded ones.
    pub(crate) run: String,
    /// `up` or `down`.
    pub(crate) command: String,
    /// Of sidekick.
    pub(crate) version: String,
    #[serde(flatten)]
    pub(crate) identity: Identity,
    pub(crate) sandbox: bool,
}

/// What the run will do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RunPlanned {
    pub(crate) at: Timestamp,
    /// For `sidekick plan`, which prints nothing before it; absent in recordings of versions that did not write it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) schema: Option<u32>,
    #[serde(flatten)]
    pub(crate) identity: Identity,
    /// One step for each resource, the unchanged ones as well.
    pub(crate) plan: Plan,
    /// The fields of what is made, and of what may change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) previews: Vec<Preview>,
    /// All resources, those on record that have to go as well, and what each needs.
    pub(crate) resources: Vec<Outlined>,
    pub(crate) forecast: Forecast,
    /// What will not do its work for a while.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) disruptions: Vec<Disruption>,
    /// What the environment costs as configured; `down` knows no configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) costs: Option<Costs>,
}

impl RunPlanned {
    /// What is told of a resource before it is made or changed.
    pub(crate) fn preview(&self, address: &Address) -> Option<&Preview> {
        self.previews.iter().find(|it| it.address == *address)
    }
}

/// A call that is over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct CallEnded {
    pub(crate) at: Timestamp,
    pub(crate) service: String,
    pub(crate) operation: String,
    /// The resource it was made for, if one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<Address>,
    /// The HTTP status; absent if there was no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) request_id: Option<String>,
    /// Whether AWS says that what it is about is not there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) missing: bool,
    /// Seconds from the request to the answer.
    pub(crate) took: f64,
}

impl CallEnded {
    /// Whether it was refused, or lost. A look that finds nothing has its answer.
    pub(crate) fn is_refused(&self) -> bool {
        let looks = ["Describe", "Get", "List"].iter().any(|verb| self.operation.starts_with(verb));
        self.status.is_none_or(|status| status >= 400) && !(looks && self.missing)
    }
}

/// How the run ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RunFinished {
    pub(crate) at: Timestamp,
    pub(crate) success: bool,
    pub(crate) interrupted: bool,
    pub(crate) failed: Vec<FailedResource>,
    pub(crate) skipped: Vec<SkippedResource>,
    /// The resources of which a change was announced and not answered.
    pub(crate) unanswered: Vec<Address>,
    /// Why the run ended before its first change, or without a verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    /// From the agreement to the end; none if nothing was done.
    pub(crate) seconds: f64,
    /// The same in our own time, where a sandbox's goes faster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) here: Option<f64>,
}

impl Fact {
    /// When it happened.
    pub(crate) const fn at(&self) -> Timestamp {
        match self {
            Self::Resource(Event { at, .. })
            | Self::Run(
                RunFact::RunStarted(RunStarted { at, .. })
                | RunFact::RunPlanned(RunPlanned { at, .. })
                | RunFact::RunAgreed { at }
                | RunFact::Called(CallEnded { at, .. })
                | RunFact::RunFinished(RunFinished { at, .. }),
            ) => *at,
        }
    }
}

impl From<RunFact> for Fact {
    fn from(fact: RunFact) -> Self {
        Self::Run(fact)
    }
}

impl From<Event> for Fact {
    fn from(event: Event) -> Self {
        Self::Resource(event)
    }
}

impl RunFinished {
    /// How a run ended that nothing was done in, or whose times are set next.
    pub(crate) fn of(report: &Report, at: Timestamp) -> Self {
        let Report { failed, skipped, interrupted, unanswered } = report.clone();
        let success = report.is_success();
        let failed = failed.into_iter().map(|(address, fault)| FailedResource { address, fault }).collect();
        let skipped =
            skipped.into_iter().map(|(address, because)| SkippedResource { address, because }).collect();
        Self { at, success, interrupted, failed, skipped, unanswered, error: None, seconds: 0.0, here: None }
    }

    /// A run that ended before its first change, or that could not be recorded to its end.
    pub(crate) fn without_a_verdict(error: &Error, at: Timestamp) -> Self {
        Self { success: false, error: Some(error.to_string()), ..Self::of(&Report::default(), at) }
    }
}

/// A resource that failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct FailedResource {
    pub(crate) address: Address,
    pub(crate) fault: Fault,
}

/// A resource that was not tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SkippedResource {
    pub(crate) address: Address,
    /// The failed one that is the cause.
    pub(crate) because: Address,
}
