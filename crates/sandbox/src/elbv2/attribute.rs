//! Attributes of load balancers and target groups: text by key, each with its own rule.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde_json::{Value, json};

use crate::call::Refusal;
use crate::params::Params;

/// The attributes of one thing.
pub(crate) type Attributes = BTreeMap<String, String>;

/// An attribute that AWS knows.
pub(super) struct Known {
    key: &'static str,
    default: &'static str,
    takes: Takes,
}

/// The values that an attribute takes.
enum Takes {
    Flag,
    Seconds(RangeInclusive<u32>),
    OneOf(&'static [&'static str]),
    Text,
}

const fn known(key: &'static str, default: &'static str, takes: Takes) -> Known {
    Known { key, default, takes }
}

/// The attributes of an application load balancer.
pub(super) static LOAD_BALANCER: &[Known] = &[
    known("access_logs.s3.bucket", "", Takes::Text),
    known("access_logs.s3.enabled", "false", Takes::Flag),
    known("access_logs.s3.prefix", "", Takes::Text),
    known("client_keep_alive.seconds", "3600", Takes::Seconds(60..=604_800)),
    known("connection_logs.s3.bucket", "", Takes::Text),
    known("connection_logs.s3.enabled", "false", Takes::Flag),
    known("connection_logs.s3.prefix", "", Takes::Text),
    known("deletion_protection.enabled", "false", Takes::Flag),
    known("idle_timeout.timeout_seconds", "60", Takes::Seconds(1..=4000)),
    known("load_balancing.cross_zone.enabled", "true", Takes::OneOf(&["true"])),
    known(
        "routing.http.desync_mitigation_mode",
        "defensive",
        Takes::OneOf(&["monitor", "defensive", "strictest"]),
    ),
    known("routing.http.drop_invalid_header_fields.enabled", "false", Takes::Flag),
    known("routing.http.preserve_host_header.enabled", "false", Takes::Flag),
    known("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false", Takes::Flag),
    known("routing.http.xff_client_port.enabled", "false", Takes::Flag),
    known(
        "routing.http.xff_header_processing.mode",
        "append",
        Takes::OneOf(&["append", "preserve", "remove"]),
    ),
    known("routing.http2.enabled", "true", Takes::Flag),
    known("waf.fail_open.enabled", "false", Takes::Flag),
    known("zonal_shift.config.enabled", "false", Takes::Flag),
];

/// The attributes of a target group for HTTP.
pub(super) static TARGET_GROUP: &[Known] = &[
    known("deregistration_delay.timeout_seconds", "300", Takes::Seconds(0..=3600)),
    known("load_balancing.algorithm.anomaly_mitigation", "off", Takes::OneOf(&["on", "off"])),
    known(
        "load_balancing.algorithm.type",
        "round_robin",
        Takes::OneOf(&["round_robin", "least_outstanding_requests", "weighted_random"]),
    ),
    known(
        "load_balancing.cross_zone.enabled",
        "use_load_balancer_configuration",
        Takes::OneOf(&["true", "false", "use_load_balancer_configuration"]),
    ),
    known("slow_start.duration_seconds", "0", Takes::Seconds(0..=900)),
    known("stickiness.app_cookie.cookie_name", "", Takes::Text),
    known("stickiness.app_cookie.duration_seconds", "86400", Takes::Seconds(1..=604_800)),
    known("stickiness.enabled", "false", Takes::Flag),
    known("stickiness.lb_cookie.duration_seconds", "86400", Takes::Seconds(1..=604_800)),
    known("stickiness.type", "lb_cookie", Takes::OneOf(&["lb_cookie", "app_cookie"])),
    known("target_group_health.dns_failover.minimum_healthy_targets.count", "1", Takes::Text),
    known("target_group_health.dns_failover.minimum_healthy_targets.percentage", "off", Takes::Text),
    known("target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1", Takes::Text),
    known(
        "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
        "off",
        Takes::Text,
    ),
];

/// The attributes of a new thing.
pub(super) fn defaults(table: &[Known]) -> Attributes {
    table.iter().map(|known| (known.key.to_owned(), known.default.to_owned())).collect()
}

/// The changes that a call asks for.
pub(super) fn read(params: &Params, table: &[Known]) -> Result<Attributes, Refusal> {
    let mut changes = Attributes::new();
    for attribute in params.objects("Attributes")? {
        let (key, value) = (attribute.text("Key")?, attribute.text_if("Value")?.unwrap_or_default());
        let refuse = |words: String| Err(Refusal::illegal("ValidationError", words));
        let Some(known) = table.iter().find(|known| known.key == key) else {
            return refuse(format!("Attribute key '{key}' is not recognized"));
        };
        if !known.takes.allows(value) {
            return refuse(format!("Attribute value '{value}' for key '{key}' is not valid"));
        }
        changes.insert(key.to_owned(), value.to_owned());
    }
    if changes.is_empty() {
        return Err(params.missing("Attributes"));
    }
    Ok(changes)
}

/// The attributes as answers show them.
pub(super) fn view(attributes: &Attributes) -> Value {
    let rows = attributes.iter().map(|(key, value)| json!({ "Key": key, "Value": value }));
    json!({ "Attributes": rows.collect::<Value>() })
}

impl Takes {
    fn allows(&self, value: &str) -> bool {
        match self {
            Self::Flag => matches!(value, "true" | "false"),
            Self::Seconds(range) => value.parse().is_ok_and(|seconds| range.contains(&seconds)),
            Self::OneOf(values) => values.contains(&value),
            Self::Text => true,
        }
    }
}
