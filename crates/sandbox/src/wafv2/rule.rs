//! The rules of a web ACL: checked, and kept as they came.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::call::Refusal;
use crate::params::Params;
use crate::world::World;

/// AWS's managed rule groups with the capacity units that each takes.
static MANAGED: &[(&str, i64)] = &[
    ("AWSManagedRulesAdminProtectionRuleSet", 100),
    ("AWSManagedRulesAmazonIpReputationList", 25),
    ("AWSManagedRulesAnonymousIpList", 50),
    ("AWSManagedRulesCommonRuleSet", 700),
    ("AWSManagedRulesKnownBadInputsRuleSet", 200),
    ("AWSManagedRulesLinuxRuleSet", 200),
    ("AWSManagedRulesPHPRuleSet", 100),
    ("AWSManagedRulesSQLiRuleSet", 200),
    ("AWSManagedRulesUnixRuleSet", 100),
    ("AWSManagedRulesWindowsRuleSet", 200),
    ("AWSManagedRulesWordPressRuleSet", 100),
];

/// What a rule that counts requests takes.
const RATE_CAPACITY: i64 = 2;

/// What a rule that looks an address up in an IP set takes.
const IP_SET_CAPACITY: i64 = 1;

/// The most capacity units of a web ACL.
const LIMIT: i64 = 5000;

/// The most rules of a managed group whose action a web ACL can override.
const OVERRIDES: usize = 100;

/// What a rule can do with a request.
const ACTIONS: &[&str] = &["Allow", "Block", "Count", "Captcha", "Challenge"];

/// The rules by priority, and the capacity units that they take.
pub(super) fn read(world: &World, params: &Params) -> Result<(Vec<Value>, i64), Refusal> {
    let (mut names, mut priorities) = (BTreeSet::new(), BTreeSet::new());
    let (mut rules, mut capacity) = (Vec::new(), 0);
    for rule in params.objects("Rules")? {
        let name = rule.text("Name")?;
        let priority = rule.number("Priority")?.ok_or_else(|| rule.missing("Priority"))?;
        if !names.insert(name) || !priorities.insert(priority) {
            let words = format!(
                "Error reason: You have used duplicate names or priorities in rules, field: RULE, parameter: {name}"
            );
            return Err(Refusal::illegal("WAFInvalidParameterException", words));
        }
        let (statement, units) = read_statement(world, &rule)?;
        capacity += units;
        let mut kept = Map::new();
        kept.insert("Name".to_owned(), json!(name));
        kept.insert("Priority".to_owned(), json!(priority));
        kept.insert("Statement".to_owned(), statement);
        let (field, action) = read_action(&rule)?;
        kept.insert(field.to_owned(), action);
        kept.insert("VisibilityConfig".to_owned(), visibility(&rule)?);
        rules.push((priority, Value::Object(kept)));
    }
    if capacity > LIMIT {
        let words = "AWS WAF couldn\u{2019}t perform the operation because you exceeded your resource limit.";
        return Err(Refusal::illegal("WAFLimitsExceededException", words));
    }
    rules.sort_by_key(|(priority, _)| *priority);
    Ok((rules.into_iter().map(|(_, rule)| rule).collect(), capacity))
}

/// What is measured of a rule or of a whole web ACL.
pub(super) fn visibility(params: &Params) -> Result<Value, Refusal> {
    let config = params.object("VisibilityConfig")?.ok_or_else(|| params.missing("VisibilityConfig"))?;
    let flag = |name: &str| config.flag(name)?.ok_or_else(|| config.missing(name));
    Ok(json!({
        "SampledRequestsEnabled": flag("SampledRequestsEnabled")?,
        "CloudWatchMetricsEnabled": flag("CloudWatchMetricsEnabled")?,
        "MetricName": config.text("MetricName")?,
    }))
}

/// The ARNs of the IP sets that some rules refer to.
pub(super) fn ip_sets(rules: &[Value]) -> impl Iterator<Item = &str> {
    rules.iter().filter_map(|rule| {
        let statement = &rule["Statement"];
        let negated = &statement["NotStatement"]["Statement"];
        [statement, negated].into_iter().find_map(|it| it["IPSetReferenceStatement"]["ARN"].as_str())
    })
}

