//! The permissions that the calls of these kinds need.

use crate::permissions::Permissions;

pub(crate) const PERMISSIONS: &[Permissions] = &[
    Permissions {
        kind: "applicationautoscaling.scalable_target",
        read: &[
            "application-autoscaling:DescribeScalableTargets",
            "application-autoscaling:ListTagsForResource",
        ],
        create: &["application-autoscaling:RegisterScalableTarget"],
        update: &[
            "application-autoscaling:RegisterScalableTarget",
            "application-autoscaling:TagResource",
            "application-autoscaling:UntagResource",
        ],
        delete: &["application-autoscaling:DeregisterScalableTarget"],
    },
    Permissions {
        kind: "applicationautoscaling.scaling_policy",
        read: &["application-autoscaling:DescribeScalingPolicies"],
        create: &["application-autoscaling:PutScalingPolicy"],
        update: &["application-autoscaling:PutScalingPolicy"],
        delete: &["application-autoscaling:DeleteScalingPolicy"],
    },
];
