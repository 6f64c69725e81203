//! What a plan takes out of service for a while, said before it does.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::plan::{Plan, Planned, Step};
use crate::preview::Preview;
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
    ///
    /// Of what follows a change of something else, the previews tell which fields will be others.
    pub fn disruptions<C>(&self, kinds: &[&'static dyn AnyKind<C>], previews: &[Preview]) -> Vec<Disruption> {
        let previewed = |step: &Step| previews.iter().find(|preview| preview.address == step.address);
        let of_step = |step: &Step| {
            let disruption =
                |words: &str| Disruption { address: step.address.clone(), words: words.to_owned() };
            match step.action {
                // What goes with its parent is there as long as that is.
                Planned::Replace if kind(kinds, &step.kind).is_ok_and(|kind| kind.traits().parented) => {
                    Vec::new()
                }
                Planned::Replace if !step.new_first => {
                    vec![disruption("does not exist from its deletion until it is made anew")]
                }
                Planned::Update | Planned::Adopt | Planned::Follow => {
                    let disrupts = kind(kinds, &step.kind).map_or(&[][..], |kind| kind.traits().disrupts);
                    let certain = previewed(step).into_iter().flat_map(Preview::certain);
                    let changes = step.changes.iter().map(|change| change.field.as_str());
                    let changes: BTreeSet<&str> = changes.chain(certain).collect();
                    let changed = |field: &str| changes.contains(field);
                    let due = disrupts.iter().filter(|(field, _)| changed(field));
                    due.map(|(_, words)| disruption(words)).collect()
                }
                _ => Vec::new(),
            }
        };
        self.steps.iter().flat_map(of_step).collect()
    }
}
