//! Whether the policy that sidekick prints for a command lets the command make the calls that it makes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use serde_json::Value;
use sidekick_aws::permissions::{OPEN_TO_ALL, Purpose};
use sidekick_sandbox::Call;
use sidekick_stack::config::Config;
use sidekick_stack::deployer;

/// What a policy allows.
pub struct Permitted {
    /// The command.
    pub purpose: Purpose,
    statements: Vec<Statement>,
}

struct Statement {
    actions: BTreeSet<String>,
    resources: Vec<String>,
    regions: Option<Vec<String>>,
}

/// Policies by the place of their configuration, and the command. Configurations are kept until the end, so that their
/// place in memory tells them apart.
type Policies = BTreeMap<(usize, Purpose), Arc<Permitted>>;

/// The policies of all configurations that processes ran with.
static POLICIES: LazyLock<Mutex<Policies>> = LazyLock::new(Mutex::default);

impl Permitted {
    /// What the policy for this command allows.
    pub fn of(config: &'static Config, purpose: Purpose) -> Arc<Self> {
        let mut policies = POLICIES.lock().unwrap_or_else(PoisonError::into_inner);
        let policy = policies.entry((std::ptr::from_ref(config).addr(), purpose));
        Arc::clone(policy.or_insert_with(|| Arc::new(Self::new(config, purpose))))
    }

    fn new(config: &Config, purpose: Purpose) -> Self {
        let policy = deployer::policy(config, purpose);
        let statements = policy["Statement"].as_array().into_iter().flatten().map(|statement| Statement {
            actions: texts(&statement["Action"]).into_iter().collect(),
            resources: texts(&statement["Resource"]),
            regions: statement.pointer("/Condition/StringEquals/aws:RequestedRegion").map(texts),
        });
        Self { purpose, statements: statements.collect() }
    }

    /// What is wrong with a call that the policy does not allow. `is_amended` says that names and regions may be others than those
    /// that are configured, of which the policy is made.
    pub fn objection(&self, call: &Call, action: &str, is_amended: bool) -> Option<String> {
        if OPEN_TO_ALL.contains(&action) {
            return None;
        }
        let purpose = self.purpose;
        let Some(statement) = self.statements.iter().find(|one| one.actions.contains(action)) else {
            return Some(format!("not permitted: {action} is not in the policy for {purpose:?}"));
        };
        if is_amended {
            return None;
        }
        if statement.regions.as_ref().is_some_and(|regions| !regions.contains(&call.region)) {
            return Some(format!("not permitted: {action} in {} for {purpose:?}", call.region));
        }
        if statement.resources.iter().any(|pattern| pattern == "*") {
            return None;
        }
        let mut named = Vec::new();
        call.params.values().for_each(|value| leaves(value, &mut named));
        let covers = |pattern: &String| named.iter().any(|text| is_named(pattern, text));
        let allowed = statement.resources.iter().any(covers);
        (!allowed)
            .then(|| format!("not permitted: {action} for {purpose:?} on none of {:?}", statement.resources))
    }
}

/// The IAM action of a call.
pub fn action(call: &Call) -> String {
    format!("{}:{}", call.service, call.operation)
}

/// Whether a parameter names a resource of a pattern, by its ARN or by its name alone.
fn is_named(pattern: &str, text: &str) -> bool {
    if text.starts_with("arn:") {
        return matches(pattern, text);
    }
    let resource = pattern.splitn(6, ':').nth(5).unwrap_or_default();
    resource.match_indices([':', '/']).any(|(at, _)| matches(&resource[at + 1..], text))
}

/// Whether a text fits a pattern with the wildcard `*`.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|text| {
            text.char_indices().map(|(at, _)| at).chain([text.len()]).any(|at| matches(rest, &text[at..]))
        }),
    }
}

fn leaves<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(items) => items.iter().for_each(|item| leaves(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| leaves(field, found)),
        _ => {}
    }
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
