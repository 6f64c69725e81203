//! Tags of load balancers, target groups, listeners and rules.

use serde_json::{Value, json};

use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::tags::{self, Tags};
use crate::world::World;

/// The most resources in one call.
const LIMIT: usize = 20;

/// The tags of whatever has this ARN, or the refusal that names it.
fn of<'a>(world: &'a World, arn: &str) -> Result<&'a Tags, Refusal> {
    let elbv2 = &world.elbv2;
    let balancer = || elbv2.load_balancers.get(arn).map(|balancer| &balancer.tags);
    let group = || elbv2.target_groups.get(arn).map(|group| &group.tags);
    let listener = || elbv2.listeners.get(arn).map(|listener| &listener.tags);
    let rule = || elbv2.rules.get(arn).map(|rule| &rule.tags);
    balancer().or_else(group).or_else(listener).or_else(rule).ok_or_else(|| absent(arn))
}

/// The tags of whatever has this ARN, to change them.
fn of_mut<'a>(world: &'a mut World, arn: &str) -> Result<&'a mut Tags, Refusal> {
    let elbv2 = &mut *world.elbv2;
    if let Some(balancer) = elbv2.load_balancers.get_mut(arn) {
        Ok(&mut balancer.tags)
    } else if let Some(group) = elbv2.target_groups.get_mut(arn) {
        Ok(&mut group.tags)
    } else if let Some(listener) = elbv2.listeners.get_mut(arn) {
        Ok(&mut listener.tags)
    } else if let Some(rule) = elbv2.rules.get_mut(arn) {
        Ok(&mut rule.tags)
    } else {
        Err(absent(arn))
    }
}

fn absent(arn: &str) -> Refusal {
    let (code, noun) = if arn.contains(":listener/") {
        ("ListenerNotFound", "Listener")
    } else if arn.contains(":listener-rule/") {
        ("RuleNotFound", "Rule")
    } else if arn.contains(":targetgroup/") {
        ("TargetGroupNotFound", "Target group")
    } else {
        ("LoadBalancerNotFound", "Load balancer")
    };
    Refusal::absent(code, format!("{noun} '{arn}' not found"))
}

fn arns(params: &Params) -> Result<Vec<String>, Refusal> {
    let arns = params.texts("ResourceArns")?;
    match arns.len() {
        0 => Err(params.missing("ResourceArns")),
        1..=LIMIT => Ok(arns),
        count => Err(params.invalid("ResourceArns", count, "At most 20 resources can be named.")),
    }
}

pub(super) fn add(world: &mut World, params: &Params) -> Answer {
    let added = tags::read(params, "Tags", "Key", "Value")?;
    for arn in arns(params)? {
        of_mut(world, &arn)?.extend(added.clone());
    }
    Ok(Value::Null)
}

pub(super) fn remove(world: &mut World, params: &Params) -> Answer {
    let keys = params.texts("TagKeys")?;
    for arn in arns(params)? {
        of_mut(world, &arn)?.retain(|key, _| !keys.contains(key));
    }
    Ok(Value::Null)
}

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    let show = |arn: String| Ok(json!({ "ResourceArn": arn, "Tags": tags::upper(of(world, &arn)?) }));
    let rows: Vec<Value> = arns(params)?.into_iter().map(show).collect::<Result<_, Refusal>>()?;
    Ok(json!({ "TagDescriptions": rows }))
}
