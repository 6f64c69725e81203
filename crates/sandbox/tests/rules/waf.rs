//! Web ACLs and their associations.

use serde_json::{Value, json};
use sidekick_sandbox::Faults;

use crate::site::Site;
use crate::{absent, blocked, illegal, seconds, text};

const WAF: &str = "wafv2";

fn visibility(metric: &str) -> Value {
    json!({ "SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": metric })
}

fn rate(priority: i64) -> Value {
    json!({
        "Name": format!("rate-{priority}"),
        "Priority": priority,
        "Statement": { "RateBasedStatement": { "Limit": 2000, "AggregateKeyType": "IP" } },
        "Action": { "Block": {} },
        "VisibilityConfig": visibility("rate"),
    })
}

fn common(priority: i64) -> Value {
    let group = json!({ "VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet" });
    json!({
        "Name": "common",
        "Priority": priority,
        "Statement": { "ManagedRuleGroupStatement": group },
        "OverrideAction": { "None": {} },
        "VisibilityConfig": visibility("common"),
    })
}

fn params(rules: Value) -> Value {
    json!({
        "Name": "sidekick-waf",
        "Scope": "REGIONAL",
        "DefaultAction": { "Allow": {} },
        "Rules": rules,
        "VisibilityConfig": visibility("sidekick-waf"),
    })
}

fn new_acl(site: &Site) -> Value {
    site.call(WAF, "CreateWebACL", params(json!([rate(2), common(1)])))["Summary"].clone()
}

fn named(acl: &Value) -> Value {
    json!({ "Name": acl["Name"], "Id": acl["Id"], "Scope": "REGIONAL", "LockToken": acl["LockToken"] })
}

#[tokio::test(start_paused = true)]
async fn rules_come_back_by_priority_and_wrong_ones_are_refused() {
    let site = Site::new();
    let acl = new_acl(&site);
    let read = site.call(WAF, "GetWebACL", json!({ "ARN": acl["ARN"] }));
    let names: Vec<_> =
        read["WebACL"]["Rules"].as_array().unwrap().iter().map(|rule| &rule["Name"]).collect();
    assert_eq!(names, ["common", "rate-2"]);
    assert_eq!(read["WebACL"]["Rules"][1]["Statement"]["RateBasedStatement"]["EvaluationWindowSec"], 300);
    let mut both = common(1);
    both["Action"] = json!({ "Block": {} });
    let mut neither = rate(1);
    neither.as_object_mut().unwrap().remove("Action");
    for rules in [json!([rate(1), common(1)]), json!([both]), json!([neither])] {
        let refused = site.refused(WAF, "CreateWebACL", params(rules.clone()));
        assert_eq!(refused, illegal("WAFInvalidParameterException"), "{rules}");
    }
    let again = site.refused(WAF, "CreateWebACL", params(json!([])));
    assert_eq!(again, illegal("WAFDuplicateItemException"));
}

#[tokio::test(start_paused = true)]
async fn a_change_needs_the_newest_lock_token() {
    let site = Site::new();
    let acl = new_acl(&site);
    let mut update = params(json!([common(1)]));
    update.as_object_mut().unwrap().extend(named(&acl).as_object().unwrap().clone());
    let next = site.call(WAF, "UpdateWebACL", update.clone())["NextLockToken"].clone();
    assert_eq!(site.refused(WAF, "UpdateWebACL", update), blocked("WAFOptimisticLockException"));
    let mut delete = named(&acl);
    assert_eq!(site.refused(WAF, "DeleteWebACL", delete.clone()), blocked("WAFOptimisticLockException"));
    delete["LockToken"] = next;
    site.call(WAF, "DeleteWebACL", delete.clone());
    assert_eq!(site.refused(WAF, "DeleteWebACL", delete), absent("WAFNonexistentItemException"));
}

#[tokio::test(start_paused = true)]
async fn association_waits_for_the_load_balancer_and_deletion_for_the_end_of_the_association() {
    let site = Site::new();
    let (acl, balancer) = (new_acl(&site), site.new_balancer());
    let pair = json!({ "WebACLArn": acl["ARN"], "ResourceArn": balancer });
    let resource = json!({ "ResourceArn": balancer });
    assert_eq!(site.refused(WAF, "AssociateWebACL", pair.clone()), blocked("WAFUnavailableEntityException"));
    assert_eq!(site.call(WAF, "GetWebACLForResource", resource.clone()), Value::Null);
    seconds(190).await;
    site.call(WAF, "AssociateWebACL", pair.clone());
    site.call(WAF, "AssociateWebACL", pair);
    let found = site.call(WAF, "GetWebACLForResource", resource);
    assert_eq!(text(&found, "/WebACL/Name"), "sidekick-waf");
    let delete = named(&acl);
    assert_eq!(site.refused(WAF, "DeleteWebACL", delete.clone()), blocked("WAFAssociatedItemException"));
    // The association goes with the load balancer, but the web ACL learns of it later.
    site.elb("DeleteLoadBalancer", json!({ "LoadBalancerArn": balancer }));
    assert_eq!(site.refused(WAF, "DeleteWebACL", delete.clone()), blocked("WAFAssociatedItemException"));
    seconds(120).await;
    site.call(WAF, "DeleteWebACL", delete);
}

