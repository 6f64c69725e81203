//! Which requests a listener rule is about.

use std::collections::BTreeSet;

use aws_sdk_elasticloadbalancingv2::types::{
    HostHeaderConditionConfig, PathPatternConditionConfig, RuleCondition,
};
use serde::{Deserialize, Serialize};

const PATH: &str = "path-pattern";
const HOST: &str = "host-header";

/// What a request must fulfil.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Conditions {
    /// Its path fits one of these patterns; without any, it may be any.
    pub path_patterns: BTreeSet<String>,
    /// Its host fits one of these patterns; without any, it may be any.
    pub host_headers: BTreeSet<String>,
    /// Something else, by AWS's names; seen, never wanted.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub others: BTreeSet<String>,
}

impl Conditions {
    /// The conditions as calls say them.
    pub(super) fn wire(&self) -> Option<Vec<RuleCondition>> {
        let list = |patterns: &BTreeSet<String>| {
            let patterns: Vec<_> = patterns.iter().cloned().collect();
            (!patterns.is_empty()).then_some(patterns)
        };
        let paths = list(&self.path_patterns).map(|patterns| {
            let config = PathPatternConditionConfig::builder().set_values(Some(patterns)).build();
            RuleCondition::builder().field(PATH).path_pattern_config(config).build()
        });
        let hosts = list(&self.host_headers).map(|patterns| {
            let config = HostHeaderConditionConfig::builder().set_values(Some(patterns)).build();
            RuleCondition::builder().field(HOST).host_header_config(config).build()
        });
        Some(paths.into_iter().chain(hosts).collect())
    }
}

/// The conditions in an answer. AWS also gives the patterns under an older name, which is left out here.
pub(super) fn read(wire: &[RuleCondition]) -> Conditions {
    let mut conditions = Conditions::default();
    for condition in wire {
        let (paths, hosts) = (condition.path_pattern_config(), condition.host_header_config());
        match (condition.field(), paths, hosts) {
            (Some(PATH), Some(paths), _) if paths.regex_values().is_empty() => {
                conditions.path_patterns.extend(paths.values().iter().cloned());
            }
            (Some(HOST), _, Some(hosts)) if hosts.regex_values().is_empty() => {
                conditions.host_headers.extend(hosts.values().iter().cloned());
            }
            (field, ..) => {
                conditions.others.insert(field.unwrap_or("unknown").to_owned());
            }
        }
    }
    conditions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_back_and_what_is_foreign_is_a_difference() {
        let set = |patterns: &[&str]| patterns.iter().map(|&it| it.to_owned()).collect::<BTreeSet<_>>();
        let ours = Conditions {
            path_patterns: set(&["/admin/*", "/metrics"]),
            host_headers: set(&["api.example.com"]),
            others: set(&[]),
        };
        let mut wire = ours.wire().unwrap();
        assert_eq!(read(&wire), ours);
        wire.push(RuleCondition::builder().field("source-ip").build());
        assert_ne!(read(&wire), ours);
        let regex = PathPatternConditionConfig::builder().regex_values("^/a").build();
        let regex = RuleCondition::builder().field(PATH).path_pattern_config(regex).build();
        assert_eq!(read(&[regex]).others, set(&[PATH]));
    }
}
