//! The one table of AWS error codes: which class of failure each code is, and what an operator can do about it.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::error::operation::BuildError;
use aws_types::request_id::RequestId;
use sidekick_engine::{Class, Fault, Result};

use crate::Secret;

use Class::{Blocked, Conflict, Denied, Gone, Invalid, NotYetVisible, Throttled, Transient};

/// How many bytes a text has at least that is worth hiding.
const SHORTEST_SECRET: usize = 6;

/// Error codes by class. Codes come as AWS writes them on the wire, with and without their `Exception` or `Fault`.
const CODES: &[(Class, &[&str])] = &[
    (Throttled, &["RequestLimitExceeded", "Throttling", "ThrottlingException", "ThrottledException"]),
    (Throttled, &["TooManyRequestsException", "SlowDown", "RequestThrottled", "WAFLimitsExceededRate"]),
    (Transient, &["InternalError", "InternalFailure", "InternalServiceError", "InternalServiceException"]),
    (Transient, &["ServiceUnavailable", "ServiceUnavailableException", "ServerException", "Unavailable"]),
    (Transient, &["WAFInternalErrorException", "WAFTagOperationException"]),
    (Transient, &["WAFTagOperationInternalErrorException", "RequestTimeout", "RequestTimeoutException"]),
    // A certificate that was issued a moment ago is not known to load balancing everywhere.
    (NotYetVisible, &["WAFUnavailableEntityException", "Gateway.NotAttached", "CertificateNotFound"]),
    (Blocked, &["DependencyViolation", "InvalidGroup.InUse", "InvalidIPAddress.InUse", "ResourceInUse"]),
    (Blocked, &["ResourceInUseException", "DeleteConflict", "DeleteConflictException"]),
    (Blocked, &["ConcurrentModification", "ConcurrentModificationException", "OperationAbortedException"]),
    (Blocked, &["InvalidDBInstanceState", "InvalidDBInstanceStateFault", "InvalidDBSubnetGroupStateFault"]),
    (
        Blocked,
        &["InvalidDBSubnetStateFault", "InvalidReplicationGroupState", "InvalidReplicationGroupStateFault"],
    ),
    (Blocked, &["InvalidCacheClusterState", "InvalidCacheClusterStateFault", "CacheSubnetGroupInUse"]),
    (Blocked, &["InvalidDBParameterGroupState", "InvalidDBParameterGroupStateFault"]),
    (Blocked, &["InvalidCacheParameterGroupState", "InvalidCacheParameterGroupStateFault"]),
    (Blocked, &["WAFAssociatedItemException", "WAFOptimisticLockException", "UpdateInProgressException"]),
    (Blocked, &["ClusterContainsServicesException", "ClusterContainsTasksException"]),
    (Blocked, &["ClusterContainsContainerInstancesException", "InvalidStateTransition"]),
    (Blocked, &["ConcurrentUpdateException"]),
    (Conflict, &["InvalidGroup.Duplicate", "InvalidSubnet.Conflict", "DBInstanceAlreadyExists"]),
    (
        Conflict,
        &["DBInstanceAlreadyExistsFault", "DBSubnetGroupAlreadyExists", "DBSubnetGroupAlreadyExistsFault"],
    ),
    (Conflict, &["DBParameterGroupAlreadyExists", "DBParameterGroupAlreadyExistsFault"]),
    (Conflict, &["CacheParameterGroupAlreadyExists", "CacheParameterGroupAlreadyExistsFault"]),
    (Conflict, &["ReplicationGroupAlreadyExists", "ReplicationGroupAlreadyExistsFault"]),
    (Conflict, &["CacheSubnetGroupAlreadyExists", "CacheSubnetGroupAlreadyExistsFault"]),
    (
        Conflict,
        &["DuplicateLoadBalancerName", "DuplicateLoadBalancerNameException", "DuplicateTargetGroupName"],
    ),
    (Conflict, &["DuplicateTargetGroupNameException", "DuplicateListener", "DuplicateListenerException"]),
    (Conflict, &["PriorityInUse", "PriorityInUseException"]),
    (Conflict, &["WAFDuplicateItemException", "ResourceExistsException", "ResourceAlreadyExistsException"]),
    (Conflict, &["EntityAlreadyExists", "EntityAlreadyExistsException", "Resource.AlreadyAssociated"]),
    (Conflict, &["RouteAlreadyExists", "InvalidPermission.Duplicate", "VpcPeeringConnectionAlreadyExists"]),
    (Conflict, &["RepositoryAlreadyExistsException"]),
    (Denied, &["UnauthorizedOperation", "AccessDenied", "AccessDeniedException", "NotAuthorized"]),
    (
        Denied,
        &["AuthFailure", "InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch"],
    ),
    (Denied, &["ExpiredToken", "ExpiredTokenException", "RequestExpired", "OptInRequired"]),
    (Denied, &["OperationNotPermitted", "OperationNotPermittedException"]),
    (Invalid, &["InsufficientDBInstanceCapacity", "InsufficientDBInstanceCapacityFault"]),
    (Invalid, &["InsufficientCacheClusterCapacity", "InsufficientCacheClusterCapacityFault"]),
    (Invalid, &["InsufficientAddressCapacity"]),
    (Gone, &["NatGatewayNotFound", "DBInstanceNotFound", "DBInstanceNotFoundFault"]),
    (Gone, &["DBParameterGroupNotFound", "DBParameterGroupNotFoundFault"]),
    (Gone, &["CacheParameterGroupNotFound", "CacheParameterGroupNotFoundFault"]),
    (Gone, &["DBSubnetGroupNotFoundFault", "DBSubnetGroupNotFound", "ReplicationGroupNotFoundFault"]),
    (Gone, &["CacheClusterNotFound", "CacheClusterNotFoundFault", "CacheSubnetGroupNotFoundFault"]),
    (Gone, &["LoadBalancerNotFound", "LoadBalancerNotFoundException", "ListenerNotFound"]),
    (Gone, &["ListenerNotFoundException", "TargetGroupNotFound", "TargetGroupNotFoundException"]),
    (Gone, &["RuleNotFound", "RuleNotFoundException"]),
    (Gone, &["SubnetNotFound", "SubnetNotFoundException", "WAFNonexistentItemException"]),
    (Gone, &["ResourceNotFoundException", "NoSuchEntity", "NoSuchEntityException"]),
    (Gone, &["ClusterNotFoundException", "ServiceNotFoundException", "ServiceNotActiveException"]),
    (Gone, &["ObjectNotFoundException", "RepositoryNotFoundException", "LifecyclePolicyNotFoundException"]),
    (Gone, &["ImageNotFoundException", "NoSuchResourceException"]),
];

