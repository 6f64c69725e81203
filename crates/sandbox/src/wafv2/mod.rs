//! WAFv2: regional web ACLs, the IP sets of their rules, and their associations with load balancers.

mod association;
mod entity;
mod ip_set;
mod rule;
mod tagging;
mod web_acl;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::call::Refusal;
use crate::service::{Dialect, Operation, Protocol, Service, mutates, reads};

use association::Association;
pub(crate) use association::forget_resource;
use ip_set::IpSet;
use web_acl::WebAcl;

pub(crate) static SERVICE: Service = Service {
    name: "wafv2",
    protocol: Protocol::AwsJson,
    dialect: &Dialect {
        missing: "WAFInvalidParameterException",
        invalid: "WAFInvalidParameterException",
        unknown_operation: "UnknownOperationException",
        throttled: "ThrottlingException",
        throttled_words: "Rate exceeded",
        throttled_status: 400,
        internal: "WAFInternalErrorException",
        token_mismatch: "WAFInvalidParameterException",
    },
    operations: OPERATIONS,
    settle: |_| (),
    // An association is asked for by its web ACL itself, and a load balancer takes its own along when it goes.
    references: |_| Vec::new(),
};

static OPERATIONS: &[Operation] = &[
    mutates("CreateWebACL", web_acl::create),
    reads("GetWebACL", web_acl::get),
    reads("ListWebACLs", web_acl::list),
    mutates("UpdateWebACL", web_acl::update),
    mutates("DeleteWebACL", web_acl::delete),
    mutates("CreateIPSet", ip_set::create),
    reads("GetIPSet", ip_set::get),
    reads("ListIPSets", ip_set::list),
    mutates("UpdateIPSet", ip_set::update),
    mutates("DeleteIPSet", ip_set::delete),
    mutates("AssociateWebACL", association::associate),
    mutates("DisassociateWebACL", association::disassociate),
    reads("GetWebACLForResource", association::get),
    reads("ListResourcesForWebACL", association::list),
    mutates("TagResource", tagging::add),
    mutates("UntagResource", tagging::remove),
    reads("ListTagsForResource", tagging::list),
];

/// Everything of WAF.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Waf {
    /// By ARN.
    web_acls: BTreeMap<String, WebAcl>,
    /// By ARN.
    ip_sets: BTreeMap<String, IpSet>,
    /// By the ARN of the resource, which has at most one web ACL.
    associations: BTreeMap<String, Association>,
}

/// WAF's words for anything that is not there.
fn nonexistent() -> Refusal {
    let words = "AWS WAF couldn\u{2019}t perform the operation because your resource doesn\u{2019}t exist.";
    Refusal::absent("WAFNonexistentItemException", words)
}

/// WAF's words for what is there, but has not spread through the region or is not up yet.
fn unavailable() -> Refusal {
    let words = "AWS WAF couldn\u{2019}t retrieve the resource that you requested. Retry your request.";
    Refusal::blocked("WAFUnavailableEntityException", words)
}
