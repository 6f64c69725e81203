//! Permits: how fast calls may go out, per service and group of operations.
//!
//! A layer around any HTTP client. A call waits for its permit in the order of asking; an answer that says "too fast"
//! slows its group down for a while. What becomes of such an answer is not decided here. As every call passes here, this
//! is also where the log is told of it.

mod bucket;
mod call;
mod listener;
mod rates;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::fault::{is_missing, is_throttle};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_types::config_bag::ConfigBag;
use bucket::Bucket;
use call::Call;
pub use listener::{Called, Calls};
use rates::RATES;

/// Lets the calls of `inner` out at the rates that AWS bears, `speed` times as fast.
pub fn limited(inner: SharedHttpClient, speed: f64, calls: &Calls) -> SharedHttpClient {
    SharedHttpClient::new(Limited { inner, buckets: buckets(speed), calls: calls.clone() })
}

fn buckets(speed: f64) -> Arc<[Bucket]> {
    RATES.iter().map(|rate| Bucket::new(rate, speed)).collect()
}

#[derive(Debug)]
struct Limited {
    inner: SharedHttpClient,
    buckets: Arc<[Bucket]>,
    calls: Calls,
}

impl HttpClient for Limited {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        parts: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, parts);
        SharedHttpConnector::new(Gate {
            inner,
            buckets: Arc::clone(&self.buckets),
            calls: self.calls.clone(),
        })
    }

    fn validate_base_client_config(
        &self,
        parts: &RuntimeComponentsBuilder,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.inner.validate_base_client_config(parts, config)
    }

    fn validate_final_config(&self, parts: &RuntimeComponents, config: &ConfigBag) -> Result<(), BoxError> {
        self.inner.validate_final_config(parts, config)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.inner.connector_metadata()
    }
}

#[derive(Debug)]
struct Gate {
    inner: SharedHttpConnector,
    buckets: Arc<[Bucket]>,
    calls: Calls,
}

impl HttpConnector for Gate {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Self { inner, buckets, calls } = self;
        let (inner, buckets, calls) = (inner.clone(), Arc::clone(buckets), calls.clone());
        HttpConnectorFuture::new(async move {
            let call = Call::of(&request);
            let bucket = buckets.iter().find(|bucket| bucket.rate.covers(&call.service, &call.operation));
            if let Some(bucket) = bucket {
                bucket.permit().await;
            }
            let (answer, refusal) = call.told(&calls, read(inner.call(request))).await?;
            if let Some(bucket) = bucket.filter(|_| refusal == Some(Refusal::TooFast)) {
                bucket.slow_down();
            }
            Ok(answer)
        })
    }
}

/// What an answer refuses a call for, of what matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    /// Calls came too fast.
    TooFast,
    /// What it is about is not there.
    Missing,
}

/// An answer, and what it refuses the call for. Only what may refuse it for that is read into memory.
async fn read(sending: HttpConnectorFuture) -> Result<(HttpResponse, Option<Refusal>), ConnectorError> {
    let mut answer = sending.await?;
    let status = answer.status().as_u16();
    if !matches!(status, 400 | 404 | 429 | 503) {
        return Ok((answer, None));
    }
    let body = ByteStream::new(answer.take_body()).collect().await;
    let body = body.map_err(|error| ConnectorError::io(error.into()))?.into_bytes();
    let text = String::from_utf8_lossy(&body);
    let refusal = if is_throttle(status, &text) {
        Some(Refusal::TooFast)
    } else {
        is_missing(status, &text).then_some(Refusal::Missing)
    };
    *answer.body_mut() = SdkBody::from(body);
    Ok((answer, refusal))
}
