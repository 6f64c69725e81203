//! What is wrong with a configuration, as values that `miette` can render.

use std::fmt;

use miette::{Diagnostic, LabeledSpan, SourceCode};
use thiserror::Error;

use super::source::{Layer, Place};

/// All problems of an environment's configuration, in the order of the files.
#[derive(Debug, Error, Diagnostic)]
#[error("the configuration of `{environment}` has {}", counted(.problems.len()))]
pub struct ConfigProblems {
    environment: String,
    #[related]
    problems: Vec<Problem>,
}

impl ConfigProblems {
    pub(super) fn new(environment: &str, mut problems: Vec<Problem>) -> Self {
        problems.sort_by_key(Problem::order);
        Self { environment: environment.to_owned(), problems }
    }

    /// The environment that was asked for.
    pub fn environment(&self) -> &str {
        &self.environment
    }

    /// Every problem, in the order of the files; never empty.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

/// One thing that is wrong with the configuration.
#[derive(Debug, Clone)]
pub struct Problem {
    path: String,
    refusal: Refusal,
    place: Option<Place>,
}

impl Problem {
    pub(super) fn new(path: &str, refusal: Refusal, place: Option<Place>) -> Self {
        Self { path: path.to_owned(), refusal, place }
    }

    /// The key concerned, such as `network.private_subnets[1].cidr`; empty for a file as a whole.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.refusal.message
    }

    /// What to do about it.
    pub fn hint(&self) -> &str {
        &self.refusal.hint
    }

    /// The name of the file, unless the problem is that a file is missing.
    pub fn file(&self) -> Option<&str> {
        self.place.as_ref().map(|place| place.source.name())
    }

    /// The line in the file, counted from one.
    pub fn line(&self) -> Option<usize> {
        self.place.as_ref().map(Place::line)
    }

    /// The character in the line, counted from one.
    pub fn column(&self) -> Option<usize> {
        self.place.as_ref().map(Place::column)
    }

    fn order(&self) -> Option<(Layer, usize)> {
        self.place.as_ref().map(Place::order)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.refusal.message)
    }
}

impl std::error::Error for Problem {}

impl Diagnostic for Problem {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.refusal.hint))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.place.as_ref().map(|place| place.source.shown() as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let place = self.place.as_ref()?;
        let label = (!self.path.is_empty()).then(|| self.path.clone());
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(label, place.span.clone()))))
    }
}

/// Why a value is not accepted, before it is known where the value stands.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    message: String,
    hint: String,
}

impl Refusal {
    /// Both are lower-case fragments without a full stop; the hint is never empty.
    pub(super) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
}

fn counted(problems: usize) -> String {
    if problems == 1 { "a problem".to_owned() } else { format!("{problems} problems") }
}
