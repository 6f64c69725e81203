//! The seam under the SDK: an HTTP client whose far end is the sandbox.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;

use crate::sandbox::Sandbox;

impl Sandbox {
    /// An HTTP client for SDK configurations: every request goes to this sandbox, whatever its address.
    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(self.clone())
    }
}

impl HttpClient for Sandbox {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Sandbox {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let sandbox = self.clone();
        HttpConnectorFuture::new(async move {
            let request = plain(request).map_err(ConnectorError::user)?;
            let answered = sandbox.exchange(request).await.map_err(|lost| ConnectorError::io(lost.into()))?;
            HttpResponse::try_from(answered.map(SdkBody::from))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

fn plain(request: HttpRequest) -> Result<http::Request<Bytes>, BoxError> {
    let request = request.try_into_http1x()?;
    let (head, body) = request.into_parts();
    let body = body.bytes().ok_or("the sandbox does not take streamed requests")?;
    Ok(http::Request::from_parts(head, Bytes::copy_from_slice(body)))
}
