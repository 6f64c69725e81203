//! An account with an operator's workplace in front of it.

use std::error::Error;
use std::fs;
use std::io::{self, Write};

use serde_json::{Map, Value};

use crate::account::{Account, NAME};
use crate::audit::{self, Inventory};
use crate::binary::{Outcome, Run, Workplace};
use crate::cloud::Cloud;
use crate::forgiven;
use crate::moto::{Call, Moto};
use crate::{python, reference};

/// What a test ends with.
pub type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

const SECRETS: &str = "secrets.env";

/// An account, the SDK's view of it, and an operator's folder.
#[derive(Debug)]
pub struct Site {
    /// The account.
    pub account: Account,
    /// The SDK's view of it.
    pub cloud: Cloud,
    /// The operator's folder.
    pub workplace: Workplace,
    /// What was in the account before, which is nobody's to touch.
    pub before: Inventory,
    /// The server whose account it is, if it is there for this site alone.
    moto: Option<Moto>,
}

impl Site {
    /// The account of a moto server of its own.
    pub fn on_moto() -> Result<Self> {
        let moto = Moto::start()?.ok_or(python::MISSING)?;
        Self::on(moto.account(), Some(moto))
    }

    /// This account.
    pub fn of(account: Account) -> Result<Self> {
        Self::on(account, None)
    }

    /// An account, and an operator with the application's secrets in a file.
    fn on(account: Account, moto: Option<Moto>) -> Result<Self> {
        let (cloud, workplace) = (Cloud::of(&account)?, Workplace::new()?);
        let secrets = reference::SECRETS.map(|(name, value)| format!("{name}={value}\n"));
        fs::write(workplace.path(SECRETS), secrets.concat())?;
        let (ours, theirs) =
            (format!("\nname = \"{NAME}\"\nregion"), format!("\nname = \"{}\"\nregion", account.name));
        workplace.edit("default.toml", &ours, &theirs)?;
        let mut site = Self { account, cloud, workplace, before: Inventory::default(), moto };
        site.before = site.audit()?;
        Ok(site)
    }

    /// The site with the reference environment, up for an hour.
    pub fn with_environment(self) -> Result<Self> {
        self.up()?;
        self.let_an_hour_pass()?;
        Ok(self)
    }

    /// What something of the reference is called in this account.
    pub fn named(&self, reference: &str) -> String {
        reference.replace(NAME, &self.account.name)
    }

    /// A run with everything it needs.
    pub fn sidekick(&self, arguments: &[&str]) -> Run {
        let arguments = [&["--secrets-file", SECRETS], arguments].concat();
        let run = self.workplace.sidekick(&arguments).on(&self.account);
        // Where no server of ours notes the calls, the log of the run tells them.
        if self.moto.is_some() { run } else { run.with("SIDEKICK_LOG", "debug") }
    }

    /// Brings the environment up.
    pub fn up(&self) -> Result<Outcome> {
        Ok(self.sidekick(&["up", "--yes"]).ends_with(0)?)
    }

    /// What a run would do, by address; checked against the detailed exit code.
    pub fn plan(&self) -> Result<Value> {
        let outcome = self.sidekick(&["--output", "json", "plan", "--detailed-exitcode"]).end()?;
        let plan: Value =
            serde_json::from_str(&outcome.json("plan")?.to_string().replace(&self.account.name, NAME))?;
        let steps = plan.as_array().into_iter().flatten().filter(|step| step["action"] != "keep");
        let due: Map<_, _> = steps.map(|step| (address(step), told(step))).collect();
        let expected = if due.is_empty() { 0 } else { 2 };
        if outcome.code == Some(expected) {
            return Ok(Value::Object(due));
        }
        Err(outcome.unexpected(&format!("the exit code should be {expected}")).into())
    }

    /// The AWS calls of all runs so far, in the order in which they were answered.
    pub fn calls(&self) -> Result<Vec<Call>> {
        match &self.moto {
            Some(moto) => Ok(moto.calls()?),
            None => Ok(self.workplace.complaints()?.lines().filter_map(Call::logged).collect()),
        }
    }

    /// Notes since when calls are of interest.
    pub fn mark(&self) -> Result<usize> {
        Ok(self.calls()?.len())
    }

    /// The calls since then that may have changed something, sorted.
    pub fn mutations(&self, since: usize) -> Result<Vec<String>> {
        let calls = self.calls()?;
        let mutating = calls[since..].iter().filter(|call| call.is_mutating());
        let mut calls: Vec<_> = mutating.map(|call| format!("{} {}", call.service, call.action)).collect();
        calls.sort();
        Ok(calls)
    }

    /// What stands in the account, under the names of the reference.
    pub fn audit(&self) -> Result<Inventory> {
        Ok(audit::audit(&self.cloud)?.renamed(&self.account.name, NAME))
    }

    /// What stands in the account beside what was there before.
    pub fn made(&self) -> Result<Inventory> {
        Ok(self.audit()?.without(&self.before))
    }

    /// Checks that exactly this was made, to the last attribute, and that what was there before is as it was.
    pub fn expect(&self, expected: &Inventory) -> Result<Inventory> {
        let all = self.audit()?;
        let forgiving = |inventory: Inventory| forgiven::by(self.account.host, inventory);
        let changed = forgiving(self.before.without(&all));
        changed.differences(&Inventory::default()).map_err(|it| format!("not ours:\n{it}"))?;
        let made = all.without(&self.before);
        forgiving(made.clone()).differences(&forgiving(expected.clone()))?;
        Ok(made)
    }

    /// The ARN of the database's secret, and what is in it.
    pub fn database_secret(&self) -> Result<(String, Value)> {
        let call = self
            .cloud
            .secretsmanager
            .get_secret_value()
            .secret_id(self.named("sidekick/postgres/credentials"));
        let found = self.cloud.wait(call.send())?;
        let value = serde_json::from_str(found.secret_string().unwrap_or_default())?;
        Ok((found.arn().unwrap_or_default().to_owned(), value))
    }

    /// Makes the state file an hour older: what was made or announced within a minute may just not be visible yet.
    pub fn let_an_hour_pass(&self) -> Result {
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
    pub fn state(&self) -> Result<Value> {
        Ok(serde_json::from_slice(&fs::read(self.workplace.state())?)?)
    }

    /// Changes the state file behind the back of `sidekick`.
    pub fn edit_state(&self, change: impl FnOnce(&mut Value)) -> Result {
        let mut state = self.state()?;
        change(&mut state);
        Ok(fs::write(self.workplace.state(), serde_json::to_vec_pretty(&state)?)?)
    }
}

impl Drop for Site {
    /// An account that outlives the suite is left as it was found, however the test ended.
    fn drop(&mut self) {
        if !self.account.outlives_the_suite() {
            return;
        }
        let down = if self.workplace.state().exists() {
            self.sidekick(&["down", "--yes"]).ends_with(0).map(drop).map_err(Into::into)
        } else {
            Ok(())
        };
        if let Err(error) = down.and_then(|()| self.expect(&Inventory::default())) {
            // Not `eprintln!`: the test harness would swallow it, and what costs money has to be told.
            let _ = writeln!(io::stderr(), "left behind under the name {}: {error}", self.account.name);
        }
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
