//! The longest way through what must wait for what: no order of calls can be faster.

use std::collections::BTreeMap;

/// Which half of a thing is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Its create was answered: it has an identity.
    Named,
    /// It does its work, or is gone.
    Done,
}

/// One thing to make or to remove.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Its address.
    pub address: String,
    /// What it waits for.
    pub needs: Vec<(String, Phase)>,
    /// Seconds from its start until its call is answered.
    pub named: f64,
    /// Seconds from its start until it is done.
    pub done: f64,
}

/// The longest way, from its first step to its last.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CriticalPath {
    /// Seconds from the start to the end.
    pub seconds: f64,
    /// Each thing on the way, with the seconds after the start at which its turn came.
    pub steps: Vec<(String, f64)>,
}

/// The longest way through these nodes, of which each stands after all that it needs.
///
/// # Panics
/// If a node needs one that does not stand before it.
pub fn critical_path(nodes: &[Node]) -> CriticalPath {
    // Each node's start, and the need that it waited for last.
    let mut starts: BTreeMap<&str, (f64, Option<&str>)> = BTreeMap::new();
    let by_address: BTreeMap<&str, &Node> = nodes.iter().map(|node| (node.address.as_str(), node)).collect();
    for node in nodes {
        let met = node.needs.iter().map(|(address, phase)| {
            let (start, _) = starts[address.as_str()];
            let producer = by_address[address.as_str()];
            let takes = if *phase == Phase::Named { producer.named } else { producer.done };
            (start + takes, Some(address.as_str()))
        });
        let last = met.max_by(|one, other| one.0.total_cmp(&other.0));
        starts.insert(&node.address, last.unwrap_or_default());
    }
    let end = |node: &&Node| starts[node.address.as_str()].0 + node.done;
    let Some(last) = nodes.iter().max_by(|one, other| end(one).total_cmp(&end(other))) else {
        return CriticalPath::default();
    };
    let mut steps = Vec::new();
    let mut at = Some(last.address.as_str());
    while let Some(address) = at {
        let (start, before) = starts[address];
        steps.push((address.to_owned(), start));
        at = before;
    }
    steps.reverse();
    CriticalPath { seconds: end(&last), steps }
}

#[cfg(test)]
mod tests {
    use super::Phase::{Done, Named};
    use super::*;

    #[test]
    fn the_longest_way_goes_by_the_phases_that_are_needed() {
        let node = |address: &str, needs: &[(&str, Phase)], named, done| Node {
            address: address.to_owned(),
            needs: needs.iter().map(|(need, phase)| ((*need).to_owned(), *phase)).collect(),
            named,
            done,
        };
        let nodes = [
            node("vpc", &[], 0.1, 2.0),
            node("balancer", &[("vpc", Named)], 0.1, 140.0),
            node("database", &[("vpc", Named)], 0.1, 300.0),
            node("listener", &[("balancer", Named)], 0.1, 0.1),
            node("service", &[("database", Done), ("listener", Done)], 0.1, 90.0),
        ];
        let path = critical_path(&nodes);
        assert!((path.seconds - 390.1).abs() < 1e-9, "{path:?}");
        let steps: Vec<_> = path.steps.iter().map(|(address, _)| address.as_str()).collect();
        assert_eq!(steps, ["vpc", "database", "service"]);
        assert_eq!(critical_path(&[]), CriticalPath::default());
    }
}
