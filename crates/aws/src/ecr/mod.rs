//! ECR: the repository of the application's image.

mod changes;
mod repository;

pub use repository::{Repository, RepositoryOutputs};
