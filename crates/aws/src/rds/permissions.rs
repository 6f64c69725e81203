//! The permissions that the calls of these kinds need.

use crate::permissions::Permissions;

pub(crate) const PERMISSIONS: &[Permissions] = &[
    Permissions {
        kind: "rds.instance",
        read: &["rds:DescribeDBInstances"],
        create: &["rds:CreateDBInstance", "secretsmanager:GetSecretValue"],
        update: &["rds:AddTagsToResource", "rds:ModifyDBInstance", "rds:RemoveTagsFromResource"],
        delete: &["rds:DeleteDBInstance"],
    },
    Permissions {
        kind: "rds.parameter_group",
        read: &["rds:DescribeDBParameterGroups", "rds:DescribeDBParameters", "rds:ListTagsForResource"],
        create: &["rds:CreateDBParameterGroup"],
        update: &[
            "rds:AddTagsToResource",
            "rds:ModifyDBParameterGroup",
            "rds:RemoveTagsFromResource",
            "rds:ResetDBParameterGroup",
        ],
        delete: &["rds:DeleteDBParameterGroup"],
    },
    Permissions {
        kind: "rds.subnet_group",
        read: &["rds:DescribeDBSubnetGroups", "rds:ListTagsForResource"],
        create: &["rds:CreateDBSubnetGroup"],
        update: &["rds:AddTagsToResource", "rds:ModifyDBSubnetGroup", "rds:RemoveTagsFromResource"],
        delete: &["rds:DeleteDBSubnetGroup"],
    },
];