/// The statement as it is kept, with its capacity units.
fn read_statement(world: &World, rule: &Params) -> Result<(Value, i64), Refusal> {
    let statement = part(rule, "Statement")?;
    let whole = || rule.value("Statement").cloned().unwrap_or_default();
    match statement.names().collect::<Vec<_>>().as_slice() {
        ["ManagedRuleGroupStatement"] => {
            let managed = part(&statement, "ManagedRuleGroupStatement")?;
            check_overrides(&managed)?;
            Ok((whole(), managed_capacity(&managed)?))
        }
        ["RateBasedStatement"] => {
            let rate = read_rate(&part(&statement, "RateBasedStatement")?)?;
            Ok((json!({ "RateBasedStatement": rate }), RATE_CAPACITY))
        }
        ["IPSetReferenceStatement"] => {
            check_ip_set(world, &statement)?;
            Ok((whole(), IP_SET_CAPACITY))
        }
        ["NotStatement"] => {
            check_ip_set(world, &part(&part(&statement, "NotStatement")?, "Statement")?)?;
            Ok((whole(), IP_SET_CAPACITY))
        }
        _ => {
            let words = "The sandbox models managed rule groups, rate-based statements and IP sets.";
            Err(rule.invalid("Statement", "", words))
        }
    }
}

fn part<'a>(params: &Params<'a>, name: &str) -> Result<Params<'a>, Refusal> {
    params.object(name)?.ok_or_else(|| params.missing(name))
}

fn check_ip_set(world: &World, statement: &Params) -> Result<(), Refusal> {
    super::ip_set::check_reference(world, part(statement, "IPSetReferenceStatement")?.text("ARN")?)
}

/// AWS does not check that the group has rules of these names.
fn check_overrides(managed: &Params) -> Result<(), Refusal> {
    // An older form of the same, which nothing here writes.
    managed.ignore(&["ExcludedRules"]);
    let overrides = managed.objects("RuleActionOverrides")?;
    if overrides.len() > OVERRIDES {
        return Err(managed.invalid(
            "RuleActionOverrides",
            overrides.len(),
            "At most 100 can be overridden.",
        ));
    }
    for one in &overrides {
        let (name, action) = (one.text("Name")?, part(one, "ActionToUse")?);
        let actions: Vec<_> = action.names().collect();
        if name.is_empty() || actions.len() != 1 || !ACTIONS.contains(&actions[0]) {
            return Err(one.invalid("ActionToUse", actions.join(", "), "It takes exactly one action."));
        }
    }
    Ok(())
}

fn managed_capacity(managed: &Params) -> Result<i64, Refusal> {
    let (vendor, name) = (managed.text("VendorName")?, managed.text("Name")?);
    let known = MANAGED.iter().find(|(known, _)| vendor == "AWS" && *known == name);
    known.map(|(_, units)| *units).ok_or_else(super::nonexistent)
}

fn read_rate(rate: &Params) -> Result<Value, Refusal> {
    let limit = rate.number("Limit")?.ok_or_else(|| rate.missing("Limit"))?;
    if !(10..=2_000_000_000).contains(&limit) {
        return Err(rate.invalid("Limit", limit, "It must be between 10 and 2000000000."));
    }
    let window = rate.number("EvaluationWindowSec")?.unwrap_or(300);
    if ![60, 120, 300, 600].contains(&window) {
        return Err(rate.invalid("EvaluationWindowSec", window, "It must be 60, 120, 300 or 600."));
    }
    let key = rate.text("AggregateKeyType")?;
    if !matches!(key, "IP" | "CONSTANT") {
        return Err(rate.invalid("AggregateKeyType", key, "The sandbox models IP and CONSTANT."));
    }
    Ok(json!({ "Limit": limit, "EvaluationWindowSec": window, "AggregateKeyType": key }))
}

/// `OverrideAction` for a rule group, `Action` for every other rule.
fn read_action(rule: &Params) -> Result<(&'static str, Value), Refusal> {
    let is_group =
        rule.object("Statement")?.is_some_and(|statement| statement.has("ManagedRuleGroupStatement"));
    let (wanted, other, choices): (_, _, &[&str]) = if is_group {
        ("OverrideAction", "Action", &["None", "Count"])
    } else {
        ("Action", "OverrideAction", ACTIONS)
    };
    let value = rule.value(wanted).filter(|_| !rule.has(other));
    let value = value.and_then(Value::as_object).filter(|value| value.len() == 1);
    match value.and_then(|value| value.keys().next()) {
        Some(choice) if choices.contains(&choice.as_str()) => {
            Ok((wanted, rule.value(wanted).cloned().unwrap_or_default()))
        }
        _ => {
            let words = format!(
                "Error reason: A reference in your rule statement is not valid., field: RULE, \
                 parameter: this rule needs exactly one {wanted} of {}",
                choices.join(", ")
            );
            Err(Refusal::illegal("WAFInvalidParameterException", words))
        }
    }
}
