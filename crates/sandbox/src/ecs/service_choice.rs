//! The plain settings that creating and updating a service share.

use crate::call::Refusal;
use crate::params::Params;

pub(super) fn read_desired(params: &Params) -> Result<Option<i64>, Refusal> {
    match params.number("desiredCount")? {
        Some(count) if !(0..=5000).contains(&count) => {
            Err(params.invalid("desiredCount", count, "It must be between 0 and 5000."))
        }
        count => Ok(count),
    }
}

fn read_choice<'a>(params: &Params<'a>, name: &str, choices: &[&str]) -> Result<Option<&'a str>, Refusal> {
    match params.text_if(name)? {
        Some(other) if !choices.contains(&other) => Err(params.invalid(name, other, "")),
        choice => Ok(choice),
    }
}

pub(super) fn read_propagation<'a>(params: &Params<'a>) -> Result<Option<&'a str>, Refusal> {
    read_choice(params, "propagateTags", &["NONE", "SERVICE", "TASK_DEFINITION"])
}

pub(super) fn read_rebalancing<'a>(params: &Params<'a>) -> Result<Option<&'a str>, Refusal> {
    read_choice(params, "availabilityZoneRebalancing", &["ENABLED", "DISABLED"])
}

pub(super) fn read_platform<'a>(params: &Params<'a>) -> Result<Option<&'a str>, Refusal> {
    read_choice(params, "platformVersion", &["LATEST", "1.4.0"])
}
