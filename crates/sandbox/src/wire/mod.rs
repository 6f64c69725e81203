//! The wire protocols: HTTP requests to calls, answers and refusals to HTTP responses.

mod json;
mod query;
mod xml;

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::call::{Answer, Call, Refusal};
use crate::service::{Dialect, Protocol, Service};

/// The protocol in which requests are answered whose service cannot be told.
static NOBODY: Service = Service {
    name: "",
    protocol: Protocol::AwsQuery { namespace: "", item: |_| "member" },
    dialect: &Dialect::QUERY,
    operations: &[],
    settle: |_| (),
    references: |_| Vec::new(),
};

/// Reads a request. A request that cannot be read comes back as its refusal, with the service to answer for it.
pub(crate) fn read(
    request: &Request<Bytes>,
) -> Result<(&'static Service, Call), (&'static Service, Refusal)> {
    let Some((account, region, name)) = credential_scope(request.headers()) else {
        let words = "Request is missing Authentication Token";
        return Err((&NOBODY, Refusal::illegal("MissingAuthenticationToken", words).status(403)));
    };
    let Some(service) = Service::named(&name) else {
        let words = format!("The sandbox does not model the service '{name}'.");
        return Err((&NOBODY, Refusal::illegal("InvalidAction", words)));
    };
    let parsed = match service.protocol {
        Protocol::Ec2Query { .. } => query::read(&form(request), query::Lists::Flat),
        Protocol::AwsQuery { .. } => query::read(&form(request), query::Lists::Wrapped),
        Protocol::AwsJson => json::read(request),
    };
    match parsed {
        Ok((operation, params)) => {
            Ok((service, Call { service: service.name.to_owned(), operation, account, region, params }))
        }
        Err(words) => Err((service, Refusal::illegal(service.dialect.unknown_operation, words))),
    }
}

/// Writes an answer in the service's protocol.
pub(crate) fn write(
    service: &Service,
    operation: &str,
    answer: &Answer,
    request_id: &str,
) -> Response<Bytes> {
    let (body, content_type) = match service.protocol {
        Protocol::Ec2Query { namespace } => {
            (xml::ec2(namespace, operation, answer, request_id), "text/xml;charset=UTF-8")
        }
        Protocol::AwsQuery { namespace, item } => {
            (xml::query(namespace, item, operation, answer, request_id), "text/xml")
        }
        Protocol::AwsJson => (json::write(answer), "application/x-amz-json-1.1"),
    };
    let mut response = Response::new(Bytes::from(body));
    let headers = response.headers_mut();
    headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert("x-amzn-requestid", id);
    }
    if let Err(refusal) = answer {
        if let (Protocol::AwsJson, Ok(code)) = (service.protocol, HeaderValue::from_str(&refusal.code)) {
            headers.insert("x-amzn-errortype", code);
        }
        *response.status_mut() =
            http::StatusCode::from_u16(refusal.status).unwrap_or(http::StatusCode::BAD_REQUEST);
    }
    response
}

/// Account, region and signing name, out of `Credential=AKIA…/20260101/us-west-2/ec2/aws4_request`. An access key of twelve
/// digits is the account that calls; any other is a key of the sandbox's own.
fn credential_scope(headers: &HeaderMap) -> Option<(Option<String>, String, String)> {
    let authorization = headers.get(http::header::AUTHORIZATION)?.to_str().ok()?;
    let (_, scope) = authorization.split_once("Credential=")?;
    let mut parts = scope.split([',', ' ']).next()?.split('/');
    let is_account = |key: &&str| key.len() == 12 && key.bytes().all(|byte| byte.is_ascii_digit());
    let account = parts.next().filter(is_account).map(str::to_owned);
    let mut parts = parts.skip(1);
    Some((account, parts.next()?.to_owned(), parts.next()?.to_owned()))
}

/// The form of a query request: the body, or for a GET the query of the address.
fn form(request: &Request<Bytes>) -> Vec<(String, String)> {
    let body = String::from_utf8_lossy(request.body());
    let text = if body.is_empty() { request.uri().query().unwrap_or_default() } else { &body };
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pair = |pair: &str| pair.split_once('=').map(|(name, value)| (decode(name), decode(value)));
    text.split('&').filter_map(pair).collect()
}

/// A JSON value as the text that XML carries.
fn text_of(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}
