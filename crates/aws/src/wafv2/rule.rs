//! The rules of a web ACL.

use std::collections::BTreeSet;

use aws_sdk_wafv2::types::{
    AllowAction, BlockAction, CountAction, DefaultAction, IpSetReferenceStatement, ManagedRuleGroupStatement,
    NoneAction, NotStatement, OverrideAction, RateBasedStatement,
    RateBasedStatementAggregateKeyType as AggregateKey, Rule, RuleAction, RuleActionOverride,
    Statement as Wire, VisibilityConfig,
};
use serde::{Deserialize, Serialize};
use sidekick_engine::Result;

use crate::IpSetArn;
use crate::fault::Answer;

const BUILDING: &str = "wafv2 Rule";

/// One rule of a web ACL.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WebAclRule {
    /// Its name, which is also that of its metric.
    pub name: String,
    /// Its place in the order of the rules, unique in the web ACL.
    pub priority: i32,
    /// What it looks for.
    pub statement: Statement,
}

/// What a rule looks for, and what it does then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Statement {
    /// What a group of rules that a vendor maintains looks for, in the vendor's default version.
    ManagedGroup {
        /// The vendor: `AWS`.
        vendor: String,
        /// The group's name.
        name: String,
        /// Whether matches are only counted, whatever the group would do.
        count: bool,
        /// Rules of the group, by name, whose matches are only counted, and do not end the look at the others.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        count_rules: BTreeSet<String>,
    },
    /// Clients whose address is not in the IP set; they are blocked.
    NotInIpSet(IpSetArn),
    /// Clients with more requests than the limit; they are blocked.
    RateLimit {
        /// The most requests of one address in the window.
        limit: i64,
        /// The window in seconds: 60, 120, 300 or 600.
        window_seconds: i64,
    },
    /// Something else; seen, never wanted.
    Other(String),
}

impl WebAclRule {
    /// The rule in an answer.
    pub(super) fn read(rule: &Rule) -> Self {
        let plain = rule.statement().and_then(|statement| {
            let managed = statement.managed_rule_group_statement();
            let rate = statement.rate_based_statement();
            let not = statement.not_statement();
            managed
                .and_then(|group| managed_group(group, rule))
                .or_else(|| rate.and_then(|rate| rate_limit(rate, rule)))
                .or_else(|| not.and_then(|not| not_in_ip_set(not, rule)))
        });
        let statement = plain.unwrap_or_else(|| Statement::Other("not written by sidekick".to_owned()));
        Self { name: rule.name().to_owned(), priority: rule.priority(), statement }
    }

    /// The rule as calls say it.
    pub(super) fn wire(&self) -> Result<Rule> {
        let rule = Rule::builder().name(&self.name).priority(self.priority);
        let rule = rule.visibility_config(visibility(&self.name)?);
        let statement = Wire::builder();
        let rule = match &self.statement {
            Statement::ManagedGroup { vendor, name, count, count_rules } => {
                let group = ManagedRuleGroupStatement::builder().vendor_name(vendor).name(name);
                let counted = count_rules.iter().map(|name| counted(name)).collect::<Result<Vec<_>>>()?;
                let counted = Some(counted).filter(|rules| !rules.is_empty());
                let group = group.set_rule_action_overrides(counted).build().or_fault(BUILDING)?;
                let statement = statement.managed_rule_group_statement(group);
                // A group's own rules say what happens; all that can be said here is that nothing shall.
                let action = match count {
                    true => OverrideAction::builder().count(CountAction::builder().build()),
                    false => OverrideAction::builder().none(NoneAction::builder().build()),
                };
                rule.statement(statement.build()).override_action(action.build())
            }
            Statement::RateLimit { limit, window_seconds } => {
                let rate = RateBasedStatement::builder().limit(*limit).evaluation_window_sec(*window_seconds);
                let rate = rate.aggregate_key_type(AggregateKey::Ip).build().or_fault(BUILDING)?;
                rule.statement(statement.rate_based_statement(rate).build()).action(block())
            }
            Statement::NotInIpSet(ip_set) => {
                let listed = IpSetReferenceStatement::builder().arn(ip_set.as_str()).build();
                let listed = Wire::builder().ip_set_reference_statement(listed.or_fault(BUILDING)?).build();
                let not = NotStatement::builder().statement(listed).build();
                rule.statement(statement.not_statement(not).build()).action(block())
            }
            Statement::Other(_) => rule.statement(statement.build()),
        };
        rule.build().or_fault(BUILDING)
    }
}

fn block() -> RuleAction {
    RuleAction::builder().block(BlockAction::builder().build()).build()
}

fn counted(rule: &str) -> Result<RuleActionOverride> {
    let count = RuleAction::builder().count(CountAction::builder().build()).build();
    RuleActionOverride::builder().name(rule).action_to_use(count).build().or_fault(BUILDING)
}

