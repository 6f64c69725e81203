//! IAM: the roles.

mod document;
mod policies;
mod role;

pub use role::{Role, RoleOutputs};
