//! How a load balancer finds out whether a target works.

use aws_sdk_elasticloadbalancingv2::types::TargetGroup;
use serde::{Deserialize, Serialize};

/// How the load balancer finds out whether a target works.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HealthCheck {
    /// The path it requests.
    pub path: String,
    /// Seconds between two requests, 5 to 300.
    pub interval_seconds: u16,
    /// Seconds it waits for an answer, less than the interval.
    pub timeout_seconds: u16,
    /// Good answers in a row that make a target healthy.
    pub healthy_threshold: u8,
    /// Bad answers in a row that make it unhealthy.
    pub unhealthy_threshold: u8,
    /// The status codes of a good answer: `200-399`.
    pub matcher: String,
}

impl HealthCheck {
    /// The health check in an answer; none if the answer lacks a part of it.
    pub(super) fn read(group: &TargetGroup) -> Option<Self> {
        Some(Self {
            path: group.health_check_path()?.to_owned(),
            interval_seconds: group.health_check_interval_seconds()?.try_into().ok()?,
            timeout_seconds: group.health_check_timeout_seconds()?.try_into().ok()?,
            healthy_threshold: group.healthy_threshold_count()?.try_into().ok()?,
            unhealthy_threshold: group.unhealthy_threshold_count()?.try_into().ok()?,
            matcher: group.matcher()?.http_code()?.to_owned(),
        })
    }
}
