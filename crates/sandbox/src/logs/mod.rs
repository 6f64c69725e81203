//! CloudWatch Logs: groups and how long they keep what is logged, and the streams in them.

mod group;
mod kms;
mod stream;
mod tagging;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::service::{Dialect, Operation, Protocol, Service, mutates, reads};

pub(crate) use group::LogGroup;
pub(crate) use stream::write;

pub(crate) static SERVICE: Service = Service {
    name: "logs",
    protocol: Protocol::AwsJson,
    dialect: &Dialect {
        missing: "InvalidParameterException",
        invalid: "InvalidParameterException",
        unknown_operation: "UnknownOperationException",
        throttled: "ThrottlingException",
        internal: "ServiceUnavailableException",
        ..Dialect::QUERY
    },
    operations: OPERATIONS,
    settle: |_| (),
    references: |_| Vec::new(),
};

static OPERATIONS: &[Operation] = &[
    mutates("CreateLogGroup", group::create),
    reads("DescribeLogGroups", group::describe),
    mutates("PutRetentionPolicy", group::put_retention_policy),
    mutates("DeleteRetentionPolicy", group::delete_retention_policy),
    mutates("PutLogGroupDeletionProtection", group::put_deletion_protection),
    mutates("AssociateKmsKey", kms::associate),
    mutates("DisassociateKmsKey", kms::disassociate),
    mutates("DeleteLogGroup", group::delete),
    mutates("TagResource", tagging::tag),
    mutates("UntagResource", tagging::untag),
    reads("ListTagsForResource", tagging::list),
    mutates("PutLogEvents", stream::put_events),
    reads("GetLogEvents", stream::get_events),
];

/// Everything of CloudWatch Logs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Logs {
    /// Log groups by name.
    pub(crate) groups: BTreeMap<String, LogGroup>,
}
