//! The containers of a task definition: what ECS checks of them, and what their tasks need from the world.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::call::Refusal;
use crate::params::Params;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Container {
    pub(super) name: String,
    pub(super) image: String,
    pub(super) ports: Vec<i64>,
    pub(super) environment: BTreeMap<String, String>,
    /// Environment variables with the ARNs that their values come from.
    pub(super) secrets: BTreeMap<String, String>,
    /// The log group of the `awslogs` driver.
    pub(super) log_group: Option<String>,
    /// How long it may take to stop; the container is expected to use it up.
    pub(super) stop_timeout: Option<i64>,
    essential: bool,
    log_options: BTreeMap<String, String>,
    command: Vec<String>,
    entry_point: Vec<String>,
    readonly_root: Option<bool>,
}

impl Container {
    /// What the names of its log streams begin with.
    pub(super) fn log_prefix(&self) -> Option<&str> {
        self.log_options.get("awslogs-stream-prefix").map(String::as_str)
    }

    /// What the log driver says of its options when it starts.
    pub(super) fn check_log_options(&self) -> Result<(), &'static str> {
        match [DATETIME_FORMAT, MULTILINE_PATTERN].iter().all(|option| self.log_options.contains_key(*option))
        {
            true => Err(
                "you cannot configure log opt 'awslogs-datetime-format' and 'awslogs-multiline-pattern' at \
                         the same time",
            ),
            false => Ok(()),
        }
    }

    /// The definition as answers show it, with what ECS fills in.
    pub(super) fn view(&self) -> Value {
        let pair =
            |key: &'static str| move |(name, value): (&String, &String)| json!({ "name": name, key: value });
        let port = |port: &i64| json!({ "containerPort": port, "hostPort": port, "protocol": "tcp" });
        let mut view = json!({
            "name": self.name,
            "image": self.image,
            "cpu": 0,
            "essential": self.essential,
            "portMappings": self.ports.iter().map(port).collect::<Value>(),
            "environment": self.environment.iter().map(pair("value")).collect::<Value>(),
            "mountPoints": [],
            "volumesFrom": [],
            "systemControls": [],
        });
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                view[name] = value;
            }
        };
        let some = |items: &[String]| (!items.is_empty()).then(|| json!(items));
        let secrets = self.secrets.iter().map(pair("valueFrom")).collect::<Value>();
        set("secrets", (!self.secrets.is_empty()).then_some(secrets));
        set("command", some(&self.command));
        set("entryPoint", some(&self.entry_point));
        set("stopTimeout", self.stop_timeout.map(|seconds| json!(seconds)));
        set("readonlyRootFilesystem", self.readonly_root.map(|flag| json!(flag)));
        let logs = json!({ "logDriver": "awslogs", "options": self.log_options, "secretOptions": [] });
        set("logConfiguration", self.log_group.as_ref().map(|_| logs));
        view
    }
}

fn refuse(words: impl Into<String>) -> Refusal {
    Refusal::illegal("ClientException", words)
}

/// The containers that a call defines.
pub(super) fn read(params: &Params) -> Result<Vec<Container>, Refusal> {
    let containers: Vec<Container> =
        params.objects("containerDefinitions")?.iter().map(read_one).collect::<Result<_, _>>()?;
    let names: BTreeSet<&String> = containers.iter().map(|container| &container.name).collect();
    if containers.is_empty() || !containers.iter().any(|container| container.essential) {
        return Err(refuse("At least one container must be specified as essential in the task definition."));
    }
    if names.len() < containers.len() {
        return Err(refuse("Container names must be unique within a task definition."));
    }
    Ok(containers)
}

