//! How an instance that RDS describes is read in the terms of the spec.

use aws_sdk_rds::types::{DbInstance, PendingModifiedValues};
use sidekick_engine::{Fault, Live, Observed, Owner, Result};

use super::{Instance, InstanceOutputs, tags};
use crate::fault::missing;
use crate::spelling::{folded, version};
use crate::{DbInstanceId, DbSubnetGroupName, SecurityGroupId};

/// The server takes connections; RDS works on it, if at all, without getting in the way.
///
/// A new instance with its endpoint is up while its first backup runs, minutes before it is `available`.
const WORKING: &[&str] = &["available", "backing-up", "modifying", "storage-optimization"];
/// RDS is done with it, it does not work, and a change or the operator can help.
const DEGRADED: &[&str] = &[
    "incompatible-credentials",
    "incompatible-network",
    "incompatible-option-group",
    "incompatible-parameters",
    "inaccessible-encryption-credentials-recoverable",
    "insufficient-capacity",
    "stopped",
    "storage-full",
];
/// It never worked or never will again.
const DEAD: &[&str] = &[
    "failed",
    "inaccessible-encryption-credentials",
    "incompatible-create",
    "incompatible-restore",
    "restore-error",
];

/// Whether it is on its way out.
pub(super) fn is_leaving(found: &DbInstance) -> bool {
    matches!(status(found), "deleting" | "delete-precheck")
}

/// Whether only deleting it helps.
pub(super) fn is_dead(found: &DbInstance) -> bool {
    DEAD.contains(&status(found)) || (found.endpoint().is_none() && DEGRADED.contains(&status(found)))
}

/// Reads the instance, by the wish where AWS's answer means the same in other words.
pub(super) fn read(desired: &Instance, found: &DbInstance) -> Result<Observed<Instance>> {
    let note = status(found).to_owned();
    let (_, owner) = tags::read(found.tag_list());
    if is_leaving(found) {
        return Ok(Observed::Deleting);
    }
    if owner == Owner::Unmarked {
        return Ok(Observed::Unmarked);
    }
    if is_dead(found) {
        return Ok(Observed::Failed { why: format!("its status is {note}"), owner });
    }
    if DEGRADED.contains(&note.as_str()) {
        return Ok(Observed::Degraded { why: format!("its status is {note}"), live: live(desired, found)? });
    }
    if moves_to(desired.port, found) {
        return Ok(Observed::Settling { note: "moving to another port".to_owned(), owner });
    }
    if parameters_are(found, "applying") {
        return Ok(Observed::Settling { note: "applying parameters".to_owned(), owner });
    }
    let works = WORKING.contains(&note.as_str()) || note.starts_with("configuring-");
    // The endpoint is made known some time after the instance, its address first.
    if works && found.endpoint().is_some_and(|endpoint| endpoint.address().is_some()) {
        return Ok(Observed::Steady(live(desired, found)?));
    }
    Ok(Observed::Settling { note, owner })
}

/// Whether this port is on its way: dependents are told it, and nobody listens there yet.
fn moves_to(port: u16, found: &DbInstance) -> bool {
    let pending = found.pending_modified_values().and_then(|pending| pending.port());
    pending == Some(port.into()) && found.endpoint().and_then(|endpoint| endpoint.port()) != pending
}

/// Whether this is how far the parameters of its group are in force.
fn parameters_are(found: &DbInstance, status: &str) -> bool {
    found.db_parameter_groups().iter().any(|group| group.parameter_apply_status() == Some(status))
}

fn status(found: &DbInstance) -> &str {
    found.db_instance_status().unwrap_or("unknown")
}

fn live(desired: &Instance, found: &DbInstance) -> Result<Live<Instance>> {
    let nothing = PendingModifiedValues::builder().build();
    // What is accepted and not yet applied is no difference: asking again would change nothing.
    let pending = found.pending_modified_values().unwrap_or(&nothing);
    let endpoint = found.endpoint();
    let parameters = found.db_parameter_groups().first();
    let group = parameters.and_then(|group| group.db_parameter_group_name());
    let groups = found.vpc_security_groups().iter().filter(|group| group.status() != Some("removing"));
    let subnets =
        text(found.db_subnet_group().and_then(|group| group.db_subnet_group_name()), "DBSubnetGroup")?;
    let served = endpoint.and_then(|endpoint| endpoint.port());
    let name = text(found.db_instance_identifier(), "DBInstanceIdentifier")?;
    let (tags, owner) = tags::read(found.tag_list());
    let actual = Instance {
        name: folded(&desired.name, name),
        engine_version: version(
            &desired.engine_version,
            text(pending.engine_version().or(found.engine_version()), "EngineVersion")?,
        ),
        instance_class: text(pending.db_instance_class().or(found.db_instance_class()), "DBInstanceClass")?
            .to_owned(),
        // RDS leaves it out where no database was asked for.
        database: found.db_name().unwrap_or_default().to_owned(),
        username: text(found.master_username(), "MasterUsername")?.to_owned(),
        password: desired.password.clone(),
        port: number(pending.port().or(served), "Endpoint.Port")?,
        storage: desired.storage.read(found, pending)?,
        upkeep: desired.upkeep.read(found, pending)?,
        multi_az: flag(pending.multi_az().or(found.multi_az()), "MultiAZ")?,
        deletion_protection: flag(found.deletion_protection(), "DeletionProtection")?,
        final_snapshot: desired.final_snapshot,
        parameter_group: text(group, "DBParameterGroups")?.to_owned(),
        pending_reboot: parameters_are(found, "pending-reboot"),
        subnet_group: DbSubnetGroupName::new(folded(desired.subnet_group.as_str(), subnets)),
        security_groups: groups
            .filter_map(|group| group.vpc_security_group_id())
            .map(SecurityGroupId::new)
            .collect(),
        publicly_accessible: found.publicly_accessible().unwrap_or_default(),
        tags,
    };
    let outputs = InstanceOutputs {
        name: DbInstanceId::new(name),
        arn: text(found.db_instance_arn(), "DBInstanceArn")?.to_owned(),
        endpoint: text(endpoint.and_then(|endpoint| endpoint.address()), "Endpoint.Address")?.to_owned(),
        port: number(served, "Endpoint.Port")?,
    };
    Ok(Live { actual, outputs, owner })
}

pub(super) fn text<'a>(value: Option<&'a str>, field: &str) -> Result<&'a str> {
    value.ok_or_else(|| lacks(field))
}

pub(super) fn flag(value: Option<bool>, field: &str) -> Result<bool> {
    value.ok_or_else(|| lacks(field))
}

pub(super) fn number<T: TryFrom<i32>>(value: Option<i32>, field: &str) -> Result<T> {
    value.and_then(|value| T::try_from(value).ok()).ok_or_else(|| lacks(field))
}

fn lacks(field: &str) -> Fault {
    missing("rds DescribeDBInstances", field)
}

#[cfg(test)]
#[path = "reading_tests.rs"]
mod tests;
