//! RDS: DB subnet groups, DB instances, DB snapshots.

use serde_json::{Value, json};
use sidekick_sandbox::Faults;

use crate::data::{Network, Service, assert_hidden, with};
use crate::{absent, blocked, illegal, seconds, text};

const PASSWORD: &str = "correct-horse-battery";

pub(crate) struct Database {
    pub(crate) rds: Service,
    network: Network,
    /// The parameters of the instance that tests begin with.
    pub(crate) params: Value,
}

pub(crate) fn database() -> Database {
    let rds = Service::new("rds");
    let network = Network::new(&rds.sandbox);
    let group =
        json!({ "DBSubnetGroupName": "Data", "DBSubnetGroupDescription": "d", "SubnetIds": network.subnets });
    rds.call("CreateDBSubnetGroup", group);
    let params = json!({
        "DBInstanceIdentifier": "Main",
        "Engine": "postgres",
        "EngineVersion": "17",
        "DBInstanceClass": "db.t4g.micro",
        "AllocatedStorage": 20,
        "MasterUsername": "sidekick",
        "MasterUserPassword": PASSWORD,
        "DBSubnetGroupName": "data",
        "VpcSecurityGroupIds": [network.group],
    });
    Database { rds, network, params }
}

/// Parameters about the instance that tests begin with.
fn main(more: Value) -> Value {
    with(&json!({ "DBInstanceIdentifier": "main" }), more)
}

impl Database {
    pub(crate) async fn available(changes: Value) -> Self {
        let database = database();
        database.rds.call("CreateDBInstance", with(&database.params, changes));
        database.until("available").await;
        database
    }

    pub(crate) fn instance(&self) -> Value {
        self.rds.call("DescribeDBInstances", json!({ "DBInstanceIdentifier": "main" }))["DBInstances"][0]
            .clone()
    }

    fn status(&self) -> String {
        text(&self.instance(), "/DBInstanceStatus")
    }

    pub(crate) async fn until(&self, status: &str) -> u64 {
        self.rds.until(status, || self.status()).await
    }

    pub(crate) fn modify(&self, changes: Value) -> Value {
        self.rds.call("ModifyDBInstance", main(changes))["DBInstance"].clone()
    }

    pub(crate) fn modify_refused(&self, changes: Value) -> (String, sidekick_sandbox::Reason) {
        self.rds.refused("ModifyDBInstance", main(changes))
    }

