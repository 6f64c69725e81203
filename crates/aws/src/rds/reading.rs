//! How an instance that RDS describes is read in the terms of the spec.

use aws_sdk_rds::types::{DbInstance, PendingModifiedValues};
use sidekick_engine::{Fault, Live, Observed, Owner, Resource, Result};

use super::pending::{Counts, Pending, in_words};
use super::{Instance, InstanceOutputs, tags};
use crate::fault::missing;
use crate::spelling::{folded, is_beyond, version};
use crate::{DbInstanceId, DbSubnetGroupName, SecurityGroupId};

/// The server takes connections; RDS works on it, if at all, without getting in the way.
///
/// A new instance with its endpoint is up while its first backup runs, minutes before it is `available`.
const WORKING: &[&str] = &["available", "backing-up", "modifying", "storage-optimization"];
/// RDS is at nothing that the instance was asked for.
const IDLE: &[&str] = &["available", "storage-optimization"];
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

/// Reads the instance, by the wish where AWS's answer means the same in other words. `asked` tells whether this process
/// asked for a change at once.
pub(super) fn read(desired: &Instance, found: &DbInstance, asked: bool) -> Result<Observed<Instance>> {
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
    if parameters_are(found, "applying") {
        return Ok(Observed::Settling { note: "applying parameters".to_owned(), owner });
    }
    let works = WORKING.contains(&note.as_str()) || note.starts_with("configuring-");
    // The endpoint is made known some time after the instance, its address first.
    if works && found.endpoint().is_some_and(|endpoint| endpoint.address().is_some()) {
        let live = live(desired, found)?;
        return Ok(match awaited(desired, &live.actual, found, asked)? {
            Some(note) => Observed::Settling { note, owner },
            None => Observed::Steady(live),
        });
    }
    Ok(Observed::Settling { note, owner })
}

/// What RDS is bringing into force, if nothing else is wanted. What it is not at waits for the maintenance window, and is
/// a difference: asked for once more, it comes at once.
fn awaited(desired: &Instance, actual: &Instance, found: &DbInstance, asked: bool) -> Result<Option<String>> {
    // A new password is never left to the window, and until it is in force whoever comes with it is turned away.
    if found.pending_modified_values().is_some_and(|pending| pending.master_user_password().is_some()) {
        return Ok(Some("AWS is applying the password".to_owned()));
    }
    let outstanding = desired.diff(actual).into_changes();
    let is_at_it = asked || !IDLE.contains(&status(found));
    let is_all = desired.diff(&self::actual(desired, found, Counts::All)?).is_empty();
    Ok((!outstanding.is_empty() && is_at_it && is_all).then(|| in_words(&outstanding)))
}

/// Whether this is how far the parameters of its group are in force.
fn parameters_are(found: &DbInstance, status: &str) -> bool {
    found.db_parameter_groups().iter().any(|group| group.parameter_apply_status() == Some(status))
}

fn status(found: &DbInstance) -> &str {
    found.db_instance_status().unwrap_or("unknown")
}

fn live(desired: &Instance, found: &DbInstance) -> Result<Live<Instance>> {
    let mut actual = actual(desired, found, Counts::Unwanted)?;
    actual.remarks = remarks(desired, &actual, found);
    let endpoint = found.endpoint();
    let outputs = InstanceOutputs {
        name: DbInstanceId::new(text(found.db_instance_identifier(), "DBInstanceIdentifier")?),
        arn: text(found.db_instance_arn(), "DBInstanceArn")?.to_owned(),
        endpoint: text(endpoint.and_then(|endpoint| endpoint.address()), "Endpoint.Address")?.to_owned(),
        port: number(endpoint.and_then(|endpoint| endpoint.port()), "Endpoint.Port")?,
    };
    let (_, owner) = tags::read(found.tag_list());
    Ok(Live { actual, outputs, owner })
}

/// What the operator is told.
fn remarks(desired: &Instance, actual: &Instance, found: &DbInstance) -> Vec<String> {
    let reboot = parameters_are(found, "pending-reboot").then(|| {
        let how = format!("`aws rds reboot-db-instance --db-instance-identifier {}`", desired.name);
        format!("changed parameters wait for a reboot, which is left to you: {how}")
    });
    let wanted = &desired.engine_version;
    let newer = found.engine_version().filter(|runs| is_beyond(wanted, runs)).map(|runs| {
        format!(
            "runs PostgreSQL {runs} and {wanted} is configured; RDS does not go back to an earlier version"
        )
    });
    let optimizes = (status(found) == "storage-optimization").then(|| {
        "optimizes its storage after a change of it: RDS takes the next change of storage when that is over, and six hours \
         after the last one at the earliest"
            .to_owned()
    });
    [reboot, newer, desired.storage.remark(&actual.storage), optimizes].into_iter().flatten().collect()
}

/// The instance in the terms of the spec.
fn actual(desired: &Instance, found: &DbInstance, counts: Counts) -> Result<Instance> {
    let nothing = PendingModifiedValues::builder().build();
    let values = found.pending_modified_values().unwrap_or(&nothing);
    let pending = Pending { values, counts };
    let parameters = found.db_parameter_groups().first();
    let group = parameters.and_then(|group| group.db_parameter_group_name());
    let groups = found.vpc_security_groups().iter().filter(|group| group.status() != Some("removing"));
    let subnets =
        text(found.db_subnet_group().and_then(|group| group.db_subnet_group_name()), "DBSubnetGroup")?;
    let served = found.endpoint().and_then(|endpoint| endpoint.port());
    let name = text(found.db_instance_identifier(), "DBInstanceIdentifier")?;
    let in_wish = |is: Option<&str>| is.map(|is| version(&desired.engine_version, is));
    let runs = pending.or(
        &desired.engine_version,
        in_wish(values.engine_version()),
        in_wish(found.engine_version()),
    );
    let class = &desired.instance_class.as_str();
    let class = pending.or(class, values.db_instance_class(), found.db_instance_class());
    let (tags, _) = tags::read(found.tag_list());
    Ok(Instance {
        name: folded(&desired.name, name),
        engine_version: text(runs.as_deref(), "EngineVersion")?.to_owned(),
        instance_class: text(class, "DBInstanceClass")?.to_owned(),
        // RDS leaves it out where no database was asked for.
        database: found.db_name().unwrap_or_default().to_owned(),
        username: text(found.master_username(), "MasterUsername")?.to_owned(),
        password: desired.password.clone(),
        port: number(pending.or(&desired.port.into(), values.port(), served), "Endpoint.Port")?,
        storage: desired.storage.read(found, pending)?,
        upkeep: desired.upkeep.read(found, pending)?,
        multi_az: flag(pending.or(&desired.multi_az, values.multi_az(), found.multi_az()), "MultiAZ")?,
        deletion_protection: flag(found.deletion_protection(), "DeletionProtection")?,
        final_snapshot: desired.final_snapshot,
        parameter_group: text(group, "DBParameterGroups")?.to_owned(),
        remarks: Vec::new(),
        subnet_group: DbSubnetGroupName::new(folded(desired.subnet_group.as_str(), subnets)),
        security_groups: groups
            .filter_map(|group| group.vpc_security_group_id())
            .map(SecurityGroupId::new)
            .collect(),
        publicly_accessible: found.publicly_accessible().unwrap_or_default(),
        tags,
    })
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
