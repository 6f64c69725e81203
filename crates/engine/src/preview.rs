//! The fields of what a run makes, as far as they are known before it.
//!
//! Specs are completed twice, with what is not known imagined in two ways that differ in everything. What is the same in
//! both does not depend on it, and is known.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::graph::NodeIndex;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::diff::Change;
use crate::graph::{Known, Node, Phase};
use crate::imagined::Guise;
use crate::kind::{Seen, Traits};
use crate::survey::Sighting;
use crate::{Address, Expected, Graph, Plan, Planned, Step, Survey};

/// What a step makes, before it is made.
///
/// Of what is made, or made anew, all fields; of what follows a change of what it depends on, those that may change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preview {
    /// Which resource.
    pub address: Address,
    /// The fields of its spec.
    pub fields: Vec<Field>,
}

/// A field of a spec.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Its name.
    pub field: String,
    /// The observed value, of a resource that may be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<Value>,
    /// The desired value, as far as it is known.
    pub new: Expected,
}

impl<C: Send + Sync + 'static> Graph<C> {
    /// What a plan makes. Nothing is computed of a plan that makes nothing; what nobody can imagine is left out.
    ///
    /// A value that is derived from an unknown one in a way that both imagined ones lead to, such as whether a number is
    /// greater than 1000, counts as known. Specs must not decide by the text of an output, nor by the size of a number.
    pub fn preview(&self, plan: &Plan, survey: &Survey) -> Vec<Preview> {
        let steps: Vec<_> = plan.steps.iter().filter(|step| step.is_previewed()).collect();
        if steps.is_empty() {
            return Vec::new();
        }
        let known = self.lasting(plan, survey);
        let ways = [Guise::Least, Guise::Most].map(|guise| known.imagining(guise));
        steps.into_iter().filter_map(|step| self.preview_of(step, survey, &known, &ways)).collect()
    }

    fn preview_of(
        &self,
        step: &Step,
        survey: &Survey,
        known: &Known,
        [least, most]: &[Known; 2],
    ) -> Option<Preview> {
        let index = self.index(&step.address)?;
        let node = self.node(index);
        let (least, most) = (node.spec(least)?, node.spec(most)?);
        let unfinished = self.unfinished(index, known);
        let actual = survey.actual(&step.address).filter(|_| step.action == Planned::Follow);
        let fields = match actual {
            Some(actual) => changing(node, actual, [&least, &most], &unfinished)?,
            None => all(Expected::of(&least, &most, &unfinished))?,
        };
        Some(Preview { address: step.address.clone(), fields })
    }

    /// The identities and outputs that stay true while a plan is carried out.
    pub(crate) fn lasting(&self, plan: &Plan, survey: &Survey) -> Known {
        let mut known = Known::default();
        for step in &plan.steps {
            let traits = self.index(&step.address).map(|index| self.node(index).kind.traits());
            if let Some((traits, sighting)) = traits.zip(survey.sightings.get(&step.address)) {
                step.tell(traits, sighting, &mut known);
            }
        }
        known
    }

    /// What a node needs and does not know.
    fn unfinished(&self, index: NodeIndex, known: &Known) -> BTreeSet<Address> {
        let needs = self.needs(index).map(|(producer, phase)| (&self.node(producer).address, phase));
        let unknown = needs.filter(|(address, phase)| match phase {
            Phase::Accepted => !known.ids.contains_key(address),
            Phase::Ready => !known.outputs.contains_key(address),
        });
        unknown.map(|(address, _)| address.clone()).collect()
    }
}

impl Preview {
    /// The fields that will be other than observed, whatever the unknown values turn out to be.
    pub(crate) fn certain(&self) -> impl Iterator<Item = &str> {
        let certain = |field: &&Field| field.old.is_some() && field.new.known_after().is_empty();
        self.fields.iter().filter(certain).map(|field| field.field.as_str())
    }
}

impl Step {
    const fn is_previewed(&self) -> bool {
        let made = matches!(self.action, Planned::Create | Planned::Recover | Planned::Replace);
        made || matches!(self.action, Planned::Follow)
    }

    /// Adds the values that stay true while the step is carried out.
    pub(crate) fn tell(&self, traits: Traits, sighting: &Sighting, known: &mut Known) {
        let Sighting { id: Some(id), seen, .. } = sighting else { return };
        if !self.action.keeps_identity() {
            return;
        }
        known.ids.insert(self.address.clone(), id.clone());
        if let Seen::Live { outputs, .. } = seen
            && !self.revises(traits.revises)
        {
            known.outputs.insert(self.address.clone(), outputs.clone());
        }
    }
}

/// Every field of a spec, which is a map of its fields.
fn all(spec: Expected) -> Option<Vec<Field>> {
    let Expected::Map(fields) = spec else { return None };
    Some(fields.into_iter().map(|(field, new)| Field { field, old: None, new }).collect())
}

/// The fields that are other than observed in one way at least.
fn changing<C>(
    node: &Node<C>,
    actual: &Value,
    [least, most]: [&Value; 2],
    unfinished: &BTreeSet<Address>,
) -> Option<Vec<Field>> {
    let changes = |spec| node.kind.diff(spec, actual).ok().map(crate::Diff::into_changes);
    let (least, most) = (changes(least)?, changes(most)?);
    let new = |changes: &[Change], field: &str| {
        changes.iter().find(|change| change.field == field).map(|change| change.new.clone())
    };
    // What is the same in one way is as it was observed.
    let mut observed: BTreeMap<&str, &Value> = BTreeMap::new();
    observed.extend(least.iter().chain(&most).map(|change| (change.field.as_str(), &change.old)));
    let fields = observed.into_iter().map(|(field, old)| {
        let [least, most] = [&least, &most].map(|it| new(it, field).unwrap_or_else(|| old.clone()));
        let new = Expected::of(&least, &most, unfinished);
        Field { field: field.to_owned(), old: Some(old.clone()), new }
    });
    Some(fields.collect())
}

#[cfg(test)]
mod tests;