/// Where the code alone does not tell: (code, fragment of the message, class). The first match wins over `CODES`.
const MESSAGES: &[(&str, &str, Class)] = &[
    // RDS says with one code that a value is bad, that it is protected, and that it is busy.
    ("InvalidParameterCombination", "previous storage change", Blocked),
    // A subnet or group made a second ago is a bad value to a service that has not heard of it yet.
    ("InvalidParameterValue", "not found", NotYetVisible),
    ("InvalidParameterValue", "does not exist", NotYetVisible),
    // Service-linked roles are made at the first use of a service in an account and take a moment.
    ("InvalidParameterException", "Unable to assume the service linked role", NotYetVisible),
    ("InvalidParameterException", "verify that the ECS service role", NotYetVisible),
    ("InvalidParameterException", "does not have an associated load balancer", NotYetVisible),
    ("InvalidParameterException", "still Draining", Blocked),
    ("InvalidParameterException", "deployments are active", Blocked),
    ("InvalidParameterException", "not idempotent", Conflict),
    ("InvalidParameterValue", "service linked role", NotYetVisible),
    ("MalformedPolicyDocument", "Invalid principal", NotYetVisible),
    ("ValidationException", "ECS service doesn't exist", NotYetVisible),
    ("ValidationException", "Unable to assume IAM role", NotYetVisible),
    ("InvalidRequestException", "scheduled for deletion", Blocked),
    ("InvalidRequestException", "was deleted", Blocked),
    // A secret that waits for its deletion can be described and restored, and is gone for every other call.
    ("InvalidRequestException", "marked for deletion", Gone),
    ("InvalidRequestException", "marked deleted", Gone),
    ("InvalidSubnet", "", NotYetVisible),
    ("ClientException", "is not authorized to perform", Denied),
    // A family without an active revision.
    ("ClientException", "Unable to describe task definition", Gone),
    // An address whose NAT gateway is on its way out is "not yours" for a while.
    ("AuthFailure", "address", Blocked),
];

