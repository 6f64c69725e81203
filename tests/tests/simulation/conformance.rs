//! What makes a kind a kind: one function over every row of the table of kinds, so that a new kind conforms or fails.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use sidekick_aws::{ADDRESS, Aws, KINDS, STACK};
use sidekick_engine::{Address, AnyKind, Mark, Mutation, Pending, Planned, Revises, Row, Seen};
use sidekick_sandbox::{Phase, Sandbox};
use sidekick_tests::simulation::configuration::Configuration;
use sidekick_tests::simulation::disk::Disk;
use sidekick_tests::simulation::estate::{Command, Estate, Fortune, Outcome};
use sidekick_tests::simulation::goal::{an_age, idles};
use sidekick_tests::simulation::workers;

use crate::fields::{Change, FIELDS};

const UP: Command = Command::Up(Configuration::Whole);

type Kind = &'static dyn AnyKind<Aws>;

/// A standing environment, and the calls that made it.
struct Standing {
    estate: Estate,
    rows: BTreeMap<String, Row>,
    /// For each address that a create call carried as an ownership tag, the account as it was after each that did.
    creates: BTreeMap<String, Vec<Sandbox>>,
}

impl Standing {
    async fn new() -> Self {
        let mut estate = Estate::new(5);
        let creates: Arc<Mutex<BTreeMap<String, Vec<Sandbox>>>> = Arc::default();
        let (seen, sandbox) = (Arc::clone(&creates), estate.sandbox.clone());
        estate.witness = Some(Arc::new(move |call, phase| {
            if phase == Phase::AfterEffect
                && let Some(address) = marked_address(&Value::Object(call.params.clone()))
                && ["Create", "Allocate", "Register"].iter().any(|it| call.operation.starts_with(it))
            {
                let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                seen.entry(address).or_default().push(sandbox.fork());
            }
        }));
        let up = estate.run(UP, Fortune::kind()).await;
        assert!(up.is_success(), "{up:?}");
        estate.witness = None;
        an_age().await;
        let creates = creates.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Self { rows: estate.rows(), estate: estate.fork(), creates }
    }

    fn of(&self, kind: Kind) -> impl Iterator<Item = (&String, &Row)> {
        self.rows.iter().filter(move |(_, row)| row.kind == kind.traits().name)
    }
}

/// The address in the ownership tags of a call, if it carries both of them.
fn marked_address(params: &Value) -> Option<String> {
    fn tags(value: &Value, found: &mut BTreeMap<String, String>) {
        let text = |names: [&str; 2]| names.iter().find_map(|name| value[*name].as_str()).map(str::to_owned);
        if let (Some(key), Some(value)) = (text(["Key", "key"]), text(["Value", "value"])) {
            found.insert(key, value);
        }
        match value {
            Value::Array(list) => list.iter().for_each(|one| tags(one, found)),
            Value::Object(fields) => {
                // Logs and some others take a map of tags.
                let plain =
                    fields.iter().filter_map(|(name, it)| Some((name.clone(), it.as_str()?.to_owned())));
                found.extend(plain.filter(|(name, _)| name.starts_with("sidekick:")));
                fields.values().for_each(|one| tags(one, found));
            }
            _ => {}
        }
    }
    let mut found = BTreeMap::new();
    tags(params, &mut found);
    found.contains_key(STACK).then(|| found.remove(ADDRESS)).flatten()
}

