//! The permissions that the calls of these kinds need.

use crate::permissions::Permissions;

pub(crate) const PERMISSIONS: &[Permissions] = &[
    Permissions {
        kind: "secretsmanager.secret",
        read: &["secretsmanager:DescribeSecret"],
        create: &["secretsmanager:CreateSecret", "secretsmanager:RestoreSecret"],
        update: &[
            "secretsmanager:TagResource",
            "secretsmanager:UntagResource",
            "secretsmanager:UpdateSecret",
        ],
        delete: &["secretsmanager:DeleteSecret"],
    },
    Permissions {
        kind: "secretsmanager.secret_version",
        read: &["secretsmanager:GetSecretValue"],
        create: &["secretsmanager:PutSecretValue"],
        update: &["secretsmanager:PutSecretValue"],
        delete: &[],
    },
];
