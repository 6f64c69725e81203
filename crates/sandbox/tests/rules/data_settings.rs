//! What can be set on a data store: windows, snapshots, insights, parameters, tokens, and the key that encrypts it.

use serde_json::{Value, json};

use crate::data::{Service, with};
use crate::elasticache::{Cache, cache};
use crate::rds::{Database, database};
use crate::{absent, blocked, illegal, seconds, text};

const KEY: &str = "arn:aws:kms:us-west-2:123456789012:key/own";

#[tokio::test(start_paused = true)]
async fn the_windows_of_a_database_lie_apart_whoever_chose_them() {
    let database = Database::available(json!({ "PreferredBackupWindow": "11:00-12:00" })).await;
    let chosen = text(&database.instance(), "/PreferredMaintenanceWindow");
    assert_eq!(chosen, "sun:23:05-sun:23:35", "it is chosen beside the one that was asked for");
    for wrong in [
        json!({ "PreferredMaintenanceWindow": "mon:11:30-mon:12:30" }),
        json!({ "PreferredBackupWindow": "23:00-23:30" }),
        json!({ "PreferredBackupWindow": "03:00-03:20" }),
        json!({ "PreferredMaintenanceWindow": "03:00-04:00" }),
    ] {
        assert_eq!(database.modify_refused(wrong.clone()), illegal("InvalidParameterValue"), "{wrong}");
    }
    let both = json!({
        "PreferredBackupWindow": "23:00-23:30", "PreferredMaintenanceWindow": "Mon:11:30-Mon:12:30",
    });
    let modified = database.modify(both);
    assert_eq!(modified["PreferredMaintenanceWindow"], "mon:11:30-mon:12:30");
    assert_eq!(modified["DBInstanceStatus"], "available", "it takes no work");
}

#[tokio::test(start_paused = true)]
async fn the_retention_of_insights_goes_with_them() {
    let database = Database::available(json!({ "EnablePerformanceInsights": true })).await;
    let retention = |days: i64| json!({ "PerformanceInsightsRetentionPeriod": days });
    assert_eq!(database.modify(retention(31))["PerformanceInsightsRetentionPeriod"], 31);
    assert_eq!(database.modify_refused(retention(30)), illegal("InvalidParameterValue"));
    let off = database.modify(json!({ "EnablePerformanceInsights": false }));
    assert_eq!(off["PerformanceInsightsRetentionPeriod"], Value::Null);
    assert_eq!(database.modify_refused(retention(31)), illegal("InvalidParameterCombination"));
}

#[tokio::test(start_paused = true)]
async fn a_key_of_one_s_own_stays_with_the_storage() {
    let mut database = database();
    database.params = with(&database.params, json!({ "KmsKeyId": KEY }));
    let create = |more: Value| database.rds.refused("CreateDBInstance", with(&database.params, more));
    assert_eq!(create(json!({})), illegal("InvalidParameterCombination"), "nothing is encrypted");
    let encrypted = json!({ "StorageEncrypted": true });
    assert_eq!(
        create(with(&encrypted, json!({ "KmsKeyId": "alias/own" }))),
        illegal("KMSKeyNotAccessibleFault")
    );
    let made = database.rds.call("CreateDBInstance", with(&database.params, encrypted));
    assert_eq!(made["DBInstance"]["KmsKeyId"], KEY);
    database.until("available").await;
    let another = json!({ "KmsKeyId": format!("{KEY}-2") });
    assert_eq!(database.modify_refused(another), illegal("SandboxUnsupportedParameter"));
}

/// A parameter group of one's own for PostgreSQL 17.
fn parameter_group(rds: &Service) -> Value {
    let group = json!({
        "DBParameterGroupName": "Mine", "DBParameterGroupFamily": "postgres17", "Description": "d",
        "Tags": [{ "Key": "a", "Value": "1" }],
    });
    rds.call("CreateDBParameterGroup", group.clone());
    group
}

fn parameters(of: &[(&str, &str, &str)]) -> Value {
    let one = |(name, value, method): &(&str, &str, &str)| json!({ "ParameterName": name, "ParameterValue": value, "ApplyMethod": method });
    json!({ "DBParameterGroupName": "mine", "Parameters": of.iter().map(one).collect::<Vec<_>>() })
}

/// The names of the parameters that somebody set.
fn overridden(rds: &Service) -> Vec<String> {
    let asked = json!({ "DBParameterGroupName": "mine", "Source": "user" });
    let found = rds.call("DescribeDBParameters", asked);
    let found = found["Parameters"].as_array().expect("a list").iter();
    found.map(|parameter| text(parameter, "/ParameterName")).collect()
}

