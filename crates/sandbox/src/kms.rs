//! Keys of KMS, as far as other services name them.
//!
//! Keys themselves are not modelled: every ARN of a key in the account and the region is that of one which can be used.
//! To meet one that cannot, name a key whose id begins with eight zeros.

use crate::world::World;

/// What the id of a key begins with that nobody has.
const MISSING: &str = "00000000";

/// Whether services can seal with the key of this ARN.
pub(crate) fn is_usable(world: &World, arn: &str) -> bool {
    let id = arn.strip_prefix(&world.arn("kms", "key/"));
    id.is_some_and(|id| !id.is_empty() && !id.starts_with(MISSING))
}