fn read_one(params: &Params) -> Result<Container, Refusal> {
    let name = params.text("name")?.to_owned();
    let image = params.text("image")?.to_owned();
    if image.is_empty() || image.contains(char::is_whitespace) {
        return Err(refuse("Container.image contains invalid characters."));
    }
    let stop_timeout = params.number("stopTimeout")?;
    if let Some(seconds) = stop_timeout.filter(|seconds| !(0..=120).contains(seconds)) {
        return Err(refuse(format!(
            "The stop timeout {seconds} is not between 0 and 120 seconds on Fargate."
        )));
    }
    for empty in ["mountPoints", "volumesFrom", "systemControls"] {
        if params.value(empty).and_then(Value::as_array).is_some_and(|items| !items.is_empty()) {
            return Err(params.invalid(empty, "", "The sandbox models neither volumes nor system controls."));
        }
    }
    if let Some(share) = params.number("cpu")?.filter(|share| *share != 0) {
        return Err(params.invalid("cpu", share, "The sandbox models no shares between containers."));
    }
    let (log_group, log_options) = read_logs(params)?;
    Ok(Container {
        ports: read_ports(params)?,
        environment: read_pairs(params, "environment", "value")?,
        secrets: read_secrets(params)?,
        log_group,
        stop_timeout,
        essential: params.flag("essential")?.unwrap_or(true),
        log_options,
        command: params.texts("command")?,
        entry_point: params.texts("entryPoint")?,
        readonly_root: params.flag("readonlyRootFilesystem")?,
        name,
        image,
    })
}

fn read_ports(params: &Params) -> Result<Vec<i64>, Refusal> {
    let mut ports = Vec::new();
    for mapping in params.objects("portMappings")? {
        let port = mapping.number("containerPort")?.ok_or_else(|| mapping.missing("containerPort"))?;
        if mapping.number("hostPort")?.is_some_and(|host| host != port) {
            let words =
                "When networkMode=awsvpc, the host ports and container ports in port mappings must match.";
            return Err(refuse(words));
        }
        if let Some(other) = mapping.text_if("protocol")?.filter(|protocol| *protocol != "tcp") {
            return Err(mapping.invalid("protocol", other, "The sandbox models tcp only."));
        }
        ports.push(port);
    }
    Ok(ports)
}

/// `[{name, value}]`, of which a later one replaces an earlier one.
fn read_pairs(params: &Params, list: &str, value: &str) -> Result<BTreeMap<String, String>, Refusal> {
    let pairs = params.objects(list)?;
    pairs.iter().map(|pair| Ok((pair.text("name")?.to_owned(), pair.text(value)?.to_owned()))).collect()
}

fn read_secrets(params: &Params) -> Result<BTreeMap<String, String>, Refusal> {
    let secrets = read_pairs(params, "secrets", "valueFrom")?;
    // An ARN has seven parts, and three more if it picks a key, a stage and a version.
    let is_arn = |from: &&String| {
        from.starts_with("arn:aws:secretsmanager:") && matches!(from.split(':').count(), 7 | 10)
    };
    match secrets.values().find(|from| !is_arn(from)) {
        None => Ok(secrets),
        Some(from) => {
            let why = "The sandbox models ARN and ARN:key:stage:version of Secrets Manager.";
            Err(params.invalid("secrets", from, why))
        }
    }
}

const DATETIME_FORMAT: &str = "awslogs-datetime-format";
const MULTILINE_PATTERN: &str = "awslogs-multiline-pattern";
const REQUIRED: &[&str] = &["awslogs-group", "awslogs-region", "awslogs-stream-prefix"];

type Logs = (Option<String>, BTreeMap<String, String>);

fn read_logs(params: &Params) -> Result<Logs, Refusal> {
    let Some(logs) = params.object("logConfiguration")? else { return Ok(Logs::default()) };
    let driver = logs.text("logDriver")?;
    if driver != "awslogs" {
        return Err(logs.invalid("logDriver", driver, "The sandbox models awslogs only."));
    }
    if !logs.objects("secretOptions")?.is_empty() {
        return Err(logs.invalid("secretOptions", "", "awslogs takes no secrets."));
    }
    let mut options = BTreeMap::new();
    for (name, value) in logs.value("options").and_then(Value::as_object).into_iter().flatten() {
        let value = value.as_str().ok_or_else(|| logs.invalid(name, value, "It must be text."))?;
        if !REQUIRED.contains(&name.as_str())
            && ![DATETIME_FORMAT, MULTILINE_PATTERN].contains(&name.as_str())
        {
            return Err(refuse(format!("Log driver awslogs disallows options: {name}")));
        }
        options.insert(name.clone(), value.to_owned());
    }
    for required in REQUIRED {
        if !options.contains_key(*required) {
            return Err(refuse(format!("Log driver awslogs requires options: {required}")));
        }
    }
    Ok((options.get("awslogs-group").cloned(), options))
}
