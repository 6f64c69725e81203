//! A site with everything that an ECS service needs, and the calls that its tests repeat.

use serde_json::{Value, json};

use crate::site::{CLUSTER, LOG_GROUP, SERVICE, Site};
use crate::{seconds, text};

/// A site with everything that a service needs.
pub(crate) struct Stage {
    pub(crate) site: Site,
    pub(crate) target_group: String,
    pub(crate) listener: String,
    pub(crate) balancer: String,
    pub(crate) secret: String,
}

impl Stage {
    /// Everything is there, and old enough to be ready.
    pub(crate) async fn ready() -> Self {
        let stage = Self::without_way_out();
        stage.site.build_way_out().await;
        seconds(200).await;
        stage
    }

    pub(crate) fn without_way_out() -> Self {
        let site = Site::new();
        let (balancer, target_group) = (site.new_balancer(), site.new_target_group());
        let listener = site.new_listener(&balancer, &target_group);
        site.open(&site.task_group, 7500, &site.balancer_group);
        let secret = json!({ "Name": "sidekick/app", "SecretString": "{\"KEY\":\"value\"}" });
        let secret = text(&site.call("secretsmanager", "CreateSecret", secret), "/ARN");
        site.call("logs", "CreateLogGroup", json!({ "logGroupName": LOG_GROUP }));
        let principal = json!({ "Service": "ecs-tasks.amazonaws.com" });
        let trust = json!({ "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole" });
        let document = json!({ "Version": "2012-10-17", "Statement": [trust] }).to_string();
        site.call("iam", "CreateRole", json!({ "RoleName": "exec", "AssumeRolePolicyDocument": document }));
        let managed = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";
        site.call("iam", "AttachRolePolicy", json!({ "RoleName": "exec", "PolicyArn": managed }));
        let stage = Self { site, target_group, listener, balancer, secret };
        stage.allow_secret(true);
        stage.site.ecs("CreateCluster", json!({ "clusterName": CLUSTER }));
        stage
    }

    pub(crate) fn allow_secret(&self, allowed: bool) {
        let effect = if allowed { "Allow" } else { "Deny" };
        let action = "secretsmanager:GetSecretValue";
        let statement = json!({ "Effect": effect, "Action": action, "Resource": self.secret });
        let document = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
        let params = json!({ "RoleName": "exec", "PolicyName": "secret", "PolicyDocument": document });
        self.site.call("iam", "PutRolePolicy", params);
    }

    pub(crate) fn definition(&self, image: &str, environment: Value) -> Value {
        let options = json!({
            "awslogs-group": LOG_GROUP, "awslogs-region": "us-west-2", "awslogs-stream-prefix": "ecs",
        });
        let container = json!({
            "name": "app",
            "image": image,
            "portMappings": [{ "containerPort": 7500 }],
            "environment": environment,
            "secrets": [{ "name": "KEY", "valueFrom": format!("{}:KEY::", self.secret) }],
            "logConfiguration": { "logDriver": "awslogs", "options": options },
        });
        json!({
            "family": "sidekick-task",
            "cpu": "1024",
            "memory": "2048",
            "networkMode": "awsvpc",
            "requiresCompatibilities": ["FARGATE"],
            "executionRoleArn": "arn:aws:iam::123456789012:role/exec",
            "containerDefinitions": [container],
        })
    }

    pub(crate) fn register(&self, image: &str) -> String {
        let params = self.definition(image, json!([]));
        text(&self.site.ecs("RegisterTaskDefinition", params), "/taskDefinition/taskDefinitionArn")
    }

    pub(crate) fn service(&self, task_definition: &str) -> Value {
        let site = &self.site;
        let network =
            json!({ "subnets": [site.subnets[0], site.subnets[1]], "securityGroups": [site.task_group] });
        let target = json!({
            "targetGroupArn": self.target_group, "containerName": "app", "containerPort": 7500,
        });
        json!({
            "cluster": CLUSTER,
            "serviceName": SERVICE,
            "taskDefinition": task_definition,
            "desiredCount": 1,
            "launchType": "FARGATE",
            "networkConfiguration": { "awsvpcConfiguration": network },
            "loadBalancers": [target],
            "deploymentConfiguration": { "deploymentCircuitBreaker": { "enable": true, "rollback": true } },
        })
    }

    /// Creates the service with a good image.
    pub(crate) fn create(&self) -> String {
        let definition = self.register("ghcr.io/sidekick/app:1");
        self.site.ecs("CreateService", self.service(&definition));
        definition
    }

    pub(crate) fn update(&self, changes: Value) {
        let mut params = json!({ "cluster": CLUSTER, "service": SERVICE });
        params.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        self.site.ecs("UpdateService", params);
    }

    pub(crate) fn delete(&self) {
        let params = json!({ "cluster": CLUSTER, "service": SERVICE, "force": true });
        self.site.ecs("DeleteService", params);
    }

    pub(crate) fn look(&self) -> Value {
        let found = self.site.ecs("DescribeServices", json!({ "cluster": CLUSTER, "services": [SERVICE] }));
        found["services"][0].clone()
    }

    pub(crate) fn rollout(&self) -> String {
        text(&self.look(), "/deployments/0/rolloutState")
    }

    /// Lets time pass until the newest deployment is as wanted; gives the seconds that it took.
    pub(crate) async fn until(&self, rollout: &str) -> u64 {
        for waited in (0..1800).step_by(3) {
            if self.rollout() == rollout {
                return waited;
            }
            seconds(3).await;
        }
        panic!("no {rollout}: {}", self.look());
    }

    /// Why the newest task stopped.
    pub(crate) fn stopped_reason(&self) -> String {
        let listed = self.site.ecs("ListTasks", json!({ "cluster": CLUSTER, "desiredStatus": "STOPPED" }));
        let tasks =
            self.site.ecs("DescribeTasks", json!({ "cluster": CLUSTER, "tasks": listed["taskArns"] }));
        let newest = |task: &&Value| task["createdAt"].as_f64().unwrap() as i64;
        text(tasks["tasks"].as_array().unwrap().iter().max_by_key(newest).unwrap(), "/stoppedReason")
    }

    /// What stands in the way of a rollout, as its stopped tasks tell.
    pub(crate) async fn obstacle(&self) -> String {
        self.until("FAILED").await;
        self.stopped_reason()
    }
}
