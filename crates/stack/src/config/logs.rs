//! The log group of the service.

use super::names::{LOG_GROUP, Project};
use super::problem::Refusal;
use super::value::Value;

/// The log group of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logs {
    /// The group's name.
    pub group: String,
    /// For how many days CloudWatch Logs keeps an event.
    pub retention_days: u16,
    /// What the names of the log streams begin with.
    pub stream_prefix: String,
}

/// The retentions that CloudWatch Logs knows.
#[rustfmt::skip]
const RETENTION_DAYS: &[u16] = &[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

pub(super) fn read(table: &Value<'_>, project: &Project<'_>) -> Logs {
    Logs {
        group: table.at("group").name(project, &LOG_GROUP),
        retention_days: table.at("retention_days").number_of(RETENTION_DAYS),
        stream_prefix: table.at("stream_prefix").text(stream_prefix),
    }
}

fn stream_prefix(text: &str) -> Result<String, Refusal> {
    let permits = |c: char| !c.is_control() && !c.is_whitespace() && c != ':' && c != '*';
    if (1..=128).contains(&text.chars().count()) && text.chars().all(permits) {
        return Ok(text.to_owned());
    }
    Err(Refusal::new(
        format!("{text:?} cannot begin the name of a log stream"),
        "use 1 to 128 characters without spaces, colons and asterisks",
    ))
}
