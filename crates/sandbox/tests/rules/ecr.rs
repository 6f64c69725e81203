//! ECR: repositories, images, and who may pull them.

use serde_json::{Value, json};

use crate::data::{Service, with};
use crate::stage::Stage;
use crate::{absent, blocked, illegal, text};

fn ecr() -> Service {
    let ecr = Service::new("ecr");
    ecr.call("CreateRepository", named(json!({ "tags": [{ "Key": "a", "Value": "1" }] })));
    ecr
}

fn named(more: Value) -> Value {
    with(&json!({ "repositoryName": "app" }), more)
}

fn push(ecr: &Service, manifest: &str, tag: &str) -> Value {
    ecr.call("PutImage", named(json!({ "imageManifest": manifest, "imageTag": tag })))
}

#[tokio::test(start_paused = true)]
async fn a_repository_is_made_once_and_described_by_name() {
    let ecr = ecr();
    assert_eq!(
        ecr.refused("CreateRepository", named(json!({}))),
        illegal("RepositoryAlreadyExistsException")
    );
    for wrong in ["App", "a", "a--b", "/app", "app/"] {
        let refused = ecr.refused("CreateRepository", json!({ "repositoryName": wrong }));
        assert_eq!(refused, illegal("InvalidParameterException"), "{wrong}");
    }
    let found = ecr.call("DescribeRepositories", json!({ "repositoryNames": ["app"] }));
    let repository = &found["repositories"][0];
    assert_eq!(repository["repositoryUri"], "123456789012.dkr.ecr.us-west-2.amazonaws.com/app");
    assert_eq!(repository["imageTagMutability"], "MUTABLE");
    let both = json!({ "repositoryNames": ["app", "other"] });
    assert_eq!(ecr.refused("DescribeRepositories", both), absent("RepositoryNotFoundException"));
}

#[tokio::test(start_paused = true)]
async fn a_repository_with_images_goes_by_force_only() {
    let ecr = ecr();
    push(&ecr, "one", "1");
    assert_eq!(ecr.refused("DeleteRepository", named(json!({}))), blocked("RepositoryNotEmptyException"));
    ecr.call("DeleteRepository", named(json!({ "force": true })));
    assert_eq!(ecr.refused("DeleteRepository", named(json!({}))), absent("RepositoryNotFoundException"));
}

