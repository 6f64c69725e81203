//! The sandbox on a TCP port, so that the AWS CLI, boto3 or Terraform can look inside.

use std::io;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::sandbox::Sandbox;

impl Sandbox {
    /// Answers HTTP requests on `listener` until the future is dropped or the listener fails.
    pub async fn serve(&self, listener: TcpListener) -> io::Result<()> {
        loop {
            let (stream, _) = listener.accept().await?;
            let sandbox = self.clone();
            tokio::spawn(async move {
                let answer = service_fn(move |request| answer(sandbox.clone(), request));
                // A connection that breaks, by a lost answer too, concerns nobody but its client.
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
            });
        }
    }
}

async fn answer(
    sandbox: Sandbox,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Box<dyn std::error::Error + Send + Sync>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let answered = sandbox.exchange(Request::from_parts(head, body)).await?;
    Ok(answered.map(Full::new))
}
