//! IAM: roles and their policies.

use serde_json::{Value, json};

use crate::data::Service;
use crate::{absent, blocked, illegal, text};

const MANAGED: &str = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";

fn document(statement: Value) -> String {
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}

fn trust() -> String {
    document(json!({
        "Effect": "Allow",
        "Principal": { "Service": "ecs-tasks.amazonaws.com" },
        "Action": "sts:AssumeRole",
    }))
}

fn permissions() -> String {
    document(json!({ "Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*" }))
}

fn new_role(iam: &Service, name: &str, path: &str) -> Value {
    let params = json!({ "RoleName": name, "Path": path, "AssumeRolePolicyDocument": trust() });
    iam.call("CreateRole", params)["Role"].clone()
}

#[tokio::test(start_paused = true)]
async fn documents_come_back_percent_encoded() {
    let iam = Service::new("iam");
    let role = new_role(&iam, "task", "/app/");
    assert_eq!(role["Arn"], "arn:aws:iam::123456789012:role/app/task");
    let encoded = text(&role, "/AssumeRolePolicyDocument");
    assert!(encoded.starts_with("%7B%22Statement%22%3A%5B%7B"), "{encoded}");
    let put = json!({ "RoleName": "task", "PolicyName": "p", "PolicyDocument": permissions() });
    iam.call("PutRolePolicy", put);
    let got = iam.call("GetRolePolicy", json!({ "RoleName": "task", "PolicyName": "p" }));
    assert!(text(&got, "/PolicyDocument").contains("logs%3APutLogEvents"));
}

#[tokio::test(start_paused = true)]
async fn a_role_goes_last() {
    let iam = Service::new("iam");
    new_role(&iam, "task", "/");
    let role = json!({ "RoleName": "task" });
    let managed = json!({ "RoleName": "task", "PolicyArn": MANAGED });
    let inline = json!({ "RoleName": "task", "PolicyName": "p" });
    iam.call("AttachRolePolicy", managed.clone());
    iam.call("AttachRolePolicy", managed.clone());
    iam.call(
        "PutRolePolicy",
        json!({ "RoleName": "task", "PolicyName": "p", "PolicyDocument": permissions() }),
    );
    assert_eq!(
        iam.call("ListAttachedRolePolicies", role.clone())["AttachedPolicies"].as_array().unwrap().len(),
        1
    );
    assert_eq!(iam.refused("DeleteRole", role.clone()), blocked("DeleteConflict"));
    iam.call("DetachRolePolicy", managed.clone());
    assert_eq!(iam.refused("DetachRolePolicy", managed), absent("NoSuchEntity"));
    assert_eq!(iam.refused("DeleteRole", role.clone()), blocked("DeleteConflict"));
    iam.call("DeleteRolePolicy", inline.clone());
    assert_eq!(iam.refused("DeleteRolePolicy", inline), absent("NoSuchEntity"));
    iam.call("DeleteRole", role.clone());
    assert_eq!(iam.refused("DeleteRole", role), absent("NoSuchEntity"));
}

#[tokio::test(start_paused = true)]
async fn a_malformed_document_is_refused() {
    let iam = Service::new("iam");
    new_role(&iam, "task", "/");
    let principal = |arn: &str| {
        document(json!({ "Effect": "Allow", "Principal": { "AWS": arn }, "Action": "sts:AssumeRole" }))
    };
    for wrong in
        ["{".to_owned(), "{}".to_owned(), permissions(), principal("arn:aws:iam::123456789012:role/none")]
    {
        let create = json!({ "RoleName": "x", "AssumeRolePolicyDocument": wrong });
        assert_eq!(iam.refused("CreateRole", create), illegal("MalformedPolicyDocument"), "{wrong}");
    }
    let update =
        json!({ "RoleName": "task", "PolicyDocument": principal("arn:aws:iam::123456789012:role/task") });
    iam.call("UpdateAssumeRolePolicy", update);
    for wrong in [
        trust(),
        document(json!({ "Effect": "Allow", "Action": "PutLogEvents", "Resource": "*" })),
        document(json!({ "Effect": "Perhaps", "Action": "logs:*", "Resource": "*" })),
        document(json!({ "Effect": "Allow", "Action": "logs:*" })),
    ] {
        let put = json!({ "RoleName": "task", "PolicyName": "p", "PolicyDocument": wrong });
        assert_eq!(iam.refused("PutRolePolicy", put), illegal("MalformedPolicyDocument"), "{wrong}");
    }
}

#[tokio::test(start_paused = true)]
async fn names_are_unique_and_lists_come_in_pages_by_path() {
    let iam = Service::new("iam");
    for name in ["a", "b", "c"] {
        new_role(&iam, name, "/app/");
    }
    new_role(&iam, "d", "/");
    let again = json!({ "RoleName": "A", "AssumeRolePolicyDocument": trust() });
    assert_eq!(iam.refused("CreateRole", again), illegal("EntityAlreadyExists"));
    let first = iam.call("ListRoles", json!({ "PathPrefix": "/app/", "MaxItems": 2 }));
    assert_eq!((first["Roles"].as_array().unwrap().len(), &first["IsTruncated"]), (2, &json!(true)));
    let rest =
        iam.call("ListRoles", json!({ "PathPrefix": "/app/", "MaxItems": 2, "Marker": first["Marker"] }));
    assert_eq!((text(&rest, "/Roles/0/RoleName"), &rest["IsTruncated"]), ("c".to_owned(), &json!(false)));
}

#[tokio::test(start_paused = true)]
async fn updates_change_what_they_say() {
    let iam = Service::new("iam");
    new_role(&iam, "task", "/");
    iam.call("UpdateRole", json!({ "RoleName": "task", "Description": "d", "MaxSessionDuration": 7200 }));
    iam.call(
        "TagRole",
        json!({ "RoleName": "task", "Tags": [{ "Key": "a", "Value": "1" }, { "Key": "b", "Value": "2" }] }),
    );
    iam.call("UntagRole", json!({ "RoleName": "task", "TagKeys": ["a"] }));
    let role = iam.call("GetRole", json!({ "RoleName": "task" }))["Role"].clone();
    assert_eq!((&role["Description"], &role["MaxSessionDuration"]), (&json!("d"), &json!(7200)));
    assert_eq!(role["Tags"], json!([{ "Key": "b", "Value": "2" }]));
    assert_eq!(iam.call("ListRoleTags", json!({ "RoleName": "task" }))["Tags"], role["Tags"]);
}
