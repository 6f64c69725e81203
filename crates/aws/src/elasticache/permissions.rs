//! The permissions that the calls of these kinds need.

use crate::permissions::Permissions;

pub(crate) const PERMISSIONS: &[Permissions] = &[
    Permissions {
        kind: "elasticache.auth_token",
        read: &["elasticache:DescribeReplicationGroups", "elasticache:ListTagsForResource"],
        create: SET_TOKEN,
        update: SET_TOKEN,
        delete: &[],
    },
    Permissions {
        kind: "elasticache.parameter_group",
        read: &[
            "elasticache:DescribeCacheParameterGroups",
            "elasticache:DescribeCacheParameters",
            "elasticache:ListTagsForResource",
        ],
        create: &["elasticache:CreateCacheParameterGroup"],
        update: &[
            "elasticache:AddTagsToResource",
            "elasticache:ModifyCacheParameterGroup",
            "elasticache:RemoveTagsFromResource",
            "elasticache:ResetCacheParameterGroup",
        ],
        delete: &["elasticache:DeleteCacheParameterGroup"],
    },
    Permissions {
        kind: "elasticache.replication_group",
        read: &[
            "elasticache:DescribeCacheClusters",
            "elasticache:DescribeReplicationGroups",
            "elasticache:ListTagsForResource",
        ],
        create: &["elasticache:CreateReplicationGroup", "secretsmanager:GetSecretValue"],
        update: &[
            "elasticache:AddTagsToResource",
            "elasticache:DecreaseReplicaCount",
            "elasticache:IncreaseReplicaCount",
            "elasticache:ModifyReplicationGroup",
            "elasticache:RemoveTagsFromResource",
            "secretsmanager:GetSecretValue",
        ],
        delete: &["elasticache:DeleteReplicationGroup"],
    },
    Permissions {
        kind: "elasticache.subnet_group",
        read: &["elasticache:DescribeCacheSubnetGroups", "elasticache:ListTagsForResource"],
        create: &["elasticache:CreateCacheSubnetGroup"],
        update: &[
            "elasticache:AddTagsToResource",
            "elasticache:ModifyCacheSubnetGroup",
            "elasticache:RemoveTagsFromResource",
        ],
        delete: &["elasticache:DeleteCacheSubnetGroup"],
    },
];

const SET_TOKEN: &[&str] =
    &["elasticache:AddTagsToResource", "elasticache:ModifyReplicationGroup", "secretsmanager:GetSecretValue"];