#[tokio::test(start_paused = true)]
async fn a_tag_moves_unless_tags_are_for_ever() {
    let ecr = ecr();
    push(&ecr, "one", "1");
    let second = push(&ecr, "two", "1");
    let listed = |ecr: &Service| ecr.call("ListImages", named(json!({})))["imageIds"].clone();
    let ids = listed(&ecr);
    assert_eq!(ids.as_array().unwrap().iter().filter(|id| id["imageTag"] == "1").count(), 1);
    let again = named(json!({ "imageManifest": "two", "imageTag": "1" }));
    assert_eq!(ecr.refused("PutImage", again), illegal("ImageAlreadyExistsException"));
    ecr.call("PutImageTagMutability", named(json!({ "imageTagMutability": "IMMUTABLE" })));
    let moved = named(json!({ "imageManifest": "three", "imageTag": "1" }));
    assert_eq!(ecr.refused("PutImage", moved), illegal("ImageTagAlreadyExistsException"));
    let digest = text(&second, "/image/imageId/imageDigest");
    ecr.call("BatchDeleteImage", named(json!({ "imageIds": [{ "imageDigest": digest }] })));
    assert_eq!(listed(&ecr).as_array().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lifecycle_policy_is_one_or_refused() {
    let ecr = ecr();
    let nothing = absent("LifecyclePolicyNotFoundException");
    assert_eq!(ecr.refused("GetLifecyclePolicy", named(json!({}))), nothing);
    assert_eq!(ecr.refused("DeleteLifecyclePolicy", named(json!({}))), nothing);
    let selection =
        |kept: i64| json!({ "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": kept });
    let policy = |kept: i64| {
        let rule = json!({ "rulePriority": 1, "selection": selection(kept), "action": { "type": "expire" } });
        named(json!({ "lifecyclePolicyText": json!({ "rules": [rule] }).to_string() }))
    };
    for wrong in [policy(0), named(json!({ "lifecyclePolicyText": "{}" }))] {
        assert_eq!(ecr.refused("PutLifecyclePolicy", wrong), illegal("InvalidParameterException"));
    }
    ecr.call("PutLifecyclePolicy", policy(3));
    let found = ecr.call("GetLifecyclePolicy", named(json!({})));
    assert!(text(&found, "/lifecyclePolicyText").contains("imageCountMoreThan"));
}

#[tokio::test(start_paused = true)]
async fn tags_belong_to_the_arn() {
    let ecr = ecr();
    let arn = "arn:aws:ecr:us-west-2:123456789012:repository/app";
    ecr.call("TagResource", json!({ "resourceArn": arn, "tags": [{ "Key": "b", "Value": "2" }] }));
    ecr.call("UntagResource", json!({ "resourceArn": arn, "tagKeys": ["a"] }));
    let listed = ecr.call("ListTagsForResource", json!({ "resourceArn": arn }));
    assert_eq!(listed["tags"], json!([{ "Key": "b", "Value": "2" }]));
}

/// The managed policy lets the stage's role pull; its registry has only what was pushed.
#[tokio::test(start_paused = true)]
async fn tasks_pull_from_the_accounts_own_registry_what_is_there_and_they_may() {
    let image = "123456789012.dkr.ecr.us-west-2.amazonaws.com/app:1";
    let stage = Stage::ready().await;
    stage.site.call("ecr", "CreateRepository", json!({ "repositoryName": "app" }));
    let definition = stage.register(image);
    stage.site.ecs("CreateService", stage.service(&definition));
    assert!(stage.obstacle().await.ends_with(": not found"));
    let pushed = json!({ "repositoryName": "app", "imageManifest": "one", "imageTag": "1" });
    stage.site.call("ecr", "PutImage", pushed);
    let deny = json!({ "Effect": "Deny", "Action": "ecr:BatchGetImage", "Resource": "*" });
    let document = json!({ "Version": "2012-10-17", "Statement": [deny] }).to_string();
    let params = json!({ "RoleName": "exec", "PolicyName": "pull", "PolicyDocument": document });
    stage.site.call("iam", "PutRolePolicy", params);
    stage.update(json!({ "forceNewDeployment": true }));
    assert!(stage.obstacle().await.ends_with("403 Forbidden"));
    stage.site.call("iam", "DeleteRolePolicy", json!({ "RoleName": "exec", "PolicyName": "pull" }));
    stage.update(json!({ "forceNewDeployment": true }));
    stage.until("COMPLETED").await;
}

#[tokio::test(start_paused = true)]
async fn images_are_described_by_tag_or_digest_and_a_missing_one_is_refused() {
    let ecr = ecr();
    let digest = text(&push(&ecr, "{}", "v1"), "/image/imageId/imageDigest");
    for id in [json!({ "imageTag": "v1" }), json!({ "imageDigest": digest })] {
        let found = ecr.call("DescribeImages", named(json!({ "imageIds": [id] })));
        assert_eq!(found["imageDetails"][0]["imageDigest"], digest);
        assert_eq!(found["imageDetails"][0]["imageTags"], json!(["v1"]));
    }
    let missing = named(json!({ "imageIds": [{ "imageTag": "v1" }, { "imageTag": "v2" }] }));
    assert_eq!(ecr.refused("DescribeImages", missing), absent("ImageNotFoundException"));
    let elsewhere = named(json!({ "registryId": "210987654321" }));
    assert_eq!(ecr.refused("DescribeImages", elsewhere), illegal("AccessDeniedException"));
}
