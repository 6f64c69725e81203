//! The policy: what to do next about one resource. Pure, total, and the same for plan, up, down and recovery.

use crate::{Address, Class, Fault};

/// What is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Goal {
    /// The resource, as its spec says.
    Present,
    /// No such resource.
    Absent,
}

/// What the ledger knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Record {
    /// Nothing is on record.
    Nothing {
        /// Whether a look for an existing resource came back empty.
        looked: bool,
    },
    /// A create was announced, and no answer is on record.
    Unanswered {
        /// Whether it is certain that nothing came of it.
        certain: bool,
    },
    /// An identity is on record.
    Object {
        /// Whether it is so new that the cloud may not show it yet.
        fresh: bool,
        /// Whether this run changed it already.
        acted: bool,
        /// Whether its delete was announced, by this run or by one that did not see its end.
        leaving: bool,
    },
}

/// What the cloud shows for the identity on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    Absent,
    Settling,
    Same,
    Differs,
    MustReplace,
    Degraded,
    Deleting,
    Failed,
    /// Nothing of it is left to delete.
    Dead,
    /// The name is there, but it is not our resource.
    Foreign,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Look for it by name or mark.
    Find,
    /// Make it exist.
    Create,
    /// Change it in place.
    Update,
    /// Let it go.
    Delete,
    /// Look again later.
    Await,
    /// Drop the record of what is not there.
    Forget,
    /// Nothing: the goal is reached.
    Keep,
    /// Nothing: a person must decide.
    Refuse(Refusal),
}

/// Why a resource cannot be brought to its goal by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Something of that name is not ours.
    Foreign,
    /// Only a replacement helps, and replacements are planned, because dependents must go first.
    MustReplace,
    /// It is dead, and the next plan replaces it.
    Failed,
    /// It does not do its work although this run did what it could.
    Degraded,
}

impl Refusal {
    /// The refusal in words, with what the operator can do next. `why` is what AWS says.
    pub(crate) fn fault(self, address: &Address, operation: &str, why: &str) -> Fault {
        let (class, message, hint) = match self {
            Self::Foreign => (Class::Conflict, FOREIGN.0.to_owned(), FOREIGN.1.to_owned()),
            Self::MustReplace => (
                Class::Blocked,
                "it must be replaced, which could not be known when the run was planned".to_owned(),
                format!("run `sidekick up` again; the plan will show the replacement of {address}"),
            ),
            Self::Failed => (
                Class::Invalid,
                format!("AWS could not make it: {why}"),
                format!("remove the cause, then run `sidekick up` again; {address} will be replaced"),
            ),
            Self::Degraded => (
                Class::Invalid,
                format!("it does not come up: {why}"),
                "remove the cause, then run `sidekick up` again".to_owned(),
            ),
        };
        Fault::new(class, operation, message).with_hint(hint)
    }
}

/// What is said, and advised, about a resource that has our name but not our mark.
pub(crate) const FOREIGN: (&str, &str) = (
    "it exists already and does not carry this environment's ownership tags",
    "sidekick neither takes over nor deletes what is not its own; remove or rename it, or change `name` in the \
     configuration",
);

