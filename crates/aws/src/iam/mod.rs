//! IAM: the roles.

mod document;
mod permissions;
mod policies;
mod role;

pub(crate) use permissions::PERMISSIONS;
pub use role::{Role, RoleOutputs};
