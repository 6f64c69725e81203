//! RDS: PostgreSQL instances, their parameter groups, the subnet groups that they live in, and the snapshots that outlive them.
//!
//! Passwords are checked against RDS's rules and then forgotten: nothing here can tell one.

mod account_quota;
mod capacity;
mod create_instance;
mod delete_instance;
mod engine;
mod instance;
mod modify_instance;
mod orderable_option;
mod parameter;
mod parameter_group;
mod reboot_instance;
mod settings;
mod snapshot;
mod subnet_group;
mod tagging;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::page::Paging;
use crate::reference::Reference;
use crate::seed::{mix, uuid};
use crate::service::{Dialect, Operation, Protocol, Service, mutates, reads};
use crate::world::World;

pub(crate) use instance::DbInstance;
pub(crate) use parameter_group::DbParameterGroup;
pub(crate) use snapshot::DbSnapshot;
pub(crate) use subnet_group::DbSubnetGroup;

pub(crate) static SERVICE: Service = Service {
    name: "rds",
    protocol: Protocol::AwsQuery { namespace: "http://rds.amazonaws.com/doc/2014-10-31/", item: element },
    dialect: &Dialect::QUERY,
    operations: OPERATIONS,
    settle,
    references,
};

static OPERATIONS: &[Operation] = &[
    reads("DescribeAccountAttributes", account_quota::describe),
    reads("DescribeOrderableDBInstanceOptions", orderable_option::describe),
    mutates("CreateDBSubnetGroup", subnet_group::create),
    reads("DescribeDBSubnetGroups", subnet_group::describe),
    mutates("ModifyDBSubnetGroup", subnet_group::modify),
    mutates("DeleteDBSubnetGroup", subnet_group::delete),
    mutates("CreateDBParameterGroup", parameter_group::create),
    reads("DescribeDBParameterGroups", parameter_group::describe),
    reads("DescribeDBParameters", parameter_group::describe_parameters),
    mutates("ModifyDBParameterGroup", parameter_group::modify),
    mutates("ResetDBParameterGroup", parameter_group::reset),
    mutates("DeleteDBParameterGroup", parameter_group::delete),
    mutates("CreateDBInstance", create_instance::create),
    reads("DescribeDBInstances", instance::describe),
    mutates("ModifyDBInstance", modify_instance::modify),
    mutates("RebootDBInstance", reboot_instance::reboot),
    mutates("DeleteDBInstance", delete_instance::delete),
    reads("DescribeDBSnapshots", snapshot::describe),
    mutates("DeleteDBSnapshot", snapshot::delete),
    mutates("AddTagsToResource", tagging::add),
    mutates("RemoveTagsFromResource", tagging::remove),
    reads("ListTagsForResource", tagging::list),
];

/// What RDS calls the elements of its lists.
fn element(list: &str) -> &'static str {
    match list {
        "AccountQuotas" => "AccountQuota",
        "AvailabilityZones" => "AvailabilityZone",
        "OrderableDBInstanceOptions" => "OrderableDBInstanceOption",
        "DBInstances" => "DBInstance",
        "DBSubnetGroups" => "DBSubnetGroup",
        "DBSnapshots" => "DBSnapshot",
        "Subnets" => "Subnet",
        "VpcSecurityGroups" => "VpcSecurityGroupMembership",
        "Parameters" => "Parameter",
        "DBParameterGroups" => "DBParameterGroup",
        "OptionGroupMemberships" => "OptionGroupMembership",
        "TagList" => "Tag",
        _ => "member",
    }
}

const PAGING: Paging = Paging { limit: "MaxRecords", smallest: 20, largest: 100, token: "Marker" };

/// Everything of RDS.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Rds {
    /// Subnet groups by name.
    pub(crate) subnet_groups: BTreeMap<String, DbSubnetGroup>,
    /// Parameter groups by name.
    pub(crate) parameter_groups: BTreeMap<String, DbParameterGroup>,
    /// Instances by identifier.
    pub(crate) instances: BTreeMap<String, DbInstance>,
    /// Snapshots by identifier.
    pub(crate) snapshots: BTreeMap<String, DbSnapshot>,
}

fn settle(world: &mut World) {
    modify_instance::settle(world);
    let now = world.now;
    world.rds.instances.retain(|_, instance| !instance.timeline.is_gone(now));
}

fn references(world: &World) -> Vec<Reference> {
    let groups = world.rds.subnet_groups.values();
    groups.flat_map(|group| group.placement.references(&group.name)).collect()
}

/// The key of AWS that encrypts storage for this account.
fn managed_key(world: &World) -> String {
    let id = uuid(mix(world.seed ^ 0x6b6d, 0), mix(world.seed ^ 0x6b6d, 1));
    world.arn("kms", &format!("key/{id}"))
}
