//! The PostgreSQL database instance.

use std::collections::BTreeMap;

use super::amazon_resource_name::own_kms_key;
use super::names::{DATABASE, Project, SUBNET_GROUP};
use super::parameters;
use super::problem::Refusal;
use super::reserved_words::is_reserved;
use super::value::Value;
use super::window::Windows;

/// The PostgreSQL database instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// The instance's identifier.
    pub identifier: String,
    /// Name of its subnet group.
    pub subnet_group: String,
    /// PostgreSQL's version: a major one, or a major and a minor one.
    pub engine_version: String,
    /// Such as `db.t4g.micro`.
    pub instance_class: String,
    /// The database that is created in the instance.
    pub name: String,
    /// The master user.
    pub username: String,
    /// The port it listens on.
    pub port: u16,
    /// The storage to begin with.
    pub allocated_storage_gib: u32,
    /// The storage up to which it grows by itself; equal to the allocated storage if it shall not.
    pub max_allocated_storage_gib: u32,
    /// The kind of volume.
    pub storage_type: StorageType,
    /// Whether the storage is encrypted.
    pub storage_encrypted: bool,
    /// The key that encrypts it; left out, the one that AWS keeps for RDS.
    pub kms_key_id: Option<String>,
    /// Whether Performance Insights are collected.
    pub performance_insights: bool,
    /// For how many days they are kept.
    pub performance_insights_retention_days: u16,
    /// Whether AWS refuses to delete the instance.
    pub deletion_protection: bool,
    /// Whether `down` leaves a final snapshot.
    pub final_snapshot: bool,
    /// Whether a standby runs in another zone.
    pub multi_az: bool,
    /// For how many days automated backups are kept; 0 for none.
    pub backup_retention_days: u8,
    /// When they are made; left out, when AWS chooses.
    pub backup_window: Option<String>,
    /// When the instance may be maintained; left out, when AWS chooses.
    pub maintenance_window: Option<String>,
    /// Whether the minor version is raised by itself.
    pub auto_minor_version_upgrade: bool,
    /// Whether snapshots get the instance's tags.
    pub copy_tags_to_snapshot: bool,
    /// The parameter group, which must exist; that of AWS if there are parameters of one's own.
    pub parameter_group: String,
    /// The parameters that differ from those of the version.
    pub parameters: BTreeMap<String, String>,
}

impl Database {
    /// The family of parameter groups of its version.
    pub fn family(&self) -> String {
        format!("postgres{}", self.major())
    }

    fn major(&self) -> &str {
        self.engine_version.split('.').next().unwrap_or_default()
    }
}

/// The kind of volume under the database.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StorageType {
    /// General purpose SSD, third generation.
    #[default]
    Gp3,
    /// General purpose SSD, second generation.
    Gp2,
}

impl StorageType {
    /// As RDS writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gp3 => "gp3",
            Self::Gp2 => "gp2",
        }
    }
}

pub(super) fn read(table: &Value<'_>, project: &Project<'_>, region: Option<&str>) -> Database {
    let windows =
        Windows { daily: table.at("backup_window"), weekly: table.at("maintenance_window"), least: 30 };
    let (backup_window, maintenance_window) = windows.read();
    let parameter_group = table.at("parameter_group").text(parameter_group);
    let kms_key_id = table.at("kms_key_id");
    let database = Database {
        identifier: table.at("identifier").name(project, &DATABASE),
        subnet_group: table.at("subnet_group").name(project, &SUBNET_GROUP),
        engine_version: table.at("engine_version").text(engine_version),
        instance_class: table.at("instance_class").text(|text| node_class(text, "db")),
        name: table.at("name").text(|text| sql_name(text, 63)),
        username: table.at("username").text(|text| sql_name(text, 16)),
        port: table.at("port").number(1150..=65535),
        allocated_storage_gib: table.at("allocated_storage_gib").number(20..=65536),
        max_allocated_storage_gib: table.at("max_allocated_storage_gib").number(20..=65536),
        storage_type: table
            .at("storage_type")
            .choice(&[("gp3", StorageType::Gp3), ("gp2", StorageType::Gp2)]),
        storage_encrypted: table.at("storage_encrypted").flag(),
        kms_key_id: own_kms_key(&kms_key_id, region),
        performance_insights: table.at("performance_insights").flag(),
        performance_insights_retention_days: table
            .at("performance_insights_retention_days")
            .number_of(&insights_retentions()),
        deletion_protection: table.at("deletion_protection").flag(),
        final_snapshot: table.at("final_snapshot").flag(),
        multi_az: table.at("multi_az").flag(),
        backup_retention_days: table.at("backup_retention_days").number(0..=35),
        backup_window,
        maintenance_window,
        auto_minor_version_upgrade: table.at("auto_minor_version_upgrade").flag(),
        copy_tags_to_snapshot: table.at("copy_tags_to_snapshot").flag(),
        parameters: parameters::read(table, ["1", "0"], &parameter_group),
        parameter_group,
    };
    if database.kms_key_id.is_some() && !database.storage_encrypted && kms_key_id.is_sound() {
        kms_key_id.refuse(Refusal::new(
            "a key is of no use where the storage is not encrypted",
            "set `database.storage_encrypted = true`, or leave the key out",
        ));
    }
    check_storage(table, &database);
    check_parameter_group(table, &database);
    database
}

