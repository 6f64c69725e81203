//! A certificate of ACM: whether it is issued, and if not, what it waits for.

use std::collections::BTreeSet;

use aws_sdk_acm::types::{CertificateDetail, DomainStatus, DomainValidation};
use sidekick_engine::Result;

use crate::Aws;
use crate::fault::{Answer, missing};

const OPERATION: &str = "acm DescribeCertificate";

/// What ACM tells of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// In AWS's word, such as `ISSUED`.
    pub status: String,
    /// The domain that it is for.
    pub domain: String,
    /// Such as `RSA_2048`.
    pub key_algorithm: String,
    /// Why it failed or was revoked, in AWS's word.
    pub reason: Option<String>,
    /// What has to be done before it is issued.
    pub awaited: BTreeSet<Validation>,
}

/// How somebody shows that a domain is theirs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Validation {
    /// By a record of DNS.
    Record {
        /// The record's name.
        name: String,
        /// The record's type, such as `CNAME`.
        kind: String,
        /// The record's value.
        value: String,
    },
    /// By an answer to a mail.
    Mail {
        /// The domain.
        domain: String,
    },
}

/// What ACM tells of the certificate with this ARN, if it is there.
///
/// # Errors
/// When the certificate may not be looked at.
pub async fn certificate(aws: &Aws, arn: &str) -> Result<Option<Certificate>> {
    let Some(found) = aws.acm.describe_certificate().certificate_arn(arn).send().await.found(OPERATION)?
    else {
        return Ok(None);
    };
    let told = found.certificate().ok_or_else(|| missing(OPERATION, "Certificate"))?;
    let status = told.status().ok_or_else(|| missing(OPERATION, "Status"))?;
    Ok(Some(Certificate {
        status: status.as_str().to_owned(),
        domain: told.domain_name().unwrap_or_default().to_owned(),
        key_algorithm: told.key_algorithm().map_or("", |algorithm| algorithm.as_str()).to_owned(),
        reason: reason(told),
        awaited: told.domain_validation_options().iter().filter_map(awaited).collect(),
    }))
}

fn reason(told: &CertificateDetail) -> Option<String> {
    let failure = told.failure_reason().map(|reason| reason.as_str());
    failure.or(told.revocation_reason().map(|reason| reason.as_str())).map(str::to_owned)
}

/// What is still to be shown. ACM takes a few seconds to say which record it wants.
fn awaited(domain: &DomainValidation) -> Option<Validation> {
    if domain.validation_status() == Some(&DomainStatus::Success) {
        return None;
    }
    if let Some(record) = domain.resource_record() {
        let [name, kind, value] =
            [record.name(), record.r#type().as_str(), record.value()].map(str::to_owned);
        return Some(Validation::Record { name, kind, value });
    }
    let domain_name = domain.validation_domain().unwrap_or(domain.domain_name()).to_owned();
    (!domain.validation_emails().is_empty()).then_some(Validation::Mail { domain: domain_name })
}
