//! The SDK's configuration: for AWS by its own chain of settings, for a simulated AWS by hand.
//!
//! The SDK's retries are off everywhere: repeating a create that has no client token makes two of it, so whether
//! a call is repeated is the engine's to decide.

use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::timeout::TimeoutConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use sidekick_engine::{Class, Fault, Result};

use crate::permits::{Calls, limited};

/// The configuration for AWS, or for whatever `AWS_ENDPOINT_URL` names. `calls` are told of.
///
/// # Errors
/// When the environment or profile names another region than the configuration.
pub async fn connect(region: &str, calls: &Calls) -> Result<SdkConfig> {
    let client = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let defaults = aws_config::defaults(BehaviorVersion::latest())
        .http_client(limited(client, 1.0, calls))
        .retry_config(RetryConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .timeout_config(timeouts());
    // Where this machine itself stands is nobody's choice, so the instance metadata are not asked.
    let chosen = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
        .or_else(ProfileFileRegionProvider::new());
    let chosen = chosen.region().await;
    match chosen {
        Some(chosen) if chosen.as_ref() != region => Err(Fault::new(
            Class::Invalid,
            "choosing the region",
            format!("AWS_REGION or the profile says {chosen}, but the configuration says {region}"),
        )
        .with_hint(format!("set AWS_REGION={region}, or change `region` in the configuration"))),
        _ => Ok(defaults.region(Region::new(region.to_owned())).load().await),
    }
}

/// The configuration for a simulated AWS behind `client`, which runs `speed` times as fast as AWS.
pub fn simulated(region: &str, client: SharedHttpClient, speed: f64, calls: &Calls) -> SdkConfig {
    let credentials = Credentials::new("SANDBOX", "sandbox", None, None, "sandbox");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(limited(client, speed, calls))
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .retry_config(RetryConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build()
}

/// AWS answers within a second or two; what takes longer than this has been lost. The limits are those of the
/// connection, so that the wait for a permit does not count.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .read_timeout(Duration::from_secs(30))
        .build()
}
