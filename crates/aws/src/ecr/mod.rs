//! ECR: the repository of the application's image.

mod changes;
mod permissions;
mod repository;

pub(crate) use permissions::PERMISSIONS;
pub use repository::{Repository, RepositoryOutputs};
