use aws_sdk_rds::types::builders::DbInstanceBuilder;
use aws_sdk_rds::types::{DbParameterGroupStatus, DbSubnetGroup, Endpoint, Tag, VpcSecurityGroupMembership};
use sidekick_engine::{Owner, Resource};

use super::super::{Storage, Upkeep};
use super::*;
use crate::secretsmanager::PasswordRef;
use crate::tags::{ADDRESS, STACK};
use crate::{SecretArn, Tags};

fn desired() -> Instance {
    Instance {
        name: "Sidekick-Postgres".to_owned(),
        engine_version: "17".to_owned(),
        instance_class: "db.t4g.micro".to_owned(),
        database: "app".to_owned(),
        username: "sidekick".to_owned(),
        password: PasswordRef { secret: SecretArn::new("arn:x"), key: "password".to_owned() },
        port: 5432,
        storage: Storage {
            allocated_storage_gib: 20,
            max_allocated_storage_gib: 100,
            storage_type: "gp3".to_owned(),
            storage_encrypted: true,
            kms_key_id: None,
            larger_gib: None,
        },
        upkeep: Upkeep {
            backup_retention_days: 1,
            backup_window: None,
            maintenance_window: None,
            auto_minor_version_upgrade: true,
            copy_tags_to_snapshot: true,
            performance_insights: true,
            performance_insights_retention_days: 7,
        },
        multi_az: false,
        deletion_protection: false,
        final_snapshot: true,
        parameter_group: "default.postgres17".to_owned(),
        remarks: Vec::new(),
        subnet_group: DbSubnetGroupName::new("Subnets"),
        security_groups: [SecurityGroupId::new("sg-1")].into(),
        publicly_accessible: false,
        tags: Tags::from([("Env".to_owned(), "dev".to_owned())]),
    }
}

fn parameters(status: &str) -> DbParameterGroupStatus {
    let group = DbParameterGroupStatus::builder().db_parameter_group_name("default.postgres17");
    group.parameter_apply_status(status).build()
}

/// What RDS says about the instance once it is as `desired`.
fn described(status: &str) -> DbInstanceBuilder {
    let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build();
    let group = |id: &str, status: &str| {
        VpcSecurityGroupMembership::builder().vpc_security_group_id(id).status(status).build()
    };
    DbInstance::builder()
        .db_instance_identifier("sidekick-postgres")
        .db_instance_arn("arn:aws:rds:us-west-2:123456789012:db:sidekick-postgres")
        .db_instance_status(status)
        .endpoint(Endpoint::builder().address("db.example").port(5432).build())
        .engine_version("17.4")
        .db_instance_class("db.t4g.micro")
        .db_name("app")
        .master_username("sidekick")
        .allocated_storage(20)
        .max_allocated_storage(100)
        .storage_type("gp3")
        .storage_encrypted(true)
        .kms_key_id("arn:aws:kms:us-west-2:123456789012:key/of-aws")
        .performance_insights_enabled(true)
        .performance_insights_retention_period(7)
        .auto_minor_version_upgrade(true)
        .copy_tags_to_snapshot(true)
        .preferred_backup_window("09:12-09:42")
        .preferred_maintenance_window("sun:11:05-sun:11:35")
        .multi_az(false)
        .backup_retention_period(1)
        .deletion_protection(false)
        .db_parameter_groups(parameters("in-sync"))
        .db_subnet_group(DbSubnetGroup::builder().db_subnet_group_name("subnets").build())
        .vpc_security_groups(group("sg-1", "active"))
        .vpc_security_groups(group("sg-old", "removing"))
        .tag_list(tag("Env", "dev"))
        .tag_list(tag(STACK, "sidekick/dev"))
        .tag_list(tag(ADDRESS, "data.postgres"))
}

fn steady(desired: &Instance, found: DbInstanceBuilder) -> Live<Instance> {
    match read(desired, &found.build(), false) {
        Ok(Observed::Steady(live)) => live,
        other => panic!("it is steady, not {other:?}"),
    }
}

fn changes(desired: &Instance, found: DbInstanceBuilder) -> Vec<String> {
    let diff = desired.diff(&steady(desired, found).actual);
    diff.into_changes().into_iter().map(|change| change.field).collect()
}

#[test]
fn an_instance_as_desired_is_no_difference() {
    let live = steady(&desired(), described("available"));
    assert_eq!(live.actual, desired());
    assert_eq!((live.outputs.endpoint.as_str(), live.outputs.port), ("db.example", 5432));
    assert!(matches!(live.owner, Owner::Marked(mark) if mark.address.as_str() == "data.postgres"));
}

