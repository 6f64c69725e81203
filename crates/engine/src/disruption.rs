//! What a plan takes out of service for a while, said before it does.

use serde::{Deserialize, Serialize};

use crate::plan::{Plan, Planned, Step};
use crate::survey::kind;
use crate::{Address, AnyKind};

/// One resource that does not do its work for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disruption {
    /// Which resource.
    pub address: Address,
    /// What happens to it, in words for the operator.
    pub words: String,
}

impl Plan {
    /// What will be disrupted: by the kinds' own words for their fields, and by every replacement in one place.
    pub fn disruptions<C>(&self, kinds: &[&'static dyn AnyKind<C>]) -> Vec<Disruption> {
        let of_step = |step: &Step| {
            let disruption =
                |words: &str| Disruption { address: step.address.clone(), words: words.to_owned() };
            match step.action {
                Planned::Replace if !step.new_first => {
                    vec![disruption("does not exist from its deletion until it is made anew")]
                }
                Planned::Update | Planned::Adopt => {
                    let disrupts = kind(kinds, &step.kind).map_or(&[][..], |kind| kind.traits().disrupts);
                    let changed = |field: &str| step.changes.iter().any(|change| change.field == field);
                    let due = disrupts.iter().filter(|(field, _)| changed(field));
                    due.map(|(_, words)| disruption(words)).collect()
                }
                _ => Vec::new(),
            }
        };
        self.steps.iter().flat_map(of_step).collect()
    }
}
