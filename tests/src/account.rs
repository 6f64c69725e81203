//! An account of an AWS, real or not: where it answers, as whom one asks, and what an environment is called there.

use std::net::SocketAddr;
use std::process::Command;
use std::{env, io};

use aws_credential_types::Credentials;

/// Where the reference environment stands.
pub const REGION: &str = "us-west-2";
/// What the reference environment is called.
pub const NAME: &str = "sidekick";

/// Who answers for an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// A moto server of a test's own.
    Moto,
    /// A LocalStack of a suite's own, in which each test has an account.
    LocalStack,
    /// An emulator that was there before the suite, with one account for all tests.
    Given,
    /// AWS itself.
    Aws,
}

/// All that has to be known to use an account.
#[derive(Clone, Debug)]
pub struct Account {
    /// Who answers for it.
    pub host: Host,
    /// What an environment is called in it, so that nothing else there is mistaken for ours.
    pub name: String,
    url: Option<String>,
    credentials: Credentials,
}

impl Account {
    /// The account of an emulator at this URL to which this access key belongs.
    pub fn of_emulator(host: Host, url: String, access_key: &str) -> Self {
        let credentials = Credentials::new(access_key, "testing", None, None, "tests");
        Self { host, name: NAME.to_owned(), url: Some(url), credentials }
    }

    /// The account of these credentials, at this URL or at AWS's own endpoints, for an environment of this name.
    pub fn given(url: Option<String>, credentials: Credentials, name: String) -> Self {
        let host = if url.is_some() { Host::Given } else { Host::Aws };
        Self { host, name, url, credentials }
    }

    /// Where it answers, if not at AWS's own endpoints.
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// Where it listens, if that is a port of this machine.
    pub fn address(&self) -> io::Result<SocketAddr> {
        let address = self.url().unwrap_or_default().trim_start_matches("http://");
        address.parse().map_err(|_| io::Error::other(format!("{address:?} is no port of this machine")))
    }

    /// What signs the calls.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Whether it is still there when the suite has ended, so that nothing may be left in it.
    pub fn outlives_the_suite(&self) -> bool {
        matches!(self.host, Host::Given | Host::Aws)
    }

    /// The variables by which an AWS SDK finds the account and may use it.
    pub fn environment(&self) -> impl Iterator<Item = (&'static str, String)> {
        let credentials = &self.credentials;
        let known = [
            ("AWS_REGION", REGION.to_owned()),
            // The name by which boto3 knows it.
            ("AWS_DEFAULT_REGION", REGION.to_owned()),
            ("AWS_ACCESS_KEY_ID", credentials.access_key_id().to_owned()),
            ("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key().to_owned()),
            // What the developer has in their home must not show in a test.
            ("AWS_CONFIG_FILE", "/dev/null".to_owned()),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null".to_owned()),
        ];
        let url = self.url.clone().map(|url| ("AWS_ENDPOINT_URL", url));
        let token = credentials.session_token().map(|token| ("AWS_SESSION_TOKEN", token.to_owned()));
        known.into_iter().chain(url).chain(token)
    }

    /// Gives a program this account for its AWS, whatever the AWS of this process is.
    pub fn serve(&self, command: &mut Command) {
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("AWS_") {
                command.env_remove(name);
            }
        }
        command.envs(self.environment());
    }
}
