//! ElastiCache: cache subnet groups, replication groups, their clusters.

use serde_json::{Value, json};
use sidekick_sandbox::{Faults, Reason};

use crate::data::{Network, Service, assert_hidden, with};
use crate::{absent, blocked, illegal, seconds, text};

const TOKEN: &str = "correct-horse-battery";

pub(crate) struct Cache {
    pub(crate) elasticache: Service,
    network: Network,
    /// The parameters of the group that tests begin with.
    pub(crate) params: Value,
}

pub(crate) fn cache() -> Cache {
    let elasticache = Service::new("elasticache");
    let network = Network::new(&elasticache.sandbox);
    let group = json!({
        "CacheSubnetGroupName": "Data",
        "CacheSubnetGroupDescription": "d",
        "SubnetIds": network.subnets,
    });
    elasticache.call("CreateCacheSubnetGroup", group);
    let params = json!({
        "ReplicationGroupId": "Main",
        "ReplicationGroupDescription": "d",
        "Engine": "redis",
        "EngineVersion": "7.1",
        "CacheNodeType": "cache.t4g.micro",
        "NumCacheClusters": 2,
        "AutomaticFailoverEnabled": true,
        "CacheSubnetGroupName": "data",
        "SecurityGroupIds": [network.group],
        "Tags": [{ "Key": "a", "Value": "1" }],
    });
    Cache { elasticache, network, params }
}

impl Cache {
    pub(crate) async fn available(changes: Value) -> Self {
        let cache = cache();
        cache.elasticache.call("CreateReplicationGroup", with(&cache.params, changes));
        cache.until("available").await;
        cache
    }

    pub(crate) fn group(&self) -> Value {
        let params = json!({ "ReplicationGroupId": "main" });
        self.elasticache.call("DescribeReplicationGroups", params)["ReplicationGroups"][0].clone()
    }

    pub(crate) fn clusters(&self) -> Vec<Value> {
        let described = self.elasticache.call("DescribeCacheClusters", json!({ "ShowCacheNodeInfo": true }));
        described["CacheClusters"].as_array().expect("a list").clone()
    }

    pub(crate) async fn until(&self, status: &str) -> u64 {
        self.elasticache.until(status, || text(&self.group(), "/Status")).await
    }

    /// Makes a change and waits until it has happened.
    pub(crate) async fn modified(&self, changes: Value) -> Value {
        let modified = self.modify(changes);
        assert_eq!(modified["Status"], "modifying");
        self.until("available").await;
        modified
    }

    pub(crate) fn modify(&self, changes: Value) -> Value {
        let manners = json!({ "ReplicationGroupId": "main", "ApplyImmediately": true });
        self.elasticache.call("ModifyReplicationGroup", with(&manners, changes))["ReplicationGroup"].clone()
    }

