//! The permissions that the calls of this kind need.

use crate::permissions::Permissions;

pub(crate) const PERMISSIONS: &[Permissions] = &[Permissions {
    kind: "iam.role",
    read: &["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"],
    create: &["iam:CreateRole"],
    update: &[
        "iam:AttachRolePolicy",
        "iam:DeleteRolePolicy",
        "iam:DetachRolePolicy",
        "iam:PutRolePolicy",
        "iam:TagRole",
        "iam:UntagRole",
        "iam:UpdateAssumeRolePolicy",
        "iam:UpdateRole",
    ],
    delete: &["iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy"],
}];
