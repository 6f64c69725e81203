//! Which call a request is, and the one line of the log that tells of it.
//!
//! A line never holds a body, a query or a header's value other than the request id: passwords, credentials and the
//! session's token are in them.

use std::future::Future;

use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_types::request_id::RequestId;
use sidekick_engine::Address;
use tokio::time::Instant;

use super::Refusal;
use super::listener::{Called, Calls};
use crate::fault::told;

/// A call as its request tells of it before it is sent.
#[derive(Debug)]
pub(super) struct Call {
    /// The service's signing name; empty if the request is not signed.
    pub(super) service: String,
    /// The operation; empty in the protocols that AWS's services here do not use.
    pub(super) operation: String,
    host: String,
}

impl Call {
    pub(super) fn of(request: &HttpRequest) -> Self {
        Self {
            service: service(request),
            operation: operation(request),
            host: host(request.uri()).to_owned(),
        }
    }

    /// Sends the call, and tells the log and the listener what came of it.
    pub(super) async fn told<Sending>(
        &self,
        calls: &Calls,
        sending: Sending,
    ) -> Result<(HttpResponse, Option<Refusal>), ConnectorError>
    where
        Sending: Future<Output = Result<(HttpResponse, Option<Refusal>), ConnectorError>>,
    {
        let begun = Instant::now();
        let answer = sending.await;
        let (Self { service, operation, host }, took) = (self, begun.elapsed());
        calls.tell(|| Called {
            service: service.clone(),
            operation: operation.clone(),
            address: Address::at_work(),
            status: answer.as_ref().ok().map(|(answer, _)| answer.status().as_u16()),
            request_id: answer.as_ref().ok().and_then(|(answer, _)| answer.request_id()).map(str::to_owned),
            missing: answer.as_ref().is_ok_and(|(_, refusal)| *refusal == Some(Refusal::Missing)),
            took,
        });
        match &answer {
            Ok((answer, _)) => {
                let (status, request_id) = (answer.status().as_u16(), answer.request_id());
                tracing::debug!(service, operation, host, status, request_id, ?took, "AWS call");
            }
            Err(error) => {
                tracing::debug!(
                    service,
                    operation,
                    host,
                    error = told(error),
                    ?took,
                    "AWS call without an answer"
                );
            }
        }
        answer
    }
}

/// The service in the credential scope, `Credential=KEY/20260101/us-west-2/ec2/aws4_request`; empty if unsigned.
fn service(request: &HttpRequest) -> String {
    let authorization = request.headers().get("authorization").unwrap_or_default();
    let scope = authorization.split_once("Credential=").map_or("", |(_, scope)| scope);
    scope.split('/').nth(3).unwrap_or_default().to_owned()
}

/// The operation: the end of `X-Amz-Target: AWSWAF_20190729.GetWebACL`, or the form field `Action=DescribeVpcs`.
fn operation(request: &HttpRequest) -> String {
    if let Some(target) = request.headers().get("x-amz-target") {
        return target.rsplit('.').next().unwrap_or_default().to_owned();
    }
    let form = request.body().bytes().and_then(|body| std::str::from_utf8(body).ok()).unwrap_or_default();
    form.split('&').find_map(|field| field.strip_prefix("Action=")).unwrap_or_default().to_owned()
}

/// The host and port of an address, without the user and password that may stand before them.
fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn a_host_is_told_without_credentials_and_queries() {
        for (address, told) in [
            ("https://ec2.us-west-2.amazonaws.com/", "ec2.us-west-2.amazonaws.com"),
            ("http://127.0.0.1:5000", "127.0.0.1:5000"),
            ("http://user:hunter2@127.0.0.1:5000/?Token=hunter2", "127.0.0.1:5000"),
            ("http://user:hunter@2@[::1]:5000?a", "[::1]:5000"),
            ("/?Token=hunter2", ""),
        ] {
            assert_eq!(host(address), told);
        }
    }
}
