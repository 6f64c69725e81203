//! CloudWatch Logs: log groups.

use serde_json::{Value, json};

use crate::data::Service;
use crate::{absent, illegal, text};

fn logs() -> Service {
    let logs = Service::new("logs");
    logs.call("CreateLogGroup", json!({ "logGroupName": "/ecs/app", "tags": { "a": "1" } }));
    logs
}

fn group(logs: &Service) -> Value {
    logs.call("DescribeLogGroups", json!({ "logGroupNamePrefix": "/ecs/" }))["logGroups"][0].clone()
}

#[tokio::test(start_paused = true)]
async fn retention_is_one_of_the_lengths_that_aws_offers_or_for_ever() {
    let logs = logs();
    assert_eq!(group(&logs)["retentionInDays"], Value::Null);
    let keep = |days: i64| json!({ "logGroupName": "/ecs/app", "retentionInDays": days });
    assert_eq!(logs.refused("PutRetentionPolicy", keep(4)), illegal("InvalidParameterException"));
    logs.call("PutRetentionPolicy", keep(3));
    assert_eq!(group(&logs)["retentionInDays"], 3);
    logs.call("DeleteRetentionPolicy", json!({ "logGroupName": "/ecs/app" }));
    assert_eq!(group(&logs)["retentionInDays"], Value::Null);
}

#[tokio::test(start_paused = true)]
async fn a_group_is_made_once_and_gone_when_it_is_deleted() {
    let logs = logs();
    let name = json!({ "logGroupName": "/ecs/app" });
    assert_eq!(logs.refused("CreateLogGroup", name.clone()), illegal("ResourceAlreadyExistsException"));
    logs.call("DeleteLogGroup", name.clone());
    for operation in ["DeleteLogGroup", "DeleteRetentionPolicy"] {
        assert_eq!(logs.refused(operation, name.clone()), absent("ResourceNotFoundException"));
    }
    assert_eq!(logs.call("DescribeLogGroups", json!({}))["logGroups"], json!([]));
}

#[tokio::test(start_paused = true)]
async fn a_protected_group_stays() {
    let logs = logs();
    let protect = |on: bool| json!({ "logGroupIdentifier": "/ecs/app", "deletionProtectionEnabled": on });
    logs.call("PutLogGroupDeletionProtection", protect(true));
    let name = json!({ "logGroupName": "/ecs/app" });
    assert_eq!(logs.refused("DeleteLogGroup", name.clone()), illegal("ValidationException"));
    logs.call("PutLogGroupDeletionProtection", protect(false));
    logs.call("DeleteLogGroup", name);
}

#[tokio::test(start_paused = true)]
async fn tags_belong_to_the_arn_without_its_star() {
    let logs = logs();
    let (arn, starred) = (text(&group(&logs), "/logGroupArn"), text(&group(&logs), "/arn"));
    assert_eq!(starred, format!("{arn}:*"));
    logs.call("TagResource", json!({ "resourceArn": arn, "tags": { "b": "2" } }));
    logs.call("UntagResource", json!({ "resourceArn": arn, "tagKeys": ["a"] }));
    assert_eq!(logs.call("ListTagsForResource", json!({ "resourceArn": arn }))["tags"], json!({ "b": "2" }));
    assert_eq!(
        logs.refused("ListTagsForResource", json!({ "resourceArn": starred })),
        absent("ResourceNotFoundException")
    );
}