/// Decides the next action. Looking costs nothing, so every doubt is answered by looking again.
pub(crate) const fn decide(goal: Goal, record: Record, sight: Sight) -> Action {
    use Action::{Await, Create, Delete, Find, Forget, Keep, Refuse, Update};
    match (goal, record, sight) {
        (Goal::Present, Record::Nothing { looked: false }, _) => Find,
        (Goal::Present, Record::Nothing { looked: true }, _) => Create,
        (Goal::Absent, Record::Nothing { .. }, _) => Keep,
        (_, Record::Unanswered { certain: false }, _) => Find,
        (Goal::Present, Record::Unanswered { certain: true }, _) => Create,
        (Goal::Absent, Record::Unanswered { certain: true }, _) => Forget,
        // Of a delete that takes several calls an earlier run, or somebody else, may have sent only those that hide
        // the resource; so what is not seen is deleted all the same, once.
        (Goal::Absent, Record::Object { acted: false, leaving: true, .. }, Sight::Absent)
        | (Goal::Absent, Record::Object { acted: false, fresh: false, .. }, Sight::Absent) => Delete,
        (_, Record::Object { fresh: true, .. }, Sight::Absent) => Await,
        (_, Record::Object { fresh: false, .. }, Sight::Absent) => Forget,
        (_, Record::Object { .. }, Sight::Deleting) => Await,
        // What died of this run's own change would die again.
        (Goal::Present, Record::Object { acted: true, .. }, Sight::Dead) => Refuse(Refusal::Failed),
        (_, Record::Object { .. }, Sight::Dead) => Forget,
        // Ours is gone and somebody else took the name: nothing of ours is left to delete.
        (Goal::Absent, Record::Object { .. }, Sight::Foreign) => Forget,
        (Goal::Present, Record::Object { .. }, Sight::Foreign) => Refuse(Refusal::Foreign),
        (Goal::Absent, Record::Object { .. }, _) => Delete,
        (Goal::Present, Record::Object { .. }, Sight::Settling) => Await,
        (Goal::Present, Record::Object { .. }, Sight::Failed) => Refuse(Refusal::Failed),
        (Goal::Present, Record::Object { .. }, Sight::MustReplace) => Refuse(Refusal::MustReplace),
        (Goal::Present, Record::Object { .. }, Sight::Differs) => Update,
        (Goal::Present, Record::Object { acted: false, .. }, Sight::Degraded) => Update,
        (Goal::Present, Record::Object { acted: true, .. }, Sight::Degraded) => Refuse(Refusal::Degraded),
        (Goal::Present, Record::Object { .. }, Sight::Same) => Keep,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGHTS: [Sight; 10] = [
        Sight::Absent,
        Sight::Settling,
        Sight::Same,
        Sight::Differs,
        Sight::MustReplace,
        Sight::Degraded,
        Sight::Deleting,
        Sight::Failed,
        Sight::Dead,
        Sight::Foreign,
    ];

    fn records() -> impl Iterator<Item = Record> {
        let flags = (0..8).map(|bits| (bits & 1 != 0, bits & 2 != 0, bits & 4 != 0));
        flags.flat_map(|(a, b, c)| {
            [
                Record::Nothing { looked: a },
                Record::Unanswered { certain: a },
                Record::Object { fresh: a, acted: b, leaving: c },
            ]
        })
    }

    #[test]
    fn nothing_is_created_before_a_look_came_back_empty() {
        for sight in SIGHTS {
            for record in records() {
                if decide(Goal::Present, record, sight) == Action::Create {
                    let looked = matches!(
                        record,
                        Record::Nothing { looked: true } | Record::Unanswered { certain: true }
                    );
                    assert!(looked, "{record:?} {sight:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_not_ours_is_neither_changed_nor_deleted() {
        for goal in [Goal::Present, Goal::Absent] {
            for record in records().filter(|record| matches!(record, Record::Object { .. })) {
                let action = decide(goal, record, Sight::Foreign);
                assert!(matches!(action, Action::Forget | Action::Refuse(Refusal::Foreign)), "{action:?}");
            }
        }
    }

    #[test]
    fn only_the_absent_goal_deletes_and_only_the_present_one_makes_or_changes() {
        for record in records() {
            for sight in SIGHTS {
                assert_ne!(decide(Goal::Present, record, sight), Action::Delete, "{record:?} {sight:?}");
                let action = decide(Goal::Absent, record, sight);
                assert!(!matches!(action, Action::Create | Action::Update), "{record:?} {sight:?}");
            }
        }
    }

    #[test]
    fn a_fresh_object_is_not_forgotten_because_the_cloud_does_not_show_it_yet() {
        let record = Record::Object { fresh: true, acted: true, leaving: false };
        assert_eq!(decide(Goal::Present, record, Sight::Absent), Action::Await);
        assert_eq!(decide(Goal::Absent, record, Sight::Absent), Action::Await);
    }

    #[test]
    fn what_is_dead_is_forgotten_and_only_what_this_run_made_is_told() {
        let record = |acted| Record::Object { fresh: true, acted, leaving: false };
        assert_eq!(decide(Goal::Absent, record(false), Sight::Dead), Action::Forget);
        assert_eq!(decide(Goal::Absent, record(true), Sight::Dead), Action::Forget);
        assert_eq!(decide(Goal::Present, record(false), Sight::Dead), Action::Forget);
        assert_eq!(decide(Goal::Present, record(true), Sight::Dead), Action::Refuse(Refusal::Failed));
    }

    #[test]
    fn a_delete_whose_end_nobody_saw_is_sent_once_more() {
        let record = |acted| Record::Object { fresh: true, acted, leaving: true };
        assert_eq!(decide(Goal::Absent, record(false), Sight::Absent), Action::Delete);
        let record = |acted| Record::Object { fresh: false, acted, leaving: true };
        assert_eq!(decide(Goal::Absent, record(false), Sight::Absent), Action::Delete);
        assert_eq!(decide(Goal::Absent, record(true), Sight::Absent), Action::Forget);
        assert_eq!(decide(Goal::Present, record(false), Sight::Absent), Action::Forget);
    }

    #[test]
    fn what_somebody_else_deleted_is_deleted_once_more_and_then_forgotten() {
        let record = |acted| Record::Object { fresh: false, acted, leaving: false };
        assert_eq!(decide(Goal::Absent, record(false), Sight::Absent), Action::Delete);
        assert_eq!(decide(Goal::Absent, record(true), Sight::Absent), Action::Forget);
    }
}
