//! What a command works with: the configuration, the secrets, and the cloud or its simulation.

use std::collections::BTreeSet;

use jiff::Timestamp;
use sidekick_aws::{Aws, Caller, Secret, Supplied, connect};
use sidekick_engine::{Clock, Identity, Stop, patiently};
use sidekick_sandbox::Sandbox;
use sidekick_stack::config::{self, AppSecret, Config};
use sidekick_stack::{Facts, stack_name};

use crate::args::Global;
use crate::error::Error;
use crate::secrets_file::secrets_file;
use crate::signal;

/// What stands in for a required secret in the sandbox, which nothing real can use.
const PLACEHOLDER: &str = "sandbox-placeholder";

/// The cloud side of a command.
pub(crate) struct Session {
    pub(crate) aws: Aws,
    pub(crate) clock: Clock,
    pub(crate) identity: Identity,
    /// The secrets that a placeholder stands in for.
    pub(crate) placeholders: Vec<String>,
}

/// Reads the configuration of the chosen environment.
pub(crate) fn load_config(global: &Global) -> Result<Config, Error> {
    tracing::debug!(folder = %global.config_dir.display(), environment = global.env, "reading the configuration");
    config::load(&global.config_dir, &global.env).map_err(Error::Config)
}

impl Session {
    /// Connects for a configuration and checks that the account is the right one. Changes nothing.
    pub(crate) async fn open(global: &Global, config: &Config) -> Result<Self, Error> {
        let supplied = supplied(global, config)?;
        let session = Self::connect(global, (stack_name(config), config.region.clone()), supplied).await?;
        let account = &session.identity.account;
        if !global.sandbox
            && !config.allowed_account_ids.is_empty()
            && !config.allowed_account_ids.contains(account)
        {
            let allowed: Vec<_> = config.allowed_account_ids.iter().map(String::as_str).collect();
            return Err(Error::unmet(
                format!(
                    "the credentials belong to account {account}, and this environment to {}",
                    allowed.join(", ")
                ),
                "use the credentials of an allowed account (AWS_PROFILE), or add this one to `allowed_account_ids`",
            ));
        }
        Ok(session)
    }

    /// Connects for a configuration and reads the facts that its graph needs, unless a stop is asked for before.
    pub(crate) async fn with_facts(
        global: &Global,
        config: &Config,
        stop: &Stop,
    ) -> Result<(Self, Facts), Error> {
        signal::unless_asked(stop, async {
            let mut session = Self::open(global, config).await?;
            let facts = session.facts(global, config).await?;
            Ok((session, facts))
        })
        .await
    }

    /// Connects without a configuration, for an environment that a state file knows.
    pub(crate) async fn connect(
        global: &Global,
        (stack, region): (String, String),
        supplied: Supplied,
    ) -> Result<Self, Error> {
        let (sdk, clock) = if global.sandbox {
            let sandbox = open_sandbox(global)?;
            let clock = Clock::simulated(now(&sandbox), global.sandbox_speed);
            (connect::simulated(&region, sandbox.http_client(), global.sandbox_speed), clock)
        } else {
            (connect::connect(&region).await.map_err(Error::Aws)?, Clock::real())
        };
        let aws = Aws::new(&sdk, supplied);
        let Caller { account, arn } = patiently(clock, || aws.caller()).await.map_err(Error::Aws)?;
        tracing::info!(stack, account, region, caller = arn, sandbox = global.sandbox, "connected");
        Ok(Self { aws, clock, identity: Identity { stack, account, region }, placeholders: Vec::new() })
    }

    /// Reads the facts that the graph needs, and reports everything about them that cannot be.
    async fn facts(&mut self, global: &Global, config: &Config) -> Result<Facts, Error> {
        let facts = self.read_facts(config).await?;
        if global.sandbox {
            self.fill_with_placeholders(config, &facts);
        }
        let reasons = facts.problems(config, |name| self.aws.is_supplied(name));
        if reasons.is_empty() {
            return Ok(facts);
        }
        Err(Error::Unmet { what: "the environment cannot be brought up as configured".to_owned(), reasons })
    }

    /// Reads the facts, whatever they are.
    pub(crate) async fn read_facts(&self, config: &Config) -> Result<Facts, Error> {
        patiently(self.clock, || Facts::read(&self.aws, config)).await.map_err(Error::Aws)
    }

    /// In the sandbox nothing real depends on a secret, so its first run needs none.
    fn fill_with_placeholders(&mut self, config: &Config, facts: &Facts) {
        for secret in config.app_secrets() {
            let given = |name| self.aws.is_supplied(name) || facts.stored_keys.contains(name);
            if !secret.names().any(given) {
                self.aws.supply(secret.variable, Secret::new(PLACEHOLDER));
                self.placeholders.push(secret.variable.to_owned());
            }
        }
    }
}

/// Opens the sandbox beside the state file.
pub(crate) fn open_sandbox(global: &Global) -> Result<Sandbox, Error> {
    let path = global.sandbox_file();
    tracing::debug!(file = %path.display(), speed = global.sandbox_speed, "opening the sandbox");
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|source| Error::File { path: folder.to_owned(), source })?;
    }
    Sandbox::open(&path, global.sandbox_speed).map_err(|error| {
        Error::unmet(error.to_string(), format!("remove {} to start afresh", path.display()))
    })
}

fn now(sandbox: &Sandbox) -> Timestamp {
    Timestamp::try_from(sandbox.now()).unwrap_or_else(|_| Timestamp::now())
}

/// The values of the application's secrets: a file's win over the process environment's. What is given under one of
/// a secret's names counts under each of them, because it may be stored under another one.
fn supplied(global: &Global, config: &Config) -> Result<Supplied, Error> {
    let secrets = config.app_secrets();
    let known: BTreeSet<&str> = secrets.iter().flat_map(AppSecret::names).collect();
    let file = global.secrets_file.as_deref().map(|path| secrets_file(path, &known)).transpose()?;
    let file = file.unwrap_or_default();
    let mut supplied = Supplied::new();
    for secret in secrets {
        let given = secret.names().find_map(|name| file.get(name).cloned());
        let given = given.or_else(|| secret.names().find_map(variable).map(Secret::new));
        for name in secret.names() {
            supplied.extend(given.clone().map(|value| (name.to_owned(), value)));
        }
    }
    Ok(supplied)
}

/// A variable of the process environment; an empty one is as good as none.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
