//! What the ledger holds about one address, and the one function by which it changes.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::Address;
use crate::event::Mutation;

/// The record of one resource. It holds references to secrets, never their values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The resource's kind.
    pub kind: String,
    /// The physical identity; absent until a create was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Value>,
    /// The spec as last sent or confirmed.
    pub spec: Value,
    /// What dependents may read; absent until the resource was ready once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outputs: Option<Value>,
    /// The resources this one needed; they order its teardown without the configuration.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub depends_on: BTreeSet<Address>,
    /// The mutation that may be under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intent: Option<Pending>,
    /// When the create was answered or the resource adopted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
}

/// A mutation that was announced and whose outcome is not recorded yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pending {
    /// What may have happened.
    pub action: Mutation,
    /// The token that its calls carry, in this run and after a crash.
    pub token: Uuid,
    /// When it was announced.
    pub begun_at: Timestamp,
}

/// One fact to record about one address.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Entry {
    /// A mutating call is about to be sent.
    Begin { kind: String, spec: Value, depends_on: BTreeSet<Address>, pending: Pending },
    /// The create was answered, or its result was found.
    Created { id: Value, at: Timestamp },
    /// The mutation certainly did not happen.
    Refused,
    /// An existing resource with our mark becomes ours to look after.
    Adopted { kind: String, id: Value, spec: Value, depends_on: BTreeSet<Address>, at: Timestamp },
    /// The resource is as `spec` says.
    Ready { spec: Value, outputs: Value, depends_on: BTreeSet<Address> },
    /// The resource does not exist (any more).
    Gone,
}

/// A fact that cannot be true of the row it is recorded for: a defect of the engine or a meddled-with file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot record {entry} for a row with {row}")]
pub struct IllegalTransition {
    entry: String,
    row: &'static str,
}

/// Applies one fact to one row; `None` is no row. The only way a ledger changes.
pub(crate) fn next(row: Option<Row>, entry: Entry) -> Result<Option<Row>, IllegalTransition> {
    match (row, entry) {
        (None, Entry::Begin { kind, spec, depends_on, pending }) if pending.action == Mutation::Create => {
            let (id, outputs, created_at) = (None, None, None);
            Ok(Some(Row { kind, id, spec, outputs, depends_on, intent: Some(pending), created_at }))
        }
        // A create is announced anew for each try, and its spec may have changed since the last one.
        (Some(row @ Row { id: None, .. }), Entry::Begin { spec, depends_on, pending, .. })
            if pending.action == Mutation::Create =>
        {
            Ok(Some(Row { spec, depends_on, intent: Some(pending), ..row }))
        }
        // The recorded spec stays what was last confirmed: what a half-done update reached is for AWS to say.
        (Some(row @ Row { id: Some(_), .. }), Entry::Begin { pending, depends_on, .. })
            if pending.action != Mutation::Create =>
        {
            // A dependency that an update is about to drop still holds until the update is confirmed.
            let depends_on = row.depends_on.union(&depends_on).cloned().collect();
            Ok(Some(Row { intent: Some(pending), depends_on, ..row }))
        }
        (Some(row @ Row { id: None, .. }), Entry::Created { id, at }) => {
            Ok(Some(Row { id: Some(id), intent: None, created_at: Some(at), ..row }))
        }
        (None, Entry::Adopted { kind, id, spec, depends_on, at }) => {
            let (id, created_at) = (Some(id), Some(at));
            Ok(Some(Row { kind, id, spec, outputs: None, depends_on, intent: None, created_at }))
        }
        (Some(Row { id: None, .. }), Entry::Refused) => Ok(None),
        (Some(row), Entry::Refused) => Ok(Some(Row { intent: None, ..row })),
        (Some(row @ Row { id: Some(_), .. }), Entry::Ready { spec, outputs, depends_on }) => {
            Ok(Some(Row { spec, outputs: Some(outputs), depends_on, intent: None, ..row }))
        }
        (_, Entry::Gone) => Ok(None),
        (row, entry) => Err(IllegalTransition {
            entry: format!("{entry:?}").split([' ', '{']).next().unwrap_or_default().to_owned(),
            row: match row {
                None => "nothing in it",
                Some(Row { id: None, .. }) => "an unanswered create",
                Some(_) => "an object",
            },
        }),
    }
}
