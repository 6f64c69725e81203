//! ECS: clusters, task definitions, services, and what their tasks need to live.

use serde_json::{Value, json};
use sidekick_sandbox::Reason;

use crate::site::{CLUSTER, LOG_GROUP, SERVICE, Site};
use crate::stage::Stage;
use crate::{absent, blocked, illegal, seconds, text};

#[tokio::test(start_paused = true)]
async fn a_good_deployment_completes_when_its_task_is_healthy() {
    let stage = Stage::ready().await;
    stage.create();
    assert_eq!(stage.rollout(), "IN_PROGRESS");
    let waited = stage.until("COMPLETED").await;
    assert!((60..150).contains(&waited), "{waited}");
    let service = stage.look();
    assert_eq!((service["runningCount"].as_i64(), service["pendingCount"].as_i64()), (Some(1), Some(0)));
    assert_eq!(service["deployments"].as_array().unwrap().len(), 1);
    assert_eq!(stage.site.target_states(&stage.target_group), ["healthy"]);
}

#[tokio::test(start_paused = true)]
async fn what_happens_does_not_depend_on_who_looks() {
    let (watched, alone) = tokio::join!(Stage::ready(), Stage::ready());
    watched.create();
    alone.create();
    for _ in 0..100 {
        watched.look();
        seconds(3).await;
    }
    assert_eq!(watched.look()["deployments"], alone.look()["deployments"]);
}

#[tokio::test(start_paused = true)]
async fn a_service_needs_a_target_group_behind_a_listener() {
    let stage = Stage::ready().await;
    stage.site.elb("DeleteListener", json!({ "ListenerArn": stage.listener }));
    let params = stage.service(&stage.register("app:1"));
    let refusal = stage.site.sandbox.call("ecs", "CreateService", params.clone()).unwrap_err();
    assert_eq!(refusal.code, "InvalidParameterException");
    assert!(refusal.message.ends_with("does not have an associated load balancer."), "{}", refusal.message);
    stage.site.new_listener(&stage.balancer, &stage.target_group);
    stage.site.ecs("CreateService", params);
}

#[tokio::test(start_paused = true)]
async fn without_a_way_out_tasks_cannot_fetch_their_secrets() {
    let stage = Stage::without_way_out();
    stage.create();
    let reason = stage.obstacle().await;
    assert!(reason.starts_with("ResourceInitializationError"), "{reason}");
    let service = stage.look();
    assert_eq!(service["runningCount"], 0);
    assert_eq!(service["deployments"][0]["failedTasks"], 3);
    assert!(text(&service, "/deployments/0/rolloutStateReason").contains("circuit breaker"));
}

#[tokio::test(start_paused = true)]
async fn a_task_waits_a_while_for_its_nat_gateway() {
    let stage = Stage::without_way_out();
    stage.site.build_way_out().await;
    stage.create();
    stage.until("COMPLETED").await;
    assert_eq!(stage.look()["deployments"][0]["failedTasks"], 0);
}

#[tokio::test(start_paused = true)]
async fn tasks_need_their_secret_the_permission_to_read_it_and_their_log_group() {
    let stage = Stage::ready().await;
    stage.allow_secret(false);
    stage.create();
    assert!(stage.obstacle().await.contains("AccessDeniedException"));
    stage.allow_secret(true);
    stage.site.call("logs", "DeleteLogGroup", json!({ "logGroupName": LOG_GROUP }));
    stage.update(json!({ "forceNewDeployment": true }));
    assert!(stage.obstacle().await.contains("The specified log group does not exist."));
    stage.site.call("logs", "CreateLogGroup", json!({ "logGroupName": LOG_GROUP }));
    let value = json!({ "SecretId": stage.secret, "SecretString": "{\"OTHER\":\"value\"}" });
    stage.site.call("secretsmanager", "PutSecretValue", value);
    stage.update(json!({ "forceNewDeployment": true }));
    assert!(stage.obstacle().await.contains("did not contain json key KEY"));
    let value = json!({ "SecretId": stage.secret, "SecretString": "{\"KEY\":\"value\"}" });
    stage.site.call("secretsmanager", "PutSecretValue", value);
    stage.update(json!({ "forceNewDeployment": true }));
    stage.until("COMPLETED").await;
}

#[tokio::test(start_paused = true)]
async fn a_task_that_the_load_balancer_cannot_reach_is_replaced_until_the_breaker_trips() {
    let stage = Stage::ready().await;
    let rule = json!({
        "IpProtocol": "tcp", "FromPort": 7500, "ToPort": 7500,
        "Groups": [{ "GroupId": stage.site.balancer_group }],
    });
    let revoke = json!({ "GroupId": stage.site.task_group, "IpPermissions": [rule] });
    stage.site.call("ec2", "RevokeSecurityGroupIngress", revoke);
    stage.create();
    let reason = stage.obstacle().await;
    assert!(reason.starts_with("Task failed ELB health checks in"), "{reason}");
}

