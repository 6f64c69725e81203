//! How the number of the service's tasks follows its load.

use super::problem::Refusal;
use super::value::Value;

/// How the number of the service's tasks follows its load. Of several targets the one that asks for most tasks counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Autoscaling {
    /// The fewest tasks.
    pub min: u32,
    /// The most tasks.
    pub max: u32,
    /// The part of their CPU that the tasks shall use on average.
    pub cpu_percent: Option<u32>,
    /// The part of their memory that the tasks shall use on average.
    pub memory_percent: Option<u32>,
    /// How many requests a task shall get in a minute.
    pub requests_per_target: Option<u32>,
}

const TARGETS: &str = "`cpu_percent`, `memory_percent` and `requests_per_target`";

/// Without the table the number of tasks is fixed.
pub(super) fn read(table: &Value<'_>) -> Option<Autoscaling> {
    let table = table.optional()?;
    let target = |key, most| table.at(key).optional().map(|value| value.number(1..=most));
    let autoscaling = Autoscaling {
        // From zero tasks no load is reported that could bring the first one back.
        min: table.at("min").number(1..=5000),
        max: table.at("max").number(1..=5000),
        cpu_percent: target("cpu_percent", 100),
        memory_percent: target("memory_percent", 100),
        requests_per_target: target("requests_per_target", 1_000_000),
    };
    let Autoscaling { min, max, cpu_percent, memory_percent, requests_per_target } = autoscaling;
    if table.at("min").is_sound() && table.at("max").is_sound() && min > max {
        table.at("max").refuse(Refusal::new(
            format!("at most {max} tasks are fewer than the {min} of `min`"),
            "give the same number twice for tasks whose number does not change",
        ));
    }
    if cpu_percent.or(memory_percent).or(requests_per_target).is_none() {
        table.refuse(Refusal::new(
            "autoscaling has no target that it could follow",
            format!("give at least one of {TARGETS}, or leave the table out"),
        ));
    }
    Some(autoscaling)
}
