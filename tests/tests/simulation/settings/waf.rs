//! The web ACL and its rules.

use serde_json::json;
use sidekick_tests::simulation::configuration::Configuration;
use sidekick_tests::simulation::estate::{Command, Estate};
use sidekick_tests::simulation::switching::{brought, switches};

#[tokio::test(start_paused = true)]
async fn rules_are_changed_in_place() {
    let group = |more: &str| {
        format!(
            "[waf]\nmanaged_rule_groups = [{{ vendor = \"AWS\", name = \"AWSManagedRulesCommonRuleSet\"{more} }}]\n"
        )
    };
    let second = "[waf]\nmanaged_rule_groups = [\n\
        { vendor = \"AWS\", name = \"AWSManagedRulesCommonRuleSet\", priority = 20 },\n\
        { vendor = \"AWS\", name = \"AWSManagedRulesKnownBadInputsRuleSet\", priority = 10 },\n]\n";
    for to in [
        second,
        &group(", count_rules = [\"SizeRestrictions_BODY\"]"),
        &group(", override_to_count = true"),
        "[waf]\nrate_limit = { requests = 2000, window_seconds = 300, priority = 10 }\n",
    ] {
        let switched = switches("", to).await;
        assert_eq!(switched.there, ["wafv2 UpdateWebACL"], "{to}");
        assert_eq!(switched.back, ["wafv2 UpdateWebACL"], "{to}");
    }
}

/// Somebody shuts out every request that no rule is about.
#[tokio::test(start_paused = true)]
async fn what_happens_to_all_other_requests_is_put_right() {
    let (estate, up) = (Estate::new(4), Command::Up(Configuration::own("")));
    brought(&estate, up).await;
    let call =
        |operation: &str, params| estate.sandbox.call("wafv2", operation, params).expect("WAF answers");
    let listed = call("ListWebACLs", json!({ "Scope": "REGIONAL" }));
    let own = &listed["WebACLs"][0];
    let name = json!({ "Name": own["Name"], "Id": own["Id"], "Scope": "REGIONAL" });
    let read = call("GetWebACL", name.clone());
    let mut shut = name;
    shut["LockToken"] = read["LockToken"].clone();
    for kept in ["Description", "Rules", "VisibilityConfig"] {
        shut[kept] = read["WebACL"][kept].clone();
    }
    shut["DefaultAction"] = json!({ "Block": {} });
    call("UpdateWebACL", shut);
    assert_eq!(brought(&estate, up).await, ["wafv2 UpdateWebACL"]);
}

#[tokio::test(start_paused = true)]
async fn the_web_acl_is_switched_off_and_on() {
    let switched = switches("", "[waf]\nenabled = false\n").await;
    assert_eq!(switched.there, ["wafv2 DeleteWebACL", "wafv2 DisassociateWebACL"]);
    assert_eq!(switched.back, ["wafv2 AssociateWebACL", "wafv2 CreateWebACL"]);
}

#[tokio::test(start_paused = true)]
async fn an_allow_list_is_an_ip_set_of_its_own_which_the_web_acl_gives_up_before_it_goes() {
    let switched = switches("", "[waf]\nallow_list = [\"203.0.113.0/24\"]\n").await;
    assert_eq!(switched.there, ["wafv2 CreateIPSet", "wafv2 UpdateWebACL"]);
    assert_eq!(switched.back, ["wafv2 DeleteIPSet", "wafv2 UpdateWebACL"]);
}

#[tokio::test(start_paused = true)]
async fn addresses_of_an_allow_list_are_changed_in_place_and_others_are_blocked_first() {
    let listed = |list: &str| Command::Up(Configuration::own(&format!("[waf]\nallow_list = [{list}]\n")));
    let estate = Estate::new(9);
    brought(&estate, listed("\"203.0.113.0/24\"")).await;
    let changed = brought(&estate, listed("\"203.0.113.0/24\", \"198.51.100.7/32\"")).await;
    assert_eq!(changed, ["wafv2 UpdateIPSet"]);
    let world = estate.world();
    let [list] = world.living("wafv2", "ip_sets")[..] else { panic!("one IP set") };
    assert_eq!(list["addresses"], json!(["198.51.100.7/32", "203.0.113.0/24"]));
    let [acl] = world.living("wafv2", "web_acls")[..] else { panic!("one web ACL") };
    let first = &acl["content"]["rules"][0];
    assert_eq!(first["Action"], json!({ "Block": {} }));
    let not_listed = &first["Statement"]["NotStatement"]["Statement"]["IPSetReferenceStatement"]["ARN"];
    assert_eq!(not_listed, &list["arn"]);
}
