//! An endpoint in AWS's place that never answers, and knows whether anybody called.

use std::io;
use std::net::{Ipv4Addr, TcpListener};

use sidekick_tests::binary::Run;

/// The endpoint.
pub(crate) struct Endpoint(TcpListener);

impl Endpoint {
    /// An endpoint that nobody has called.
    pub(crate) fn new() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        Ok(Self(listener))
    }

    /// Makes this the AWS of a run.
    pub(crate) fn given_to(&self, run: Run) -> io::Result<Run> {
        Ok(at(run, &format!("http://{}", self.0.local_addr()?)))
    }

    /// Whether anybody called since this was asked last.
    pub(crate) fn was_called(&self) -> bool {
        self.0.accept().is_ok()
    }
}

/// A run whose AWS is at this address, with credentials that nothing real would take.
pub(crate) fn at(run: Run, address: &str) -> Run {
    let credentials = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
    let run = credentials.iter().fold(run, |run, name| run.with(name, "testing"));
    let files = ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"];
    let run = files.iter().fold(run, |run, name| run.with(name, "/dev/null"));
    run.with("AWS_ENDPOINT_URL", address)
}
