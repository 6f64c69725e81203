//! What a command works with: the configuration, the secrets, and the cloud or its simulation.

use std::collections::BTreeSet;

use jiff::Timestamp;
use sidekick_aws::{Aws, Caller, Calls, Secret, Supplied, connect};
use sidekick_engine::{Clock, Experience, Identity, Stop, patiently};
use sidekick_sandbox::Sandbox;
use sidekick_stack::config::{self, AppSecret, Config};
use sidekick_stack::{Facts, stack_name};

use crate::args::Global;
use crate::error::Error;
use crate::experience_file;
use crate::secrets_file::secrets_file;
use crate::signal;

/// What stands in for a required secret in the sandbox, which nothing real can use.
const PLACEHOLDER: &str = "sandbox-placeholder";

/// The cloud side of a command.
pub(crate) struct Session {
    pub(crate) aws: Aws,
    pub(crate) clock: Clock,
    pub(crate) identity: Identity,
    /// Tells of every call.
    pub(crate) calls: Calls,
    /// Whose credentials these are.
    pub(crate) caller: Caller,
    /// What earlier runs in this account learned.
    pub(crate) experience: Experience,
    /// The secrets that a placeholder stands in for.
    pub(crate) placeholders: Vec<String>,
}

/// Reads the configuration of the chosen environment.
pub(crate) fn load_config(global: &Global) -> Result<Config, Error> {
    tracing::debug!(folder = %global.config_dir.display(), environment = global.env, "reading the configuration");
    config::load(&global.config_dir, &global.env).map_err(Error::Config)
}

/// The clients, before it is known whose account they reach.
struct Link {
    aws: Aws,
    clock: Clock,
    calls: Calls,
}

impl Link {
    async fn new(global: &Global, region: &str, supplied: Supplied) -> Result<Self, Error> {
        let calls = Calls::default();
        let (sdk, clock) = if global.sandbox {
            let sandbox = open_sandbox(global)?;
            let clock = Clock::simulated(now(&sandbox), global.sandbox_speed);
            (connect::simulated(region, sandbox.http_client(), global.sandbox_speed, &calls), clock)
        } else {
            (connect::connect(region, &calls).await.map_err(Error::Aws)?, Clock::real())
        };
        Ok(Self { aws: Aws::new(&sdk, supplied), clock, calls })
    }

    async fn caller(&self) -> Result<Caller, Error> {
        patiently(self.clock, || self.aws.caller()).await.map_err(Error::Aws)
    }

    fn session(self, global: &Global, (stack, region): (String, String), caller: Caller) -> Session {
        let Caller { account, arn } = &caller;
        tracing::info!(stack, account, region, caller = arn, sandbox = global.sandbox, "connected");
        let identity = Identity { stack, account: account.clone(), region };
        let experience = experience_file::read(global, &identity);
        let Self { aws, clock, calls } = self;
        Session { aws, clock, identity, caller, calls, experience, placeholders: Vec::new() }
    }
}

impl Session {
    /// Connects for a configuration, checks that the account is the right one, and reads the facts that the graph
    /// needs, whatever they are. Changes nothing.
    pub(crate) async fn open(global: &Global, config: &Config) -> Result<(Self, Facts), Error> {
        let link = Link::new(global, &config.region, supplied(global, config)?).await?;
        // Neither needs the other, and reading in the wrong account does no harm.
        let facts = patiently(link.clock, || Facts::read(&link.aws, config));
        let (caller, facts) = tokio::join!(link.caller(), facts);
        let session = link.session(global, (stack_name(config), config.region.clone()), caller?);
        session.check_account(global, config)?;
        Ok((session, facts.map_err(Error::Aws)?))
    }

    /// The same for a plan, unless a stop is asked for before; and everything about the facts that cannot be.
    pub(crate) async fn with_problems(
        global: &Global,
        config: &Config,
        stop: &Stop,
    ) -> Result<(Self, Facts, Vec<(String, String)>), Error> {
        let (mut session, facts) = signal::unless_asked(stop, Self::open(global, config)).await?;
        if global.sandbox {
            session.fill_with_placeholders(config, &facts);
        }
        let problems = facts.problems(config, |name| session.aws.is_supplied(name));
        Ok((session, facts, problems))
    }

    /// The same, and refuses what cannot be.
    pub(crate) async fn with_facts(
        global: &Global,
        config: &Config,
        stop: &Stop,
    ) -> Result<(Self, Facts), Error> {
        let (session, facts, reasons) = Self::with_problems(global, config, stop).await?;
        if reasons.is_empty() {
            return Ok((session, facts));
        }
        Err(Error::Unmet { what: "the environment cannot be brought up as configured".to_owned(), reasons })
    }

    /// Connects without a configuration, for an environment that a state file knows.
    pub(crate) async fn connect(global: &Global, (stack, region): (String, String)) -> Result<Self, Error> {
        let link = Link::new(global, &region, Supplied::new()).await?;
        let caller = link.caller().await?;
        Ok(link.session(global, (stack, region), caller))
    }

    fn check_account(&self, global: &Global, config: &Config) -> Result<(), Error> {
        let account = &self.identity.account;
        if global.sandbox
            || config.allowed_account_ids.is_empty()
            || config.allowed_account_ids.contains(account)
        {
            return Ok(());
        }
        let allowed: Vec<_> = config.allowed_account_ids.iter().map(String::as_str).collect();
        Err(Error::unmet(
            format!(
                "the credentials belong to account {account}, and this environment to {}",
                allowed.join(", ")
            ),
            "use the credentials of an allowed account (AWS_PROFILE), or add this one to `allowed_account_ids`",
        ))
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
        std::fs::create_dir_all(folder).map_err(Error::file(folder))?;
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