    async fn delete(&self, how: Value) {
        self.rds.call("DeleteDBInstance", main(how));
        while self.rds.attempt("DescribeDBInstances", json!({ "DBInstanceIdentifier": "main" })).is_ok() {
            seconds(1).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_instance_takes_connections_minutes_before_it_is_available() {
    let database = database();
    let created = database.rds.call("CreateDBInstance", database.params.clone());
    assert_eq!(text(&created, "/DBInstance/DBInstanceStatus"), "creating");
    assert_eq!(database.instance()["Endpoint"], Value::Null);
    assert_eq!(
        database.modify_refused(json!({ "DeletionProtection": false })),
        blocked("InvalidDBInstanceState")
    );
    let delete = json!({ "DBInstanceIdentifier": "main", "SkipFinalSnapshot": true });
    assert_eq!(database.rds.refused("DeleteDBInstance", delete), blocked("InvalidDBInstanceState"));
    let started = database.until("backing-up").await;
    assert!((190..=560).contains(&started), "{started}");
    assert_eq!(database.instance()["Endpoint"]["Port"], 5432);
    assert!(text(&database.instance(), "/Endpoint/Address").starts_with("main."));
    let backed_up = database.until("available").await;
    assert!((80..=220).contains(&backed_up), "{backed_up}");
}

#[tokio::test(start_paused = true)]
async fn without_backups_there_is_no_first_backup() {
    let database = database();
    database.rds.call("CreateDBInstance", with(&database.params, json!({ "BackupRetentionPeriod": 0 })));
    while database.status() == "creating" {
        seconds(1).await;
    }
    assert_eq!(database.status(), "available");
}

#[tokio::test(start_paused = true)]
async fn a_change_is_pending_until_it_has_happened() {
    let database = Database::available(json!({})).await;
    let changes =
        json!({ "DBInstanceClass": "db.t4g.small", "DeletionProtection": true, "ApplyImmediately": true });
    let modified = database.modify(changes);
    assert_eq!(modified["PendingModifiedValues"], json!({ "DBInstanceClass": "db.t4g.small" }));
    assert_eq!(
        (&modified["DBInstanceClass"], &modified["DeletionProtection"]),
        (&json!("db.t4g.micro"), &json!(true))
    );
    database.until("modifying").await;
    assert_eq!(
        database.modify_refused(json!({ "DeletionProtection": false })),
        blocked("InvalidDBInstanceState")
    );
    database.until("available").await;
    let instance = database.instance();
    assert_eq!(
        (&instance["DBInstanceClass"], &instance["PendingModifiedValues"]),
        (&json!("db.t4g.small"), &json!({}))
    );
}

#[tokio::test(start_paused = true)]
async fn a_change_that_is_not_urgent_waits_for_one_that_is() {
    let database = Database::available(json!({})).await;
    database.modify(json!({ "DBInstanceClass": "db.t4g.small" }));
    seconds(10_000).await;
    assert_eq!(database.status(), "available");
    assert_eq!(database.instance()["PendingModifiedValues"], json!({ "DBInstanceClass": "db.t4g.small" }));
    database.modify(json!({ "DBPortNumber": 5433, "ApplyImmediately": true }));
    database.until("modifying").await;
    database.until("available").await;
    let instance = database.instance();
    assert_eq!(
        (&instance["DBInstanceClass"], &instance["Endpoint"]["Port"]),
        (&json!("db.t4g.small"), &json!(5433))
    );
}

#[tokio::test(start_paused = true)]
async fn storage_only_grows_and_then_rests_for_six_hours() {
    let database = Database::available(json!({})).await;
    let grow = |size: i64| json!({ "AllocatedStorage": size, "ApplyImmediately": true });
    assert_eq!(database.modify_refused(grow(19)), illegal("InvalidParameterValue"));
    // By less than a tenth it does not grow.
    let modified = database.modify(grow(21));
    assert_eq!(modified["PendingModifiedValues"], json!({ "AllocatedStorage": 22 }));
    database.until("storage-optimization").await;
    assert_eq!(database.instance()["AllocatedStorage"], 22);
    database.modify(json!({ "DeletionProtection": true }));
    database.until("available").await;
    assert_eq!(database.modify_refused(grow(30)), blocked("InvalidParameterCombination"));
    seconds(6 * 3600).await;
    database.modify(grow(30));
}

#[tokio::test(start_paused = true)]
async fn a_version_means_its_newest_minor_and_never_goes_back() {
    let database = Database::available(json!({ "EngineVersion": "16" })).await;
    let before = text(&database.instance(), "/EngineVersion");
    assert!(before.starts_with("16.") && before != "16.1", "{before}");
    let upgrade = |version: &str, major: bool| {
        let manners = json!({ "AllowMajorVersionUpgrade": major, "ApplyImmediately": true });
        with(&manners, json!({ "EngineVersion": version }))
    };
    assert_eq!(database.modify_refused(upgrade("15", true)), illegal("InvalidParameterCombination"));
    assert_eq!(database.modify_refused(upgrade("17", false)), illegal("InvalidParameterCombination"));
    assert_eq!(database.modify_refused(upgrade("99", true)), illegal("InvalidParameterCombination"));
    database.modify(upgrade("17", true));
    database.until("modifying").await;
    database.until("available").await;
    let instance = database.instance();
    assert!(text(&instance, "/EngineVersion").starts_with("17."));
    assert_eq!(instance["DBParameterGroups"][0]["DBParameterGroupName"], "default.postgres17");
}

#[tokio::test(start_paused = true)]
async fn an_instance_holds_its_network_until_it_is_gone() {
    let database = Database::available(json!({ "MultiAZ": true })).await;
    let (rds, network) = (&database.rds, &database.network);
    assert_eq!(network.interfaces(&rds.sandbox).into_values().collect::<Vec<_>>(), [1, 1]);
    database.modify(json!({ "MultiAZ": false, "ApplyImmediately": true }));
    database.until("modifying").await;
    database.until("available").await;
    assert_eq!(network.interfaces(&rds.sandbox).into_values().collect::<Vec<_>>(), [1]);
    let group = json!({ "GroupId": network.group });
    let subnet = json!({ "SubnetId": network.subnets[1] });
    let subnets = json!({ "DBSubnetGroupName": "data" });
    rds.call("DeleteDBInstance", json!({ "DBInstanceIdentifier": "main", "SkipFinalSnapshot": true }));
    assert_eq!(
        crate::refused(&rds.sandbox, "DeleteSecurityGroup", group.clone()),
        blocked("DependencyViolation")
    );
    assert_eq!(
        rds.refused("DeleteDBSubnetGroup", subnets.clone()),
        blocked("InvalidDBSubnetGroupStateFault")
    );
    seconds(144).await;
    assert_eq!(
        rds.refused("DeleteDBInstance", json!({ "DBInstanceIdentifier": "main", "SkipFinalSnapshot": true })),
        absent("DBInstanceNotFound")
    );
    crate::call(&rds.sandbox, "DeleteSecurityGroup", group);
    // The subnet group holds its subnets by itself.
    assert_eq!(crate::refused(&rds.sandbox, "DeleteSubnet", subnet.clone()), blocked("DependencyViolation"));
    rds.call("DeleteDBSubnetGroup", subnets);
    crate::call(&rds.sandbox, "DeleteSubnet", subnet);
}

#[tokio::test(start_paused = true)]
async fn deletion_needs_its_protection_off_and_a_word_about_the_last_snapshot() {
    let database = Database::available(json!({ "DeletionProtection": true })).await;
    let delete = |how: Value| database.rds.refused("DeleteDBInstance", main(how));
    assert_eq!(delete(json!({ "SkipFinalSnapshot": true })), illegal("InvalidParameterCombination"));
    database.modify(json!({ "DeletionProtection": false }));
    assert_eq!(delete(json!({})), illegal("InvalidParameterCombination"));
    let both = json!({ "SkipFinalSnapshot": true, "FinalDBSnapshotIdentifier": "last" });
    assert_eq!(delete(both), illegal("InvalidParameterCombination"));
    database.delete(json!({ "FinalDBSnapshotIdentifier": "last" })).await;
    let snapshots = database.rds.call("DescribeDBSnapshots", json!({ "DBInstanceIdentifier": "main" }));
    assert_eq!(text(&snapshots, "/DBSnapshots/0/Status"), "available");
    database.rds.call("CreateDBInstance", database.params.clone());
    database.until("available").await;
    assert_eq!(delete(json!({ "FinalDBSnapshotIdentifier": "Last" })), illegal("DBSnapshotAlreadyExists"));
    database.rds.call("DeleteDBSnapshot", json!({ "DBSnapshotIdentifier": "last" }));
    database.delete(json!({ "FinalDBSnapshotIdentifier": "last" })).await;
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_failed_is_deleted_without_a_snapshot() {
    let database = database();
    let failing = Faults { failing: ["db-instance".to_owned()].into(), ..Faults::default() };
    database.rds.sandbox.set_faults(failing).unwrap();
    database.rds.call("CreateDBInstance", database.params.clone());
    database.until("failed").await;
    assert_eq!(database.instance()["Endpoint"], Value::Null);
    let delete = json!({ "DBInstanceIdentifier": "main", "FinalDBSnapshotIdentifier": "last" });
    assert_eq!(database.rds.refused("DeleteDBInstance", delete), illegal("InvalidDBInstanceState"));
    database.delete(json!({ "SkipFinalSnapshot": true })).await;
}

#[tokio::test(start_paused = true)]
async fn what_rds_does_not_take_is_refused() {
    let database = database();
    let other = Network::new(&database.rds.sandbox);
    for (wrong, expected) in [
        (json!({ "DBInstanceIdentifier": "1st" }), illegal("InvalidParameterValue")),
        (json!({ "DBInstanceIdentifier": "a--b" }), illegal("InvalidParameterValue")),
        (json!({ "DBInstanceClass": "db.t9.micro" }), illegal("InvalidParameterValue")),
        (json!({ "EngineVersion": "9" }), illegal("InvalidParameterCombination")),
        (json!({ "AllocatedStorage": 10 }), illegal("InvalidParameterCombination")),
        (json!({ "MaxAllocatedStorage": 19 }), illegal("InvalidParameterCombination")),
        (json!({ "BackupRetentionPeriod": 36 }), illegal("InvalidParameterValue")),
        (json!({ "MasterUsername": "admin" }), illegal("InvalidParameterValue")),
        (json!({ "MasterUserPassword": "short" }), illegal("InvalidParameterValue")),
        (json!({ "MasterUserPassword": "with/a/slash" }), illegal("InvalidParameterValue")),
        (json!({ "MasterUserPassword": null }), illegal("MissingParameter")),
        (json!({ "DBName": "no-hyphens" }), illegal("InvalidParameterValue")),
        (json!({ "DBParameterGroupName": "default.postgres16" }), illegal("InvalidParameterCombination")),
        (json!({ "DBParameterGroupName": "mine" }), absent("DBParameterGroupNotFound")),
        (json!({ "DBSubnetGroupName": "nowhere" }), absent("DBSubnetGroupNotFoundFault")),
        (json!({ "VpcSecurityGroupIds": ["sg-0123"] }), illegal("InvalidParameterValue")),
        (json!({ "VpcSecurityGroupIds": [other.group] }), illegal("InvalidParameterCombination")),
        (json!({ "AvailabilityZone": "us-west-2c" }), illegal("InvalidParameterCombination")),
        (json!({ "PreferredBackupWindow": "03:00-03:10" }), illegal("InvalidParameterValue")),
        (json!({ "MonitoringInterval": 60 }), illegal("InvalidParameterCombination")),
        (json!({ "EnableCloudwatchLogsExports": ["audit"] }), illegal("InvalidParameterCombination")),
        (json!({ "Iops": 4000 }), illegal("SandboxUnsupportedParameter")),
    ] {
        let params = with(&database.params, wrong.clone());
        assert_eq!(database.rds.refused("CreateDBInstance", params), expected, "{wrong}");
    }
    assert_eq!(database.network.interfaces(&database.rds.sandbox).len(), 0);
    database.rds.call("CreateDBInstance", database.params.clone());
    assert_eq!(
        database.rds.refused("CreateDBInstance", database.params.clone()),
        illegal("DBInstanceAlreadyExists")
    );
}

#[tokio::test(start_paused = true)]
async fn a_subnet_group_covers_two_zones_and_keeps_what_is_in_use() {
    let database = Database::available(json!({})).await;
    let (rds, network) = (&database.rds, &database.network);
    let group = |subnets: Value| {
        let named = json!({ "DBSubnetGroupName": "data", "DBSubnetGroupDescription": "e" });
        with(&named, json!({ "SubnetIds": subnets }))
    };
    assert_eq!(
        rds.refused("CreateDBSubnetGroup", group(json!(network.subnets))),
        illegal("DBSubnetGroupAlreadyExists")
    );
    let one = group(json!([network.subnets[0]]));
    assert_eq!(rds.refused("ModifyDBSubnetGroup", one), illegal("DBSubnetGroupDoesNotCoverEnoughAZs"));
    assert_eq!(rds.refused("ModifyDBSubnetGroup", group(json!(["subnet-0"]))), illegal("InvalidSubnet"));
    let vpc = text(&rds.call("DescribeDBSubnetGroups", json!({})), "/DBSubnetGroups/0/VpcId");
    let used = network.interfaces(&rds.sandbox).into_keys().next().unwrap();
    let fresh = |block: &str, zone: &str| {
        let params = json!({ "VpcId": vpc, "CidrBlock": block, "AvailabilityZone": zone });
        text(&crate::call(&rds.sandbox, "CreateSubnet", params), "/subnet/subnetId")
    };
    let (a, b) = (fresh("10.0.3.0/24", "us-west-2a"), fresh("10.0.4.0/24", "us-west-2b"));
    assert_eq!(rds.refused("ModifyDBSubnetGroup", group(json!([a, b]))), blocked("SubnetAlreadyInUse"));
    rds.call("ModifyDBSubnetGroup", group(json!([a, b, used])));
}

#[tokio::test(start_paused = true)]
async fn tags_come_by_arn_and_the_answer_of_the_instance_shows_them() {
    let database = database();
    let tagged = with(&database.params, json!({ "Tags": [{ "Key": "a", "Value": "1" }] }));
    let arn = text(&database.rds.call("CreateDBInstance", tagged), "/DBInstance/DBInstanceArn");
    database
        .rds
        .call("AddTagsToResource", json!({ "ResourceName": arn, "Tags": [{ "Key": "b", "Value": "2" }] }));
    database.rds.call("RemoveTagsFromResource", json!({ "ResourceName": arn, "TagKeys": ["a"] }));
    let listed = database.rds.call("ListTagsForResource", json!({ "ResourceName": arn }))["TagList"].clone();
    assert_eq!(listed, json!([{ "Key": "b", "Value": "2" }]));
    assert_eq!(database.instance()["TagList"], listed);
    let unknown = json!({ "ResourceName": arn.replace("main", "other") });
    assert_eq!(database.rds.refused("ListTagsForResource", unknown), absent("DBInstanceNotFound"));
}

#[tokio::test(start_paused = true)]
async fn a_password_is_pending_for_a_moment_and_never_shown() {
    let database = Database::available(json!({})).await;
    let modified = database.modify(json!({ "MasterUserPassword": "a-new-and-secret-one" }));
    assert_eq!(modified["PendingModifiedValues"], json!({ "MasterUserPassword": "****" }));
    database.until("resetting-master-credentials").await;
    database.until("available").await;
    assert_eq!(database.instance()["PendingModifiedValues"], json!({}));
    let slashed = json!({ "DBInstanceIdentifier": "main", "MasterUserPassword": "secret/and/wrong" });
    let refusal = database.rds.attempt("ModifyDBInstance", slashed).unwrap_err();
    assert!(!format!("{refusal:?}").contains("secret/and/wrong"));
    for secret in [PASSWORD, "a-new-and-secret-one", "secret/and/wrong"] {
        assert_hidden(&database.rds.sandbox, secret);
    }
}
