//! The permissions that the calls of this kind need.

use crate::permissions::Permissions;

pub(crate) const PERMISSIONS: &[Permissions] = &[Permissions {
    kind: "ecr.repository",
    read: &[
        "ecr:DescribeRepositories",
        "ecr:GetLifecyclePolicy",
        "ecr:ListImages",
        "ecr:ListTagsForResource",
    ],
    create: &["ecr:CreateRepository"],
    update: &[
        "ecr:DeleteLifecyclePolicy",
        "ecr:PutImageScanningConfiguration",
        "ecr:PutImageTagMutability",
        "ecr:PutLifecyclePolicy",
        "ecr:TagResource",
        "ecr:UntagResource",
    ],
    delete: &["ecr:DeleteRepository"],
}];
