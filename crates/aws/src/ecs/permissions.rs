//! The permissions that the calls of these kinds need.

use crate::permissions::Permissions;

pub(crate) const PERMISSIONS: &[Permissions] = &[
    Permissions {
        kind: "ecs.cluster",
        read: &["ecs:DescribeClusters"],
        create: &["ecs:CreateCluster"],
        update: &["ecs:TagResource", "ecs:UntagResource", "ecs:UpdateClusterSettings"],
        delete: &["ecs:DeleteCluster"],
    },
    Permissions {
        kind: "ecs.service",
        read: &[
            "ecs:DescribeServices",
            "ecs:DescribeTaskDefinition",
            "ecs:DescribeTasks",
            "ecs:ListTasks",
            "elasticloadbalancing:DescribeTargetHealth",
            "logs:GetLogEvents",
            "secretsmanager:GetSecretValue",
        ],
        create: &["ecs:CreateService"],
        update: &["ecs:TagResource", "ecs:UntagResource", "ecs:UpdateService"],
        delete: &["ecs:DeleteService"],
    },
    Permissions {
        kind: "ecs.task_definition",
        read: &["ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions"],
        create: &["ecs:RegisterTaskDefinition"],
        update: &["ecs:RegisterTaskDefinition", "ecs:TagResource", "ecs:UntagResource"],
        delete: &["ecs:DeleteTaskDefinitions", "ecs:DeregisterTaskDefinition"],
    },
];
