//! How many of its things RDS lets an account have in a region, and how many it has.

use serde_json::json;

use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::world::World;

/// One quota of RDS.
#[derive(Clone, Copy)]
pub(super) enum Quota {
    Instances,
    ManualSnapshots,
    ParameterGroups,
    SubnetGroups,
}

use Quota::{Instances, ManualSnapshots, ParameterGroups, SubnetGroups};

impl Quota {
    /// Its name, how many there may be, and the code of who asks for more.
    const fn facts(self) -> (&'static str, usize, &'static str) {
        match self {
            Instances => ("DBInstances", 40, "InstanceQuotaExceeded"),
            ManualSnapshots => ("ManualSnapshots", 100, "SnapshotQuotaExceeded"),
            ParameterGroups => ("DBParameterGroups", 50, "DBParameterGroupQuotaExceeded"),
            SubnetGroups => ("DBSubnetGroups", 50, "DBSubnetGroupQuotaExceeded"),
        }
    }

    fn used(self, world: &World) -> usize {
        match self {
            Instances => world.rds.instances.len(),
            ManualSnapshots => world.rds.snapshots.len(),
            ParameterGroups => world.rds.parameter_groups.len(),
            SubnetGroups => world.rds.subnet_groups.len(),
        }
    }

    /// Refuses one more when there are as many as there may be.
    pub(super) fn check(self, world: &World) -> Result<(), Refusal> {
        let (name, most, code) = self.facts();
        if self.used(world) < most {
            return Ok(());
        }
        Err(Refusal::illegal(code, format!("Cannot create more than {most} {name}")))
    }
}

pub(super) fn describe(world: &World, _: &Params) -> Answer {
    let quotas = [Instances, ManualSnapshots, ParameterGroups, SubnetGroups].map(|quota| {
        let (name, most, _) = quota.facts();
        json!({ "AccountQuotaName": name, "Used": quota.used(world), "Max": most })
    });
    Ok(json!({ "AccountQuotas": quotas }))
}
