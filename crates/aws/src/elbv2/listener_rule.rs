//! ELB listener rule: what happens to those requests of a listener that fulfil its conditions.

use aws_sdk_elasticloadbalancingv2::types::RulePriorityPair;
use serde::{Deserialize, Serialize};
use sidekick_engine::{Diff, Intent, Live, Mark, Observed, Resource, Result};

use super::action::Action;
use super::condition::{self, Conditions};
use super::{Listener, tags};
use crate::fault::{Answer, missing};
use crate::{Aws, ListenerArn, ListenerRuleArn, Tags};

/// The rule we want.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ListenerRule {
    /// The listener that it belongs to.
    pub listener: ListenerArn,
    /// Its place in the order of the listener's rules, 1 to 50000, unique in the listener.
    pub priority: u16,
    /// Which requests it is about.
    pub conditions: Conditions,
    /// What happens to them.
    pub action: Action,
    /// The configured tags.
    pub tags: Tags,
}

/// What dependents may read once the rule exists.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ListenerRuleOutputs {
    /// The rule's ARN.
    pub arn: ListenerRuleArn,
}

impl Resource for ListenerRule {
    const KIND: &'static str = "elbv2.listener_rule";
    // AWS makes no second one: the priority is taken then.
    const CREATES_ONCE: bool = true;
    const WITHIN: Option<&'static str> = Some(Listener::KIND);
    const UNIQUE_ID: bool = true;

    type Cloud = Aws;
    type Id = ListenerRuleArn;
    type Outputs = ListenerRuleOutputs;

    fn diff(&self, actual: &Self) -> Diff {
        let Self { listener, priority, conditions, action, tags } = self;
        Diff::default()
            .immutable("listener", listener, &actual.listener)
            .mutable("priority", priority, &actual.priority)
            .mutable("conditions", conditions, &actual.conditions)
            .mutable("action", action, &actual.action)
            .mutable("tags", tags, &actual.tags)
    }

    /// Requests go on to the group that has targets.
    fn meanwhile(&self, actual: &Self) -> Self {
        Self { action: self.action.meanwhile(&actual.action), ..self.clone() }
    }

    async fn find(&self, aws: &Aws, _: &Mark) -> Result<Option<ListenerRuleArn>> {
        let priority = self.priority.to_string();
        let mut marker = None;
        loop {
            let call = aws.elbv2.describe_rules().listener_arn(self.listener.as_str()).set_marker(marker);
            let Some(page) = call.send().await.found("elbv2 DescribeRules")? else { return Ok(None) };
            if let Some(found) = page.rules().iter().find(|rule| rule.priority() == Some(&priority)) {
                return Ok(found.rule_arn().map(ListenerRuleArn::new));
            }
            marker = page.next_marker;
            if marker.is_none() {
                return Ok(None);
            }
        }
    }

    async fn observe(&self, aws: &Aws, id: &ListenerRuleArn) -> Result<Observed<Self>> {
        let describe = aws.elbv2.describe_rules().rule_arns(id.as_str());
        let (Some(found), Some((tags, owner))) = tokio::try_join!(
            async { describe.send().await.found("elbv2 DescribeRules") },
            tags::read(aws, id.as_str()),
        )?
        else {
            return Ok(Observed::Absent);
        };
        let Some(rule) = found.rules().first() else { return Ok(Observed::Absent) };
        let field = |name| missing("elbv2 DescribeRules", name);
        let actual = Self {
            listener: listener(id).ok_or_else(|| field("listener in the ARN"))?,
            priority: rule.priority().and_then(|it| it.parse().ok()).ok_or_else(|| field("Priority"))?,
            conditions: condition::read(rule.conditions()),
            action: rule.actions().last().map(Action::read).ok_or_else(|| field("Actions"))?,
            tags,
        };
        Ok(Observed::Steady(Live { actual, outputs: ListenerRuleOutputs { arn: id.clone() }, owner }))
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> Result<ListenerRuleArn> {
        let call = aws.elbv2.create_rule().listener_arn(self.listener.as_str());
        let call = call.priority(self.priority.into()).set_conditions(self.conditions.wire());
        let call = call.actions(self.action.wire());
        let call = call.set_tags(Some(tags::specification(&self.tags, intent)));
        let made = call.send().await.or_fault("elbv2 CreateRule")?;
        let arn = made.rules().first().and_then(|rule| rule.rule_arn());
        arn.map(ListenerRuleArn::new).ok_or_else(|| missing("elbv2 CreateRule", "RuleArn"))
    }

    async fn update(&self, actual: &Self, aws: &Aws, id: &ListenerRuleArn, _: &Intent) -> Result<()> {
        if (&self.conditions, &self.action) != (&actual.conditions, &actual.action) {
            let call = aws.elbv2.modify_rule().rule_arn(id.as_str());
            let call = call.set_conditions(self.conditions.wire()).actions(self.action.wire());
            call.send().await.or_fault("elbv2 ModifyRule")?;
        }
        if self.priority != actual.priority {
            let place = RulePriorityPair::builder().rule_arn(id.as_str()).priority(self.priority.into());
            let call = aws.elbv2.set_rule_priorities().rule_priorities(place.build());
            call.send().await.or_fault("elbv2 SetRulePriorities")?;
        }
        tags::update(aws, id.as_str(), &self.tags, &actual.tags).await
    }

    async fn delete(&self, aws: &Aws, id: &ListenerRuleArn, _: &Intent) -> Result<()> {
        aws.elbv2.delete_rule().rule_arn(id.as_str()).send().await.found("elbv2 DeleteRule")?;
        Ok(())
    }
}

/// The listener of a rule, whose ARN `…:listener/app/NAME/ID/ID` is a part of the rule's.
fn listener(id: &ListenerRuleArn) -> Option<ListenerArn> {
    let (rest, _) = id.as_str().rsplit_once('/')?;
    let (before, path) = rest.split_once(":listener-rule/")?;
    Some(ListenerArn::new(format!("{before}:listener/{path}")))
}
