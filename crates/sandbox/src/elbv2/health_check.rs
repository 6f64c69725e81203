//! The health check of a target group.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::call::Refusal;
use crate::params::Params;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct HealthCheck {
    pub(crate) interval: f64,
    pub(crate) timeout: f64,
    pub(crate) healthy: i64,
    pub(crate) unhealthy: i64,
    protocol: String,
    port: String,
    path: String,
    matcher: String,
}

impl HealthCheck {
    /// What AWS checks when it is told nothing.
    pub(super) fn of_protocol(protocol: &str) -> Self {
        Self {
            interval: 30.0,
            timeout: 5.0,
            healthy: 5,
            unhealthy: 2,
            protocol: protocol.to_owned(),
            port: "traffic-port".to_owned(),
            path: "/".to_owned(),
            matcher: "200".to_owned(),
        }
    }

    /// How long a target that answers well must do so until it counts as healthy.
    pub(crate) fn seconds_to_healthy(&self) -> f64 {
        self.interval * self.healthy as f64
    }

    /// How long a target may answer badly until it counts as unhealthy.
    pub(crate) fn seconds_to_unhealthy(&self) -> f64 {
        self.interval * self.unhealthy as f64
    }

    /// The part of a target group's view that is about the check.
    pub(super) fn view(&self) -> Value {
        json!({
            "HealthCheckProtocol": self.protocol,
            "HealthCheckPort": self.port,
            "HealthCheckEnabled": true,
            "HealthCheckIntervalSeconds": self.interval as i64,
            "HealthCheckTimeoutSeconds": self.timeout as i64,
            "HealthyThresholdCount": self.healthy,
            "UnhealthyThresholdCount": self.unhealthy,
            "HealthCheckPath": self.path,
            "Matcher": { "HttpCode": self.matcher },
        })
    }
}

/// The check that a call asks for; what it does not name stays as it was.
pub(super) fn read(params: &Params, before: &HealthCheck) -> Result<HealthCheck, Refusal> {
    if let Some(false) = params.flag("HealthCheckEnabled")? {
        return Err(params.invalid("HealthCheckEnabled", false, "Health checks cannot be disabled here."));
    }
    let number = |name: &str, before: i64, range: std::ops::RangeInclusive<i64>| {
        let value = params.number(name)?.unwrap_or(before);
        let why = || format!("It must be between {} and {}.", range.start(), range.end());
        if range.contains(&value) { Ok(value) } else { Err(params.invalid(name, value, &why())) }
    };
    let text = |name: &str, before: &str| Ok(params.text_if(name)?.unwrap_or(before).to_owned());
    let matcher = params.object("Matcher")?.map_or(Ok(None), |matcher| matcher.text_if("HttpCode"))?;
    let matcher = matcher.unwrap_or(&before.matcher).to_owned();
    let check = HealthCheck {
        interval: number("HealthCheckIntervalSeconds", before.interval as i64, 5..=300)? as f64,
        timeout: number("HealthCheckTimeoutSeconds", before.timeout as i64, 2..=120)? as f64,
        healthy: number("HealthyThresholdCount", before.healthy, 2..=10)?,
        unhealthy: number("UnhealthyThresholdCount", before.unhealthy, 2..=10)?,
        protocol: text("HealthCheckProtocol", &before.protocol)?,
        port: text("HealthCheckPort", &before.port)?,
        path: text("HealthCheckPath", &before.path)?,
        matcher,
    };
    let refuse = |words: &str| Err(Refusal::illegal("ValidationError", words));
    if check.timeout >= check.interval {
        return refuse("Health check timeout must be smaller than the interval");
    }
    if !check.path.starts_with('/') || check.path.len() > 1024 {
        return refuse("Health check path must begin with a '/' and be at most 1024 characters long");
    }
    if !is_matcher(&check.matcher) {
        return refuse("Health check matcher HTTP code must be within 200 and 499");
    }
    Ok(check)
}

/// `200`, `200,202` or `200-399`, within 200 to 499.
fn is_matcher(matcher: &str) -> bool {
    let is_code = |code: &str| code.parse::<u16>().is_ok_and(|code| (200..=499).contains(&code));
    matcher.split(',').all(|part| match part.split_once('-') {
        Some((first, last)) => is_code(first) && is_code(last) && first <= last,
        None => is_code(part),
    })
}