/// What to do next, by code or by the ending that a family of codes shares.
const HINTS: &[(&str, &str)] = &[
    (
        "ExpiredToken",
        "the credentials have expired; renew them (for example `aws sso login`) and run the command again",
    ),
    (
        "RequestExpired",
        "the credentials or this machine's clock are out of date; renew them, check the clock",
    ),
    ("InvalidClientTokenId", "the access key is not known to AWS; check AWS_PROFILE or AWS_ACCESS_KEY_ID"),
    ("SignatureDoesNotMatch", "the secret key does not fit the access key; check the credentials"),
    (
        "LimitExceeded",
        "a quota of the account is used up; raise it in Service Quotas or remove what is not needed",
    ),
    (
        "LimitsExceeded",
        "a quota of the account is used up; raise it in Service Quotas or remove what is not needed",
    ),
    (
        "QuotaExceeded",
        "a quota of the account is used up; raise it in Service Quotas or remove what is not needed",
    ),
    (
        "Insufficient",
        "AWS has no room for this now; run the command again later, or choose another class or other zones",
    ),
    (
        "UnauthorizedOperation",
        "the identity that runs sidekick lacks this permission; `sidekick iam policy` prints all that it needs",
    ),
    (
        "RepositoryNotEmpty",
        "delete its images, or turn `repository.force_delete` on and run `sidekick up`, then run this command again",
    ),
    (
        "AccessDenied",
        "the identity that runs sidekick lacks this permission; `sidekick iam policy` prints all that it needs",
    ),
    (
        "OperationNotPermitted",
        "if deletion protection is on, turn it off in the configuration and run `sidekick up` first",
    ),
];

/// Classes an AWS error code, its message and the HTTP status it came with.
pub fn classify(code: &str, message: &str, status: u16) -> Class {
    let by_message = MESSAGES
        .iter()
        .find(|(own, fragment, _)| *own == code && message.contains(fragment))
        .map(|row| row.2);
    let by_code = || CODES.iter().find(|(_, codes)| codes.contains(&code)).map(|row| row.0);
    // EC2 names every missing thing after its own pattern: InvalidVpcID.NotFound, InvalidGroup.NotFound, …
    let by_family = || (code.starts_with("Invalid") && code.ends_with(".NotFound")).then_some(Gone);
    let by_status = || match status {
        429 => Throttled,
        500.. => Transient,
        401 | 403 => Denied,
        _ => Invalid,
    };
    by_message.or_else(by_code).or_else(by_family).unwrap_or_else(by_status)
}

fn hint(code: &str) -> Option<String> {
    HINTS.iter().find(|(part, _)| code.contains(part)).map(|(_, hint)| (*hint).to_owned())
}

/// Whether an error answer that cannot be parsed yet, as text, says that calls came too fast.
pub(crate) fn is_throttle(status: u16, body: &str) -> bool {
    let names_code = || {
        CODES.iter().filter(|row| row.0 == Throttled).any(|row| row.1.iter().any(|code| body.contains(code)))
    };
    status == 429 || (matches!(status, 400 | 503) && names_code())
}

/// Whether an error answer that cannot be parsed yet, as text, says that what the call is about is not there.
pub(crate) fn is_missing(status: u16, body: &str) -> bool {
    let by_code =
        || CODES.iter().filter(|row| row.0 == Gone).flat_map(|row| row.1).any(|code| body.contains(code));
    let by_message = || {
        MESSAGES
            .iter()
            .any(|(code, words, class)| *class == Gone && body.contains(code) && body.contains(words))
    };
    let by_family = || body.contains(".NotFound<");
    matches!(status, 400 | 404) && (by_code() || by_message() || by_family())
}

