//! What there is and what needs what, without what it is: enough to draw it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ledger::Contents;
use crate::{Address, Graph};

/// One resource and what it needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outlined {
    /// Which resource.
    pub address: Address,
    /// Its kind.
    pub kind: String,
    /// The resources that it needs.
    pub needs: BTreeSet<Address>,
}

impl<C: Send + Sync + 'static> Graph<C> {
    /// The desired resources, each after all that it needs.
    pub fn outline(&self) -> Vec<Outlined> {
        let outlined = |index| {
            let node = self.node(index);
            let kind = node.kind.traits().name.to_owned();
            Outlined { address: node.address.clone(), kind, needs: self.depends_on(index) }
        };
        self.in_order().map(outlined).collect()
    }
}

impl Contents {
    /// The resources on record, by address.
    pub fn outline(&self) -> Vec<Outlined> {
        let outlined = |(address, row): (&Address, &crate::Row)| Outlined {
            address: address.clone(),
            kind: row.kind.clone(),
            needs: row.depends_on.clone(),
        };
        self.rows.iter().map(outlined).collect()
    }
}
