//! The web ACL in front of the load balancers.

use std::collections::BTreeSet;

use ipnet::Ipv4Net;

use super::cidr;
use super::names::{MANAGED_RULE, MANAGED_RULE_GROUP, Project, WEB_ACL};
use super::problem::Refusal;
use super::value::{Value, refuse_repeated};

/// The web ACL in front of the load balancers. It allows what no rule blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waf {
    /// The web ACL's name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Rule groups that a vendor maintains.
    pub managed_rule_groups: Vec<ManagedRuleGroup>,
    /// How many requests one address may send, if there is a limit.
    pub rate_limit: Option<RateLimit>,
    /// The only addresses whose requests are looked at further; empty for all.
    pub allow_list: Vec<Ipv4Net>,
}

impl Waf {
    /// The place of the rule that blocks who is not on the allow-list: before all others.
    pub const ALLOW_LIST_PRIORITY: u32 = 0;
}

/// A rule group that a vendor maintains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagedRuleGroup {
    /// The group's name; also that of its rule and metric.
    pub name: String,
    /// Who maintains it, such as `AWS`.
    pub vendor: String,
    /// Its place among the rules; lower ones are evaluated first.
    pub priority: u32,
    /// Whether a match is only counted, and not blocked.
    pub override_to_count: bool,
    /// Rules of the group whose matches alone are only counted.
    pub count_rules: BTreeSet<String>,
}

/// How many requests one address may send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimit {
    /// The number of requests within the window.
    pub requests: u32,
    /// The length of the window.
    pub window_seconds: u16,
    /// Its place among the rules.
    pub priority: u32,
}

/// Every key is checked, also while the web ACL is switched off.
pub(super) fn read(table: &Value<'_>, project: &Project<'_>) -> Option<Waf> {
    let groups = table.at("managed_rule_groups").items();
    let rate_limit = table.at("rate_limit");
    let allow_list = table.at("allow_list");
    let waf = Waf {
        name: table.at("name").name(project, &WEB_ACL),
        description: table.at("description").text(description),
        managed_rule_groups: groups.iter().enumerate().map(|(index, item)| rule_group(index, item)).collect(),
        rate_limit: rate_limit.optional().map(read_rate_limit),
        allow_list: cidr::list(&allow_list, 1..=32),
    };
    let blocks_others = Some((allow_list, Waf::ALLOW_LIST_PRIORITY)).filter(|_| !waf.allow_list.is_empty());
    let priorities: Vec<(Value<'_>, u32)> = groups
        .iter()
        .zip(&waf.managed_rule_groups)
        .map(|(item, group)| (priority_place(item), group.priority))
        .chain(waf.rate_limit.iter().map(|limit| (rate_limit.at("priority"), limit.priority)))
        .chain(blocks_others)
        .collect();
    refuse_repeated(&priorities, "priority");
    let names: Vec<_> = groups
        .iter()
        .map(|item| item.at("name"))
        .zip(waf.managed_rule_groups.iter().map(|group| &group.name))
        .collect();
    refuse_repeated(&names, "name");
    table.at("enabled").flag().then_some(waf)
}

/// Without a priority of its own, a group has its number in the list, counted from one.
fn rule_group(index: usize, item: &Value<'_>) -> ManagedRuleGroup {
    let position = u32::try_from(index + 1).unwrap_or(u32::MAX);
    ManagedRuleGroup {
        name: item.at("name").text(|text| MANAGED_RULE_GROUP.check(text).map(|()| text.to_owned())),
        vendor: item.at("vendor").text(|text| MANAGED_RULE_GROUP.check(text).map(|()| text.to_owned())),
        priority: item.at("priority").optional().map_or(position, priority),
        override_to_count: item.at("override_to_count").optional().is_some_and(Value::flag),
        count_rules: item.at("count_rules").optional().map(count_rules).unwrap_or_default(),
    }
}

fn count_rules(list: &Value<'_>) -> BTreeSet<String> {
    let items = list.items();
    let names: Vec<String> = items
        .iter()
        .map(|item| item.text(|text| MANAGED_RULE.check(text).map(|()| text.to_owned())))
        .collect();
    refuse_repeated(&items.into_iter().zip(&names).collect::<Vec<_>>(), "rule");
    names.into_iter().collect()
}

/// Where a group's priority is given, which is the group itself if it follows from its position.
fn priority_place<'a>(item: &Value<'a>) -> Value<'a> {
    item.at("priority").optional().cloned().unwrap_or_else(|| item.clone())
}

fn read_rate_limit(table: &Value<'_>) -> RateLimit {
    RateLimit {
        requests: table.at("requests").number(10..=2_000_000),
        window_seconds: table.at("window_seconds").number_of(&[60, 120, 300, 600]),
        priority: priority(&table.at("priority")),
    }
}

fn priority(value: &Value<'_>) -> u32 {
    value.number(0..=100_000)
}

fn description(text: &str) -> Result<String, Refusal> {
    let permits = |c: char| c.is_ascii_alphanumeric() || "_+=:#@/-,. ".contains(c);
    if let Some(odd) = text.chars().find(|c| !permits(*c)) {
        return Err(Refusal::new(
            format!("the description of a web ACL cannot have a {odd:?}"),
            "use letters, digits, spaces and _+=:#@/-,.",
        ));
    }
    if (3..=256).contains(&text.len()) {
        return Ok(text.to_owned());
    }
    Err(Refusal::new(format!("a description of {} characters", text.len()), "write 3 to 256 characters"))
}
