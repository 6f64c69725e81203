//! Whole configurations in, values or problems out. Most cases lay a few lines over the shipped default.

mod application;
mod data;
mod edge;
mod names;
mod network;
mod profiles;
mod rendering;
mod shipped;
mod structure;

use super::load::load_texts;
use super::{Config, ConfigProblems, Problem};

const SHIPPED_DEFAULT: &str = include_str!("../../../../../config/default.toml");

/// The shipped default under an environment file of these lines.
pub(crate) fn over_default(own: &str) -> Result<Config, ConfigProblems> {
    load_texts("test", SHIPPED_DEFAULT, own)
}

/// Lines of an environment's file; where its only problem is; and part of what is said about it.
type Case = (&'static str, usize, &'static str, &'static str);

fn check(cases: &[Case]) {
    for (own, line, path, says) in cases {
        let Err(problems) = over_default(own) else { panic!("no problem found in:\n{own}") };
        let [problem] = problems.problems() else {
            panic!("one problem expected, not {:#?} in:\n{own}", all(&problems));
        };
        assert_eq!(
            (problem.file(), problem.line(), problem.path()),
            (Some("test.toml"), Some(*line), *path),
            "place of: {problem}, in:\n{own}"
        );
        let text = format!("{} -- {}", problem.message(), problem.hint());
        assert!(text.contains(says), "{text:?} does not contain {says:?}, for:\n{own}");
        assert!(!problem.hint().is_empty(), "no hint for:\n{own}");
    }
}

fn all(problems: &ConfigProblems) -> Vec<(usize, String, String)> {
    let row = |problem: &Problem| {
        (problem.line().unwrap_or(0), problem.path().to_owned(), problem.message().to_owned())
    };
    problems.problems().iter().map(row).collect()
}
