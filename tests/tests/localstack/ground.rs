//! What the suite runs on, as the environment says.

use std::env;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_credential_types::Credentials;
use sidekick_tests::account::Account;
use sidekick_tests::localstack::LocalStack;
use sidekick_tests::site::{Result, Site};

/// The value of `AWS_ENDPOINT_URL` that stands for AWS's own endpoints, of which each service has another.
const AWS: &str = "aws";
/// The account that may be used, if it is not on this machine.
const ALLOWED: &str = "SIDEKICK_TESTS_ACCOUNT";
/// With what the names of all that is made begin.
const PREFIX: &str = "SIDEKICK_TESTS_PREFIX";

/// Where the cases run.
pub(crate) enum Ground {
    /// In a LocalStack of the suite's own, unless there is a reason to skip it.
    LocalStack { skipped: Option<String> },
    /// In an account that somebody has.
    Given(Arc<Given>),
    /// Nowhere, and why.
    Refused(String),
}

impl Ground {
    pub(crate) fn chosen() -> Self {
        match set("AWS_ENDPOINT_URL") {
            None => {
                Self::LocalStack { skipped: LocalStack::find_python().err().map(|error| error.to_string()) }
            }
            Some(endpoint) => match Given::at(&endpoint, set) {
                Ok(given) => Self::Given(Arc::new(given)),
                Err(reason) => Self::Refused(reason),
            },
        }
    }
}

/// A variable of this process that is set to something.
fn set(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// The LocalStack of all cases, which the first of them starts. It ends with the value.
#[derive(Default)]
pub(crate) struct LocalStackOnce(OnceLock<std::result::Result<LocalStack, String>>);

impl LocalStackOnce {
    pub(crate) fn get(&self) -> Result<&LocalStack> {
        let started = self.0.get_or_init(|| LocalStack::start().map_err(|error| error.to_string()));
        Ok(started.as_ref().map_err(Clone::clone)?)
    }
}

/// An account that was there before the suite.
#[derive(Debug)]
pub(crate) struct Given {
    url: Option<String>,
    credentials: Credentials,
    /// The only account that may be used; any, if it is on this machine.
    allowed: Option<String>,
    prefix: String,
    sites: AtomicUsize,
}

impl Given {
    /// What these variables say of it, or what has to be said first.
    fn at(endpoint: &str, set: impl Fn(&str) -> Option<String>) -> std::result::Result<Self, String> {
        let (here, allowed) = (is_here(endpoint), set(ALLOWED));
        let prefix = set(PREFIX).or_else(|| here.then(|| "trial".to_owned()));
        let (true, Some(prefix)) = (here || allowed.is_some(), prefix) else {
            return Err(format!(
                "AWS_ENDPOINT_URL is {endpoint}, which is not on this machine: the suite makes what costs money, and \
                 takes it away again. If that is meant, set {ALLOWED} to the id of the account, and {PREFIX} to what the \
                 names of everything there shall begin with"
            ));
        };
        if !is_prefix(&prefix) {
            return Err(format!(
                "{PREFIX} is {prefix:?}; it has to be up to 12 of a-z, 0-9 and -, and begin with a letter"
            ));
        }
        let key = |name: &str| {
            let testing = here.then(|| "test".to_owned());
            set(name)
                .or(testing)
                .ok_or_else(|| format!("{name} is not set; profiles are not read by the suite"))
        };
        let (id, secret) = (key("AWS_ACCESS_KEY_ID")?, key("AWS_SECRET_ACCESS_KEY")?);
        let credentials = Credentials::new(id, secret, set("AWS_SESSION_TOKEN"), None, "environment");
        let url = (endpoint != AWS).then(|| endpoint.to_owned());
        Ok(Self { url, credentials, allowed, prefix, sites: AtomicUsize::new(1) })
    }

    /// The account with a name for an environment that no other case has.
    pub(crate) fn site(&self) -> Result<Site> {
        let number = self.sites.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{number:02}", self.prefix);
        let site = Site::of(Account::given(self.url.clone(), self.credentials.clone(), name))?;
        if let Some(allowed) = &self.allowed {
            let (any, only) = ("allowed_account_ids = []", format!("allowed_account_ids = [\"{allowed}\"]"));
            site.workplace.edit("default.toml", any, &only)?;
        }
        Ok(site)
    }
}

/// Whether a URL leads to this machine, so that what is behind it is an emulator.
fn is_here(url: &str) -> bool {
    let authority = url.split_once("://").map_or("", |(_, rest)| rest);
    let authority = authority.split('/').next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => authority.split(':').next(),
    };
    let host = host.unwrap_or_default();
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// What all names of AWS may begin with, and leaves room for the rest of them.
fn is_prefix(prefix: &str) -> bool {
    let allowed = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-';
    prefix.len() <= 12
        && prefix.starts_with(|letter: char| letter.is_ascii_lowercase())
        && prefix.bytes().all(allowed)
}
