//! The clients that all kinds share, and the secret values that the operator supplied for this run.

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::types::TagDescription;
use aws_types::SdkConfig;
use secrecy::{ExposeSecret, SecretString};

use crate::ec2::Ec2Reads;
use crate::elbv2::{self, tags::Owners};
use crate::rds;
use crate::reads::Reads;
use crate::secretsmanager::{self, Stored};

/// A secret value. It has neither `Debug` nor `Serialize`, is wiped from memory when dropped, and leaves this
/// process only towards Secrets Manager and the services that take it.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes a value that must not be shown.
    pub fn new(value: impl Into<String>) -> Self {
        Self(SecretString::from(value.into()))
    }

    /// The bare value, for the one place that sends it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Secret values by variable name, from the process environment or a dotenv file.
pub type Supplied = BTreeMap<String, Secret>;

/// One client per service, all on the same configuration.
pub struct Aws {
    pub(crate) acm: aws_sdk_acm::Client,
    pub(crate) applicationautoscaling: aws_sdk_applicationautoscaling::Client,
    pub(crate) ec2: aws_sdk_ec2::Client,
    pub(crate) ec2_reads: Ec2Reads,
    pub(crate) ecr: aws_sdk_ecr::Client,
    pub(crate) ecs: aws_sdk_ecs::Client,
    pub(crate) elasticache: aws_sdk_elasticache::Client,
    pub(crate) elbv2: aws_sdk_elasticloadbalancingv2::Client,
    pub(crate) elbv2_owners: Owners,
    pub(crate) elbv2_tags: Reads<TagDescription>,
    pub(crate) iam: aws_sdk_iam::Client,
    pub(crate) logs: aws_sdk_cloudwatchlogs::Client,
    pub(crate) rds: aws_sdk_rds::Client,
    pub(crate) rds_asked: rds::Asked,
    pub(crate) secretsmanager: aws_sdk_secretsmanager::Client,
    pub(crate) secret_values: Reads<Stored>,
    pub(crate) servicequotas: aws_sdk_servicequotas::Client,
    pub(crate) sts: aws_sdk_sts::Client,
    pub(crate) wafv2: aws_sdk_wafv2::Client,
    pub(crate) supplied: Supplied,
}

impl Aws {
    /// Builds the clients; no call is made.
    pub fn new(config: &SdkConfig, supplied: Supplied) -> Self {
        let ec2 = aws_sdk_ec2::Client::new(config);
        let elbv2 = aws_sdk_elasticloadbalancingv2::Client::new(config);
        let secretsmanager = aws_sdk_secretsmanager::Client::new(config);
        Self {
            acm: aws_sdk_acm::Client::new(config),
            applicationautoscaling: aws_sdk_applicationautoscaling::Client::new(config),
            ec2_reads: Ec2Reads::new(&ec2),
            ec2,
            ecr: aws_sdk_ecr::Client::new(config),
            ecs: aws_sdk_ecs::Client::new(config),
            elasticache: aws_sdk_elasticache::Client::new(config),
            elbv2_owners: Owners::default(),
            elbv2_tags: elbv2::tags::reads(&elbv2),
            elbv2,
            iam: aws_sdk_iam::Client::new(config),
            logs: aws_sdk_cloudwatchlogs::Client::new(config),
            rds: aws_sdk_rds::Client::new(config),
            rds_asked: rds::Asked::default(),
            secret_values: secretsmanager::reads(&secretsmanager),
            secretsmanager,
            servicequotas: aws_sdk_servicequotas::Client::new(config),
            sts: aws_sdk_sts::Client::new(config),
            wafv2: aws_sdk_wafv2::Client::new(config),
            supplied,
        }
    }

    /// Whether the operator supplied a value for a secret variable.
    pub fn is_supplied(&self, variable: &str) -> bool {
        self.supplied.contains_key(variable)
    }

    /// Takes one more secret value for this run.
    pub fn supply(&mut self, variable: &str, value: Secret) {
        self.supplied.insert(variable.to_owned(), value);
    }
}

/// What cannot be shown cannot leak: not by `{:?}` in a panic or a log, nor by being saved.
#[cfg(test)]
mod tests {
    use std::fmt::{Debug, Display};

    use serde::Serialize;

    use super::{Secret, Supplied};

    /// Two ways to the same name, of which the second is open to types with the trait only. Where both are open, the
    /// compiler cannot choose, so a type that gets the trait stops the build.
    macro_rules! lacks {
        ($type:ty: $($trait:path),+) => { $({
            trait Lacks<Way> {
                fn it() {}
            }
            struct Own;
            impl<T: ?Sized> Lacks<()> for T {}
            impl<T: ?Sized + $trait> Lacks<Own> for T {}
            <$type as Lacks<_>>::it();
        })+ };
    }

    #[test]
    fn a_secret_has_no_form_in_which_it_could_be_shown() {
        lacks!(Secret: Debug, Display, Serialize);
        lacks!(Supplied: Debug, Display, Serialize);
    }
}