#[tokio::test(start_paused = true)]
async fn a_container_that_cannot_reach_its_data_store_exits() {
    let stage = Stage::ready().await;
    let environment =
        json!([{ "name": "REDIS_HOST", "value": "nobody.abc.ng.0001.usw2.cache.amazonaws.com" }]);
    let params = stage.definition("app:1", environment);
    let definition = stage.site.ecs("RegisterTaskDefinition", params);
    let arn = text(&definition, "/taskDefinition/taskDefinitionArn");
    stage.site.ecs("CreateService", stage.service(&arn));
    assert_eq!(stage.obstacle().await, "Essential container in task exited");
}

/// Makes a database and a replication group in a group of their own; gives that group and their host names.
async fn data_stores(site: &Site) -> (String, String, String) {
    let group = crate::new_security_group(&site.sandbox, &site.vpc, "data");
    let subnets = json!([site.subnets[0], site.subnets[1]]);
    let params = json!({
        "DBSubnetGroupName": "data", "DBSubnetGroupDescription": "data", "SubnetIds": subnets,
    });
    site.call("rds", "CreateDBSubnetGroup", params);
    let params = json!({
        "DBInstanceIdentifier": "sidekick", "DBInstanceClass": "db.t4g.micro", "Engine": "postgres",
        "EngineVersion": "17", "AllocatedStorage": 20, "MasterUsername": "sidekick",
        "MasterUserPassword": "not-a-real-password", "DBSubnetGroupName": "data", "VpcSecurityGroupIds": [group],
    });
    site.call("rds", "CreateDBInstance", params);
    let params = json!({
        "CacheSubnetGroupName": "data", "CacheSubnetGroupDescription": "data", "SubnetIds": subnets,
    });
    site.call("elasticache", "CreateCacheSubnetGroup", params);
    let params = json!({
        "ReplicationGroupId": "sidekick", "ReplicationGroupDescription": "sidekick", "Engine": "redis",
        "CacheNodeType": "cache.t4g.micro", "NumCacheClusters": 1, "AutomaticFailoverEnabled": false,
        "CacheSubnetGroupName": "data", "SecurityGroupIds": [group],
    });
    site.call("elasticache", "CreateReplicationGroup", params);
    seconds(900).await;
    let database = site.call("rds", "DescribeDBInstances", json!({}));
    let cache = site.call("elasticache", "DescribeReplicationGroups", json!({}));
    let cache = text(&cache, "/ReplicationGroups/0/NodeGroups/0/PrimaryEndpoint/Address");
    (group, text(&database, "/DBInstances/0/Endpoint/Address"), cache)
}

#[tokio::test(start_paused = true)]
async fn a_container_connects_to_the_data_stores_that_its_environment_and_its_secrets_name() {
    let stage = Stage::ready().await;
    let (group, database, cache) = data_stores(&stage.site).await;
    let url = format!("postgres://sidekick:pass@{database}:5432/sidekick");
    let value = json!({ "SecretId": stage.secret, "SecretString": json!({ "KEY": url }).to_string() });
    stage.site.call("secretsmanager", "PutSecretValue", value);
    let params = stage.definition("app:1", json!([{ "name": "REDIS_HOST", "value": cache }]));
    let definition = stage.site.ecs("RegisterTaskDefinition", params);
    let arn = text(&definition, "/taskDefinition/taskDefinitionArn");
    stage.site.open(&group, 6379, &stage.site.task_group);
    stage.site.ecs("CreateService", stage.service(&arn));
    assert_eq!(stage.obstacle().await, "Essential container in task exited");
    stage.site.open(&group, 5432, &stage.site.task_group);
    stage.update(json!({ "forceNewDeployment": true }));
    stage.until("COMPLETED").await;
}

#[tokio::test(start_paused = true)]
async fn a_failed_rollout_goes_back_to_what_ran_before() {
    let stage = Stage::ready().await;
    let good = stage.create();
    stage.until("COMPLETED").await;
    let bad = stage.register("ghcr.io/sidekick/app:does-not-exist");
    stage.update(json!({ "taskDefinition": bad }));
    assert_eq!(text(&stage.look(), "/taskDefinition"), bad);
    stage.until("COMPLETED").await;
    let service = stage.look();
    assert_eq!(text(&service, "/taskDefinition"), good);
    assert_eq!((service["runningCount"].as_i64(), service["desiredCount"].as_i64()), (Some(1), Some(1)));
    let pull = stage.stopped_reason();
    assert!(pull.starts_with("CannotPullContainerError"), "{pull}");
    let events = service["events"].to_string();
    assert!(events.contains("rolling back to deployment"), "{events}");
}

