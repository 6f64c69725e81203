//! What the suite of the cases that hold everywhere runs on, as the environment says.

use std::env;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_credential_types::Credentials;

use crate::account::Account;
use crate::localstack::LocalStack;
use crate::site::{Result, Site};

/// The value of `AWS_ENDPOINT_URL` that stands for AWS's own endpoints, of which each service has another.
const AWS: &str = "aws";
/// The account that may be used, if it is not on this machine.
const ALLOWED: &str = "SIDEKICK_TESTS_ACCOUNT";
/// With what the names of all that is made begin.
const PREFIX: &str = "SIDEKICK_TESTS_PREFIX";

/// Where the cases run.
#[derive(Debug)]
pub enum Ground {
    /// In a LocalStack of the suite's own, unless there is a reason to skip it.
    LocalStack {
        /// That this machine cannot run it.
        skipped: Option<String>,
    },
    /// In an account that somebody has.
    Given(Arc<Given>),
    /// Nowhere, and why.
    Refused(String),
}

impl Ground {
    /// What `AWS_ENDPOINT_URL` names, or a LocalStack of the suite's own.
    pub fn chosen() -> Self {
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
#[derive(Debug, Default)]
pub struct LocalStackOnce(OnceLock<std::result::Result<LocalStack, String>>);

impl LocalStackOnce {
    /// Starts it if nobody has.
    pub fn get(&self) -> Result<&LocalStack> {
        let started = self.0.get_or_init(|| LocalStack::start().map_err(|error| error.to_string()));
        Ok(started.as_ref().map_err(Clone::clone)?)
    }
}

/// An account that was there before the suite.
#[derive(Debug)]
pub struct Given {
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
    pub fn site(&self) -> Result<Site> {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// An endpoint where these variables are set.
    fn given(endpoint: &str, variables: &[(&str, &str)]) -> std::result::Result<Given, String> {
        let set = |name: &str| {
            variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
        };
        Given::at(endpoint, set)
    }

    #[test]
    fn an_emulator_on_this_machine_needs_nothing_more() {
        for url in ["http://127.0.0.1:4566", "http://localhost:5000/", "https://[::1]:1"] {
            let given = given(url, &[]).unwrap();
            assert_eq!((given.url.as_deref(), given.prefix.as_str()), (Some(url), "trial"));
            assert_eq!(given.credentials.access_key_id(), "test");
        }
    }

    #[test]
    fn an_account_elsewhere_has_to_be_meant_by_its_id_and_a_prefix() {
        let key = [("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_SECRET_ACCESS_KEY", "secret")];
        let meant = [(ALLOWED, "123456789012"), (PREFIX, "trial")];
        for endpoint in
            [AWS, "https://127.0.0.1.example.com", "http://localhost.example.com:4566", "127.0.0.1:80"]
        {
            for left_out in [ALLOWED, PREFIX, "AWS_ACCESS_KEY_ID"] {
                let all = [key, meant].concat();
                let some: Vec<_> = all.into_iter().filter(|(name, _)| *name != left_out).collect();
                assert!(
                    given(endpoint, &some).unwrap_err().contains(left_out),
                    "{endpoint} without {left_out}"
                );
            }
        }
        let given = given(AWS, &[key, meant].concat()).unwrap();
        assert_eq!((given.url, given.allowed.as_deref()), (None, Some("123456789012")));
    }

    #[test]
    fn a_prefix_is_the_beginning_of_a_name() {
        for prefix in ["", "1a", "-a", "Trial", "a_b", "abcdefghijklm"] {
            assert!(given("http://localhost", &[(PREFIX, prefix)]).unwrap_err().contains(PREFIX), "{prefix}");
        }
    }
}