/// Everything that a kind owes, checked on the resources of it that stand in the reference environment.
async fn conforms(standing: &Standing, kind: Kind) -> Vec<String> {
    let mut findings = Vec::new();
    let name = kind.traits().name;
    if standing.of(kind).next().is_none() {
        findings.push("the whole environment has no such resource: switch it on in `whole.toml`".to_owned());
    }
    let estate = standing.estate.fork();
    let (aws, stack) = (estate.aws(Configuration::Whole.get()), "sidekick/dev".to_owned());
    for (address, row) in standing.of(kind) {
        let mut found = |what: String| findings.push(format!("{address}: {what}"));
        let mark = Mark { stack: stack.clone(), address: Address::from(address.as_str()) };
        let id = row.id.as_ref().expect("a standing resource has an identity");
        match kind.observe(&row.spec, &aws, id).await {
            Ok(Seen::Live { actual, outputs, owner, degraded: None, .. }) => {
                let diff = kind.diff(&row.spec, &actual).map(sidekick_engine::Diff::into_changes);
                if !diff.as_ref().is_ok_and(Vec::is_empty) {
                    found(format!("once ready it still differs: {diff:?}"));
                }
                if row.outputs.as_ref() != Some(&outputs) {
                    found(format!("its outputs {outputs} are not those on record: {:?}", row.outputs));
                }
                if !owner.is(&mark) {
                    found(format!("it is not known as ours: {owner:?}"));
                }
                let is_untagged = owner == sidekick_engine::Owner::Parent;
                let creates = standing.creates.get(address).map_or(0, Vec::len);
                if creates != usize::from(!is_untagged) {
                    found(format!("{creates} create calls carried its ownership tags"));
                }
            }
            other => found(format!("once ready it is seen as {other:?}")),
        }
        match kind.find(&row.spec, &aws, &mark).await {
            Ok(Some(same)) if same == *id => {}
            other => found(format!("a look by name or tags finds {other:?}")),
        }
        let is_home = |it: &Address| {
            standing.rows.get(it.as_str()).map(|row| row.kind.as_str()) == kind.traits().within
        };
        if kind.traits().within.is_some() && !row.depends_on.iter().any(is_home) {
            found(format!("it depends on nothing that it could live in: {:?}", row.depends_on));
        }
        if let Err(what) = is_created_as_it_says(standing, kind, (address, row)).await {
            found(what);
        }
    }
    for (address, row) in standing.of(kind).take(1) {
        findings.extend(misnamed(kind, row));
        for field in row.spec.as_object().into_iter().flat_map(|spec| spec.keys()) {
            let rows = FIELDS.iter().filter(|row| (row.0, row.1) == (name, field.as_str()));
            let mut tried = 0;
            for (_, _, change) in rows {
                tried += 1;
                let found = changes(standing, kind, (address, row), (field, change)).await;
                findings.extend(found.into_iter().map(|it| format!("{address}: {field}: {it}")));
            }
            if tried == 0 {
                findings.push(format!("{address}: {field} is in no row of the fields: {}", row.spec[field]));
            }
        }
    }
    findings.into_iter().map(|finding| format!("{name}: {finding}")).collect()
}

/// A look right after the create call shows what the kind takes for certain then.
async fn is_created_as_it_says(
    standing: &Standing,
    kind: Kind,
    (address, row): (&String, &Row),
) -> Result<(), String> {
    let Some(certain) = kind.as_created(&row.spec).map_err(|fault| fault.to_string())? else { return Ok(()) };
    let created = standing.creates.get(address).and_then(|created| created.first());
    let mut estate = standing.estate.fork();
    estate.sandbox = created.ok_or("no create call carried its ownership tags")?.fork();
    an_age().await;
    let (aws, id) = (estate.aws(Configuration::Whole.get()), row.id.as_ref().ok_or("it has no identity")?);
    match kind.observe(&row.spec, &aws, id).await {
        Ok(Seen::Live { actual, .. }) if actual == certain => Ok(()),
        other => Err(format!("after its create it is not {certain} but {other:?}")),
    }
}

/// The recorded spec with another value of one field.
fn with_other(row: &Row, field: &str, change: &Change) -> Value {
    let mut desired = row.spec.clone();
    desired[field] = change.other()(&row.spec[field]);
    desired
}

/// What the kind's constants name that is no field of any difference, or of none that replaces the resource.
fn misnamed(kind: Kind, row: &Row) -> Vec<String> {
    let traits = kind.traits();
    let of_kind = FIELDS.iter().filter(|row| row.0 == traits.name);
    let diffs =
        of_kind.filter_map(|(_, field, change)| kind.diff(&with_other(row, field, change), &row.spec).ok());
    let reported: Vec<_> = diffs.flat_map(sidekick_engine::Diff::into_changes).collect();
    let is_reported = |field: &str, replaces: bool| {
        reported.iter().any(|change| change.field == field && (change.replaces || !replaces))
    };
    let revises: &[&str] = if let Revises::With(fields) = traits.revises { fields } else { &[] };
    let unknown = revises.iter().filter(|field| !is_reported(field, false));
    let unknown = unknown.map(|field| format!("REVISES names {field}, which no difference does"));
    let others = traits.distinct_by.iter().filter(|field| !is_reported(field, true));
    let others = others.map(|field| format!("DISTINCT_BY names {field}, which replaces nothing"));
    let hidden = traits.hidden.iter().filter(|field| !is_reported(field, false));
    let hidden = hidden.map(|field| format!("HIDDEN names {field}, which no difference does"));
    unknown.chain(others).chain(hidden).collect()
}

