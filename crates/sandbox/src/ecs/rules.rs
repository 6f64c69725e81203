//! How a service's deployments go: how many tasks there may and must be, and when to give up.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::call::Refusal;
use crate::params::Params;

/// How deployments go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Rules {
    pub(super) maximum_percent: i64,
    pub(super) minimum_percent: i64,
    pub(super) breaker: bool,
    pub(super) rollback: bool,
}

impl Rules {
    pub(super) const DEFAULT: Self =
        Self { maximum_percent: 200, minimum_percent: 100, breaker: false, rollback: false };

    pub(super) fn view(&self) -> Value {
        json!({
            "deploymentCircuitBreaker": { "enable": self.breaker, "rollback": self.rollback },
            "maximumPercent": self.maximum_percent,
            "minimumHealthyPercent": self.minimum_percent,
            "strategy": "ROLLING",
            "bakeTimeInMinutes": 0,
        })
    }
}

/// The deployment rules that a call names; what it leaves out stays as it was.
pub(super) fn read(params: &Params, before: &Rules) -> Result<Rules, Refusal> {
    let mut rules = before.clone();
    let Some(config) = params.object("deploymentConfiguration")? else { return Ok(rules) };
    if let Some(breaker) = config.object("deploymentCircuitBreaker")? {
        rules.breaker = breaker.flag("enable")?.ok_or_else(|| breaker.missing("enable"))?;
        rules.rollback = breaker.flag("rollback")?.ok_or_else(|| breaker.missing("rollback"))?;
    }
    if let Some(other) = config.text_if("strategy")?.filter(|strategy| *strategy != "ROLLING") {
        return Err(config.invalid("strategy", other, "The sandbox models ROLLING only."));
    }
    rules.maximum_percent = config.number("maximumPercent")?.unwrap_or(rules.maximum_percent);
    rules.minimum_percent = config.number("minimumHealthyPercent")?.unwrap_or(rules.minimum_percent);
    let refuse = |words: &str| Err(Refusal::illegal("InvalidParameterException", words));
    if !(0..=100).contains(&rules.minimum_percent) || !(100..=200).contains(&rules.maximum_percent) {
        return refuse("Both maximumPercent and minimumHealthyPercent must be valid percentages.");
    }
    if rules.maximum_percent == 100 && rules.minimum_percent == 100 {
        return refuse("maximumPercent and minimumHealthyPercent cannot both be 100.");
    }
    Ok(rules)
}
