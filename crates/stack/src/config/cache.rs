//! The Redis replication group.

use std::collections::BTreeMap;

use super::amazon_resource_name::own_kms_key;
use super::database::{node_class, parameter_group};
use super::names::{Project, REPLICATION_GROUP, SUBNET_GROUP};
use super::parameters;
use super::problem::Refusal;
use super::value::Value;
use super::window::Windows;

/// The Redis replication group: one shard, with replicas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    /// The replication group's identifier.
    pub replication_group: String,
    /// Its description.
    pub description: String,
    /// Name of its subnet group.
    pub subnet_group: String,
    /// The version of Redis, such as `7.1`.
    pub engine_version: String,
    /// Such as `cache.t4g.micro`.
    pub node_type: String,
    /// The port it listens on.
    pub port: u16,
    /// How many replicas the primary has.
    pub replicas: u8,
    /// Whether a replica takes over when the primary fails.
    pub automatic_failover: bool,
    /// Whether the nodes are spread over zones.
    pub multi_az: bool,
    /// Whether what is written to disk is encrypted.
    pub at_rest_encryption: bool,
    /// The key that encrypts it; left out, the one that AWS keeps for ElastiCache.
    pub kms_key_id: Option<String>,
    /// Whether clients must use TLS.
    pub transit_encryption: bool,
    /// Whether clients must give a token, which is then injected as `REDIS_PASSWORD`.
    pub auth_token: bool,
    /// How often the token was rotated: another number means another token.
    pub auth_token_rotation: u16,
    /// For how many days automated snapshots are kept; 0 for none.
    pub snapshot_retention_days: u8,
    /// When they are made; left out, when AWS chooses.
    pub snapshot_window: Option<String>,
    /// When the nodes may be maintained; left out, when AWS chooses.
    pub maintenance_window: Option<String>,
    /// Whether the minor version is raised by itself.
    pub auto_minor_version_upgrade: bool,
    /// The parameter group, which must exist; that of AWS if there are parameters of one's own.
    pub parameter_group: String,
    /// The parameters that differ from those of the version.
    pub parameters: BTreeMap<String, String>,
}

impl Cache {
    /// The family of parameter groups of its version.
    pub fn family(&self) -> String {
        let known = ENGINE_VERSIONS.iter().find(|(version, _)| *version == self.engine_version);
        known.map(|(_, group)| group.trim_start_matches(parameters::DEFAULT)).unwrap_or_default().to_owned()
    }
}

/// The versions of Redis that ElastiCache offers, with the default parameter group of each. Redis is no
/// longer continued there, so the list is complete.
const ENGINE_VERSIONS: &[(&str, &str)] = &[
    ("6.0", "default.redis6.x"),
    ("6.2", "default.redis6.x"),
    ("7.0", "default.redis7"),
    ("7.1", "default.redis7"),
];

pub(super) fn read(table: &Value<'_>, project: &Project<'_>, region: Option<&str>) -> Cache {
    let windows =
        Windows { daily: table.at("snapshot_window"), weekly: table.at("maintenance_window"), least: 60 };
    let (snapshot_window, maintenance_window) = windows.read();
    let parameter_group = table.at("parameter_group").text(parameter_group);
    let cache = Cache {
        replication_group: table.at("replication_group").name(project, &REPLICATION_GROUP),
        description: table.at("description").text(description),
        subnet_group: table.at("subnet_group").name(project, &SUBNET_GROUP),
        engine_version: table.at("engine_version").text(engine_version),
        node_type: table.at("node_type").text(|text| node_class(text, "cache")),
        port: table.at("port").number(1..=65535),
        replicas: table.at("replicas").number(0..=5),
        automatic_failover: table.at("automatic_failover").flag(),
        multi_az: table.at("multi_az").flag(),
        at_rest_encryption: table.at("at_rest_encryption").flag(),
        kms_key_id: own_kms_key(&table.at("kms_key_id"), region),
        transit_encryption: table.at("transit_encryption").flag(),
        auth_token: table.at("auth_token").flag(),
        auth_token_rotation: table.at("auth_token_rotation").number(0..=9999),
        snapshot_retention_days: table.at("snapshot_retention_days").number(0..=35),
        snapshot_window,
        maintenance_window,
        auto_minor_version_upgrade: table.at("auto_minor_version_upgrade").flag(),
        parameters: parameters::read(table, ["yes", "no"], &parameter_group),
        parameter_group,
    };
    check_combinations(table, &cache);
    check_parameter_group(table, &cache);
    cache
}

fn check_combinations(table: &Value<'_>, cache: &Cache) {
    let check = |key: &str, needed: &str, is_met: bool, message: &str, hint: &str| {
        if !is_met && table.at(key).is_sound() && table.at(needed).is_sound() {
            table.at(key).refuse(Refusal::new(message, hint));
        }
    };
    check(
        "automatic_failover",
        "replicas",
        !cache.automatic_failover || cache.replicas > 0,
        "automatic failover needs a replica that takes over",
        "set `cache.replicas` to 1 or more, or `automatic_failover = false`",
    );
    check(
        "multi_az",
        "automatic_failover",
        !cache.multi_az || cache.automatic_failover,
        "several zones are of use only with automatic failover",
        "set `cache.automatic_failover = true`, or `multi_az = false`",
    );
    check(
        "auth_token",
        "transit_encryption",
        !cache.auth_token || cache.transit_encryption,
        "ElastiCache takes a token only over encrypted connections",
        "set `cache.transit_encryption = true`, for an application that speaks TLS, or `auth_token = false`",
    );
    check(
        "kms_key_id",
        "at_rest_encryption",
        cache.kms_key_id.is_none() || cache.at_rest_encryption,
        "a key is of no use where nothing is encrypted at rest",
        "set `cache.at_rest_encryption = true`, or leave the key out",
    );
}

fn check_parameter_group(table: &Value<'_>, cache: &Cache) {
    let group = table.at("parameter_group");
    let expected = ENGINE_VERSIONS.iter().find(|(version, _)| *version == cache.engine_version);
    if let Some((version, expected)) = expected
        && group.is_sound()
        && cache.parameter_group.starts_with(parameters::DEFAULT)
        && cache.parameter_group != *expected
    {
        group.refuse(Refusal::new(
            format!("`{}` does not belong to Redis {version}", cache.parameter_group),
            format!("use \"{expected}\", or a parameter group of your own"),
        ));
    }
}

fn engine_version(text: &str) -> Result<String, Refusal> {
    let versions: Vec<&str> = ENGINE_VERSIONS.iter().map(|(version, _)| *version).collect();
    if versions.contains(&text) {
        return Ok(text.to_owned());
    }
    Err(Refusal::new(
        format!("{text:?} is not a version of Redis that ElastiCache offers"),
        format!("use one of {}", versions.join(", ")),
    ))
}

fn description(text: &str) -> Result<String, Refusal> {
    if (1..=255).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
        return Ok(text.to_owned());
    }
    Err(Refusal::new("this cannot be a description", "write one line of 1 to 255 characters"))
}
