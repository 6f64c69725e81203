//! What the clients of a listener speak.

use aws_sdk_elasticloadbalancingv2::types::{Certificate, Listener, ProtocolEnum};
use serde::{Deserialize, Serialize};

/// What clients speak.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Protocol {
    /// Plain HTTP.
    Http,
    /// HTTP over TLS.
    Https {
        /// The ARN of an issued certificate.
        certificate: String,
        /// The TLS versions and ciphers, by AWS's name for the set.
        ssl_policy: String,
    },
}

impl Protocol {
    /// The protocol in an answer; none if an application load balancer cannot have it.
    pub(super) fn read(listener: &Listener) -> Option<Self> {
        match listener.protocol()? {
            ProtocolEnum::Http => Some(Self::Http),
            ProtocolEnum::Https => Some(Self::Https {
                certificate: listener.certificates().first()?.certificate_arn()?.to_owned(),
                ssl_policy: listener.ssl_policy()?.to_owned(),
            }),
            _ => None,
        }
    }

    /// The three parts of a call that say it.
    pub(super) fn wire(&self) -> (ProtocolEnum, Option<Vec<Certificate>>, Option<String>) {
        match self {
            Self::Http => (ProtocolEnum::Http, None, None),
            Self::Https { certificate, ssl_policy } => {
                let certificate = Certificate::builder().certificate_arn(certificate).build();
                (ProtocolEnum::Https, Some(vec![certificate]), Some(ssl_policy.clone()))
            }
        }
    }
}
