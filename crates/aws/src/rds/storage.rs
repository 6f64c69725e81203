//! The storage of an instance: how much there is, of which sort, and what encrypts it.

use aws_sdk_rds::operation::create_db_instance::builders::CreateDBInstanceFluentBuilder;
use aws_sdk_rds::operation::modify_db_instance::builders::ModifyDBInstanceFluentBuilder;
use aws_sdk_rds::types::DbInstance;
use serde::{Deserialize, Serialize};
use sidekick_engine::{Diff, Result};

use super::pending::Pending;
use super::reading::{flag, number, text};
use crate::changed::changed;

/// The storage of an instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Storage {
    /// Its size; can only grow.
    pub allocated_storage_gib: u32,
    /// The size up to which RDS enlarges it by itself; the allocated size if it must not.
    pub max_allocated_storage_gib: u32,
    /// Its sort: `gp3`.
    pub storage_type: String,
    /// Whether it is encrypted.
    pub storage_encrypted: bool,
    /// The ARN of the key that encrypts it, of one's own; left out, whichever it has.
    #[serde(default)]
    pub kms_key_id: Option<String>,
    /// Its size, if there is more than was asked for. Never asked for, only observed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub larger_gib: Option<u32>,
}

impl Storage {
    pub(super) fn compare(&self, diff: Diff, actual: &Self) -> Diff {
        let Self {
            allocated_storage_gib,
            max_allocated_storage_gib,
            storage_type,
            storage_encrypted,
            kms_key_id,
            larger_gib: _, // RDS does not shrink it, so the operator is told instead.
        } = self;
        diff.mutable("allocated_storage_gib", allocated_storage_gib, &actual.allocated_storage_gib)
            .mutable(
                "max_allocated_storage_gib",
                max_allocated_storage_gib,
                &actual.max_allocated_storage_gib,
            )
            .mutable("storage_type", storage_type, &actual.storage_type)
            .immutable("storage_encrypted", storage_encrypted, &actual.storage_encrypted)
            .immutable("kms_key_id", kms_key_id, &actual.kms_key_id)
    }

    /// Reads the storage, by the wish where AWS's answer means the same in other words.
    pub(super) fn read(&self, found: &DbInstance, pending: Pending<'_>) -> Result<Self> {
        // What is larger stays so, and RDS rounds up what it is asked for.
        let wanted = gib(self.allocated_storage_gib);
        let at_most_wanted = |size: Option<i32>| size.map(|size| size.min(wanted));
        let to_come = at_most_wanted(pending.values.allocated_storage());
        let allocated = pending.or(&wanted, to_come, at_most_wanted(found.allocated_storage()));
        let (to_come, in_force) = (pending.values.storage_type(), found.storage_type());
        let storage_type = pending.or(&self.storage_type.as_str(), to_come, in_force);
        let size: u32 = number(found.allocated_storage(), "AllocatedStorage")?;
        Ok(Self {
            allocated_storage_gib: number(allocated, "AllocatedStorage")?,
            max_allocated_storage_gib: self.read_limit(size, found)?,
            storage_type: text(storage_type, "StorageType")?.to_owned(),
            storage_encrypted: flag(found.storage_encrypted(), "StorageEncrypted")?,
            // Where no key was asked for, it is the one that AWS keeps for RDS, and nobody's wish.
            kms_key_id: self.kms_key_id.as_ref().and(found.kms_key_id()).map(str::to_owned),
            larger_gib: (size > self.allocated_storage_gib).then_some(size),
        })
    }

    /// The size up to which it grows. AWS leaves it out where it does not grow, and where there is as much already, it
    /// does not.
    fn read_limit(&self, size: u32, found: &DbInstance) -> Result<u32> {
        match found.max_allocated_storage() {
            Some(max) => number(Some(max), "MaxAllocatedStorage"),
            None if self.max_allocated_storage_gib > size => Ok(size),
            None => Ok(self.max_allocated_storage_gib),
        }
    }

    /// What there is to say of more storage than was asked for, read as `actual`, unless it may grow that far by itself.
    pub(super) fn remark(&self, actual: &Self) -> Option<String> {
        let size = actual.larger_gib.filter(|size| *size > self.max_allocated_storage_gib)?;
        let wanted = self.allocated_storage_gib;
        Some(format!("has {size} GiB and {wanted} are configured; RDS does not shrink storage"))
    }

    /// Whether RDS shall enlarge it by itself.
    const fn grows(&self) -> bool {
        self.max_allocated_storage_gib > self.allocated_storage_gib
    }

    pub(super) fn ask(&self, call: CreateDBInstanceFluentBuilder) -> CreateDBInstanceFluentBuilder {
        let growth = self.grows().then(|| gib(self.max_allocated_storage_gib));
        call.allocated_storage(gib(self.allocated_storage_gib))
            .set_max_allocated_storage(growth)
            .storage_type(&self.storage_type)
            .storage_encrypted(self.storage_encrypted)
            .set_kms_key_id(self.kms_key_id.clone())
    }

    pub(super) fn change(
        &self,
        actual: &Self,
        call: ModifyDBInstanceFluentBuilder,
    ) -> ModifyDBInstanceFluentBuilder {
        let limit = changed(&self.max_allocated_storage_gib, &actual.max_allocated_storage_gib);
        // RDS takes no limit below what there is; just that ends its growth.
        let limit = limit.map(|limit| limit.max(actual.larger_gib.unwrap_or_default()));
        call.set_allocated_storage(
            changed(&self.allocated_storage_gib, &actual.allocated_storage_gib).map(gib),
        )
        .set_max_allocated_storage(limit.map(gib))
        .set_storage_type(changed(&self.storage_type, &actual.storage_type))
    }
}

/// Sizes beyond what RDS can count are beyond what it can store, too: it refuses them.
fn gib(size: u32) -> i32 {
    i32::try_from(size).unwrap_or(i32::MAX)
}