/// One field is changed on a standing environment, which leads to what the table says of it, and to rest.
async fn changes(
    standing: &Standing,
    kind: Kind,
    (address, row): (&str, &Row),
    (field, change): (&str, &Change),
) -> Vec<String> {
    let expected = match change {
        Change::Made(expected, _) | Change::Declared(expected, _) => Some(*expected),
        Change::Recorded(_) => Some(Planned::Update),
        Change::Uncompared(_) => None,
    };
    let desired = with_other(row, field, change);
    let value = desired[field].clone();
    if desired == row.spec {
        return vec!["the other value is the same".to_owned()];
    }
    let declared = match kind.diff(&desired, &row.spec) {
        Ok(diff) if diff.is_empty() => None,
        Ok(diff) if diff.replaces() => Some(Planned::Replace),
        Ok(_) => Some(Planned::Update),
        Err(fault) => return vec![format!("the other value is none: {fault}")],
    };
    if declared != expected {
        return vec![format!("it is declared as {declared:?}")];
    }
    let expected = match change {
        Change::Made(expected, _) => *expected,
        Change::Recorded(_) => Planned::Keep,
        Change::Declared(..) | Change::Uncompared(_) => return Vec::new(),
    };
    let mut estate = standing.estate.fork();
    estate.consent = standing.rows.keys().map(|address| Address::from(address.as_str())).collect();
    let place = Address::from(address);
    let field = field.to_owned();
    estate.amendment = Some((place.clone(), Arc::new(move |spec: &mut Value| spec[&field] = value.clone())));
    let outcome = estate.run(UP, Fortune::kind()).await;
    let Outcome::Ended(plan, report) = &outcome else { return vec![format!("it ended with {outcome:?}")] };
    let mut findings = Vec::new();
    if plan.action(&place) != Some(expected) {
        findings.push(format!("planned was {:?}", plan.action(&place)));
    }
    if !report.is_success() {
        findings.push(format!("it failed: {report:?}"));
    }
    an_age().await;
    findings.extend(estate.audit());
    findings.extend(idles(&estate, UP).await);
    let same = estate.rows().get(address).is_some_and(|after| after.created_at == row.created_at);
    if estate.rows().get(address).is_none_or(|after| after.spec != desired) {
        findings.push("the change is not on record".to_owned());
    }
    if same == (expected == Planned::Replace) {
        findings.push("an update keeps the resource, and a replacement makes another one".to_owned());
    }
    findings
}

#[test]
fn every_kind_conforms() {
    let standing = workers::run(Standing::new());
    let findings = workers::each(KINDS.iter().copied(), |kind| conforms(&standing, kind));
    let findings: Vec<_> = findings.into_iter().flatten().collect();
    assert!(findings.is_empty(), "{} findings\n{}", findings.len(), findings.join("\n"));
}

/// Of a delete that was announced the end may not have been seen; sent once more, it is no failure.
#[tokio::test(start_paused = true)]
async fn every_kind_can_be_deleted_twice() {
    let standing = Standing::new().await;
    let estate = standing.estate.fork();
    assert!(estate.run(Command::Down, Fortune::kind()).await.is_success());
    an_age().await;
    let mut state: Value =
        serde_json::from_slice(&standing.estate.disk.text().expect("a state")).expect("a state is JSON");
    let begun_at = estate.clock().now();
    let intent =
        Pending { action: Mutation::Delete, token: uuid::Uuid::from_u128(1), begun_at, sent: Vec::new() };
    for row in state["rows"].as_object_mut().into_iter().flat_map(|rows| rows.values_mut()) {
        row["intent"] = serde_json::to_value(&intent).expect("an intent is plain data");
    }
    let mut again = estate.fork();
    again.disk = Disk::with(state.to_string().into_bytes());
    let outcome = again.run(Command::Down, Fortune::kind()).await;
    assert!(outcome.is_success(), "{outcome:?}");
    assert_eq!(again.rows().len(), 0);
    let log = again.sandbox.log();
    let illegal = sidekick_tests::simulation::audit::illegal_calls(&log, false);
    assert_eq!(illegal, [""; 0]);
    let sent = log.0.iter().filter(|call| call.mutating).count();
    assert!(sent > 20, "only {sent} deletes were sent again");
}
