//! ECR: repositories, and the images in them.

mod image;
mod lifecycle;
mod repository;
mod tagging;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::service::{Dialect, Operation, Protocol, Service, mutates, reads};

pub(crate) use image::holds;
use repository::Repository;

pub(crate) static SERVICE: Service = Service {
    name: "ecr",
    protocol: Protocol::AwsJson,
    dialect: &Dialect {
        missing: "InvalidParameterException",
        invalid: "InvalidParameterException",
        unknown_operation: "UnknownOperationException",
        throttled: "ThrottlingException",
        internal: "ServerException",
        ..Dialect::QUERY
    },
    operations: OPERATIONS,
    settle: |_| (),
    references: |_| Vec::new(),
};

static OPERATIONS: &[Operation] = &[
    mutates("CreateRepository", repository::create),
    reads("DescribeRepositories", repository::describe),
    mutates("PutImageTagMutability", repository::put_mutability),
    mutates("PutImageScanningConfiguration", repository::put_scanning),
    mutates("DeleteRepository", repository::delete),
    mutates("PutLifecyclePolicy", lifecycle::put),
    reads("GetLifecyclePolicy", lifecycle::get),
    mutates("DeleteLifecyclePolicy", lifecycle::delete),
    mutates("PutImage", image::put),
    reads("ListImages", image::list),
    reads("DescribeImages", image::describe),
    mutates("BatchDeleteImage", image::delete),
    mutates("TagResource", tagging::tag),
    mutates("UntagResource", tagging::untag),
    reads("ListTagsForResource", tagging::list),
];

/// Everything of ECR.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Ecr {
    /// Repositories by name.
    repositories: BTreeMap<String, Repository>,
}
