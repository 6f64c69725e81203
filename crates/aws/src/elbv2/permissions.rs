//! The permissions that the calls of these kinds need.

use crate::permissions::Permissions;

pub(crate) const PERMISSIONS: &[Permissions] = &[
    Permissions {
        kind: "elbv2.listener",
        read: &["elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeTags"],
        create: &["elasticloadbalancing:CreateListener"],
        update: &[
            "elasticloadbalancing:AddTags",
            "elasticloadbalancing:ModifyListener",
            "elasticloadbalancing:RemoveTags",
        ],
        delete: &["elasticloadbalancing:DeleteListener"],
    },
    Permissions {
        kind: "elbv2.listener_rule",
        read: &["elasticloadbalancing:DescribeRules", "elasticloadbalancing:DescribeTags"],
        create: &["elasticloadbalancing:CreateRule"],
        update: &[
            "elasticloadbalancing:AddTags",
            "elasticloadbalancing:ModifyRule",
            "elasticloadbalancing:RemoveTags",
            "elasticloadbalancing:SetRulePriorities",
        ],
        delete: &["elasticloadbalancing:DeleteRule"],
    },
    Permissions {
        kind: "elbv2.load_balancer",
        read: &[
            "elasticloadbalancing:DescribeLoadBalancerAttributes",
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeTags",
        ],
        create: &["elasticloadbalancing:CreateLoadBalancer"],
        update: &[
            "elasticloadbalancing:AddTags",
            "elasticloadbalancing:ModifyLoadBalancerAttributes",
            "elasticloadbalancing:RemoveTags",
            "elasticloadbalancing:SetSecurityGroups",
            "elasticloadbalancing:SetSubnets",
        ],
        delete: &["elasticloadbalancing:DeleteLoadBalancer"],
    },
    Permissions {
        kind: "elbv2.target_group",
        read: &[
            "elasticloadbalancing:DescribeTags",
            "elasticloadbalancing:DescribeTargetGroupAttributes",
            "elasticloadbalancing:DescribeTargetGroups",
        ],
        create: &["elasticloadbalancing:CreateTargetGroup"],
        update: &[
            "elasticloadbalancing:AddTags",
            "elasticloadbalancing:ModifyTargetGroup",
            "elasticloadbalancing:ModifyTargetGroupAttributes",
            "elasticloadbalancing:RemoveTags",
        ],
        delete: &["elasticloadbalancing:DeleteTargetGroup"],
    },
];
