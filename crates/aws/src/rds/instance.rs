//! RDS DB instance: the PostgreSQL database.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sidekick_engine::{Diff, Intent, Mark, Observed, Pace, Resource, Result, Teardown};

use super::disruptions::DISRUPTS;
use super::{Storage, Upkeep, reading, request};
use crate::secretsmanager::PasswordRef;
use crate::{Aws, DbInstanceId, DbSubnetGroupName, SecurityGroupId, Tags};

/// The database we want.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    /// Its identifier, unique in account and region; RDS keeps it in lower case.
    pub name: String,
    /// PostgreSQL's version; `17` is met by any `17.x`.
    pub engine_version: String,
    /// Its size: `db.t4g.micro`.
    pub instance_class: String,
    /// The database that is made in it.
    pub database: String,
    /// The master user.
    pub username: String,
    /// Where the master user's password lies. No API tells it; another place means another password.
    pub password: PasswordRef,
    /// The port it listens on.
    pub port: u16,
    /// Its storage.
    #[serde(flatten)]
    pub storage: Storage,
    /// Its backups and its maintenance.
    #[serde(flatten)]
    pub upkeep: Upkeep,
    /// Whether a standby runs in another zone.
    pub multi_az: bool,
    /// Whether AWS refuses to delete it.
    pub deletion_protection: bool,
    /// Whether a snapshot is taken before it is deleted. Only matters to deleting.
    pub final_snapshot: bool,
    /// Its parameter group: `default.postgres17`.
    pub parameter_group: String,
    /// What is left to the operator, in words. Never asked for, only observed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
    /// The subnets it may be placed in.
    pub subnet_group: DbSubnetGroupName,
    /// What may reach it.
    pub security_groups: BTreeSet<SecurityGroupId>,
    /// Whether its name leads to a public address from outside of the VPC.
    #[serde(default)]
    pub publicly_accessible: bool,
    /// The configured tags.
    pub tags: Tags,
}

/// What dependents may read once the database takes connections.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InstanceOutputs {
    /// The instance's identifier.
    pub name: DbInstanceId,
    /// The instance's ARN.
    pub arn: String,
    /// The DNS name it answers at.
    pub endpoint: String,
    /// The port it answers at.
    pub port: u16,
}

impl Resource for Instance {
    const KIND: &'static str = "rds.instance";
    const UP: Pace = Pace::seconds(190, 300, 560, 3600);
    const DOWN: Pace = Pace::seconds(75, 120, 180, 3600);
    const CREATES_ONCE: bool = true;
    const TEARDOWN: Teardown = Teardown::Anytime;
    const STATEFUL: bool = true;
    const HIDDEN: &'static [&'static str] = &["final_snapshot", "password"];
    const DISRUPTS: &'static [(&'static str, &'static str)] = DISRUPTS;

    type Cloud = Aws;
    type Id = DbInstanceId;
    type Outputs = InstanceOutputs;

    #[rustfmt::skip]
    fn diff(&self, actual: &Self) -> Diff {
        let Self {
            name, engine_version, instance_class, database, username, password, port, storage, upkeep, multi_az,
            deletion_protection, final_snapshot, parameter_group, subnet_group, security_groups,
            publicly_accessible, tags,
            remarks: _, // The operator is told what an update cannot do, or must not.
        } = self;
        let diff = Diff::default()
            .immutable("name", name, &actual.name)
            .mutable("engine_version", engine_version, &actual.engine_version)
            .mutable("instance_class", instance_class, &actual.instance_class)
            .immutable("database", database, &actual.database)
            .immutable("username", username, &actual.username)
            .mutable("password", password, &actual.password)
            .mutable("port", port, &actual.port);
        upkeep.compare(storage.compare(diff, &actual.storage), &actual.upkeep)
            .mutable("multi_az", multi_az, &actual.multi_az)
            .mutable("deletion_protection", deletion_protection, &actual.deletion_protection)
            .mutable("final_snapshot", final_snapshot, &actual.final_snapshot)
            .mutable("parameter_group", parameter_group, &actual.parameter_group)
            .immutable("subnet_group", subnet_group, &actual.subnet_group)
            .mutable("security_groups", security_groups, &actual.security_groups)
            .mutable("publicly_accessible", publicly_accessible, &actual.publicly_accessible)
            .mutable("tags", tags, &actual.tags)
    }

    fn protection(&self) -> Option<String> {
        self.deletion_protection.then(|| "`database.deletion_protection` is on".to_owned())
    }

    fn notice(&self) -> Option<String> {
        (!self.remarks.is_empty()).then(|| self.remarks.join("; "))
    }

    async fn find(&self, aws: &Aws, _: &Mark) -> Result<Option<DbInstanceId>> {
        let found = request::describe(aws, &self.name).await?.filter(|found| !reading::is_leaving(found));
        Ok(found.and_then(|found| found.db_instance_identifier).map(DbInstanceId::new))
    }

    async fn observe(&self, aws: &Aws, id: &DbInstanceId) -> Result<Observed<Self>> {
        let found = request::describe(aws, id.as_str()).await?;
        found.map_or(Ok(Observed::Absent), |found| reading::read(self, &found, aws.rds_asked.holds(id)))
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> Result<DbInstanceId> {
        request::create(self, aws, intent).await?;
        Ok(DbInstanceId::new(self.name.to_lowercase()))
    }

    async fn update(&self, actual: &Self, aws: &Aws, id: &DbInstanceId, _: &Intent) -> Result<()> {
        let mut kept = actual.clone();
        (kept.final_snapshot, kept.remarks) = (self.final_snapshot, self.remarks.clone());
        kept.tags.clone_from(&self.tags);
        if *self != kept {
            request::modify(self, actual, aws, id).await?;
            aws.rds_asked.note(id);
        }
        request::retag(self, actual, aws, id).await
    }

    async fn delete(&self, aws: &Aws, id: &DbInstanceId, intent: &Intent) -> Result<()> {
        request::delete(self, aws, id, intent).await
    }
}