#[tokio::test(start_paused = true)]
async fn a_parameter_group_belongs_to_a_family_and_takes_what_its_parameters_take() {
    let rds = Service::new("rds");
    let group = parameter_group(&rds);
    let refused = |more: Value| rds.refused("CreateDBParameterGroup", with(&group, more));
    assert_eq!(refused(json!({})), illegal("DBParameterGroupAlreadyExists"));
    assert_eq!(refused(json!({ "DBParameterGroupFamily": "postgres99" })), illegal("InvalidParameterValue"));
    assert_eq!(refused(json!({ "DBParameterGroupName": "-x" })), illegal("InvalidParameterValue"));
    let name = json!({ "DBParameterGroupName": "mine" });
    let found = rds.call("DescribeDBParameterGroups", name.clone())["DBParameterGroups"][0].clone();
    let arn = json!({ "ResourceName": found["DBParameterGroupArn"] });
    assert_eq!(rds.call("ListTagsForResource", arn)["TagList"], json!([{ "Key": "a", "Value": "1" }]));
    let modify = |of: &[(&str, &str, &str)]| rds.refused("ModifyDBParameterGroup", parameters(of));
    let invalid = illegal("InvalidParameterValue");
    assert_eq!(modify(&[("no_such_thing", "1", "immediate")]), invalid);
    assert_eq!(modify(&[("rds.force_ssl", "on", "immediate")]), invalid);
    assert_eq!(modify(&[("rds.superuser_variables", "x", "immediate")]), invalid);
    assert_eq!(modify(&[("max_connections", "9", "immediate")]), illegal("InvalidParameterCombination"));
    assert_eq!(modify(&[("work_mem", "1", "immediate"); 21]), invalid, "twenty are the most");
    assert_eq!(overridden(&rds), [""; 0], "what is refused changes nothing");
    let both = [("work_mem", "8192", "immediate"), ("max_connections", "9", "pending-reboot")];
    rds.call("ModifyDBParameterGroup", parameters(&both));
    assert_eq!(overridden(&rds), ["max_connections", "work_mem"]);
    rds.call("ResetDBParameterGroup", parameters(&both[..1]));
    assert_eq!(overridden(&rds), ["max_connections"]);
    rds.call("DeleteDBParameterGroup", name.clone());
    assert_eq!(rds.refused("DeleteDBParameterGroup", name), absent("DBParameterGroupNotFound"));
}

#[tokio::test(start_paused = true)]
async fn an_instance_follows_its_parameter_group_as_far_as_that_goes_without_a_reboot() {
    let database = Database::available(json!({})).await;
    let rds = &database.rds;
    parameter_group(rds);
    let status = || text(&database.instance(), "/DBParameterGroups/0/ParameterApplyStatus");
    let use_it = json!({ "DBParameterGroupName": "mine", "ApplyImmediately": true });
    database.modify(use_it);
    assert_eq!(status(), "applying");
    rds.until("pending-reboot", status).await;
    let name = json!({ "DBParameterGroupName": "mine" });
    assert_eq!(rds.refused("DeleteDBParameterGroup", name.clone()), blocked("InvalidDBParameterGroupState"));
    let id = json!({ "DBInstanceIdentifier": "main" });
    rds.call("RebootDBInstance", id.clone());
    assert_eq!(rds.refused("RebootDBInstance", id.clone()), blocked("InvalidDBInstanceState"));
    database.until("available").await;
    assert_eq!(status(), "in-sync");
    rds.call("ModifyDBParameterGroup", parameters(&[("work_mem", "8192", "immediate")]));
    rds.until("in-sync", status).await;
    rds.call("ModifyDBParameterGroup", parameters(&[("max_connections", "9", "pending-reboot")]));
    rds.until("pending-reboot", status).await;
    rds.call("ModifyDBParameterGroup", parameters(&[("work_mem", "4096", "immediate")]));
    seconds(60).await;
    assert_eq!(status(), "pending-reboot", "it still waits");
    let upgrade = json!({
        "EngineVersion": "17", "DBParameterGroupName": "default.postgres16", "ApplyImmediately": true,
    });
    assert_eq!(database.modify_refused(upgrade), illegal("InvalidParameterCombination"));
}

#[tokio::test(start_paused = true)]
async fn a_major_version_needs_another_group_where_the_present_one_is_one_s_own() {
    let database = database();
    let rds = &database.rds;
    let group =
        json!({ "DBParameterGroupName": "old", "DBParameterGroupFamily": "postgres16", "Description": "d" });
    rds.call("CreateDBParameterGroup", group);
    let old = json!({ "EngineVersion": "16", "DBParameterGroupName": "old" });
    rds.call("CreateDBInstance", with(&database.params, old));
    database.until("available").await;
    let upgrade =
        json!({ "EngineVersion": "17", "AllowMajorVersionUpgrade": true, "ApplyImmediately": true });
    assert_eq!(database.modify_refused(upgrade.clone()), illegal("InvalidParameterCombination"));
    database.modify(with(&upgrade, json!({ "DBParameterGroupName": "default.postgres17" })));
    rds.call("DeleteDBParameterGroup", json!({ "DBParameterGroupName": "old" }));
}