    pub(crate) fn modify_refused(&self, changes: Value) -> (String, Reason) {
        let manners = json!({ "ReplicationGroupId": "main", "ApplyImmediately": true });
        self.elasticache.refused("ModifyReplicationGroup", with(&manners, changes))
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_group_cannot_be_touched_until_it_is_available() {
    let cache = cache();
    let created = cache.elasticache.call("CreateReplicationGroup", cache.params.clone());
    let group = &created["ReplicationGroup"];
    assert_eq!(
        (&group["Status"], &group["MemberClusters"]),
        (&json!("creating"), &json!(["main-001", "main-002"]))
    );
    assert_eq!(group["NodeGroups"], json!([]));
    let busy = blocked("InvalidReplicationGroupState");
    let id = json!({ "ReplicationGroupId": "main" });
    let arn = json!({ "ResourceName": group["ARN"] });
    assert_eq!(cache.modify_refused(json!({ "ReplicationGroupDescription": "e" })), busy);
    assert_eq!(cache.elasticache.refused("DeleteReplicationGroup", id.clone()), busy);
    assert_eq!(cache.elasticache.refused("ListTagsForResource", arn.clone()), busy);
    let created = cache.until("available").await;
    assert!((308..=462).contains(&created), "{created}");
    assert!(text(&cache.group(), "/NodeGroups/0/PrimaryEndpoint/Address").starts_with("main."));
    let listed = cache.elasticache.call("ListTagsForResource", arn);
    assert_eq!(listed["TagList"], json!([{ "Key": "a", "Value": "1" }]));
}

#[tokio::test(start_paused = true)]
async fn the_clusters_show_what_the_group_does_not() {
    let cache = Cache::available(json!({})).await;
    let clusters = cache.clusters();
    assert_eq!(clusters.len(), 2);
    assert_eq!(clusters[0]["EngineVersion"], "7.1.0");
    assert_eq!(clusters[0]["CacheParameterGroup"]["CacheParameterGroupName"], "default.redis7");
    assert_eq!(clusters[0]["SecurityGroups"][0]["SecurityGroupId"], cache.network.group);
    assert_ne!(clusters[0]["PreferredAvailabilityZone"], clusters[1]["PreferredAvailabilityZone"]);
    let unknown = json!({ "CacheClusterId": "main-003" });
    assert_eq!(cache.elasticache.refused("DescribeCacheClusters", unknown), absent("CacheClusterNotFound"));
}

#[tokio::test(start_paused = true)]
async fn a_change_takes_its_time_and_another_one_has_to_wait() {
    let cache = Cache::available(json!({})).await;
    cache.modify(json!({ "CacheNodeType": "cache.t4g.small", "ReplicationGroupDescription": "e" }));
    assert_eq!(cache.group()["Description"], "e");
    assert_eq!(cache.clusters()[0]["PendingModifiedValues"], json!({ "CacheNodeType": "cache.t4g.small" }));
    assert_eq!(
        cache.modify_refused(json!({ "MultiAZEnabled": true })),
        blocked("InvalidReplicationGroupState")
    );
    cache.until("available").await;
    assert_eq!(cache.group()["CacheNodeType"], "cache.t4g.small");
    assert_eq!(cache.modify_refused(json!({})), illegal("InvalidParameterCombination"));
    assert_eq!(
        cache.modify_refused(json!({ "EngineVersion": "7.0" })),
        illegal("InvalidParameterCombination")
    );
}

#[tokio::test(start_paused = true)]
async fn a_change_that_is_not_urgent_waits_for_one_that_is() {
    let cache = Cache::available(json!({})).await;
    let later = json!({ "CacheNodeType": "cache.t4g.small", "ApplyImmediately": false });
    assert_eq!(cache.modify(later)["Status"], "available");
    seconds(10_000).await;
    assert_eq!(cache.group()["CacheNodeType"], "cache.t4g.micro");
    cache.modified(json!({ "MultiAZEnabled": true })).await;
    let group = cache.group();
    assert_eq!((&group["CacheNodeType"], &group["MultiAZ"]), (&json!("cache.t4g.small"), &json!("enabled")));
}

#[tokio::test(start_paused = true)]
async fn replicas_come_and_go_with_their_interfaces() {
    let cache = Cache::available(json!({})).await;
    let count = |count: i64| {
        let manners = json!({ "ReplicationGroupId": "main", "ApplyImmediately": true });
        with(&manners, json!({ "NewReplicaCount": count }))
    };
    let interfaces = || cache.network.interfaces(&cache.elasticache.sandbox).into_values().sum::<usize>();
    assert_eq!(cache.elasticache.refused("IncreaseReplicaCount", count(1)), illegal("InvalidParameterValue"));
    assert_eq!(
        cache.elasticache.refused("DecreaseReplicaCount", count(0)),
        illegal("InvalidParameterCombination")
    );
    cache.elasticache.call("IncreaseReplicaCount", count(3));
    cache.until("available").await;
    assert_eq!((cache.clusters().len(), interfaces()), (4, 4));
    cache.elasticache.call("DecreaseReplicaCount", count(1));
    assert_eq!(interfaces(), 4);
    cache.until("available").await;
    assert_eq!((cache.clusters().len(), interfaces()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_group_holds_its_network_until_it_is_gone() {
    let cache = Cache::available(json!({})).await;
    let (elasticache, network) = (&cache.elasticache, &cache.network);
    let subnets = json!({ "CacheSubnetGroupName": "data" });
    let group = json!({ "GroupId": network.group });
    let id = json!({ "ReplicationGroupId": "main" });
    elasticache.call("DeleteReplicationGroup", with(&id, json!({ "FinalSnapshotIdentifier": "last" })));
    assert_eq!(cache.group()["Status"], "snapshotting");
    assert_eq!(
        elasticache.refused("DeleteReplicationGroup", id.clone()),
        blocked("InvalidReplicationGroupState")
    );
    assert_eq!(
        elasticache.refused("DeleteCacheSubnetGroup", subnets.clone()),
        blocked("CacheSubnetGroupInUse")
    );
    cache.until("deleting").await;
    assert_eq!(
        crate::refused(&elasticache.sandbox, "DeleteSecurityGroup", group.clone()),
        blocked("DependencyViolation")
    );
    seconds(540).await;
    assert_eq!(
        elasticache.refused("DeleteReplicationGroup", id.clone()),
        absent("ReplicationGroupNotFoundFault")
    );
    crate::call(&elasticache.sandbox, "DeleteSecurityGroup", group);
    // The name of the snapshot stays taken.
    elasticache.call("CreateReplicationGroup", with(&cache.params, json!({ "SecurityGroupIds": null })));
    cache.until("available").await;
    let again = with(&id, json!({ "FinalSnapshotIdentifier": "last" }));
    assert_eq!(elasticache.refused("DeleteReplicationGroup", again), illegal("SnapshotAlreadyExistsFault"));
    elasticache.call("DeleteReplicationGroup", id);
    seconds(360).await;
    elasticache.call("DeleteCacheSubnetGroup", subnets);
}

#[tokio::test(start_paused = true)]
async fn transit_encryption_comes_in_two_steps_and_a_token_needs_all_of_it() {
    let cache = Cache::available(json!({})).await;
    let token = |strategy: &str| json!({ "AuthToken": TOKEN, "AuthTokenUpdateStrategy": strategy });
    let transit = |mode: &str| json!({ "TransitEncryptionEnabled": true, "TransitEncryptionMode": mode });
    assert_eq!(cache.modify_refused(token("ROTATE")), illegal("InvalidParameterCombination"));
    assert_eq!(cache.modify_refused(transit("required")), illegal("InvalidParameterCombination"));
    cache.modified(transit("preferred")).await;
    assert_eq!(cache.modify_refused(token("ROTATE")), illegal("InvalidParameterCombination"));
    cache.modified(transit("required")).await;
    assert!(text(&cache.group(), "/NodeGroups/0/PrimaryEndpoint/Address").starts_with("master.main."));
    let rotating = cache.modified(token("ROTATE")).await;
    assert_eq!(rotating["PendingModifiedValues"], json!({ "AuthTokenStatus": "ROTATING" }));
    cache.modified(token("SET")).await;
    assert_eq!(cache.group()["AuthTokenEnabled"], true);
    assert_hidden(&cache.elasticache.sandbox, TOKEN);
}

#[tokio::test(start_paused = true)]
async fn transit_encryption_is_changed_in_place_from_version_7_on() {
    let cache = Cache::available(json!({ "EngineVersion": "6.2" })).await;
    let preferred = || json!({ "TransitEncryptionEnabled": true, "TransitEncryptionMode": "preferred" });
    assert_eq!(cache.modify_refused(preferred()), illegal("InvalidParameterCombination"));
    cache.modified(json!({ "EngineVersion": "7.1" })).await;
    cache.modified(preferred()).await;
}

#[tokio::test(start_paused = true)]
async fn a_group_that_failed_has_no_endpoint_and_can_be_deleted() {
    let cache = cache();
    let failing = Faults { failing: ["replication-group".to_owned()].into(), ..Faults::default() };
    cache.elasticache.sandbox.set_faults(failing).unwrap();
    cache.elasticache.call("CreateReplicationGroup", cache.params.clone());
    cache.until("create-failed").await;
    assert_eq!(cache.group()["NodeGroups"][0]["PrimaryEndpoint"], Value::Null);
    cache.elasticache.call("DeleteReplicationGroup", json!({ "ReplicationGroupId": "main" }));
}

#[tokio::test(start_paused = true)]
async fn what_elasticache_does_not_take_is_refused() {
    let cache = cache();
    for (wrong, expected) in [
        (json!({ "ReplicationGroupId": "1st" }), illegal("InvalidParameterValue")),
        (json!({ "ReplicationGroupDescription": null }), illegal("MissingParameter")),
        (json!({ "EngineVersion": "5.0" }), illegal("InvalidParameterCombination")),
        (json!({ "CacheNodeType": "cache.t9.micro" }), illegal("InvalidParameterValue")),
        (json!({ "NumCacheClusters": 1 }), illegal("InvalidParameterCombination")),
        (json!({ "NumCacheClusters": 7 }), illegal("InvalidParameterValue")),
        (json!({ "NumNodeGroups": 1 }), illegal("InvalidParameterCombination")),
        (
            json!({ "MultiAZEnabled": true, "AutomaticFailoverEnabled": false }),
            illegal("InvalidParameterCombination"),
        ),
        (json!({ "CacheParameterGroupName": "default.redis6.x" }), illegal("InvalidParameterCombination")),
        (json!({ "CacheParameterGroupName": "mine" }), absent("CacheParameterGroupNotFound")),
        (json!({ "CacheSubnetGroupName": "nowhere" }), absent("CacheSubnetGroupNotFoundFault")),
        (json!({ "SecurityGroupIds": ["sg-0123"] }), illegal("InvalidParameterValue")),
        (json!({ "AuthToken": TOKEN }), illegal("InvalidParameterCombination")),
        (json!({ "AuthToken": "short", "TransitEncryptionEnabled": true }), illegal("InvalidParameterValue")),
        (json!({ "SnapshotWindow": "03:00-03:30" }), illegal("InvalidParameterValue")),
        (json!({ "KmsKeyId": "arn:aws:kms" }), illegal("InvalidParameterCombination")),
        (
            json!({ "KmsKeyId": "arn:aws:kms", "AtRestEncryptionEnabled": true }),
            illegal("KMSKeyNotAccessibleFault"),
        ),
        (json!({ "UserGroupIds": ["own"] }), illegal("SandboxUnsupportedParameter")),
    ] {
        let params = with(&cache.params, wrong.clone());
        assert_eq!(cache.elasticache.refused("CreateReplicationGroup", params), expected, "{wrong}");
    }
    cache.elasticache.call("CreateReplicationGroup", cache.params.clone());
    let again = cache.elasticache.refused("CreateReplicationGroup", cache.params.clone());
    assert_eq!(again, illegal("ReplicationGroupAlreadyExists"));
}