/// Whether a text holds a secret, as it is or as it stands in a JSON document.
pub(crate) fn repeats(text: &str, secret: &Secret) -> bool {
    let escaped = |text: &str| {
        let quoted = serde_json::Value::from(text).to_string();
        quoted[1..quoted.len() - 1].to_owned()
    };
    let bare = secret.expose().to_owned();
    let once = escaped(&bare);
    let forms = [escaped(&once), once, bare];
    // Nothing shorter is secret, and most of it stands in any sentence.
    forms.iter().any(|form| form.len() >= SHORTEST_SECRET && text.contains(form))
}

/// Turns the SDK's answers into the engine's terms.
pub(crate) trait Answer<T>: Sized {
    /// The answer, or the failure with its class. `operation` is written `ec2 CreateVpc`.
    fn or_fault(self, operation: &str) -> Result<T>;

    /// Like [`Answer::or_fault`], for a call that carries secrets: a failure that repeats one is told without its words.
    /// AWS repeats none, but what stands in for AWS may.
    fn or_fault_without<'a>(
        self,
        secrets: impl IntoIterator<Item = &'a Secret>,
        operation: &str,
    ) -> Result<T> {
        self.or_fault(operation).map_err(|fault| {
            match secrets.into_iter().any(|own| repeats(&fault.message, own)) {
                true => Fault { message: "its words repeat a secret and are left out".to_owned(), ..fault },
                false => fault,
            }
        })
    }

    /// Like [`Answer::or_fault`], but `None` when AWS says that the thing is not there.
    fn found(self, operation: &str) -> Result<Option<T>> {
        match self.or_fault(operation) {
            Ok(answer) => Ok(Some(answer)),
            Err(fault) if fault.class == Gone => Ok(None),
            Err(fault) => Err(fault),
        }
    }
}

impl<T, E> Answer<T> for std::result::Result<T, SdkError<E, HttpResponse>>
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    fn or_fault(self, operation: &str) -> Result<T> {
        self.map_err(|error| fault(operation, &error))
    }
}

/// A part of a request that lacks what AWS requires.
impl<T> Answer<T> for std::result::Result<T, BuildError> {
    fn or_fault(self, operation: &str) -> Result<T> {
        self.map_err(|error| Fault::new(Invalid, operation, error.to_string()))
    }
}

fn fault<E>(operation: &str, error: &SdkError<E, HttpResponse>) -> Fault
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    let request_id = error.request_id().map(str::to_owned);
    if let SdkError::ServiceError(refusal) = error {
        let code = refusal.err().code().unwrap_or("Unknown");
        let message = refusal.err().message().unwrap_or("AWS gave no message");
        let class = classify(code, message, refusal.raw().status().as_u16());
        let fault = Fault::new(class, operation, message);
        return Fault { code: Some(code.to_owned()), request_id, hint: hint(code), ..fault };
    }
    let message = told(error);
    let (class, hint) = match error {
        error if causes(error).any(|cause| cause.is::<CredentialsError>()) => (
            Denied,
            "no usable AWS credentials were found; set AWS_PROFILE or AWS_ACCESS_KEY_ID, renew them (for example \
             `aws sso login`), or use --sandbox",
        ),
        SdkError::ConstructionFailure(_) => {
            (Invalid, "the request could not be built from the configured values")
        }
        SdkError::DispatchFailure(_) => (Transient, "check the network, AWS_REGION and AWS_ENDPOINT_URL"),
        _ => (Transient, "the endpoint's answer was lost or could not be read; run the command again"),
    };
    Fault { request_id, ..Fault::new(class, operation, message).with_hint(hint) }
}