/// What happens to a request that no rule blocks: it is let through.
pub(super) fn default_action() -> DefaultAction {
    DefaultAction::builder().allow(AllowAction::builder().build()).build()
}

/// Metrics and samples, under a name.
pub(super) fn visibility(metric: &str) -> Result<VisibilityConfig> {
    let config = VisibilityConfig::builder().metric_name(metric);
    config.cloud_watch_metrics_enabled(true).sampled_requests_enabled(true).build().or_fault(BUILDING)
}

/// The statement, if nothing in it was changed by somebody else.
fn managed_group(group: &ManagedRuleGroupStatement, rule: &Rule) -> Option<Statement> {
    let counts = |it: &RuleActionOverride| it.action_to_use().is_some_and(|action| action.count().is_some());
    let overrides = group.rule_action_overrides();
    let untouched = group.version().is_none()
        && group.scope_down_statement().is_none()
        && group.excluded_rules().is_empty()
        && overrides.iter().all(counts)
        && group.managed_rule_group_configs().is_empty();
    let (vendor, name) = (group.vendor_name().to_owned(), group.name().to_owned());
    let count = rule.override_action()?.count().is_some();
    let count_rules = overrides.iter().map(|it| it.name().to_owned()).collect();
    untouched.then_some(Statement::ManagedGroup { vendor, name, count, count_rules })
}

/// The statement, if nothing in it was changed by somebody else.
fn rate_limit(rate: &RateBasedStatement, rule: &Rule) -> Option<Statement> {
    let untouched = *rate.aggregate_key_type() == AggregateKey::Ip
        && rate.scope_down_statement().is_none()
        && blocks(rule);
    let (limit, window_seconds) = (rate.limit(), rate.evaluation_window_sec());
    untouched.then_some(Statement::RateLimit { limit, window_seconds })
}

/// The statement, if nothing in it was changed by somebody else.
fn not_in_ip_set(not: &NotStatement, rule: &Rule) -> Option<Statement> {
    let listed = not.statement()?.ip_set_reference_statement()?;
    let untouched = listed.ip_set_forwarded_ip_config().is_none() && blocks(rule);
    untouched.then(|| Statement::NotInIpSet(IpSetArn::new(listed.arn())))
}

fn blocks(rule: &Rule) -> bool {
    rule.action().is_some_and(|action| action.block().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> [WebAclRule; 5] {
        let group = |count, count_rules: &[&str]| Statement::ManagedGroup {
            vendor: "AWS".to_owned(),
            name: "AWSManagedRulesCommonRuleSet".to_owned(),
            count,
            count_rules: count_rules.iter().map(|&rule| rule.to_owned()).collect(),
        };
        let allow_list = IpSetArn::new("arn:aws:wafv2:us-west-2:1:regional/ipset/one/1");
        [
            group(false, &[]),
            group(true, &[]),
            Statement::RateLimit { limit: 2000, window_seconds: 300 },
            group(false, &["SizeRestrictions_BODY", "NoUserAgent_HEADER"]),
            Statement::NotInIpSet(allow_list),
        ]
        .map(|statement| WebAclRule { name: "one".to_owned(), priority: 1, statement })
    }

    #[test]
    fn what_was_written_is_read_back() {
        for rule in rules() {
            assert_eq!(WebAclRule::read(&rule.wire().unwrap()), rule);
        }
    }

    #[test]
    fn a_rule_that_somebody_weakened_is_a_difference() {
        let [group, _, rate, _, allow_list] = rules();
        for rule in [rate, allow_list] {
            let mut weakened = rule.wire().unwrap();
            weakened.action = Some(RuleAction::builder().count(CountAction::builder().build()).build());
            assert_ne!(WebAclRule::read(&weakened), rule);
        }
        let allow = RuleAction::builder().allow(AllowAction::builder().build()).build();
        for exception in [
            counted("NoUserAgent_HEADER").unwrap(),
            RuleActionOverride::builder().name("NoUserAgent_HEADER").action_to_use(allow).build().unwrap(),
        ] {
            let mut weakened = group.wire().unwrap();
            let statement =
                weakened.statement.as_mut().and_then(|it| it.managed_rule_group_statement.as_mut());
            statement.unwrap().rule_action_overrides = Some(vec![exception]);
            assert_ne!(WebAclRule::read(&weakened), group);
        }
    }

    #[test]
    fn a_group_in_an_older_state_file_counts_no_rules() {
        let older = r#"{ "ManagedGroup": { "vendor": "AWS", "name": "A", "count": false } }"#;
        let read: Statement = serde_json::from_str(older).unwrap();
        assert!(matches!(read, Statement::ManagedGroup { count_rules, .. } if count_rules.is_empty()));
    }
}
