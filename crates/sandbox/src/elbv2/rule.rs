//! Rules of listeners: by their priority, what happens to requests of certain paths or hosts.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::action::{self, Action};
use super::listener::{self, Listener};
use super::listing;
use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::tags::{self, Tags};
use crate::world::World;

/// The most rules of a load balancer, and the most values in the conditions of one.
const RULES: usize = 100;
const VALUES: usize = 5;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Rule {
    pub(super) listener: String,
    pub(super) action: Action,
    pub(super) tags: Tags,
    arn: String,
    priority: i64,
    conditions: Vec<Condition>,
    created: f64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Condition {
    field: String,
    values: Vec<String>,
}

impl Condition {
    /// AWS gives the values twice, under their old name and their new one.
    fn view(&self) -> Value {
        let (_, config) = config_of(&self.field);
        json!({ "Field": self.field, "Values": self.values, config: { "Values": self.values } })
    }
}

/// Whether the sandbox models conditions of this field, and the name of their structure.
fn config_of(field: &str) -> (bool, &'static str) {
    match field {
        "path-pattern" => (true, "PathPatternConfig"),
        "host-header" => (true, "HostHeaderConfig"),
        _ => (false, ""),
    }
}

impl Rule {
    fn view(&self) -> Value {
        json!({
            "RuleArn": self.arn,
            "Priority": self.priority.to_string(),
            "Conditions": self.conditions.iter().map(Condition::view).collect::<Value>(),
            "Actions": [self.action.view()],
            "IsDefault": false,
        })
    }
}

/// With what the ARNs of a listener's rules begin.
pub(super) fn path(listener: &str) -> String {
    listener.replacen(":listener/", ":listener-rule/", 1)
}

fn validation(words: impl Into<String>) -> Refusal {
    Refusal::illegal("ValidationError", words)
}

/// The rule that a call is to change. The default one belongs to its listener.
fn named(world: &World, arn: &str) -> Result<Rule, Refusal> {
    if arn.ends_with("/default") {
        let words = format!("Default rule '{arn}' cannot be modified or deleted");
        return Err(Refusal::illegal("OperationNotPermitted", words));
    }
    world.elbv2.rules.get(arn).cloned().ok_or_else(|| absent(arn))
}

fn absent(arn: &str) -> Refusal {
    Refusal::absent("RuleNotFound", format!("One or more rules not found: '{arn}'"))
}

fn read_priority(params: &Params) -> Result<i64, Refusal> {
    let priority = params.number("Priority")?.ok_or_else(|| params.missing("Priority"))?;
    if (1..=50_000).contains(&priority) {
        return Ok(priority);
    }
    Err(validation(format!("Priority '{priority}' must be between 1 and 50000")))
}

fn read_conditions(params: &Params) -> Result<Vec<Condition>, Refusal> {
    let mut conditions: Vec<Condition> = Vec::new();
    for given in params.objects("Conditions")? {
        let field = given.text("Field")?.to_owned();
        let (is_modelled, config) = config_of(&field);
        if !is_modelled {
            return Err(given.invalid("Field", field, "The sandbox models path-pattern and host-header."));
        }
        let mut values = given.texts("Values")?;
        if let Some(config) = given.object(config)? {
            values.extend(config.texts("Values")?);
        }
        if values.is_empty() || values.iter().any(|value| value.is_empty() || value.len() > 128) {
            return Err(validation(format!("A condition of field '{field}' has a value that is not valid")));
        }
        if conditions.iter().any(|other| other.field == field) {
            return Err(validation(format!("A rule can only have one '{field}' condition")));
        }
        conditions.push(Condition { field, values });
    }
    match conditions.iter().map(|condition| condition.values.len()).sum() {
        0 => Err(validation("A rule must have at least one condition")),
        1..=VALUES => Ok(conditions),
        _ => Err(validation(format!("A rule can only have '{VALUES}' condition values"))),
    }
}

fn priority_in_use(priority: i64) -> Refusal {
    Refusal::illegal("PriorityInUse", format!("Priority '{priority}' is currently in use"))
}

fn listener_of<'a>(world: &'a World, arn: &str) -> Result<&'a Listener, Refusal> {
    world.elbv2.listeners.get(arn).ok_or_else(|| listener::absent(arn))
}