/// What went wrong and what was behind it, each in its own words.
///
/// Never the error's `Debug`: that of an answer which could not be read holds the answer, and it may be a secret.
pub(crate) fn told(error: &(dyn Error + 'static)) -> String {
    causes(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// An error, and what was behind it.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (**error).source())
}

/// An answer that lacks a field which AWS documents as always present.
pub(crate) fn missing(operation: &str, field: &str) -> Fault {
    Fault::new(Invalid, operation, format!("the answer has no {field}"))
        .with_hint("this is not an answer of AWS as documented; check AWS_ENDPOINT_URL")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_one_class() {
        let mut seen = std::collections::BTreeSet::new();
        for code in CODES.iter().flat_map(|(_, codes)| *codes) {
            assert!(seen.insert(code), "{code} stands twice");
        }
    }

    #[test]
    fn codes_messages_families_and_statuses_are_classed() {
        let cases = [
            ("InvalidVpcID.NotFound", "", 400, Gone),
            ("InvalidParameterValue", "DBSubnetGroup x does not exist", 400, NotYetVisible),
            ("InvalidParameterValue", "bad retention", 400, Invalid),
            ("InvalidSubnet", "", 400, NotYetVisible),
            ("CertificateNotFound", "", 400, NotYetVisible),
            ("DependencyViolation", "", 400, Blocked),
            ("SomethingNew", "", 503, Transient),
            ("SomethingNew", "", 403, Denied),
            ("SomethingNew", "", 400, Invalid),
            ("VpcLimitExceeded", "", 400, Invalid),
        ];
        for (code, message, status, class) in cases {
            assert_eq!(classify(code, message, status), class, "{code} {message}");
        }
        assert!(hint("VpcLimitExceeded").is_some_and(|hint| hint.contains("quota")));
    }

    #[test]
    fn an_answer_that_cannot_be_read_is_not_quoted() {
        use aws_smithy_runtime_api::http::StatusCode;
        use aws_smithy_types::body::SdkBody;
        use aws_smithy_types::error::ErrorMetadata;

        let status = StatusCode::try_from(200).unwrap();
        let answer = HttpResponse::new(status, SdkBody::from(r#"{"SecretString":"hunter2"#));
        let error: SdkError<ErrorMetadata, _> = SdkError::response_error("unexpected end of stream", answer);
        let fault = fault("secretsmanager GetSecretValue", &error);
        assert_eq!(fault.class, Transient);
        assert!(fault.message.contains("unexpected end of stream"), "{fault}");
        assert!(!format!("{fault:?}").contains("hunter2"), "{fault}");
    }

    #[test]
    fn what_is_not_there_is_told_from_other_refusals_before_they_are_parsed() {
        assert!(is_missing(404, "<Code>NoSuchEntity</Code>"));
        assert!(is_missing(400, "<Code>InvalidVpcID.NotFound</Code>"));
        let family = r#"{"__type":"ClientException","message":"Unable to describe task definition."}"#;
        assert!(is_missing(400, family));
        assert!(!is_missing(400, "<Code>DependencyViolation</Code>"));
        assert!(!is_missing(403, "<Code>NoSuchEntity</Code>"), "whoever may not look has seen nothing");
    }

    #[test]
    fn words_that_repeat_a_secret_are_left_out() {
        use aws_smithy_runtime_api::http::StatusCode;
        use aws_smithy_types::body::SdkBody;
        use aws_smithy_types::error::ErrorMetadata;

        let refused = |message: &str| {
            let error = ErrorMetadata::builder().code("InvalidParameterValue").message(message).build();
            let answer = HttpResponse::new(StatusCode::try_from(400).unwrap(), SdkBody::empty());
            SdkError::service_error(error, answer)
        };
        let secrets = [Secret::new("true"), Secret::new("hunter\"2\"")];
        let told = |message: &str| {
            let answer: std::result::Result<(), _> = Err(refused(message));
            let fault = answer.or_fault_without(&secrets, "rds CreateDBInstance").unwrap_err();
            assert_eq!((fault.code.as_deref(), fault.class), (Some("InvalidParameterValue"), Invalid));
            fault.to_string()
        };
        assert!(told("true is no size").contains("true is no size"));
        let document = serde_json::json!({ "password": "hunter\"2\"" }).to_string();
        let twice = serde_json::json!(document).to_string();
        for message in ["bad: hunter\"2\"", &document, &twice] {
            let told = told(message);
            assert!(!told.contains("hunter") && told.contains("left out"), "{told}");
        }
    }
}
