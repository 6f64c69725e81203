//! What an instance is made of. Changes of this wait for the maintenance window or for `ApplyImmediately`, and
//! then take their time; meanwhile they are pending.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::engine;
use crate::call::Refusal;
use crate::params::Params;

/// Sizes of storage in GiB.
const STORAGE: std::ops::RangeInclusive<i64> = 20..=65_536;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Capacity {
    #[serde(rename = "DBInstanceClass")]
    pub(super) class: String,
    #[serde(rename = "AllocatedStorage")]
    pub(super) storage: i64,
    pub(super) storage_type: String,
    pub(super) engine_version: String,
    #[serde(rename = "MultiAZ")]
    pub(super) multi_az: bool,
    pub(super) port: i64,
    #[serde(rename = "BackupRetentionPeriod")]
    pub(super) backup_retention: i64,
}

impl Capacity {
    /// The capacity that a new instance is asked to have.
    pub(super) fn first(params: &Params) -> Result<Self, Refusal> {
        let capacity = Self {
            class: params.text("DBInstanceClass")?.to_owned(),
            storage: params.number("AllocatedStorage")?.ok_or_else(|| params.missing("AllocatedStorage"))?,
            storage_type: params.text_if("StorageType")?.unwrap_or("gp3").to_owned(),
            engine_version: engine::version(params.text_if("EngineVersion")?.unwrap_or("17"))?,
            multi_az: params.flag("MultiAZ")?.unwrap_or_default(),
            port: params.number("Port")?.unwrap_or(5432),
            backup_retention: params.number("BackupRetentionPeriod")?.unwrap_or(1),
        };
        capacity.check(params)?;
        Ok(capacity)
    }

    /// What it becomes by a request to modify it.
    pub(super) fn next(&self, params: &Params) -> Result<Self, Refusal> {
        let version = params.text_if("EngineVersion")?.map(|wanted| self.next_version(wanted)).transpose()?;
        let next = Self {
            class: params.text_if("DBInstanceClass")?.unwrap_or(&self.class).to_owned(),
            storage: self.next_storage(params)?,
            storage_type: params.text_if("StorageType")?.unwrap_or(&self.storage_type).to_owned(),
            engine_version: version.unwrap_or_else(|| self.engine_version.clone()),
            multi_az: params.flag("MultiAZ")?.unwrap_or(self.multi_az),
            port: params.number("DBPortNumber")?.unwrap_or(self.port),
            backup_retention: params.number("BackupRetentionPeriod")?.unwrap_or(self.backup_retention),
        };
        let allows_major = params.flag("AllowMajorVersionUpgrade")?.unwrap_or_default();
        engine::check_upgrade(&self.engine_version, &next.engine_version, allows_major)?;
        next.check(params)?;
        Ok(next)
    }

    /// A major version that runs already means no change.
    fn next_version(&self, wanted: &str) -> Result<String, Refusal> {
        if wanted == engine::major(&self.engine_version) {
            Ok(self.engine_version.clone())
        } else {
            engine::version(wanted)
        }
    }

    /// Storage only grows, and by a tenth at least.
    fn next_storage(&self, params: &Params) -> Result<i64, Refusal> {
        match params.number("AllocatedStorage")? {
            Some(wanted) if wanted < self.storage => {
                let words =
                    format!("Requested size {wanted} cannot be less than the current size {}.", self.storage);
                Err(Refusal::illegal("InvalidParameterValue", words))
            }
            Some(wanted) if wanted > self.storage => Ok(wanted.max((self.storage * 11 + 9) / 10)),
            _ => Ok(self.storage),
        }
    }

    fn check(&self, params: &Params) -> Result<(), Refusal> {
        engine::check_class(&self.class)?;
        if !["gp2", "gp3"].contains(&self.storage_type.as_str()) {
            return Err(params.invalid("StorageType", &self.storage_type, "The sandbox models gp2 and gp3."));
        }
        if !STORAGE.contains(&self.storage) {
            let words = format!(
                "Invalid storage size for engine name {} and storage type {}: {}",
                engine::NAME,
                self.storage_type,
                self.storage
            );
            return Err(Refusal::illegal("InvalidParameterCombination", words));
        }
        if !(1150..=65_535).contains(&self.port) {
            return Err(params.invalid("Port", self.port, "It must lie between 1150 and 65535."));
        }
        if !(0..=35).contains(&self.backup_retention) {
            let words = format!("Invalid backup retention period: {}", self.backup_retention);
            return Err(Refusal::illegal("InvalidParameterValue", words));
        }
        Ok(())
    }

    /// Whether going to `next` is a change of storage.
    pub(super) fn changes_storage(&self, next: &Self) -> bool {
        (self.storage, &self.storage_type) != (next.storage, &next.storage_type)
    }

    /// What differs in `next`, under the names of answers.
    pub(super) fn differences(&self, next: &Self) -> Map<String, Value> {
        let (Value::Object(before), Value::Object(after)) = (json!(self), json!(next)) else {
            return Map::new();
        };
        after.into_iter().filter(|(name, value)| before.get(name) != Some(value)).collect()
    }
}
