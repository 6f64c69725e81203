//! The target group and its health check.

use super::names::{Project, TARGET_GROUP};
use super::problem::Refusal;
use super::value::Value;

/// The target group that the listener forwards to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetGroup {
    /// The target group's name.
    pub name: String,
    /// For how many seconds a target that leaves may finish its requests.
    pub deregistration_delay_seconds: u16,
    /// How the load balancer finds out whether a target works.
    pub health_check: HealthCheck,
}

/// How the load balancer finds out whether a target works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthCheck {
    /// The path it requests.
    pub path: String,
    /// Seconds between two requests.
    pub interval_seconds: u16,
    /// Seconds it waits for an answer; less than the interval.
    pub timeout_seconds: u16,
    /// Good answers in a row that make a target healthy.
    pub healthy_threshold: u8,
    /// Bad answers in a row that make it unhealthy.
    pub unhealthy_threshold: u8,
    /// The status codes of a good answer, such as `200-399`.
    pub matcher: String,
}

pub(super) fn read(table: &Value<'_>, project: &Project<'_>) -> TargetGroup {
    TargetGroup {
        name: table.at("name").name(project, &TARGET_GROUP),
        deregistration_delay_seconds: table.at("deregistration_delay_seconds").number(0..=3600),
        health_check: health_check(&table.at("health_check")),
    }
}

fn health_check(table: &Value<'_>) -> HealthCheck {
    let check = HealthCheck {
        path: table.at("path").text(path),
        interval_seconds: table.at("interval_seconds").number(5..=300),
        timeout_seconds: table.at("timeout_seconds").number(2..=120),
        healthy_threshold: table.at("healthy_threshold").number(2..=10),
        unhealthy_threshold: table.at("unhealthy_threshold").number(2..=10),
        matcher: table.at("matcher").text(matcher),
    };
    let timeout = table.at("timeout_seconds");
    let is_sound = timeout.is_sound() && table.at("interval_seconds").is_sound();
    if is_sound && check.timeout_seconds >= check.interval_seconds {
        timeout.refuse(Refusal::new(
            format!(
                "a timeout of {} s does not fit into the interval of {} s",
                check.timeout_seconds, check.interval_seconds
            ),
            "make it shorter than `interval_seconds`",
        ));
    }
    check
}

fn path(text: &str) -> Result<String, Refusal> {
    let is_visible = |c: char| c.is_ascii_graphic();
    if text.starts_with('/') && text.len() <= 1024 && text.chars().all(is_visible) {
        return Ok(text.to_owned());
    }
    Err(Refusal::new(
        format!("{text:?} is not a path"),
        "write up to 1024 visible characters that begin with a slash, like \"/\"",
    ))
}

/// One or more codes or ranges of codes, separated by commas.
fn matcher(text: &str) -> Result<String, Refusal> {
    let is_plain = |code: &str| code.len() == 3 && code.chars().all(|c| c.is_ascii_digit());
    let code = |code: &str| code.parse::<u16>().ok().filter(|_| is_plain(code));
    let is_code = |part: &str| code(part).is_some_and(|code| (200..=499).contains(&code));
    let is_good = |part: &str| match part.split_once('-') {
        Some((first, last)) => is_code(first) && is_code(last) && code(first) < code(last),
        None => is_code(part),
    };
    if text.split(',').all(is_good) {
        return Ok(text.to_owned());
    }
    Err(Refusal::new(
        format!("{text:?} does not describe status codes"),
        "use codes from 200 to 499, like \"200\", \"200,202\" or \"200-399\"",
    ))
}
