//! The state file's shape. The format number is read before anything else, and a newer one is refused by name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{LedgerError, Row};
use crate::Address;

/// The format that this version writes.
const FORMAT: u32 = 1;

/// Everything a ledger knows.
#[derive(Clone, Debug, PartialEq)]
pub struct Contents {
    /// The random id of this ledger, which never changes.
    pub lineage: Uuid,
    /// Grows with each write.
    pub serial: u64,
    /// Whose environment it describes.
    pub identity: Identity,
    /// The resources, by address.
    pub rows: BTreeMap<Address, Row>,
}

/// Which state of which ledger a text is. Every text says it, whatever else is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// The ledger.
    pub lineage: Uuid,
    /// How many writes it had by then.
    pub serial: u64,
}

/// What a ledger is about. A run against anything else is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Project and environment, such as `sidekick/dev`.
    pub stack: String,
    /// The AWS account.
    pub account: String,
    /// The AWS region.
    pub region: String,
}

/// The file as it is written. It borrows all that is large, because a run writes it a hundred times.
#[derive(Serialize)]
struct Written<'a> {
    format: u32,
    written_by: String,
    lineage: Uuid,
    serial: u64,
    #[serde(flatten)]
    identity: &'a Identity,
    rows: &'a BTreeMap<Address, Row>,
}

/// The file as it is read. Kept apart from [`Contents`], so that parsing cannot go around the format's gate.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "format")]
    _format: u32,
    #[serde(rename = "written_by")]
    _written_by: String,
    lineage: Uuid,
    serial: u64,
    stack: String,
    account: String,
    region: String,
    rows: BTreeMap<Address, Row>,
}

/// The part that every format has.
#[derive(Deserialize)]
struct Head {
    format: u32,
    written_by: String,
}

impl Contents {
    /// An empty ledger.
    pub fn new(identity: Identity, lineage: Uuid) -> Self {
        Self { lineage, serial: 0, identity, rows: BTreeMap::new() }
    }

    /// Reads a state file's text.
    pub fn parse(text: &[u8]) -> Result<Self, LedgerError> {
        let broken = |error: serde_json::Error| LedgerError::Broken { detail: unreadable(&error) };
        let head: Head = serde_json::from_slice(text).map_err(broken)?;
        if head.format > FORMAT {
            return Err(LedgerError::Newer { format: head.format, written_by: head.written_by });
        }
        let File { lineage, serial, stack, account, region, rows, .. } =
            serde_json::from_slice(text).map_err(broken)?;
        let contents = Self { lineage, serial, identity: Identity { stack, account, region }, rows };
        contents.verify()?;
        Ok(contents)
    }

    /// Which state this is.
    pub fn version(&self) -> Version {
        Version { lineage: self.lineage, serial: self.serial }
    }

    /// Refuses a state of another stack or region. Whose account it is, only AWS can say.
    pub fn is_about(&self, stack: &str, region: &str) -> Result<(), LedgerError> {
        same("stack", &self.identity.stack, stack)?;
        same("region", &self.identity.region, region)
    }

    /// Refuses a state of anything else.
    pub(super) fn is_of(&self, identity: &Identity) -> Result<(), LedgerError> {
        self.is_about(&identity.stack, &identity.region)?;
        same("account", &self.identity.account, &identity.account)
    }

    /// Writes a state file's text.
    pub(super) fn text(&self) -> serde_json::Result<Vec<u8>> {
        let file = Written {
            format: FORMAT,
            written_by: format!("sidekick {}", env!("CARGO_PKG_VERSION")),
            lineage: self.lineage,
            serial: self.serial,
            identity: &self.identity,
            rows: &self.rows,
        };
        let mut text = serde_json::to_vec_pretty(&file)?;
        text.push(b'\n');
        Ok(text)
    }

    /// Checks what must hold of any ledger: a row without an identity is an unanswered create.
    fn verify(&self) -> Result<(), LedgerError> {
        for (address, row) in &self.rows {
            let unanswered = row.intent.as_ref().is_some_and(|it| it.action == crate::Mutation::Create);
            if row.id.is_none() != unanswered {
                return Err(LedgerError::Broken {
                    detail: format!("row {address} must have either an id or an unanswered create"),
                });
            }
        }
        Ok(())
    }
}

fn same(what: &'static str, found: &str, wanted: &str) -> Result<(), LedgerError> {
    if found == wanted {
        return Ok(());
    }
    Err(LedgerError::Foreign { what, found: found.to_owned(), wanted: wanted.to_owned() })
}

