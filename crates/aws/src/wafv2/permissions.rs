//! The permissions that the calls of these kinds need.

use crate::permissions::Permissions;

pub(crate) const PERMISSIONS: &[Permissions] = &[
    Permissions {
        kind: "wafv2.association",
        read: &["wafv2:GetWebACLForResource"],
        create: &["wafv2:AssociateWebACL"],
        update: &["wafv2:AssociateWebACL"],
        delete: &["wafv2:DisassociateWebACL"],
    },
    Permissions {
        kind: "wafv2.ip_set",
        read: &["wafv2:GetIPSet", "wafv2:ListIPSets", "wafv2:ListTagsForResource"],
        create: &["wafv2:CreateIPSet"],
        update: &["wafv2:TagResource", "wafv2:UntagResource", "wafv2:UpdateIPSet"],
        delete: &["wafv2:DeleteIPSet"],
    },
    Permissions {
        kind: "wafv2.web_acl",
        read: &["wafv2:GetWebACL", "wafv2:ListTagsForResource", "wafv2:ListWebACLs"],
        create: &["wafv2:CreateWebACL"],
        update: &["wafv2:TagResource", "wafv2:UntagResource", "wafv2:UpdateWebACL"],
        delete: &["wafv2:DeleteWebACL"],
    },
];
