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

/// The file, word for word. Kept apart from [`Contents`], so that parsing cannot go around the format's gate.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u32,
    written_by: String,
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
        let broken = |error: serde_json::Error| LedgerError::Broken { detail: error.to_string() };
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

    /// Writes a state file's text.
    pub(super) fn text(&self) -> serde_json::Result<Vec<u8>> {
        let Identity { stack, account, region } = self.identity.clone();
        let file = File {
            format: FORMAT,
            written_by: format!("sidekick {}", env!("CARGO_PKG_VERSION")),
            lineage: self.lineage,
            serial: self.serial,
            stack,
            account,
            region,
            rows: self.rows.clone(),
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
