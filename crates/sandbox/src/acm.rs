//! ACM: certificates, as far as load balancers name them.
//!
//! Certificates are not made here: every ARN of a certificate in the account and the region is that of an issued one. To
//! meet another, name one whose id begins as in the table below.

use serde_json::{Value, json};

use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::service::{Dialect, Operation, Protocol, Service, reads};
use crate::world::World;

/// What the id of a certificate begins with that nobody has.
const MISSING: &str = "00000000";

/// How the ids begin of certificates that are not issued, and their status.
const NOT_ISSUED: &[(&str, &str)] = &[
    ("00000001", "PENDING_VALIDATION"),
    ("00000002", "EXPIRED"),
    ("00000003", "FAILED"),
    ("00000004", "REVOKED"),
    ("00000005", "VALIDATION_TIMED_OUT"),
];

const DOMAIN: &str = "sidekick.example.com";

pub(crate) static SERVICE: Service = Service {
    name: "acm",
    protocol: Protocol::AwsJson,
    dialect: &Dialect {
        missing: "ValidationException",
        invalid: "ValidationException",
        unknown_operation: "UnknownOperationException",
        throttled: "ThrottlingException",
        ..Dialect::QUERY
    },
    operations: OPERATIONS,
    settle: |_| (),
    references: |_| Vec::new(),
};

static OPERATIONS: &[Operation] = &[reads("DescribeCertificate", describe)];

fn describe(world: &World, params: &Params) -> Answer {
    let arn = params.text("CertificateArn")?;
    let status = status(world, arn).ok_or_else(|| {
        let words = format!("Could not find certificate {arn} in account {}.", world.account);
        Refusal::absent("ResourceNotFoundException", words)
    })?;
    let mut certificate = json!({
        "CertificateArn": arn,
        "DomainName": DOMAIN,
        "SubjectAlternativeNames": [DOMAIN, format!("*.{DOMAIN}")],
        "Type": "AMAZON_ISSUED",
        "KeyAlgorithm": "RSA_2048",
        "SignatureAlgorithm": "SHA256WITHRSA",
        "Status": status,
        "DomainValidationOptions": [validation(DOMAIN, status), validation(&format!("*.{DOMAIN}"), status)],
    });
    if status == "FAILED" {
        certificate["FailureReason"] = json!("CAA_ERROR");
    }
    if status == "REVOKED" {
        certificate["RevocationReason"] = json!("KEY_COMPROMISE");
    }
    Ok(json!({ "Certificate": certificate }))
}

/// One record stands for a domain and for all that is one level below it.
fn validation(domain: &str, status: &str) -> Value {
    let validated = match status {
        "PENDING_VALIDATION" => "PENDING_VALIDATION",
        "FAILED" | "VALIDATION_TIMED_OUT" => "FAILED",
        _ => "SUCCESS",
    };
    json!({
        "DomainName": domain,
        "ValidationDomain": domain,
        "ValidationStatus": validated,
        "ValidationMethod": "DNS",
        "ResourceRecord": {
            "Name": format!("_3639ac514e785e898d2646601fa951d5.{DOMAIN}."),
            "Type": "CNAME",
            "Value": "_98d2646601fa951d53639ac514e785e8.acm-validations.aws.",
        },
    })
}

/// The status of the certificate with this ARN, if there is one.
fn status(world: &World, arn: &str) -> Option<&'static str> {
    let id = arn.strip_prefix(&world.arn("acm", "certificate/"))?;
    if id.is_empty() || id.starts_with(MISSING) {
        return None;
    }
    let other = NOT_ISSUED.iter().find(|(start, _)| id.starts_with(start));
    Some(other.map_or("ISSUED", |(_, status)| status))
}

/// Refuses a certificate that a load balancer cannot use, in the words of load balancing.
pub(crate) fn refuse_unless_issued(world: &World, arn: &str) -> Result<(), Refusal> {
    match status(world, arn) {
        Some("ISSUED") => Ok(()),
        Some(_) => {
            let words = format!(
                "The certificate '{arn}' must have a fully-qualified domain name, a supported signature, and a \
                 supported key size."
            );
            Err(Refusal::illegal("UnsupportedCertificate", words))
        }
        None => Err(Refusal::illegal("CertificateNotFound", format!("Certificate ARN '{arn}' is not valid"))),
    }
}
