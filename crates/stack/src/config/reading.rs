//! What one reading of the tree has gathered: the problems, and the keys that were asked for.

use std::cell::{Ref, RefCell};
use std::collections::BTreeMap;

use super::problem::{Problem, Refusal};
use super::shape::{Asked, Shape};
use super::source::Place;

/// Collects while the values are read. Nothing stops at a problem: whoever meets one reports it here and goes
/// on with a placeholder, so that one run names them all.
///
/// Guarantee: a placeholder is handed out only after a problem has been reported, and a configuration with
/// problems never leaves this module; hence no placeholder is ever seen outside.
#[derive(Debug, Default)]
pub(super) struct Reading {
    problems: RefCell<Vec<Problem>>,
    asked: RefCell<BTreeMap<String, Asked>>,
}

impl Reading {
    /// Reports a problem at a key.
    pub(super) fn refuse(&self, path: &str, refusal: Refusal, place: &Place) {
        self.problems.borrow_mut().push(Problem::new(path, refusal, Some(place.clone())));
    }

    /// Whether nothing was reported about this key, the tables it stands in, and what it contains.
    pub(super) fn is_sound(&self, path: &str) -> bool {
        !self
            .problems
            .borrow()
            .iter()
            .any(|problem| contains(problem.path(), path) || contains(path, problem.path()))
    }

    /// Whether something was reported about exactly this key.
    pub(super) fn has_problem_at(&self, path: &str) -> bool {
        self.problems.borrow().iter().any(|problem| problem.path() == path)
    }

    /// Notes that a key is known, whether or not it is there.
    pub(super) fn ask(&self, path: &str) {
        self.asked.borrow_mut().entry(path.to_owned()).or_default();
    }

    /// Notes that a key may be left out.
    pub(super) fn may_be_absent(&self, path: &str) {
        self.asked.borrow_mut().entry(path.to_owned()).or_default().optional = true;
    }

    /// Notes what is taken where this path leads.
    pub(super) fn takes(&self, path: &str, shape: Shape) {
        self.asked.borrow_mut().entry(path.to_owned()).or_default().shapes = vec![shape];
    }

    /// What was asked for, by path: all known keys, and the elements of lists.
    pub(super) fn asked(&self) -> Ref<'_, BTreeMap<String, Asked>> {
        self.asked.borrow()
    }

    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems.into_inner()
    }
}

/// The path of a key in a table. A key that is not bare is quoted, so that `"a.b"` is not taken for `a.b`.
pub(super) fn join(table: &str, key: &str) -> String {
    let is_bare = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    let key = if is_bare { key.to_owned() } else { format!("{key:?}") };
    if table.is_empty() { key } else { format!("{table}.{key}") }
}

/// Whether `inner` is `outer` or lies within it.
pub(super) fn contains(outer: &str, inner: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}
