//! Application Auto Scaling: between which limits the number of a service's tasks lies, and what it follows.

mod permissions;
mod scalable_target;
mod scaling_policy;

pub(crate) use permissions::PERMISSIONS;
pub use scalable_target::{ScalableTarget, ScalableTargetOutputs};
pub use scaling_policy::{ScalingPolicy, ScalingPolicyOutputs};