/// How long Performance Insights can be kept: a week, whole months, or two years.
fn insights_retentions() -> Vec<u16> {
    [7].into_iter().chain((1..=23).map(|months| months * 31)).chain([731]).collect()
}

/// AWS wants the limit of growth to leave room for one step, a tenth of the allocated storage.
fn check_storage(table: &Value<'_>, database: &Database) {
    let limit = table.at("max_allocated_storage_gib");
    if !limit.is_sound() || !table.at("allocated_storage_gib").is_sound() {
        return;
    }
    let allocated = database.allocated_storage_gib;
    let least = allocated + allocated.div_ceil(10);
    if database.max_allocated_storage_gib != allocated && database.max_allocated_storage_gib < least {
        limit.refuse(Refusal::new(
            format!(
                "{} GiB are too few above the allocated {allocated} GiB",
                database.max_allocated_storage_gib
            ),
            format!("use at least {least}, or {allocated} for storage that does not grow"),
        ));
    }
}

/// A default parameter group belongs to one major version.
fn check_parameter_group(table: &Value<'_>, database: &Database) {
    let group = table.at("parameter_group");
    let (major, expected) = (database.major(), format!("{}{}", parameters::DEFAULT, database.family()));
    if group.is_sound()
        && table.at("engine_version").is_sound()
        && database.parameter_group.starts_with(parameters::DEFAULT)
        && database.parameter_group != expected
    {
        group.refuse(Refusal::new(
            format!("`{}` does not belong to PostgreSQL {major}", database.parameter_group),
            format!("use \"{expected}\", or a parameter group of your own"),
        ));
    }
}

fn engine_version(text: &str) -> Result<String, Refusal> {
    let is_number =
        |part: &str| !part.is_empty() && part.len() <= 2 && part.chars().all(|c| c.is_ascii_digit());
    if text.split('.').count() <= 2 && text.split('.').all(is_number) {
        return Ok(text.to_owned());
    }
    Err(Refusal::new(
        format!("{text:?} is not a PostgreSQL version"),
        "write the major version, like \"17\", or a minor one, like \"17.4\"",
    ))
}

/// A class such as `db.t4g.micro` or `cache.r7g.large`.
pub(super) fn node_class(text: &str, prefix: &str) -> Result<String, Refusal> {
    let parts: Vec<&str> = text.split('.').collect();
    let is_part = |part: &&str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    if (3..=4).contains(&parts.len()) && parts[0] == prefix && parts.iter().all(is_part) {
        return Ok(text.to_owned());
    }
    Err(Refusal::new(
        format!("{text:?} is not a class of this kind"),
        format!("write \"{prefix}\", the family and the size, like \"{prefix}.t4g.micro\""),
    ))
}

/// The name of a parameter group, which AWS provides or the user has made.
pub(super) fn parameter_group(text: &str) -> Result<String, Refusal> {
    let permits = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    if text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.len() <= 255 && text.chars().all(permits) {
        return Ok(text.to_owned());
    }
    Err(Refusal::new(
        format!("{text:?} is not the name of a parameter group"),
        "it has letters, digits, hyphens and full stops, a letter first",
    ))
}

/// A name within PostgreSQL: of the database, or of its master user.
fn sql_name(text: &str, longest: usize) -> Result<String, Refusal> {
    let permits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if is_reserved(text) {
        return Err(Refusal::new(
            format!("`{text}` is reserved by PostgreSQL or RDS"),
            "choose another name, such as \"sidekick\"",
        ));
    }
    if (1..=longest).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(permits)
    {
        return Ok(text.to_owned());
    }
    Err(Refusal::new(
        format!("{text:?} cannot be a name in PostgreSQL on RDS"),
        format!("use 1 to {longest} letters, digits and underscores, a letter first"),
    ))
}
