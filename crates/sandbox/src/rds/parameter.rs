//! The parameters of PostgreSQL that the sandbox knows: enough of each sort to be held to RDS's rules.

use serde_json::{Value, json};

use crate::call::Refusal;
use crate::params::Params;

/// How many parameters one call may change.
const AT_ONCE: usize = 20;

/// One parameter, the same in every family.
pub(super) struct Parameter {
    pub(super) name: &'static str,
    apply: Apply,
    /// The family's own value.
    default: Option<&'static str>,
    /// The values that it takes; empty for any.
    allowed: &'static [&'static str],
}

/// When a change of a parameter comes into force.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Apply {
    /// At once.
    Dynamic,
    /// With a reboot.
    Static,
    /// Never: RDS keeps it for itself.
    Fixed,
}

use Apply::{Dynamic, Fixed, Static};

const SWITCH: &[&str] = &["0", "1"];

static PARAMETERS: &[Parameter] = &[
    row("autovacuum", Dynamic, Some("1"), SWITCH),
    row("autovacuum_max_workers", Static, None, &[]),
    row("checkpoint_timeout", Dynamic, None, &[]),
    row("deadlock_timeout", Dynamic, None, &[]),
    row("default_statistics_target", Dynamic, None, &[]),
    row("effective_cache_size", Dynamic, Some("{DBInstanceClassMemory/16384}"), &[]),
    row("idle_in_transaction_session_timeout", Dynamic, Some("86400000"), &[]),
    row("lock_timeout", Dynamic, None, &[]),
    row("log_connections", Dynamic, None, SWITCH),
    row("log_disconnections", Dynamic, None, SWITCH),
    row("log_lock_waits", Dynamic, None, SWITCH),
    row("log_min_duration_statement", Dynamic, None, &[]),
    row("log_statement", Dynamic, None, &["none", "ddl", "mod", "all"]),
    row("log_temp_files", Dynamic, None, &[]),
    row("maintenance_work_mem", Dynamic, Some("GREATEST({DBInstanceClassMemory*1024/63963136},65536)"), &[]),
    row("max_connections", Static, Some("LEAST({DBInstanceClassMemory/9531392},5000)"), &[]),
    row("max_locks_per_transaction", Static, Some("64"), &[]),
    row("max_wal_size", Dynamic, Some("2048"), &[]),
    row("max_worker_processes", Static, Some("GREATEST(${DBInstanceVCPU*2},8)"), &[]),
    row("pg_stat_statements.track", Dynamic, None, &["none", "top", "all"]),
    row("random_page_cost", Dynamic, None, &[]),
    row("rds.force_ssl", Dynamic, Some("1"), SWITCH),
    row("rds.logical_replication", Static, Some("0"), SWITCH),
    row("rds.superuser_variables", Fixed, Some("session_replication_role"), &[]),
    row("shared_buffers", Static, Some("{DBInstanceClassMemory/32768}"), &[]),
    row("shared_preload_libraries", Static, Some("pg_stat_statements"), &[]),
    row("statement_timeout", Dynamic, None, &[]),
    row("timezone", Dynamic, Some("UTC"), &[]),
    row("track_activity_query_size", Static, Some("4096"), &[]),
    row("work_mem", Dynamic, None, &[]),
];

const fn row(
    name: &'static str,
    apply: Apply,
    default: Option<&'static str>,
    allowed: &'static [&'static str],
) -> Parameter {
    Parameter { name, apply, default, allowed }
}

/// Every parameter.
pub(super) fn all() -> impl Iterator<Item = &'static Parameter> {
    PARAMETERS.iter()
}

impl Parameter {
    /// The parameter as answers show it, with the value that somebody set, if somebody did.
    pub(super) fn view(&self, set: Option<&String>) -> Value {
        let allowed = if self.allowed.is_empty() { Value::Null } else { json!(self.allowed.join(",")) };
        json!({
            "ParameterName": self.name,
            "ParameterValue": set.map(String::as_str).or(self.default),
            "Source": if set.is_some() { "user" } else { "engine-default" },
            "ApplyType": if self.apply == Dynamic { "dynamic" } else { "static" },
            "ApplyMethod": if self.apply == Dynamic { "immediate" } else { "pending-reboot" },
            "AllowedValues": allowed,
            "IsModifiable": self.apply != Fixed,
        })
    }

    /// Refuses a value that the parameter does not take.
    pub(super) fn check(&self, value: &str) -> Result<(), Refusal> {
        if self.allowed.is_empty() || self.allowed.contains(&value) {
            return Ok(());
        }
        let allowed = self.allowed.join(",");
        let words =
            format!("Invalid parameter value: {value} for: {} allowed values are: {allowed}", self.name);
        Err(Refusal::illegal("InvalidParameterValue", words))
    }
}

/// A change of one parameter that a request asks for.
pub(super) struct Change {
    pub(super) known: &'static Parameter,
    pub(super) value: Option<String>,
    /// Whether it comes into force with a reboot only.
    pub(super) reboots: bool,
}

/// The changes that a request asks for, as far as RDS takes them.
pub(super) fn changes(params: &Params) -> Result<Vec<Change>, Refusal> {
    let asked = params.objects("Parameters")?;
    if asked.is_empty() {
        return Err(params.missing("Parameters"));
    }
    if asked.len() > AT_ONCE {
        let words = format!("The request must have at most {AT_ONCE} parameters.");
        return Err(Refusal::illegal("InvalidParameterValue", words));
    }
    asked.iter().map(change).collect()
}

fn change(asked: &Params) -> Result<Change, Refusal> {
    let name = asked.text("ParameterName")?;
    let known = PARAMETERS.iter().find(|known| known.name == name).ok_or_else(|| {
        Refusal::illegal("InvalidParameterValue", format!("Could not find parameter with name: {name}"))
    })?;
    if known.apply == Fixed {
        let words = format!("The parameter {name} cannot be modified.");
        return Err(Refusal::illegal("InvalidParameterValue", words));
    }
    let reboots = match asked.text("ApplyMethod")? {
        "immediate" if known.apply == Static => {
            let words = "cannot use immediate apply method for static parameter";
            return Err(Refusal::illegal("InvalidParameterCombination", words));
        }
        "immediate" => false,
        "pending-reboot" => true,
        other => return Err(asked.invalid("ApplyMethod", other, "")),
    };
    Ok(Change { known, value: asked.text_if("ParameterValue")?.map(str::to_owned), reboots })
}
