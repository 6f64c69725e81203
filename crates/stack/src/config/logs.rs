//! The log group of the service.

use super::amazon_resource_name::kms_key;
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
    /// The time with which the first line of an event begins, in the verbs of `strftime`.
    pub datetime_format: Option<String>,
    /// The regular expression that the first line of an event matches.
    pub multiline_pattern: Option<String>,
    /// The ARN of the KMS key that seals the events; without it, AWS's own.
    pub kms_key_id: Option<String>,
}

/// The retentions that CloudWatch Logs knows.
#[rustfmt::skip]
const RETENTION_DAYS: &[u16] = &[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/// What the log driver reads of a time. It takes a letter that it does not know for the letter itself.
const VERBS: &str = "aAwdbBmYyHIpMSfLzZj%";

pub(super) fn read(table: &Value<'_>, project: &Project<'_>, region: Option<&str>) -> Logs {
    let pattern = table.at("multiline_pattern");
    let logs = Logs {
        group: table.at("group").name(project, &LOG_GROUP),
        retention_days: table.at("retention_days").number_of(RETENTION_DAYS),
        stream_prefix: table.at("stream_prefix").text(stream_prefix),
        datetime_format: table.at("datetime_format").optional().map(|value| value.text(datetime_format)),
        multiline_pattern: pattern.optional().map(|value| value.text(multiline_pattern)),
        kms_key_id: kms_key(&table.at("kms_key_id"), region),
    };
    if logs.datetime_format.is_some() && logs.multiline_pattern.is_some() {
        pattern.refuse(Refusal::new(
            "the first line of an event is known by `logs.datetime_format` already",
            "leave one of the two out: the log driver does not start with both",
        ));
    }
    logs
}

fn datetime_format(text: &str) -> Result<String, Refusal> {
    let (mut rest, mut verbs) = (text.chars(), Vec::new());
    while rest.any(|c| c == '%') {
        verbs.push(rest.next());
    }
    if !verbs.is_empty() && verbs.into_iter().all(|verb| verb.is_some_and(|verb| VERBS.contains(verb))) {
        return Ok(text.to_owned());
    }
    Err(Refusal::new(
        format!("{text:?} does not tell how a time is written"),
        "write it with the verbs of strftime, like \"[%Y-%m-%d %H:%M:%S\"",
    ))
}

fn multiline_pattern(text: &str) -> Result<String, Refusal> {
    if !text.is_empty() && !text.chars().any(char::is_control) {
        return Ok(text.to_owned());
    }
    Err(Refusal::new(
        format!("{text:?} cannot be the pattern of a line"),
        "write a regular expression that the first line of every event matches, like \"^(INFO|ERROR)\"",
    ))
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