#[test]
fn an_instance_works_before_its_first_backup_is_done() {
    for status in ["backing-up", "modifying", "configuring-log-exports", "storage-optimization"] {
        assert_eq!(changes(&desired(), described(status)), [""; 0], "{status}");
    }
    for status in ["creating", "rebooting", "a-word-of-tomorrow"] {
        let seen = read(&desired(), &described(status).build(), false);
        assert!(matches!(seen, Ok(Observed::Settling { .. })), "{status}");
    }
    let seen = read(&desired(), &described("backing-up").set_endpoint(None).build(), false);
    assert!(matches!(seen, Ok(Observed::Settling { .. })), "nobody can connect without an address");
}

#[test]
fn a_password_that_is_not_in_force_yet_is_waited_for() {
    let pending = PendingModifiedValues::builder().master_user_password("****").build();
    let found = described("available").pending_modified_values(pending).build();
    let seen = read(&desired(), &found, false);
    assert!(matches!(seen, Ok(Observed::Settling { note, .. }) if note == "AWS is applying the password"));
}

#[test]
fn an_instance_that_never_came_up_is_dead_and_one_that_did_is_not() {
    let seen = |status: &str, endpoint: Option<Endpoint>| {
        read(&desired(), &described(status).set_endpoint(endpoint).build(), false).unwrap()
    };
    let endpoint = || Some(Endpoint::builder().address("db.example").port(5432).build());
    assert!(matches!(seen("failed", None), Observed::Failed { .. }));
    assert!(matches!(seen("incompatible-network", None), Observed::Failed { .. }));
    assert!(matches!(seen("incompatible-network", endpoint()), Observed::Degraded { .. }));
    assert!(matches!(seen("storage-full", endpoint()), Observed::Degraded { .. }));
    assert!(matches!(seen("deleting", endpoint()), Observed::Deleting));
}

/// The wish for each value that RDS puts into force with delay, and how it is told until then.
fn larger() -> (Instance, PendingModifiedValues) {
    let mut larger = Instance {
        engine_version: "17.6".to_owned(),
        instance_class: "db.t4g.small".to_owned(),
        port: 5433,
        multi_az: true,
        ..desired()
    };
    larger.storage.allocated_storage_gib = 30;
    larger.storage.storage_type = "io2".to_owned();
    larger.upkeep.backup_retention_days = 0;
    let pending = PendingModifiedValues::builder()
        .engine_version("17.6")
        .db_instance_class("db.t4g.small")
        .port(5433)
        .multi_az(true)
        .allocated_storage(30)
        .storage_type("io2")
        .backup_retention_period(0);
    (larger, pending.build())
}

#[test]
fn a_change_that_is_accepted_is_waited_for_while_rds_is_at_it() {
    let (larger, pending) = larger();
    let wait = |status: &str, asked: bool| {
        let found = described(status).pending_modified_values(pending.clone()).build();
        match read(&larger, &found, asked) {
            Ok(Observed::Settling { note, .. }) => Some(note),
            _ => None,
        }
    };
    for (status, asked) in [("modifying", false), ("available", true), ("storage-optimization", true)] {
        let note = wait(status, asked).unwrap_or_else(|| panic!("{status} {asked} is waited for"));
        assert!(
            note.starts_with("AWS is applying engine version 17.6, instance class db.t4g.small"),
            "{note}"
        );
    }
    assert_eq!(wait("available", false), None, "what waits for the window would be waited for in vain");
}

#[test]
fn a_change_that_waits_for_the_maintenance_window_is_a_difference() {
    let (larger, pending) = larger();
    let all = changes(&larger, described("available"));
    assert_eq!(all.len(), 8, "each of them, and that backups end: {all:?}");
    assert_eq!(changes(&larger, described("available").pending_modified_values(pending)), all);
}

#[test]
fn a_change_that_nobody_wants_is_a_difference_before_it_is_in_force() {
    let (larger, pending) = larger();
    let undone = changes(&desired(), described("modifying").pending_modified_values(pending));
    // Of a version that is newer, and of storage that is larger, there is no way back.
    let kept = ["engine_version", "allocated_storage_gib"];
    let all = changes(&larger, described("available"));
    assert_eq!(undone, all.into_iter().filter(|field| !kept.contains(&field.as_str())).collect::<Vec<_>>());
}

