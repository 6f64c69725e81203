//! Who refers to what, across all services: why a thing cannot be deleted yet.

use crate::call::Refusal;
use crate::service::SERVICES;
use crate::world::World;

/// `holder` refers to `target`, which therefore cannot be deleted.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    pub(crate) holder: String,
    pub(crate) target: String,
}

impl Reference {
    /// `holder` refers to `target`.
    pub(crate) fn new(holder: &str, target: &str) -> Self {
        Self { holder: holder.to_owned(), target: target.to_owned() }
    }
}

/// The ids of everything that refers to `target`.
pub(crate) fn holders(world: &World, target: &str) -> Vec<String> {
    let all = SERVICES.iter().flat_map(|service| (service.references)(world));
    all.filter(|reference| reference.target == target).map(|reference| reference.holder).collect()
}

/// Refuses with AWS's `DependencyViolation` and these words while anything refers to `target`.
pub(crate) fn refuse_if_held(world: &World, target: &str, words: &str) -> Result<(), Refusal> {
    if holders(world, target).is_empty() {
        Ok(())
    } else {
        Err(Refusal::blocked("DependencyViolation", words))
    }
}