/// What is wrong in a file, and where, without what stands there: whoever names a file of secrets where a state or a
/// plan is expected shall not find them in a build log as well.
pub fn unreadable(error: &serde_json::Error) -> String {
    let told = error.to_string();
    let names_a_field = ["unknown field", "missing field", "duplicate field"];
    // A file that is no JSON at all is told by its place anyway.
    if !error.is_data() || names_a_field.iter().any(|start| told.starts_with(start)) {
        return told;
    }
    format!("another value is expected at line {} column {}", error.line(), error.column())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of format 1, word for word; `VERSION` is the version that wrote it.
    const GOLDEN: &str = r#"{
  "format": 1,
  "written_by": "sidekick VERSION",
  "lineage": "67e55044-10b1-426f-9247-bb680e5fe0c8",
  "serial": 42,
  "stack": "sidekick/dev",
  "account": "123456789012",
  "region": "eu-central-1",
  "rows": {
    "network.subnet.a": {
      "kind": "ec2.subnet",
      "spec": {
        "cidr": "10.0.1.0/24",
        "vpc": "vpc-1"
      },
      "depends_on": [
        "network.vpc"
      ],
      "intent": {
        "action": "create",
        "token": "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        "begun_at": "2026-01-02T03:04:05.678Z"
      }
    },
    "network.vpc": {
      "kind": "ec2.vpc",
      "id": "vpc-1",
      "spec": {
        "cidr": "10.0.0.0/16"
      },
      "outputs": {
        "id": "vpc-1"
      },
      "created_at": "2026-01-02T03:04:05Z"
    }
  }
}
"#;

    fn golden() -> String {
        GOLDEN.replace("VERSION", env!("CARGO_PKG_VERSION"))
    }

    fn broken(text: &str) -> String {
        match Contents::parse(text.as_bytes()) {
            Err(LedgerError::Broken { detail }) => detail,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_file_of_format_1_is_read_and_written_back_byte_by_byte() {
        let contents = Contents::parse(golden().as_bytes()).unwrap();
        assert_eq!(contents.serial, 42);
        assert_eq!(contents.rows.len(), 2);
        assert_eq!(String::from_utf8(contents.text().unwrap()).unwrap(), golden());
    }

    #[test]
    fn a_newer_format_is_refused_with_the_name_of_what_wrote_it_whatever_else_is_in_it() {
        let text = r#"{"format": 2, "written_by": "sidekick 9.9.9", "rows": ["another shape"]}"#;
        let error = Contents::parse(text.as_bytes()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the state file has format 2, written by sidekick 9.9.9, which is newer than this sidekick"
        );
    }

    #[test]
    fn a_file_that_is_cut_off_anywhere_is_broken() {
        let text = golden();
        // Without the line end at its end it is still whole.
        for cut in 0..text.len() - 1 {
            broken(&text[..cut]);
        }
    }

    #[test]
    fn a_row_without_an_identity_must_be_an_unanswered_create() {
        let text = golden().replace("\"id\": \"vpc-1\",\n      \"spec\"", "\"spec\"");
        assert_eq!(broken(&text), "row network.vpc must have either an id or an unanswered create");
        let text =
            golden().replace("\"kind\": \"ec2.subnet\"", "\"kind\": \"ec2.subnet\", \"id\": \"subnet-1\"");
        assert_eq!(broken(&text), "row network.subnet.a must have either an id or an unanswered create");
        let text = golden().replace("\"create\"", "\"delete\"");
        assert_eq!(broken(&text), "row network.subnet.a must have either an id or an unanswered create");
    }

    #[test]
    fn a_field_that_is_unknown_is_not_dropped_in_silence() {
        for owner in ["\"serial\"", "\"kind\"", "\"token\""] {
            let text = golden().replacen(owner, &format!("\"surprise\": 1, {owner}"), 1);
            assert!(broken(&text).contains("surprise"), "{text}");
        }
    }

    #[test]
    fn a_value_that_does_not_belong_there_is_told_by_its_place_alone() {
        for field in ["lineage", "serial", "action", "created_at"] {
            let own = format!("\"{field}\": ");
            let text = golden().replacen(&own, &format!("{own}\"hunter2\", \"rest\": "), 1);
            assert!(text.contains("hunter2"), "{field}");
            let told = broken(&text);
            assert!(
                told.contains("another value is expected at line") && !told.contains("hunter2"),
                "{told}"
            );
        }
        for text in ["\"hunter2\"", "[\"hunter2\"]", "hunter2", "NAME=hunter2"] {
            assert!(!broken(text).contains("hunter2"), "{}", broken(text));
        }
    }

    #[test]
    fn a_file_that_is_damaged_anywhere_is_refused_or_read_as_it_stands() {
        let text = golden().into_bytes();
        for at in 0..text.len() {
            for byte in *b"\0 9x\"}]\xff" {
                let mut damaged = text.clone();
                damaged[at] = byte;
                if let Ok(contents) = Contents::parse(&damaged) {
                    let written = contents.text().unwrap();
                    assert_eq!(Contents::parse(&written).unwrap(), contents, "{byte} at {at}");
                }
            }
        }
    }
}
