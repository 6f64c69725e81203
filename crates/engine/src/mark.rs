//! Ownership: how a resource in the cloud is recognised as ours, and the proof that a mutation is on record.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Address;

/// The two ownership tags that every taggable resource carries from its create call on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Project and environment, such as `sidekick/dev`.
    pub stack: String,
    /// The resource's logical name in that stack.
    pub address: Address,
}

/// Whose a resource in the cloud is, as far as its tags tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// It carries a sidekick's mark, of this stack or another.
    Marked(Mark),
    /// It could carry a mark and does not: somebody else made it.
    Unmarked,
    /// It cannot carry tags and belongs to a parent that does (a secret's version, a web ACL's association).
    Parent,
}

impl Mark {
    /// The mark of what stands at an address of this stack. What is superseded keeps the mark that it was made with.
    pub(crate) fn at(stack: &str, address: &Address) -> Self {
        Self { stack: stack.to_owned(), address: address.successor().unwrap_or_else(|| address.clone()) }
    }
}

impl Owner {
    /// Whether this is the resource that `mark` stands for.
    pub fn is(&self, mark: &Mark) -> bool {
        match self {
            Self::Marked(own) => own == mark,
            Self::Unmarked => false,
            Self::Parent => true,
        }
    }
}

/// The proof that a mutation is durable on record; without one no mutating call can be written.
///
/// Only the ledger makes intents, after the record reached the disk. The token is ours and survives a crash: calls
/// with a client token send it, so that a repeated call finds the first one's result.
#[derive(Debug)]
pub struct Intent {
    mark: Mark,
    token: Uuid,
}

impl Intent {
    pub(crate) const fn new(mark: Mark, token: Uuid) -> Self {
        Self { mark, token }
    }

    /// The ownership tags that the call must carry.
    pub const fn mark(&self) -> &Mark {
        &self.mark
    }

    /// The client token: 36 ASCII characters, unique to this mutation and the same in every attempt at it.
    pub fn token(&self) -> String {
        self.token.hyphenated().to_string()
    }
}
