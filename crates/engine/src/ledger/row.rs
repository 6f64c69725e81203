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
    /// Each spec that an update was to bring about since the last one that is confirmed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sent: Vec<Value>,
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

impl Row {
    /// The spec with its hidden fields as they are recorded. One that an older record lacks is as desired.
    ///
    /// After an update that nobody saw the end of, a field may be as it was or as it was sent. It counts as whatever is
    /// not desired, so that it is sent again.
    pub(crate) fn unveil(&self, hidden: &[&str], mut spec: Value) -> Value {
        for field in hidden {
            let Some(wanted) = spec.get_mut(field) else { continue };
            let sent = self.intent.iter().flat_map(|pending| &pending.sent);
            let mut possible = [&self.spec].into_iter().chain(sent).filter_map(|spec| spec.get(field));
            if let Some(other) = possible.find(|value| *value != wanted) {
                wanted.clone_from(other);
            }
        }
        spec
    }

    /// Whether it says already that the resource is as it should be, as most do when a run begins.
    pub(super) fn says(&self, entry: &Entry) -> bool {
        let Entry::Ready { spec, outputs, depends_on } = entry else { return false };
        self.intent.is_none()
            && self.spec == *spec
            && self.outputs.as_ref() == Some(outputs)
            && self.depends_on == *depends_on
    }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::ledger::{Contents, Identity};

    const ACTIONS: [Mutation; 3] = [Mutation::Create, Mutation::Update, Mutation::Delete];

    fn begin(action: Mutation, spec: u8) -> Entry {
        let pending = Pending {
            action,
            token: Uuid::from_u128(u128::from(spec)),
            begun_at: Timestamp::UNIX_EPOCH,
            sent: Vec::new(),
        };
        let depends_on = BTreeSet::from([format!("need-{spec}").into()]);
        Entry::Begin { kind: "toy.thing".into(), spec: json!(spec), depends_on, pending }
    }

    fn adopted(id: u8) -> Entry {
        let (kind, at) = ("toy.thing".to_owned(), Timestamp::UNIX_EPOCH);
        Entry::Adopted { kind, id: json!(id), spec: json!(id), depends_on: BTreeSet::new(), at }
    }

    fn ready(spec: u8) -> Entry {
        Entry::Ready { spec: json!(spec), outputs: json!({ "of": spec }), depends_on: BTreeSet::new() }
    }

    fn created(id: u8) -> Entry {
        Entry::Created { id: json!(id), at: Timestamp::UNIX_EPOCH }
    }

    fn entries() -> impl Strategy<Value = Entry> {
        prop_oneof![
            (0..3_usize, 0..4_u8).prop_map(|(action, spec)| begin(ACTIONS[action], spec)),
            (0..4_u8).prop_map(created),
            Just(Entry::Refused),
            (0..4_u8).prop_map(adopted),
            (0..4_u8).prop_map(ready),
            Just(Entry::Gone),
        ]
    }

    #[test]
    fn exactly_the_facts_that_can_be_true_of_a_row_are_recorded() {
        let unanswered = next(None, begin(Mutation::Create, 1)).unwrap();
        let object = next(None, adopted(1)).unwrap();
        let table = [
            (begin(Mutation::Create, 1), [true, true, false]),
            (begin(Mutation::Update, 1), [false, false, true]),
            (begin(Mutation::Delete, 1), [false, false, true]),
            (created(1), [false, true, false]),
            (Entry::Refused, [false, true, true]),
            (adopted(1), [true, false, false]),
            (ready(1), [false, false, true]),
            (Entry::Gone, [true, true, true]),
        ];
        for (entry, legal) in table {
            for (row, legal) in [None, unanswered.clone(), object.clone()].into_iter().zip(legal) {
                assert_eq!(next(row.clone(), entry.clone()).is_ok(), legal, "{entry:?} for {row:?}");
            }
        }
    }

    #[test]
    fn an_illegal_fact_names_itself_and_the_row() {
        let illegal = next(None, ready(1)).unwrap_err();
        assert_eq!(illegal.to_string(), "cannot record Ready for a row with nothing in it");
    }

    #[test]
    fn a_dependency_holds_until_the_update_that_drops_it_is_confirmed() {
        let row = next(None, begin(Mutation::Create, 1)).unwrap();
        let row = next(row, created(1)).unwrap();
        let row = next(row, begin(Mutation::Update, 2)).unwrap().unwrap();
        assert_eq!(row.depends_on, BTreeSet::from(["need-1".into(), "need-2".into()]));
        assert_eq!(row.spec, json!(1), "what was last confirmed");
        let row = next(Some(row), ready(2)).unwrap().unwrap();
        assert_eq!((row.depends_on, row.spec, row.intent), (BTreeSet::new(), json!(2), None));
    }

    proptest! {
        /// Whatever is recorded in whatever order, the ledger can be read back, and reading checks its invariants.
        #[test]
        fn any_sequence_of_facts_leaves_a_ledger_that_can_be_read_back(
            sequence in prop::collection::vec(entries(), 0..40)
        ) {
            let identity = Identity { stack: "toy".into(), account: "1".into(), region: "here".into() };
            let mut contents = Contents::new(identity, Uuid::nil());
            let mut row: Option<Row> = None;
            for entry in sequence {
                let before = row.clone();
                if let Ok(after) = next(row.clone(), entry) {
                    row = after;
                }
                let id = |row: &Option<Row>| row.as_ref().and_then(|row| row.id.clone());
                let (had, has) = (id(&before), id(&row));
                prop_assert!(had.is_none() || has.is_none() || had == has, "an identity never changes");
                contents.rows = row.clone().map(|row| ("it".into(), row)).into_iter().collect();
                let text = contents.text().unwrap();
                prop_assert_eq!(&Contents::parse(&text).unwrap(), &contents);
            }
        }
    }
}
