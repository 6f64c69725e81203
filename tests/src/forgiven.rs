//! Where an account is told otherwise than the reference, and that is no fault of the product's: the one list of it.

use crate::account::Host;
use crate::audit::Inventory;

/// By whom, at which place of an inventory (see [`Inventory::forgive`]), and why.
const FORGIVEN: &[(Host, &str, &str)] = &[
    (
        Host::Aws,
        "network-interface ",
        "load balancer, database, cache and tasks have some, as many as AWS likes",
    ),
    (Host::Aws, "db-instance / engine", "the minor version is AWS's choice"),
    (Host::Aws, "role AWSServiceRole", "AWS makes its own roles when a service is used for the first time"),
];

/// The inventory without what is forgiven to this host.
pub fn by(host: Host, mut inventory: Inventory) -> Inventory {
    for (_, place, _) in FORGIVEN.iter().filter(|(forgiven, _, _)| *forgiven == host) {
        inventory.forgive(place);
    }
    inventory
}
