//! A test's own account, with an operator's workplace in front of it.

use std::error::Error;
use std::fs;

use serde_json::{Map, Value};
use sidekick_tests::audit::{self, Inventory};
use sidekick_tests::binary::{Outcome, Run, Workplace};
use sidekick_tests::cloud::Cloud;
use sidekick_tests::moto::Moto;
use sidekick_tests::{python, reference};

/// What a test ends with.
pub(crate) type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

const SECRETS: &str = "secrets.env";

/// An account, the SDK's view of it, and an operator's folder.
pub(crate) struct Site {
    pub(crate) moto: Moto,
    pub(crate) cloud: Cloud,
    pub(crate) workplace: Workplace,
    /// What was in the account before, which is nobody's to touch.
    pub(crate) before: Inventory,
}

impl Site {
    /// An account that nobody has used, and an operator with the application's secrets in a file.
    pub(crate) fn new() -> Result<Self> {
        let moto = Moto::start()?.ok_or(python::MISSING)?;
        let (cloud, workplace) = (Cloud::of(&moto)?, Workplace::new()?);
        let secrets = reference::SECRETS.map(|(name, value)| format!("{name}={value}\n"));
        fs::write(workplace.path(SECRETS), secrets.concat())?;
        let before = audit::audit(&cloud)?;
        Ok(Self { moto, cloud, workplace, before })
    }

    /// An account with the reference environment, up for an hour.
    pub(crate) fn with_environment() -> Result<Self> {
        let site = Self::new()?;
        site.up()?;
        site.let_an_hour_pass()?;
        Ok(site)
    }

    /// A run with everything it needs.
    pub(crate) fn sidekick(&self, arguments: &[&str]) -> Run {
        let arguments = [&["--secrets-file", SECRETS], arguments].concat();
        self.workplace.sidekick(&arguments).on(&self.moto)
    }

    /// Brings the environment up.
    pub(crate) fn up(&self) -> Result<Outcome> {
        Ok(self.sidekick(&["up", "--yes"]).ends_with(0)?)
    }

    /// What a run would do, by address; checked against the detailed exit code.
    pub(crate) fn plan(&self) -> Result<Value> {
        let outcome = self.sidekick(&["--output", "json", "plan", "--detailed-exitcode"]).end()?;
        let plan = outcome.json("plan")?;
        let steps = plan.as_array().into_iter().flatten().filter(|step| step["action"] != "keep");
        let due: Map<_, _> = steps.map(|step| (address(step), told(step))).collect();
        let expected = if due.is_empty() { 0 } else { 2 };
        if outcome.code == Some(expected) {
            return Ok(Value::Object(due));
        }
        Err(outcome.unexpected(&format!("the exit code should be {expected}")).into())
    }

    /// Notes since when calls are of interest.
    pub(crate) fn mark(&self) -> Result<usize> {
        Ok(self.moto.calls()?.len())
    }

    /// The calls since then that may have changed something, sorted.
    pub(crate) fn mutations(&self, since: usize) -> Result<Vec<String>> {
        let calls = self.moto.calls()?;
        let mutating = calls[since..].iter().filter(|call| call.is_mutating());
        let mut calls: Vec<_> = mutating.map(|call| format!("{} {}", call.service, call.action)).collect();
        calls.sort();
        Ok(calls)
    }

    /// What stands in the account beside what was there before.
    pub(crate) fn made(&self) -> Result<Inventory> {
        Ok(audit::audit(&self.cloud)?.without(&self.before))
    }

    /// Checks that exactly this was made, to the last attribute, and that what was there before is as it was.
    pub(crate) fn expect(&self, expected: &Inventory) -> Result<Inventory> {
        let all = audit::audit(&self.cloud)?;
        self.before
            .without(&all)
            .differences(&Inventory::default())
            .map_err(|it| format!("not ours:\n{it}"))?;
        let made = all.without(&self.before);
        made.differences(expected)?;
        Ok(made)
    }

    /// The ARN of the database's secret, and what is in it.
    pub(crate) fn database_secret(&self) -> Result<(String, Value)> {
        let call = self.cloud.secretsmanager.get_secret_value().secret_id("sidekick/postgres/credentials");
        let found = self.cloud.wait(call.send())?;
        let value = serde_json::from_str(found.secret_string().unwrap_or_default())?;
        Ok((found.arn().unwrap_or_default().to_owned(), value))
    }

    /// Makes the state file an hour older: what was made or announced within a minute may just not be visible yet.
    pub(crate) fn let_an_hour_pass(&self) -> Result {
        self.edit_state(|state| {
            for row in state["rows"].as_object_mut().into_iter().flat_map(Map::values_mut) {
                for time in ["/created_at", "/intent/begun_at"] {
                    if let Some(time) = row.pointer_mut(time) {
                        *time = "2026-01-01T00:00:00Z".into();
                    }
                }
            }
        })
    }

    /// The state file as it is.
    pub(crate) fn state(&self) -> Result<Value> {
        Ok(serde_json::from_slice(&fs::read(self.workplace.state())?)?)
    }

    /// Changes the state file behind the back of `sidekick`.
    pub(crate) fn edit_state(&self, change: impl FnOnce(&mut Value)) -> Result {
        let mut state = self.state()?;
        change(&mut state);
        Ok(fs::write(self.workplace.state(), serde_json::to_vec_pretty(&state)?)?)
    }
}

fn address(step: &Value) -> String {
    step["address"].as_str().unwrap_or_default().to_owned()
}

/// A step without its address and kind, its changes by field: `[old, new]`.
fn told(step: &Value) -> Value {
    let mut told = Map::new();
    told.insert("action".to_owned(), step["action"].clone());
    for change in step["changes"].as_array().into_iter().flatten() {
        let field = change["field"].as_str().unwrap_or_default().to_owned();
        told.insert(field, [change["old"].clone(), change["new"].clone()].into_iter().collect());
    }
    for (name, value) in step.as_object().into_iter().flatten() {
        if !["address", "kind", "action", "changes"].contains(&name.as_str()) {
            told.insert(name.clone(), value.clone());
        }
    }
    Value::Object(told)
}
