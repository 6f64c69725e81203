//! The AWS SDK's own clients in an account: how a suite looks at what `sidekick` made, and how it meddles with it.
//!
//! Nothing of the product is in here, so that an audit cannot share an error with what it audits.

use std::future::Future;
use std::io;
use std::time::Duration;

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_ec2::config::timeout::TimeoutConfig;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_types::SdkConfig;
use aws_types::region::Region;
use tokio::runtime::{self, Runtime};

use crate::account::{Account, REGION};

/// No call takes this long; one that does is lost.
const LIMIT: Duration = Duration::from_secs(120);

/// One client per service, and the runtime in which their calls are waited for.
#[derive(Debug)]
#[expect(missing_docs, reason = "the types say it")]
pub struct Cloud {
    pub ec2: aws_sdk_ec2::Client,
    pub ecs: aws_sdk_ecs::Client,
    pub elasticache: aws_sdk_elasticache::Client,
    pub elbv2: aws_sdk_elasticloadbalancingv2::Client,
    pub iam: aws_sdk_iam::Client,
    pub logs: aws_sdk_cloudwatchlogs::Client,
    pub rds: aws_sdk_rds::Client,
    pub secretsmanager: aws_sdk_secretsmanager::Client,
    pub wafv2: aws_sdk_wafv2::Client,
    /// What an environment is called in the account.
    pub name: String,
    runtime: Runtime,
}

impl Cloud {
    /// The clients of an account.
    pub fn of(account: &Account) -> io::Result<Self> {
        let mut config = SdkConfig::builder();
        config.set_endpoint_url(account.url().map(str::to_owned));
        let config = config
            .behavior_version(aws_sdk_ec2::config::BehaviorVersion::latest())
            .region(Region::new(REGION))
            .timeout_config(TimeoutConfig::builder().operation_timeout(LIMIT).build())
            .credentials_provider(SharedCredentialsProvider::new(account.credentials().clone()))
            .http_client(Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https())
            .build();
        Ok(Self {
            ec2: aws_sdk_ec2::Client::new(&config),
            ecs: aws_sdk_ecs::Client::new(&config),
            elasticache: aws_sdk_elasticache::Client::new(&config),
            elbv2: aws_sdk_elasticloadbalancingv2::Client::new(&config),
            iam: aws_sdk_iam::Client::new(&config),
            logs: aws_sdk_cloudwatchlogs::Client::new(&config),
            rds: aws_sdk_rds::Client::new(&config),
            secretsmanager: aws_sdk_secretsmanager::Client::new(&config),
            name: account.name.clone(),
            wafv2: aws_sdk_wafv2::Client::new(&config),
            runtime: runtime::Builder::new_current_thread().enable_all().build()?,
        })
    }

    /// Waits for the end of some calls.
    pub fn wait<T>(&self, calls: impl Future<Output = T>) -> T {
        self.runtime.block_on(calls)
    }
}
