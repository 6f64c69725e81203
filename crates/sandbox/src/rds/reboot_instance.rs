//! The reboot of a DB instance, for which changed parameters may wait.

use serde_json::json;

use super::instance::{absent, in_sync};
use crate::call::{Answer, Refusal};
use crate::duration;
use crate::params::Params;
use crate::timeline::Timeline;
use crate::world::World;

pub(super) fn reboot(world: &mut World, params: &Params) -> Answer {
    let id = params.text("DBInstanceIdentifier")?.to_lowercase();
    let mut instance = world.rds.instances.get(&id).ok_or_else(|| absent(&id))?.clone();
    if params.flag("ForceFailover")? == Some(true) && !instance.capacity.multi_az {
        let words = "A failover needs a standby: the instance is not Multi-AZ.";
        return Err(Refusal::illegal("InvalidParameterCombination", words));
    }
    if instance.state(world) != "available" {
        let words = "Instance cannot be rebooted because it is not available.";
        return Err(Refusal::blocked("InvalidDBInstanceState", words));
    }
    let length = world.takes(duration::DB_INSTANCE_REBOOT);
    instance.timeline = Timeline::begin(world.now, "rebooting").then(length, "available");
    instance.parameters = in_sync();
    let view = instance.view(world);
    world.rds.instances.insert(id, instance);
    Ok(json!({ "DBInstance": view }))
}
