//! Roles, log group, cluster, task definition and service.

use serde_json::{Value, json};

use super::tags;
use crate::audit::Inventory;

const APP: &str = "secret sidekick/app/credentials";
const POSTGRES: &str = "secret sidekick/postgres/credentials";
const REDIS: &str = "secret sidekick/redis/credentials";
const LOGS: &str = "log-group /ecs/sidekick-task";

pub(super) fn expect(inventory: &mut Inventory) {
    roles(inventory);
    inventory
        .put(LOGS, json!({ "retention_days": 3, "tags": tags("/ecs/sidekick-task", "compute.log-group") }));
    inventory.put(
        "cluster sidekick-cluster",
        json!({
            "status": "ACTIVE",
            "settings": { "containerInsights": "enabled" },
            "tags": tags("sidekick-cluster", "compute.cluster"),
        }),
    );
    inventory.put("task-definition sidekick-task:1", task_definition());
    inventory.put("service sidekick-service", service());
}

fn roles(inventory: &mut Inventory) {
    let trust = statement(&json!({
        "Effect": "Allow",
        "Principal": { "Service": "ecs-tasks.amazonaws.com" },
        "Action": "sts:AssumeRole",
    }));
    let read = statement(&json!({
        "Effect": "Allow",
        "Action": "secretsmanager:GetSecretValue",
        "Resource": [APP, POSTGRES, REDIS],
    }));
    let write = statement(&json!({
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        "Resource": [LOGS, format!("{LOGS}:*")],
    }));
    let policies = json!({ "sidekick-secrets-access": read, "sidekick-logs-access": write });
    for (name, address, description, policies) in [
        (
            "sidekick-ecs-task-execution-role",
            "compute.execution-role",
            "Lets ECS start the tasks of the service",
            policies,
        ),
        (
            "sidekick-ecs-task-role",
            "compute.task-role",
            "What the application of the service may do",
            json!({}),
        ),
    ] {
        let attributes = json!({
            "path": "/sidekick-dev/",
            "description": description,
            "trust": trust,
            "managed_policies": [],
            "inline_policies": policies,
            "tags": tags(name, address),
        });
        inventory.put(&format!("role {name}"), attributes);
    }
}

fn statement(statement: &Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

fn task_definition() -> Value {
    json!({
        "status": "ACTIVE",
        "network_mode": "awsvpc",
        "requires": ["FARGATE"],
        "cpu": "1024",
        "memory": "2048",
        "platform": "LINUX X86_64",
        "execution_role": "role sidekick-ecs-task-execution-role",
        "task_role": "role sidekick-ecs-task-role",
        "containers": [{
            "name": "sidekick-container",
            "image": "ghcr.io/0xsequence/sidekick:wip-aws-infra",
            "essential": true,
            "ports": [[7500, "tcp"]],
            "environment": {
                "PORT": "7500",
                "HOST": "0.0.0.0",
                "NODE_ENV": "production",
                "DEBUG": "false",
                "REDIS_HOST": "endpoint of sidekick-redis",
                "REDIS_PORT": "6379",
                "SIGNER_TYPE": "local",
            },
            "secrets": {
                "DATABASE_URL": format!("{POSTGRES}:DATABASE_URL::"),
                "SEQUENCE_PROJECT_ACCESS_KEY": format!("{APP}:SEQUENCE_PROJECT_ACCESS_KEY::"),
                "BACKEND_WALLET_PV_KEY": format!("{APP}:BACKEND_WALLET_PV_KEY::"),
                // The same key under the name that the documentation gives it.
                "EVM_PRIVATE_KEY": format!("{APP}:BACKEND_WALLET_PV_KEY::"),
            },
            "log_driver": "awslogs",
            "log_options": {
                "awslogs-group": "/ecs/sidekick-task",
                "awslogs-region": "us-west-2",
                "awslogs-stream-prefix": "ecs",
            },
        }],
        "tags": tags("sidekick-task", "compute.task-definition"),
    })
}

fn service() -> Value {
    json!({
        "status": "ACTIVE",
        "cluster": "cluster sidekick-cluster",
        "task_definition": "task-definition sidekick-task:1",
        "launch_type": "FARGATE",
        "desired": 1,
        "subnets": ["subnet sidekick-private-us-west-2a", "subnet sidekick-private-us-west-2b"],
        "security_groups": ["security-group sidekick-ecs-service-sg"],
        "public_ip": "DISABLED",
        "load_balancers": [
            { "target_group": "target-group sidekick-tg", "container": "sidekick-container", "port": 7500 },
        ],
        "health_check_grace_seconds": 90,
        "circuit_breaker": { "enable": true, "rollback": true },
        "execute_command": false,
        "tags": tags("sidekick-service", "compute.service"),
    })
}
