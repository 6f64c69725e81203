//! The replacements that are certain although not all of what is desired is known yet.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::diff::{Change, Diff};
use crate::fault::Result;
use crate::graph::{Known, Node};
use crate::imagined::Guise;
use crate::{Address, Expected};

/// Whether a node, observed as `actual`, must be replaced whatever the unknown values turn out to be. `renewed` are those
/// that get an identity which nothing ever had. Gives the changes that are certain, which may be none.
///
/// A replacement is planned, because dependents must go first and data may be lost; a run that came upon it would have to
/// stop halfway.
pub(crate) fn forced<C>(
    node: &Node<C>,
    known: &mut Known,
    renewed: &BTreeSet<Address>,
    actual: &Value,
) -> Result<Option<Vec<Change>>> {
    let mut changes = |guise| {
        let spec = known.while_imagining(guise, |known| node.spec(known));
        spec.map(|spec| node.kind.diff(&spec, actual).map(Diff::into_changes)).transpose()
    };
    let (Some(mut least), Some(most)) = (changes(Guise::Least)?, changes(Guise::Most)?) else {
        return Ok(None);
    };
    let other = |change: &Change| most.iter().find(|it| it.field == change.field);
    let is_certain = |least: &Value, most: &Value| {
        let expected = Expected::of(least, most, &BTreeSet::new());
        let known_after = expected.known_after();
        least == most || !known_after.is_empty() && known_after.into_iter().all(|it| renewed.contains(it))
    };
    let is_forced = least.iter().any(|change| {
        change.replaces && other(change).is_some_and(|most| is_certain(&change.new, &most.new))
    });
    least.retain(|change| most.contains(change));
    Ok(is_forced.then_some(least))
}
