//! Calls with nothing behind them: what they cost is the price of the SDK itself.

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
    http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use sidekick_aws::{Aws, Calls, Supplied, connect};

use super::configuration::Configuration;

/// The shortest answer that there is to the shortest question.
const ANSWER: &str = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
    <Arn>arn:aws:iam::123456789012:user/nobody</Arn><UserId>nobody</UserId><Account>123456789012</Account>\
    </GetCallerIdentityResult></GetCallerIdentityResponse>";

/// Answers at once, whatever it is asked.
#[derive(Debug)]
struct Parrot;

impl HttpConnector for Parrot {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        let status = 200.try_into().expect("200 is a status");
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(ANSWER))))
    }
}

/// Makes so many calls.
///
/// # Panics
/// If one of them fails.
pub async fn call(times: usize) {
    let answers = |_: &HttpConnectorSettings, _: &RuntimeComponents| SharedHttpConnector::new(Parrot);
    let client = SharedHttpClient::new(http_client_fn(answers));
    let region = &Configuration::Shipped.get().region;
    let aws = Aws::new(&connect::simulated(region, client, 1.0, &Calls::default()), Supplied::new());
    for _ in 0..times {
        aws.caller().await.expect("whatever is asked is answered");
    }
}