#[tokio::test(start_paused = true)]
async fn a_fresh_web_acl_has_to_spread_before_it_can_be_associated() {
    let site = Site::new();
    let balancer = site.new_balancer();
    seconds(190).await;
    let acl = new_acl(&site);
    let pair = json!({ "WebACLArn": acl["ARN"], "ResourceArn": balancer });
    assert_eq!(site.refused(WAF, "AssociateWebACL", pair.clone()), blocked("WAFUnavailableEntityException"));
    seconds(180).await;
    site.call(WAF, "AssociateWebACL", pair);
}

fn new_list(site: &Site) -> Value {
    let params = json!({
        "Name": "allow-list", "Scope": "REGIONAL", "IPAddressVersion": "IPV4", "Addresses": ["203.0.113.0/24"],
    });
    site.call(WAF, "CreateIPSet", params)["Summary"].clone()
}

fn outsiders_blocked(list: &Value) -> Value {
    let listed = json!({ "IPSetReferenceStatement": { "ARN": list["ARN"] } });
    let mut rule = rate(0);
    rule["Statement"] = json!({ "NotStatement": { "Statement": listed } });
    rule
}

#[tokio::test(start_paused = true)]
async fn an_ip_set_is_changed_under_its_lock_token_and_lists_blocks_but_not_the_whole_internet() {
    let site = Site::new();
    let list = new_list(&site);
    let with = |changes: Value| {
        let mut params = named(&list);
        params.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        params
    };
    for odd in ["0.0.0.0/0", "203.0.113.7", "2001:db8::/32", "10.0.0.0/33"] {
        let update = with(json!({ "Addresses": [odd] }));
        assert_eq!(
            site.refused(WAF, "UpdateIPSet", update),
            illegal("WAFInvalidParameterException"),
            "{odd}"
        );
    }
    let update = with(json!({ "Addresses": ["198.51.100.0/24"] }));
    let next = site.call(WAF, "UpdateIPSet", update.clone())["NextLockToken"].clone();
    assert_eq!(site.refused(WAF, "UpdateIPSet", update), blocked("WAFOptimisticLockException"));
    let get = json!({ "Name": list["Name"], "Id": list["Id"], "Scope": "REGIONAL" });
    let read = site.call(WAF, "GetIPSet", get.clone());
    assert_eq!(read["IPSet"]["Addresses"], json!(["198.51.100.0/24"]));
    assert_eq!(read["LockToken"], next);
    site.call(WAF, "DeleteIPSet", with(json!({ "LockToken": next })));
    assert_eq!(site.refused(WAF, "GetIPSet", get), absent("WAFNonexistentItemException"));
}

#[tokio::test(start_paused = true)]
async fn an_ip_set_has_to_spread_before_rules_refer_to_it_and_stays_while_they_do() {
    let site = Site::new();
    site.sandbox.set_faults(Faults { propagation_seconds: 5.0, ..Faults::default() }).unwrap();
    let list = new_list(&site);
    let create = |rules: Value| params(rules);
    let refused =
        site.refused(WAF, "CreateWebACL", create(json!([outsiders_blocked(&json!({ "ARN": "x" }))])));
    assert_eq!(refused, absent("WAFNonexistentItemException"));
    let rules = json!([outsiders_blocked(&list), common(1)]);
    let refused = site.refused(WAF, "CreateWebACL", create(rules.clone()));
    assert_eq!(refused, blocked("WAFUnavailableEntityException"));
    seconds(5).await;
    let acl = site.call(WAF, "CreateWebACL", create(rules))["Summary"].clone();
    let delete = named(&list);
    assert_eq!(site.refused(WAF, "DeleteIPSet", delete.clone()), blocked("WAFAssociatedItemException"));
    let mut update = params(json!([common(1)]));
    update.as_object_mut().unwrap().extend(named(&acl).as_object().unwrap().clone());
    site.call(WAF, "UpdateWebACL", update);
    // The web ACL gave it up, but it learns of that later.
    assert_eq!(site.refused(WAF, "DeleteIPSet", delete.clone()), blocked("WAFAssociatedItemException"));
    seconds(120).await;
    site.call(WAF, "DeleteIPSet", delete);
}

#[tokio::test(start_paused = true)]
async fn single_rules_of_a_managed_group_can_be_overridden_with_one_action_each() {
    let site = Site::new();
    let with = |overrides: Value| {
        let mut group = common(1);
        group["Statement"]["ManagedRuleGroupStatement"]["RuleActionOverrides"] = overrides;
        params(json!([group]))
    };
    for action in [json!({}), json!({ "None": {} }), json!({ "Count": {}, "Allow": {} })] {
        let overrides = json!([{ "Name": "SizeRestrictions_BODY", "ActionToUse": action }]);
        let refused = site.refused(WAF, "CreateWebACL", with(overrides));
        assert_eq!(refused, illegal("WAFInvalidParameterException"), "{action}");
    }
    let overrides = json!([{ "Name": "SizeRestrictions_BODY", "ActionToUse": { "Count": {} } }]);
    let acl = site.call(WAF, "CreateWebACL", with(overrides.clone()))["Summary"].clone();
    let read = site.call(WAF, "GetWebACL", json!({ "ARN": acl["ARN"] }));
    let group = &read["WebACL"]["Rules"][0]["Statement"]["ManagedRuleGroupStatement"];
    assert_eq!(group["RuleActionOverrides"], overrides);
}