pub(super) fn create(world: &mut World, params: &Params) -> Answer {
    let owner = listener_of(world, params.text("ListenerArn")?)?.clone();
    let (priority, conditions) = (read_priority(params)?, read_conditions(params)?);
    let action = action::read(world, params, "Actions")?;
    listener::refuse_second_balancer(world, &owner.load_balancer, &action)?;
    let rules = world.elbv2.rules.values();
    if rules.clone().any(|rule| rule.listener == owner.arn && rule.priority == priority) {
        return Err(priority_in_use(priority));
    }
    let balancer = |rule: &&Rule| {
        let listener = world.elbv2.listeners.get(&rule.listener);
        listener.is_some_and(|listener| listener.load_balancer == owner.load_balancer)
    };
    if rules.filter(balancer).count() >= RULES {
        return Err(Refusal::illegal("TooManyRules", "The maximum number of rules has been reached"));
    }
    let tags = tags::read(params, "Tags", "Key", "Value")?;
    let arn = format!("{}/{}", path(&owner.arn), world.hex());
    let created = world.now;
    let rule = Rule { listener: owner.arn, action, tags, arn, priority, conditions, created };
    let view = rule.view();
    world.elbv2.rules.insert(rule.arn.clone(), rule);
    Ok(json!({ "Rules": [view] }))
}

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    let (listener, arns) = (params.text_if("ListenerArn")?, params.texts("RuleArns")?);
    let visible = world.elbv2.rules.values().filter(|rule| !world.hides(rule.created));
    let visible: Vec<&Rule> = visible.collect();
    let items = match (listener, arns.as_slice()) {
        (Some(arn), []) => {
            let default = listener_of(world, arn)?.default_rule();
            let own = visible.iter().filter(|rule| rule.listener == arn);
            let own = own.map(|rule| (rule.arn.clone(), rule.view()));
            own.chain([(format!("{}/default", path(arn)), default)]).collect()
        }
        (None, [_, ..]) => {
            let view = |arn: &String| {
                let rule = visible.iter().find(|rule| rule.arn == *arn).ok_or_else(|| absent(arn))?;
                Ok((arn.clone(), rule.view()))
            };
            arns.iter().map(view).collect::<Result<_, _>>()?
        }
        _ => return Err(validation("You must specify either listener ARN or rule ARNs")),
    };
    listing::answer(params, "Rules", items)
}

pub(super) fn modify(world: &mut World, params: &Params) -> Answer {
    let mut rule = named(world, params.text("RuleArn")?)?;
    if params.has("Conditions") {
        rule.conditions = read_conditions(params)?;
    }
    if params.has("Actions") {
        rule.action = action::read(world, params, "Actions")?;
        let balancer = listener_of(world, &rule.listener)?.load_balancer.clone();
        listener::refuse_second_balancer(world, &balancer, &rule.action)?;
    }
    let view = rule.view();
    world.elbv2.rules.insert(rule.arn.clone(), rule);
    Ok(json!({ "Rules": [view] }))
}

pub(super) fn set_priorities(world: &mut World, params: &Params) -> Answer {
    let mut moved = Vec::new();
    for place in params.objects("RulePriorities")? {
        let mut rule = named(world, place.text("RuleArn")?)?;
        rule.priority = read_priority(&place)?;
        moved.push(rule);
    }
    if moved.is_empty() {
        return Err(params.missing("RulePriorities"));
    }
    // All of them move at once, so that two can change places.
    for rule in &moved {
        world.elbv2.rules.insert(rule.arn.clone(), rule.clone());
    }
    for rule in &moved {
        let mut others = world.elbv2.rules.values().filter(|other| other.arn != rule.arn);
        if others.any(|other| other.listener == rule.listener && other.priority == rule.priority) {
            return Err(priority_in_use(rule.priority));
        }
    }
    Ok(json!({ "Rules": moved.iter().map(Rule::view).collect::<Value>() }))
}

pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let arn = named(world, params.text("RuleArn")?)?.arn;
    world.elbv2.rules.remove(&arn);
    Ok(Value::Null)
}

/// Rules go with their listeners.
pub(super) fn forget_orphans(world: &mut World) {
    let listeners: Vec<String> = world.elbv2.listeners.keys().cloned().collect();
    world.elbv2.rules.retain(|_, rule| listeners.contains(&rule.listener));
}