#[test]
fn what_is_wanted_beside_an_accepted_change_is_asked_for() {
    let (larger, pending) = larger();
    let more = Instance { deletion_protection: true, ..larger };
    let found = described("modifying").pending_modified_values(pending);
    assert!(changes(&more, found).contains(&"deletion_protection".to_owned()));
}

#[test]
fn storage_that_grew_by_itself_is_no_difference() {
    assert!(changes(&desired(), described("available").allocated_storage(40)).is_empty());
    let mut fixed = desired();
    fixed.storage.max_allocated_storage_gib = 20;
    assert!(changes(&fixed, described("available").set_max_allocated_storage(None)).is_empty());
    assert_eq!(changes(&fixed, described("available")), ["max_allocated_storage_gib"]);
    let off = described("available").set_max_allocated_storage(None);
    assert_eq!(changes(&desired(), off), ["max_allocated_storage_gib"]);
    assert_eq!(changes(&desired(), described("available").allocated_storage(10)), ["allocated_storage_gib"]);
}

#[test]
fn what_cannot_be_taken_back_is_told_and_no_difference() {
    let remarks = |desired: &Instance, found: DbInstanceBuilder| {
        assert!(changes(desired, found.clone()).is_empty());
        steady(desired, found).actual.remarks
    };
    let grown = || described("available").allocated_storage(40);
    assert_eq!(remarks(&desired(), grown()), [""; 0], "it may grow up to 100");
    let mut fixed = desired();
    fixed.storage.max_allocated_storage_gib = 20;
    let more = remarks(&fixed, grown().set_max_allocated_storage(None));
    assert_eq!(more, ["has 40 GiB and 20 are configured; RDS does not shrink storage"]);
    let older = Instance { engine_version: "17.2".to_owned(), ..desired() };
    let newer = remarks(&older, described("available"));
    assert!(
        newer.len() == 1 && newer[0].starts_with("runs PostgreSQL 17.4 and 17.2 is configured"),
        "{newer:?}"
    );
    let busy = remarks(&desired(), described("storage-optimization"));
    assert!(busy.len() == 1 && busy[0].contains("six hours"), "{busy:?}");
}

#[test]
fn what_aws_chose_where_nothing_was_asked_for_is_no_difference() {
    let mut own = desired();
    own.storage.kms_key_id = Some("arn:aws:kms:us-west-2:123456789012:key/own".to_owned());
    own.upkeep.backup_window = Some("03:00-03:30".to_owned());
    own.upkeep.maintenance_window = Some("mon:04:00-mon:04:30".to_owned());
    assert_eq!(changes(&own, described("available")), ["kms_key_id", "backup_window", "maintenance_window"]);
    let same = described("available")
        .kms_key_id("arn:aws:kms:us-west-2:123456789012:key/own")
        .preferred_backup_window("03:00-03:30")
        .preferred_maintenance_window("Mon:04:00-Mon:04:30");
    assert!(changes(&own, same).is_empty());
}

#[test]
fn a_reboot_that_parameters_wait_for_is_told_and_no_difference() {
    let seen = |status: &str| described("available").set_db_parameter_groups(Some(vec![parameters(status)]));
    let live = steady(&desired(), seen("pending-reboot"));
    assert!(desired().diff(&live.actual).is_empty());
    assert!(live.actual.notice().is_some_and(|words| words.contains("reboot-db-instance")));
    assert!(matches!(read(&desired(), &seen("applying").build(), false), Ok(Observed::Settling { .. })));
}

#[test]
fn a_record_of_an_older_version_can_still_be_read() {
    let mut record = serde_json::to_value(desired()).unwrap();
    for newer in [
        "kms_key_id",
        "backup_window",
        "maintenance_window",
        "auto_minor_version_upgrade",
        "copy_tags_to_snapshot",
        "performance_insights_retention_days",
    ] {
        assert!(record.as_object_mut().unwrap().remove(newer).is_some(), "{newer}");
    }
    assert_eq!(serde_json::from_value::<Instance>(record).unwrap(), desired());
}

#[test]
fn an_answer_without_what_aws_always_tells_is_a_fault() {
    let fault = read(&desired(), &described("available").set_engine_version(None).build(), false).err();
    assert!(fault.is_some_and(|fault| fault.message.contains("EngineVersion")));
}

#[test]
fn an_instance_of_somebody_else_is_told_by_its_tags_alone() {
    let found = DbInstance::builder().db_instance_status("available").build();
    assert!(matches!(read(&desired(), &found, false).unwrap(), Observed::Unmarked));
}
