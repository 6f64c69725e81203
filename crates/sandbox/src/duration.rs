//! How long AWS takes, in seconds: the middle of what people have measured, and for what takes minutes also the
//! shortest and the longest.
//!
//! Every use draws from this (see [`World::takes`](crate::world::World::takes)).

/// A duration that differs from time to time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    shortest: f64,
    typical: f64,
    longest: f64,
}

/// By up to a fifth to either side.
impl From<f64> for Spread {
    fn from(typical: f64) -> Self {
        Self { shortest: typical * 0.8, typical, longest: typical * 1.2 }
    }
}

impl Spread {
    /// The duration at a part of the distribution, from 0 to 1. One half lies on either side of what is typical, and
    /// the more the nearer.
    pub(crate) fn at(self, part: f64) -> f64 {
        let off = 2.0 * part - 1.0;
        let farthest = if off < 0.0 { self.typical - self.shortest } else { self.longest - self.typical };
        self.typical + farthest * off * off.abs()
    }
}

const fn spread(shortest: f64, typical: f64, longest: f64) -> Spread {
    Spread { shortest, typical, longest }
}

/// The shortest and the longest time that one API call itself takes.
pub(crate) const CALL: (f64, f64) = (0.08, 0.3);

/// A VPC from `pending` to `available`.
pub(crate) const VPC_CREATE: f64 = 1.5;
/// A subnet from `pending` to `available`.
pub(crate) const SUBNET_CREATE: f64 = 0.7;
/// A NAT gateway from `pending` to `available`.
pub(crate) const NAT_GATEWAY_CREATE: Spread = spread(80.0, 110.0, 150.0);
/// A NAT gateway from `pending` to `failed`.
pub(crate) const NAT_GATEWAY_FAIL: f64 = 60.0;
/// Until the route tables know a new NAT gateway.
pub(crate) const NAT_GATEWAY_ROUTABLE: f64 = 3.0;
/// A NAT gateway from `deleting` to `deleted`.
pub(crate) const NAT_GATEWAY_DELETE: Spread = spread(35.0, 45.0, 61.0);
/// How long a deleted or failed NAT gateway stays listed.
pub(crate) const NAT_GATEWAY_LISTED: f64 = 3600.0;
/// A peering connection from `initiating-request` to `pending-acceptance`.
pub(crate) const PEERING_REQUEST: f64 = 1.0;
/// A peering connection from its acceptance to `active`.
pub(crate) const PEERING_PROVISION: f64 = 3.0;
/// A peering connection from `deleting` to `deleted`.
pub(crate) const PEERING_DELETE: f64 = 3.0;
/// How long a dead peering connection stays listed.
pub(crate) const PEERING_LISTED: f64 = 7200.0;
/// How long a request for a peering connection waits for its acceptance.
pub(crate) const PEERING_EXPIRY: f64 = 7.0 * 86_400.0;
/// How long the name of a secret that is deleted by force stays taken.
pub(crate) const SECRET_PURGE: f64 = 4.0;
/// Until the server of a new DB instance takes connections.
pub(crate) const DB_INSTANCE_START: Spread = spread(190.0, 300.0, 560.0);
/// The first backup of a DB instance, between its start and `available`.
pub(crate) const DB_INSTANCE_FIRST_BACKUP: Spread = spread(80.0, 120.0, 220.0);
/// Until a DB instance that shall change leaves `available`.
pub(crate) const DB_INSTANCE_PREPARE: f64 = 8.0;
/// A DB instance in `modifying`.
pub(crate) const DB_INSTANCE_MODIFY: f64 = 240.0;
/// A DB instance in `resetting-master-credentials` or one of the `configuring-…` states.
pub(crate) const DB_INSTANCE_CONFIGURE: f64 = 20.0;
/// Until a DB instance has taken on changed parameters, as far as that goes without a reboot.
pub(crate) const DB_PARAMETERS_APPLY: f64 = 10.0;
/// A DB instance in `rebooting`.
pub(crate) const DB_INSTANCE_REBOOT: f64 = 60.0;
/// A DB instance in `storage-optimization`.
pub(crate) const DB_INSTANCE_OPTIMIZE: f64 = 1800.0;
/// A DB instance from `deleting` to nothing.
pub(crate) const DB_INSTANCE_DELETE: Spread = spread(75.0, 120.0, 180.0);
/// A DB snapshot from `creating` to `available`.
pub(crate) const DB_SNAPSHOT_CREATE: f64 = 120.0;
/// A replication group from `creating` to `available`.
pub(crate) const REPLICATION_GROUP_CREATE: Spread = spread(300.0, 385.0, 560.0);
/// A replication group in `modifying`, on a change of its settings.
pub(crate) const REPLICATION_GROUP_MODIFY: f64 = 60.0;
/// A replication group in `modifying`, on a change of its nodes.
pub(crate) const REPLICATION_GROUP_SCALE: f64 = 300.0;
/// A replication group in `snapshotting`, before it is deleted.
pub(crate) const REPLICATION_GROUP_SNAPSHOT: f64 = 120.0;
/// A replication group from `deleting` to nothing.
pub(crate) const REPLICATION_GROUP_DELETE: Spread = spread(180.0, 300.0, 540.0);
/// A load balancer from `provisioning` to `active`.
pub(crate) const LOAD_BALANCER_CREATE: Spread = spread(95.0, 140.0, 190.0);
/// Until the network interfaces of a deleted load balancer are gone.
pub(crate) const LOAD_BALANCER_INTERFACES: Spread = spread(15.0, 35.0, 150.0);
/// Until a new web ACL can be associated.
pub(crate) const WEB_ACL_PROPAGATION: Spread = spread(5.0, 20.0, 180.0);
/// How long a web ACL or an IP set counts as used when it no longer is.
pub(crate) const WEB_ACL_RELEASE: Spread = spread(1.0, 20.0, 120.0);
/// Until a task has its place and its network interface.
pub(crate) const TASK_PROVISION: Spread = spread(8.0, 12.0, 25.0);
/// Until a task has tried to fetch its secrets and to open its log streams.
pub(crate) const TASK_INITIALIZE: f64 = 4.0;
/// How long a task without a way out of its network goes on trying.
pub(crate) const TASK_PATIENCE: f64 = 120.0;
/// The pause between two such attempts.
pub(crate) const TASK_RETRY: f64 = 10.0;
/// The pull of an image of about a gigabyte.
pub(crate) const IMAGE_PULL: Spread = spread(20.0, 28.0, 60.0);
/// From the start of a container until it listens.
pub(crate) const CONTAINER_BOOT: Spread = spread(8.0, 12.0, 25.0);
/// From the end of a task's containers until its network interface is gone.
pub(crate) const TASK_DEPROVISION: Spread = spread(5.0, 14.0, 30.0);
/// The pause before a service tries again to place a task for which there was no address.
pub(crate) const TASK_PLACEMENT_RETRY: f64 = 30.0;
/// The pause before a service replaces a task that failed; it doubles with every failure.
pub(crate) const TASK_RELAUNCH: f64 = 5.0;
/// The longest of these pauses.
pub(crate) const TASK_RELAUNCH_LONGEST: f64 = 900.0;
/// How long a deployment must be steady until it is called complete.
pub(crate) const DEPLOYMENT_STEADY: f64 = 8.0;
/// How long stopped tasks, inactive services and deleted clusters stay describable.
pub(crate) const ECS_LISTED: f64 = 3600.0;

#[cfg(test)]
mod tests {
    use super::{Spread, spread};

    #[test]
    fn a_spread_reaches_from_end_to_end_and_has_its_middle_in_the_middle() {
        let drawn = spread(270.0, 420.0, 780.0);
        assert_eq!([0.0, 0.5, 1.0].map(|part| drawn.at(part)), [270.0, 420.0, 780.0]);
        assert_eq!([0.25, 0.75].map(|part| drawn.at(part)), [382.5, 510.0]);
        assert_eq!([0.0, 1.0].map(|part| Spread::from(10.0).at(part)), [8.0, 12.0]);
    }
}
