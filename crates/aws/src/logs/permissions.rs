//! The permissions that the calls of this kind need.

use crate::permissions::Permissions;

pub(crate) const PERMISSIONS: &[Permissions] = &[Permissions {
    kind: "logs.log_group",
    read: &["logs:DescribeLogGroups", "logs:ListTagsForResource"],
    create: &["logs:CreateLogGroup"],
    update: &[
        "logs:AssociateKmsKey",
        "logs:DeleteRetentionPolicy",
        "logs:DisassociateKmsKey",
        "logs:PutRetentionPolicy",
        "logs:TagResource",
        "logs:UntagResource",
    ],
    delete: &["logs:DeleteLogGroup"],
}];