#[tokio::test(start_paused = true)]
async fn the_windows_of_a_cache_lie_apart_and_snapshots_begin_on_a_member() {
    let cache = Cache::available(json!({ "SnapshotWindow": "10:30-11:30" })).await;
    assert_eq!(cache.clusters()[0]["PreferredMaintenanceWindow"], "sun:22:00-sun:23:00");
    let overlapping = json!({ "PreferredMaintenanceWindow": "mon:10:00-mon:11:00" });
    assert_eq!(cache.modify_refused(overlapping), illegal("InvalidParameterValue"));
    let retention = json!({ "SnapshotRetentionLimit": 3 });
    assert_eq!(cache.modify_refused(retention.clone()), illegal("InvalidParameterCombination"));
    let stranger = with(&retention, json!({ "SnapshottingClusterId": "main-009" }));
    assert_eq!(cache.modify_refused(stranger), illegal("InvalidParameterValue"));
    let modified = cache.modify(with(&retention, json!({ "SnapshottingClusterId": "main-001" })));
    assert_eq!((&modified["SnapshotRetentionLimit"], &modified["Status"]), (&json!(3), &json!("available")));
}

#[tokio::test(start_paused = true)]
async fn a_cache_follows_its_parameter_group_and_says_which_nodes_wait_for_a_reboot() {
    let cache = Cache::available(json!({})).await;
    let api = &cache.elasticache;
    let name = json!({ "CacheParameterGroupName": "mine" });
    let group = with(&name, json!({ "CacheParameterGroupFamily": "redis7", "Description": "d" }));
    let refused = |more: Value| api.refused("CreateCacheParameterGroup", with(&group, more));
    assert_eq!(refused(json!({ "CacheParameterGroupFamily": "redis99" })), illegal("InvalidParameterValue"));
    api.call("CreateCacheParameterGroup", group.clone());
    assert_eq!(refused(json!({})), illegal("CacheParameterGroupAlreadyExists"));
    let change = |parameter: &str, value: &str| {
        let one = json!([{ "ParameterName": parameter, "ParameterValue": value }]);
        with(&name, json!({ "ParameterNameValues": one }))
    };
    let modify =
        |parameter: &str, value: &str| api.refused("ModifyCacheParameterGroup", change(parameter, value));
    assert_eq!(modify("appendonly", "yes"), illegal("InvalidParameterCombination"));
    assert_eq!(modify("maxmemory-policy", "any"), illegal("InvalidParameterValue"));
    cache.modified(json!({ "CacheParameterGroupName": "mine" })).await;
    assert_eq!(
        api.refused("DeleteCacheParameterGroup", name.clone()),
        blocked("InvalidCacheParameterGroupState")
    );
    let waiting = || {
        let clusters = cache.clusters().into_iter();
        let waits = |it: &Value| it["CacheParameterGroup"]["CacheNodeIdsToReboot"] == json!(["0001"]);
        clusters.filter(waits).map(|it| text(&it, "/CacheClusterId")).collect::<Vec<_>>()
    };
    api.call("ModifyCacheParameterGroup", change("timeout", "30"));
    assert_eq!(waiting(), [""; 0]);
    api.call("ModifyCacheParameterGroup", change("databases", "32"));
    assert_eq!(waiting(), ["main-001", "main-002"]);
    let reboot = json!({ "CacheClusterId": "main-001", "CacheNodeIdsToReboot": ["0001"] });
    api.call("RebootCacheCluster", reboot.clone());
    assert_eq!(api.refused("RebootCacheCluster", reboot), blocked("InvalidCacheClusterState"));
    cache.until("available").await;
    assert_eq!(waiting(), ["main-002"]);
    api.call("ResetCacheParameterGroup", change("timeout", "0"));
    let asked = with(&name, json!({ "Source": "user" }));
    let left = api.call("DescribeCacheParameters", asked)["Parameters"].clone();
    assert_eq!((left.as_array().map(Vec::len), &left[0]["ParameterName"]), (Some(1), &json!("databases")));
    cache.modified(json!({ "CacheParameterGroupName": "default.redis7" })).await;
    api.call("DeleteCacheParameterGroup", name);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_not_given_back() {
    let cache = cache();
    let token = json!({ "AuthToken": "correct-horse-battery", "TransitEncryptionEnabled": true });
    cache.elasticache.call("CreateReplicationGroup", with(&cache.params, token));
    cache.until("available").await;
    let delete = json!({ "AuthTokenUpdateStrategy": "DELETE" });
    assert_eq!(cache.modify_refused(delete), illegal("InvalidParameterCombination"));
    let preferred = json!({ "TransitEncryptionMode": "preferred" });
    assert_eq!(cache.modify_refused(preferred), illegal("InvalidParameterCombination"));
}
