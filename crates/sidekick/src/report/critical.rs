//! What a run took as long as it did for: from its last end back to its start, always what was waited for last.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use sidekick_engine::{Address, Mutation, Outlined};

use crate::recording::Span;

/// One change on the critical path.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stage {
    pub(crate) address: Address,
    /// The change's place among all.
    pub(crate) span: usize,
    /// When the next one could start; nothing for the last one.
    pub(crate) until: Option<Timestamp>,
}

/// The critical path of what happened.
///
/// A change waits for what its resource needs, or for what needs it where both go, and for its own earlier change. What
/// is deleted and what is made are walks that follow each other, so either waits for all of the other before it.
pub(crate) fn critical_path(spans: &[Span], resources: &[Outlined]) -> Vec<Stage> {
    let needs: BTreeMap<&Address, &BTreeSet<Address>> =
        resources.iter().map(|it| (&it.address, &it.needs)).collect();
    let needs = |one: &Address, other: &Address| needs.get(one).is_some_and(|needs| needs.contains(other));
    let waits = |one: &Span, other: &Span| {
        let related = needs(&one.address, &other.address) || needs(&other.address, &one.address);
        let same_walk = (one.action == Mutation::Delete) == (other.action == Mutation::Delete);
        related || one.address == other.address || !same_walk
    };
    let end = |span: &Span| span.ended.map_or(Timestamp::MAX, |ended| ended.at);
    let mut at = (0..spans.len()).max_by_key(|at| end(&spans[*at])).map(|at| (at, None));
    let mut stages = Vec::new();
    while let Some((span, until)) = at {
        let current = &spans[span];
        stages.push(Stage { address: current.address.clone(), span, until });
        let met = |before: usize| {
            let before = &spans[before];
            let moments = [before.accepted, before.ended.map(|ended| ended.at)];
            moments.into_iter().flatten().filter(|moment| *moment <= current.started).max()
        };
        let earlier = (0..span).filter(|before| waits(current, &spans[*before]));
        let last = earlier.filter_map(|before| Some((met(before)?, before))).max();
        at = last.map(|(moment, before)| (before, Some(moment)));
    }
    stages.reverse();
    stages
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::Ended;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn span(address: &str, action: Mutation, (started, accepted, ended): (i64, i64, Option<i64>)) -> Span {
        let ended = ended.map(|at| Ended { at: second(at), failed: false });
        let accepted = (action == Mutation::Create).then(|| second(accepted));
        Span {
            address: address.into(),
            action,
            started: second(started),
            accepted,
            ended,
            retries: Vec::new(),
        }
    }

    fn outlined(address: &str, needs: &[&str]) -> Outlined {
        let needs = needs.iter().map(|need| Address::from(*need)).collect();
        Outlined { address: address.into(), kind: "a.kind".to_owned(), needs }
    }

    fn path(spans: &[Span], resources: &[Outlined]) -> Vec<(String, Option<i64>)> {
        let stages = critical_path(spans, resources);
        stages.into_iter().map(|it| (it.address.to_string(), it.until.map(Timestamp::as_second))).collect()
    }

    #[test]
    fn of_two_needs_the_later_one_counts_and_an_answer_may_be_enough() {
        let resources = [
            outlined("vpc", &[]),
            outlined("subnet", &["vpc"]),
            outlined("secret", &[]),
            outlined("db", &["subnet", "secret"]),
        ];
        let spans = [
            span("vpc", Mutation::Create, (0, 2, Some(60))),
            span("secret", Mutation::Create, (0, 1, Some(3))),
            span("subnet", Mutation::Create, (2, 3, Some(9))),
            span("db", Mutation::Create, (9, 10, Some(500))),
        ];
        let expected = [("vpc", Some(2)), ("subnet", Some(9)), ("db", None)];
        assert_eq!(path(&spans, &resources), expected.map(|(name, until)| (name.to_owned(), until)));
    }

    #[test]
    fn what_is_made_waits_for_all_that_was_deleted_before() {
        let resources = [outlined("a", &[]), outlined("b", &[]), outlined("c", &[])];
        let spans = [
            span("a", Mutation::Delete, (0, 0, Some(5))),
            span("b", Mutation::Delete, (0, 0, Some(30))),
            span("a", Mutation::Create, (30, 31, Some(40))),
            span("c", Mutation::Update, (30, 0, Some(33))),
        ];
        let expected = [("b", Some(30)), ("a", None)];
        assert_eq!(path(&spans, &resources), expected.map(|(name, until)| (name.to_owned(), until)));
    }

    #[test]
    fn what_has_no_end_is_what_a_killed_run_was_waiting_for() {
        let resources = [outlined("a", &[]), outlined("b", &["a"])];
        let spans =
            [span("a", Mutation::Create, (0, 1, Some(50))), span("b", Mutation::Create, (1, 2, None))];
        let expected = [("a", Some(1)), ("b", None)];
        assert_eq!(path(&spans, &resources), expected.map(|(name, until)| (name.to_owned(), until)));
        assert_eq!(critical_path(&[], &resources), []);
    }
}