#[tokio::test(start_paused = true)]
async fn a_new_revision_starts_before_the_old_one_stops() {
    let stage = Stage::ready().await;
    stage.create();
    stage.until("COMPLETED").await;
    stage.update(json!({ "taskDefinition": stage.register("ghcr.io/sidekick/app:2") }));
    while stage.rollout() == "IN_PROGRESS" {
        assert!(stage.look()["runningCount"].as_i64().unwrap() >= 1);
        seconds(2).await;
    }
    assert_eq!(stage.rollout(), "COMPLETED");
}

#[tokio::test(start_paused = true)]
async fn the_number_of_tasks_changes_without_a_deployment() {
    let stage = Stage::ready().await;
    stage.create();
    stage.until("COMPLETED").await;
    let deployment = text(&stage.look(), "/deployments/0/id");
    for count in [3, 0, 2] {
        stage.update(json!({ "desiredCount": count }));
        seconds(600).await;
        let service = stage.look();
        assert_eq!(service["runningCount"], count);
        assert_eq!(text(&service, "/deployments/0/id"), deployment);
    }
}

#[tokio::test(start_paused = true)]
async fn a_deleted_service_drains_as_long_as_a_listener_uses_its_targets() {
    for (keeps_listener, range) in [(true, 300..400), (false, 20..60)] {
        let stage = Stage::ready().await;
        stage.create();
        stage.until("COMPLETED").await;
        if !keeps_listener {
            stage.site.elb("DeleteListener", json!({ "ListenerArn": stage.listener }));
        }
        stage.delete();
        let mut waited = 0;
        while text(&stage.look(), "/status") == "DRAINING" {
            seconds(2).await;
            waited += 2;
        }
        assert_eq!(text(&stage.look(), "/status"), "INACTIVE");
        assert!(range.contains(&waited), "{waited}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_listener_deleted_in_the_middle_of_a_drain_ends_it() {
    let stage = Stage::ready().await;
    stage.create();
    stage.until("COMPLETED").await;
    stage.delete();
    seconds(60).await;
    stage.site.elb("DeleteListener", json!({ "ListenerArn": stage.listener }));
    seconds(40).await;
    assert_eq!(text(&stage.look(), "/status"), "INACTIVE");
}

#[tokio::test(start_paused = true)]
async fn the_cluster_and_the_network_outlast_the_last_task() {
    let stage = Stage::ready().await;
    stage.create();
    stage.until("COMPLETED").await;
    let cluster = json!({ "cluster": CLUSTER });
    let refused = || stage.site.refused("ecs", "DeleteCluster", cluster.clone());
    assert_eq!(refused(), blocked("ClusterContainsServicesException"));
    stage.site.elb("DeleteListener", json!({ "ListenerArn": stage.listener }));
    stage.delete();
    while text(&stage.look(), "/status") == "DRAINING" {
        let again = stage.service(&stage.register("app:1"));
        let taken = stage.site.refused("ecs", "CreateService", again);
        assert_eq!(taken, ("InvalidParameterException".to_owned(), Reason::Blocked));
        seconds(2).await;
    }
    let group = json!({ "GroupId": stage.site.task_group });
    assert_eq!(refused(), blocked("ClusterContainsTasksException"));
    let held = stage.site.refused("ec2", "DeleteSecurityGroup", group.clone());
    assert_eq!(held, blocked("DependencyViolation"));
    seconds(20).await;
    stage.site.ecs("DeleteCluster", cluster.clone());
    stage.site.call("ec2", "DeleteSecurityGroup", group);
    let found = stage.site.ecs("DescribeClusters", json!({ "clusters": [CLUSTER] }));
    assert_eq!(text(&found, "/clusters/0/status"), "INACTIVE");
    assert_eq!(stage.site.refused("ecs", "DeleteCluster", cluster), absent("ClusterNotFoundException"));
}

#[tokio::test(start_paused = true)]
async fn a_service_is_made_once_and_its_token_answers_again() {
    let stage = Stage::ready().await;
    let mut params = stage.service(&stage.register("app:1"));
    params["clientToken"] = json!("0c7c6a55-0000-4000-8000-000000000000");
    let first = stage.site.ecs("CreateService", params.clone());
    assert_eq!(stage.site.ecs("CreateService", params.clone()), first);
    params["desiredCount"] = json!(2);
    assert_eq!(
        stage.site.refused("ecs", "CreateService", params.clone()),
        illegal("InvalidParameterException")
    );
    params["clientToken"] = json!("other");
    assert_eq!(stage.site.refused("ecs", "CreateService", params), illegal("InvalidParameterException"));
    let soft = json!({ "cluster": CLUSTER, "service": SERVICE });
    assert_eq!(stage.site.refused("ecs", "DeleteService", soft), illegal("InvalidParameterException"));
}

#[tokio::test(start_paused = true)]
async fn revisions_count_on_and_go_in_two_steps() {
    let stage = Stage::ready().await;
    let first = stage.create();
    let second = stage.register("app:2");
    let family = json!({ "taskDefinition": "sidekick-task" });
    let newest = || {
        text(&stage.site.ecs("DescribeTaskDefinition", family.clone()), "/taskDefinition/taskDefinitionArn")
    };
    assert_eq!(newest(), second);
    let delete =
        |arns: &[&String]| stage.site.ecs("DeleteTaskDefinitions", json!({ "taskDefinitions": arns }));
    assert_eq!(delete(&[&second])["failures"].as_array().unwrap().len(), 1);
    stage.site.ecs("DeregisterTaskDefinition", json!({ "taskDefinition": second }));
    assert_eq!(newest(), first);
    stage.site.ecs("DeregisterTaskDefinition", json!({ "taskDefinition": first }));
    assert_eq!(stage.site.refused("ecs", "DescribeTaskDefinition", family), absent("ClientException"));
    assert_eq!(delete(&[&first, &second])["failures"], json!([]));
    // The service still runs the first one.
    let state = |arn: &String| {
        let params = json!({ "taskDefinition": arn });
        stage.site.sandbox.call("ecs", "DescribeTaskDefinition", params).map_err(|why| why.code.into_owned())
    };
    assert_eq!(text(&state(&first).unwrap(), "/taskDefinition/status"), "DELETE_IN_PROGRESS");
    assert_eq!(state(&second).unwrap_err(), "ClientException");
    assert!(stage.register("app:3").ends_with(":3"));
}

#[tokio::test(start_paused = true)]
async fn task_definitions_are_checked() {
    let stage = Stage::without_way_out();
    let refuse = |pointer: &str, value: Value| {
        let mut params = stage.definition("app:1", json!([]));
        *params.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
        let refused = stage.site.refused("ecs", "RegisterTaskDefinition", params);
        assert_eq!(refused, illegal("ClientException"), "{pointer}");
    };
    refuse("/memory", json!("1000"));
    refuse("/networkMode", json!("bridge"));
    refuse("/executionRoleArn", json!("exec"));
    refuse("/executionRoleArn", Value::Null);
    refuse("/containerDefinitions/0/portMappings/0", json!({ "containerPort": 7500, "hostPort": 80 }));
    refuse("/containerDefinitions/0/logConfiguration/options", json!({ "awslogs-group": LOG_GROUP }));
}

#[tokio::test(start_paused = true)]
async fn a_crashing_image_exits_and_its_log_says_what_it_wrote() {
    let stage = Stage::ready().await;
    let revision = stage.register("app:crashes-1");
    stage.site.ecs("CreateService", stage.service(&revision));
    assert_eq!(stage.obstacle().await, "Essential container in task exited");
    let tasks = stage.site.ecs("ListTasks", json!({ "cluster": CLUSTER, "desiredStatus": "STOPPED" }));
    let task = text(&tasks, "/taskArns/0").rsplit_once('/').map(|(_, id)| id.to_owned()).unwrap();
    let read = |limit: Value, from_head: bool| {
        let params = json!({ "logGroupName": LOG_GROUP, "logStreamName": format!("ecs/app/{task}"),
            "limit": limit, "startFromHead": from_head });
        let answer = stage.site.sandbox.call("logs", "GetLogEvents", params).unwrap();
        let events = answer["events"].as_array().unwrap().clone();
        events.iter().map(|event| text(event, "/message").to_owned()).collect::<Vec<_>>()
    };
    let all = read(Value::Null, false);
    assert_eq!(all.len(), 3);
    assert_eq!((read(json!(1), false), read(json!(1), true)), (all[2..].to_vec(), all[..1].to_vec()));
    let elsewhere = json!({ "logGroupName": LOG_GROUP, "logStreamName": "ecs/app/none" });
    assert_eq!(stage.site.refused("logs", "GetLogEvents", elsewhere), absent("ResourceNotFoundException"));
}

#[tokio::test(start_paused = true)]
async fn an_image_that_answers_errors_is_found_unhealthy_by_its_codes() {
    let stage = Stage::ready().await;
    let revision = stage.register("app:answers-errors");
    stage.site.ecs("CreateService", stage.service(&revision));
    let reason = stage.obstacle().await;
    assert!(reason.starts_with("Task failed ELB health checks in (target-group arn:"), "{reason}");
    assert!(!stage.site.target_states(&stage.target_group).contains(&"healthy".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_task_that_one_of_its_load_balancers_loses_is_stopped_and_replaced() {
    let stage = Stage::ready().await;
    let site = &stage.site;
    stage.create();
    stage.until("COMPLETED").await;
    let find = json!({ "Filter": [{ "Name": "group-id", "Value": [site.task_group] }] });
    let rules = site.call("ec2", "DescribeSecurityGroupRules", find);
    let rules = rules["securityGroupRuleSet"].as_array().unwrap();
    let ingress = rules.iter().find(|rule| rule["isEgress"] == false).unwrap();
    let revoke =
        json!({ "GroupId": site.task_group, "SecurityGroupRuleId": [ingress["securityGroupRuleId"]] });
    site.call("ec2", "RevokeSecurityGroupIngress", revoke);
    seconds(15).await;
    assert_eq!(stage.look()["runningCount"], 1);
    seconds(10).await;
    assert!(stage.stopped_reason().contains("failed ELB health checks"), "{}", stage.stopped_reason());
}

#[tokio::test(start_paused = true)]
async fn a_service_has_five_target_groups_at_most() {
    let stage = Stage::ready().await;
    let definition = stage.register("ghcr.io/sidekick/app:1");
    let mut params = stage.service(&definition);
    let target = params["loadBalancers"][0].clone();
    params["loadBalancers"] = json!(vec![target; 6]);
    assert_eq!(stage.site.refused("ecs", "CreateService", params), illegal("InvalidParameterException"));
}

#[tokio::test(start_paused = true)]
async fn tasks_are_checked_in_a_target_group_that_gets_no_requests_yet() {
    let stage = Stage::ready().await;
    let site = &stage.site;
    stage.create();
    stage.until("COMPLETED").await;
    let mut other = site.target_group_params();
    other["Name"] = json!("other-tg");
    let other = text(&site.elb("CreateTargetGroup", other), "/TargetGroups/0/TargetGroupArn");
    let target =
        |group: &str| json!({ "targetGroupArn": group, "containerName": "app", "containerPort": 7500 });
    let both = json!({
        "cluster": CLUSTER, "service": SERVICE,
        "loadBalancers": [target(&stage.target_group), target(&other)],
    });
    let refused = site.refused("ecs", "UpdateService", both.clone());
    assert_eq!(refused, illegal("InvalidParameterException"), "no load balancer has it");
    let group = |arn: &str, weight: i64| json!({ "TargetGroupArn": arn, "Weight": weight });
    let config = json!({ "TargetGroups": [group(&stage.target_group, 1), group(&other, 0)] });
    let action = json!({ "Type": "forward", "ForwardConfig": config });
    site.elb("ModifyListener", json!({ "ListenerArn": stage.listener, "DefaultActions": [action] }));
    site.ecs("UpdateService", both);
    stage.until("COMPLETED").await;
    for group in [&stage.target_group, &other] {
        assert_eq!(site.target_states(group), ["healthy"]);
    }
}

#[tokio::test(start_paused = true)]
async fn tags_of_a_revision_change_without_another_revision_or_deployment() {
    let stage = Stage::ready().await;
    let revision = stage.create();
    stage.until("COMPLETED").await;
    let tag = json!({ "resourceArn": revision, "tags": [{ "key": "Team", "value": "games" }] });
    stage.site.ecs("TagResource", tag);
    let params = json!({ "taskDefinition": "sidekick-task", "include": ["TAGS"] });
    let found = stage.site.ecs("DescribeTaskDefinition", params.clone());
    assert_eq!(text(&found, "/taskDefinition/taskDefinitionArn"), revision);
    assert_eq!(found["tags"], json!([{ "key": "Team", "value": "games" }]));
    assert_eq!(stage.rollout(), "COMPLETED");
    stage.site.ecs("UntagResource", json!({ "resourceArn": revision, "tagKeys": ["Team"] }));
    assert_eq!(stage.site.ecs("DescribeTaskDefinition", params)["tags"], json!([]));
    let absent_one = json!({ "resourceArn": format!("{revision}0"), "tags": [] });
    assert_eq!(stage.site.refused("ecs", "TagResource", absent_one), absent("InvalidParameterException"));
}
