//! Every field of every kind: another value for it, and what a change to that value leads to.
//!
//! Written by hand from what AWS allows, not derived from the kinds: it is what they are held to.

use serde_json::{Value, json};
use sidekick_engine::Planned::{self, Replace, Update};

use Change::{Declared, Made, Recorded, Uncompared};

/// Another value for a field, made from the present one.
type Other = fn(&Value) -> Value;

/// What becomes of a field's change.
pub(crate) enum Change {
    /// The change is made on a standing environment and comes to rest.
    Made(Planned, Other),
    /// The kind says what it would lead to. It is not made, because other resources would have to change with it.
    Declared(Planned, Other),
    /// It counts when the resource is made. It does not change what stands, so that it is only written down.
    Recorded(Other),
    /// The kind does not compare it, because no API tells it, or because it is nobody's wish.
    Uncompared(Other),
}

impl Change {
    /// Another value for the field, made from the present one.
    pub(crate) const fn other(&self) -> Other {
        match self {
            Made(_, other) | Declared(_, other) | Recorded(other) | Uncompared(other) => *other,
        }
    }
}

/// Kind, field, change.
pub(crate) static FIELDS: &[(&str, &str, Change)] = &[
    (
        "applicationautoscaling.scalable_target",
        "resource",
        Declared(Replace, |_| json!("service/other/service")),
    ),
    ("applicationautoscaling.scalable_target", "min", Made(Update, |_| json!(2))),
    ("applicationautoscaling.scalable_target", "max", Made(Update, |_| json!(6))),
    ("applicationautoscaling.scalable_target", "tags", Made(Update, more_tags)),
    ("applicationautoscaling.scaling_policy", "name", Made(Replace, |_| json!("another-policy"))),
    (
        "applicationautoscaling.scaling_policy",
        "target",
        Declared(Replace, |_| json!("service/other/service")),
    ),
    (
        "applicationautoscaling.scaling_policy",
        "metric",
        Made(Update, |_| json!("ECSServiceAverageMemoryUtilization")),
    ),
    (
        "applicationautoscaling.scaling_policy",
        "resource_label",
        Declared(Update, |_| json!("app/other/1/targetgroup/other/1")),
    ),
    ("applicationautoscaling.scaling_policy", "value", Made(Update, |_| json!(70.0))),
    ("ec2.elastic_ip", "tags", Made(Update, more_tags)),
    ("ec2.internet_gateway", "vpc", Declared(Update, |_| json!("vpc-2"))),
    ("ec2.internet_gateway", "tags", Made(Update, more_tags)),
    ("ec2.main_route_table", "table", Declared(Replace, |_| json!("rtb-2"))),
    ("ec2.main_route_table", "routes", Made(Update, |_| json!({}))),
    ("ec2.main_route_table", "tags", Made(Update, more_tags)),
    ("ec2.nat_gateway", "subnet", Declared(Replace, |_| json!("subnet-2"))),
    ("ec2.nat_gateway", "allocation", Declared(Replace, |_| json!("eipalloc-2"))),
    ("ec2.nat_gateway", "tags", Made(Update, more_tags)),
    ("ec2.route_table", "vpc", Declared(Replace, |_| json!("vpc-2"))),
    ("ec2.route_table", "routes", Made(Update, |_| json!({}))),
    ("ec2.route_table", "subnets", Made(Update, fewer)),
    ("ec2.route_table", "tags", Made(Update, more_tags)),
    ("ec2.security_group", "vpc", Declared(Replace, |_| json!("vpc-2"))),
    ("ec2.security_group", "name", Made(Replace, |_| json!("another-sg"))),
    ("ec2.security_group", "description", Made(Replace, another_text)),
    ("ec2.security_group", "ingress", Made(Update, fewer)),
    ("ec2.security_group", "keeps_ways_in", Uncompared(not)),
    (
        "ec2.security_group",
        "egress",
        Made(
            Update,
            |_| json!([{ "protocol": "tcp", "from_port": 1, "to_port": 65535, "peer": { "cidr": "0.0.0.0/0" }, "description": "" }]),
        ),
    ),
    ("ec2.security_group", "tags", Made(Update, more_tags)),
    ("ec2.subnet", "vpc", Declared(Replace, |_| json!("vpc-2"))),
    ("ec2.subnet", "cidr", Made(Replace, |_| json!("10.0.99.0/24"))),
    ("ec2.subnet", "zone", Made(Replace, |_| json!("us-west-2c"))),
    ("ec2.subnet", "public", Made(Update, not)),
    ("ec2.subnet", "tags", Made(Update, more_tags)),
    ("ec2.vpc", "cidr", Made(Replace, |_| json!("10.0.0.0/17"))),
    ("ec2.vpc", "dns_support", Declared(Update, not)),
    ("ec2.vpc", "dns_hostnames", Made(Update, not)),
    ("ec2.vpc", "tags", Made(Update, more_tags)),
    ("ec2.vpc_peering_connection", "vpc", Declared(Replace, |_| json!("vpc-2"))),
    ("ec2.vpc_peering_connection", "peer_vpc", Made(Replace, |_| json!("vpc-0123456789abcdef3"))),
    ("ec2.vpc_peering_connection", "peer_account", Made(Replace, |_| json!("310987654321"))),
    ("ec2.vpc_peering_connection", "peer_region", Made(Replace, |_| json!("eu-west-1"))),
    ("ec2.vpc_peering_connection", "accepted", Declared(Update, not)),
    ("ec2.vpc_peering_connection", "dns_resolution", Made(Update, not)),
    ("ec2.vpc_peering_connection", "tags", Made(Update, more_tags)),
    ("ecr.repository", "name", Made(Replace, |_| json!("another-repository"))),
    ("ecr.repository", "scan_on_push", Made(Update, not)),
    ("ecr.repository", "immutable_tags", Made(Update, not)),
    ("ecr.repository", "lifecycle_policy", Made(Update, |_| json!(null))),
    ("ecr.repository", "force_delete", Made(Update, not)),
    ("ecr.repository", "holds_images", Uncompared(not)),
    ("ecr.repository", "tags", Made(Update, more_tags)),
    ("ecs.cluster", "name", Made(Replace, |_| json!("another-cluster"))),
    ("ecs.cluster", "container_insights", Made(Update, |_| json!("disabled"))),
    ("ecs.cluster", "tags", Made(Update, more_tags)),
    ("ecs.service", "name", Made(Replace, |_| json!("another-service"))),
    ("ecs.service", "cluster", Declared(Replace, |_| json!("another-cluster"))),
    (
        "ecs.service",
        "task_definition",
        Declared(Update, |_| json!("arn:aws:ecs:r:1:task-definition/other:1")),
    ),
    // The number of tasks of this environment is scaled.
    ("ecs.service", "desired_count", Recorded(|_| json!(2))),
    ("ecs.service", "autoscaled", Recorded(not)),
    ("ecs.service", "subnets", Made(Update, fewer)),
    ("ecs.service", "security_groups", Declared(Update, |_| json!(["sg-2"]))),
    ("ecs.service", "assign_public_ip", Made(Update, not)),
    (
        "ecs.service",
        "target_groups",
        Declared(Update, |_| json!(["arn:aws:elasticloadbalancing:r:1:targetgroup/o/1"])),
    ),
    (
        "ecs.service",
        "detached",
        Declared(Update, |_| json!(["arn:aws:elasticloadbalancing:::targetgroup/other/1"])),
    ),
    ("ecs.service", "container_name", Declared(Update, another_text)),
    ("ecs.service", "container_port", Declared(Update, |_| json!(7600))),
    ("ecs.service", "health_check_grace_seconds", Made(Update, |_| json!(30))),
    ("ecs.service", "circuit_breaker", Made(Update, |_| json!("off"))),
    ("ecs.service", "enable_execute_command", Made(Update, not)),
    ("ecs.service", "secret_versions", Made(Update, |_| json!(["another"]))),
    ("ecs.service", "tags", Made(Update, more_tags)),
    ("ecs.task_definition", "family", Made(Replace, |_| json!("another-family"))),
    ("ecs.task_definition", "cpu", Made(Update, |_| json!(512))),
    ("ecs.task_definition", "memory_mib", Made(Update, |_| json!(4096))),
    ("ecs.task_definition", "architecture", Made(Update, |_| json!("ARM64"))),
    ("ecs.task_definition", "execution_role", Declared(Update, |_| json!("arn:aws:iam::1:role/other"))),
    ("ecs.task_definition", "task_role", Made(Update, |_| json!(null))),
    (
        "ecs.task_definition",
        "container",
        Made(Update, |old| with(old, "image", json!("ghcr.io/0xsequence/sidekick:next"))),
    ),
    ("ecs.task_definition", "tags", Made(Update, more_tags)),
    ("ecs.task_definition", "deregistered", Declared(Update, not)),
    ("elasticache.auth_token", "group", Declared(Replace, |_| json!("another-redis"))),
    (
        "elasticache.auth_token",
        "token",
        Declared(Update, |_| json!({ "secret": "arn", "key": "password_1" })),
    ),
    ("elasticache.parameter_group", "name", Made(Replace, |_| json!("another-group"))),
    ("elasticache.parameter_group", "description", Made(Replace, another_text)),
    ("elasticache.parameter_group", "family", Declared(Replace, |_| json!("redis6.x"))),
    ("elasticache.parameter_group", "parameters", Made(Update, |_| json!({ "timeout": "30" }))),
    ("elasticache.parameter_group", "tags", Made(Update, more_tags)),
    ("elasticache.replication_group", "name", Made(Replace, |_| json!("another-redis"))),
    ("elasticache.replication_group", "description", Made(Update, another_text)),
    ("elasticache.replication_group", "engine_version", Declared(Update, |_| json!("7.2"))),
    ("elasticache.replication_group", "node_type", Made(Update, |_| json!("cache.t4g.small"))),
    ("elasticache.replication_group", "replicas", Made(Update, |_| json!(2))),
    ("elasticache.replication_group", "automatic_failover", Made(Update, not)),
    ("elasticache.replication_group", "multi_az", Made(Update, not)),
    ("elasticache.replication_group", "at_rest_encryption", Made(Replace, not)),
    (
        "elasticache.replication_group",
        "kms_key_id",
        Made(Replace, |_| json!("arn:aws:kms:us-west-2:123456789012:key/own")),
    ),
    // It cannot go while there is a token.
    ("elasticache.replication_group", "transit_encryption", Declared(Update, not)),
    (
        "elasticache.replication_group",
        "auth_token",
        Declared(Update, |_| json!({ "secret": "arn", "key": "password_1" })),
    ),
    ("elasticache.replication_group", "auth_token", Declared(Replace, |_| Value::Null)),
    ("elasticache.replication_group", "snapshot_retention_days", Made(Update, |_| json!(3))),
    ("elasticache.replication_group", "snapshot_window", Made(Update, |_| json!("03:00-04:00"))),
    ("elasticache.replication_group", "maintenance_window", Made(Update, |_| json!("mon:05:00-mon:06:00"))),
    ("elasticache.replication_group", "auto_minor_version_upgrade", Made(Update, not)),
    ("elasticache.replication_group", "transit_optional", Declared(Update, not)),
    ("elasticache.replication_group", "remarks", Uncompared(|_| json!(["it is told"]))),
    ("elasticache.replication_group", "parameter_group", Declared(Update, another_text)),
    ("elasticache.replication_group", "port", Made(Replace, |_| json!(6380))),
    ("elasticache.replication_group", "subnet_group", Declared(Replace, another_text)),
    ("elasticache.replication_group", "security_groups", Declared(Update, |_| json!(["sg-2"]))),
    ("elasticache.replication_group", "tags", Made(Update, more_tags)),
    ("elasticache.subnet_group", "name", Made(Replace, |_| json!("another-group"))),
    ("elasticache.subnet_group", "description", Made(Update, another_text)),
    ("elasticache.subnet_group", "subnets", Declared(Update, fewer)),
    ("elasticache.subnet_group", "tags", Made(Update, more_tags)),
    ("elbv2.listener", "load_balancer", Declared(Replace, another_text)),
    ("elbv2.listener", "port", Made(Update, |_| json!(8080))),
    (
        "elbv2.listener",
        "protocol",
        Declared(
            Update,
            |_| json!({ "Https": { "certificate": "arn:aws:acm:us-west-2:123456789012:certificate/1", "ssl_policy": "ELBSecurityPolicy-2016-08" } }),
        ),
    ),
    (
        "elbv2.listener",
        "action",
        Declared(Update, |_| json!({ "Forward": "arn:aws:elasticloadbalancing:r:1:targetgroup/o/1" })),
    ),
    ("elbv2.listener", "tags", Made(Update, more_tags)),
    ("elbv2.listener_rule", "listener", Declared(Replace, another_text)),
    ("elbv2.listener_rule", "priority", Made(Update, |_| json!(20))),
    (
        "elbv2.listener_rule",
        "conditions",
        Made(Update, |old| with(old, "path_patterns", json!(["/other/*"]))),
    ),
    (
        "elbv2.listener_rule",
        "action",
        Made(Update, |_| json!({ "RedirectTo": { "host": "example.com", "path": null, "permanent": true } })),
    ),
    ("elbv2.listener_rule", "tags", Made(Update, more_tags)),
    ("elbv2.load_balancer", "name", Made(Replace, |_| json!("another-alb"))),
    ("elbv2.load_balancer", "internal", Made(Replace, not)),
    ("elbv2.load_balancer", "subnets", Declared(Update, fewer)),
    ("elbv2.load_balancer", "security_groups", Declared(Update, |_| json!(["sg-2"]))),
    ("elbv2.load_balancer", "deletion_protection", Made(Update, not)),
    ("elbv2.load_balancer", "idle_timeout_seconds", Made(Update, |_| json!(90))),
    ("elbv2.load_balancer", "tags", Made(Update, more_tags)),
    ("elbv2.target_group", "name", Made(Replace, |_| json!("another-tg"))),
    ("elbv2.target_group", "vpc", Declared(Replace, |_| json!("vpc-2"))),
    ("elbv2.target_group", "port", Uncompared(|_| json!(7600))),
    ("elbv2.target_group", "health_check", Made(Update, |old| with(old, "interval_seconds", json!(15)))),
    ("elbv2.target_group", "deregistration_delay_seconds", Made(Update, |_| json!(5))),
    ("elbv2.target_group", "tags", Made(Update, more_tags)),
    ("iam.role", "name", Made(Replace, |_| json!("another-role"))),
    ("iam.role", "path", Made(Replace, |_| json!("/another/"))),
    ("iam.role", "description", Made(Update, another_text)),
    (
        "iam.role",
        "trust",
        Made(Update, |_| {
            let principal = json!({ "Service": ["ecs-tasks.amazonaws.com", "ec2.amazonaws.com"] });
            let statement =
                json!([{ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal }]);
            json!({ "Version": "2012-10-17", "Statement": statement })
        }),
    ),
    (
        "iam.role",
        "managed_policies",
        Made(Update, |_| json!(["arn:aws:iam::aws:policy/CloudWatchLogsFullAccess"])),
    ),
    (
        "iam.role",
        "inline_policies",
        Made(Update, |old| {
            let mut policies = old.clone();
            policies["another"] = policies["sidekick-logs-access"].clone();
            policies
        }),
    ),
    ("iam.role", "tags", Made(Update, more_tags)),
    ("logs.log_group", "name", Declared(Replace, |_| json!("/ecs/another"))),
    ("logs.log_group", "retention_days", Made(Update, |_| json!(7))),
    ("logs.log_group", "kms_key", Made(Update, another_key)),
    ("logs.log_group", "tags", Made(Update, more_tags)),
    ("rds.instance", "name", Made(Replace, |_| json!("another-postgres"))),
    ("rds.instance", "engine_version", Declared(Update, |_| json!("18"))),
    ("rds.instance", "instance_class", Made(Update, |_| json!("db.t4g.small"))),
    ("rds.instance", "database", Made(Replace, |_| json!("another"))),
    ("rds.instance", "username", Made(Replace, |_| json!("another"))),
    ("rds.instance", "password", Declared(Update, |_| json!({ "secret": "arn", "key": "other" }))),
    ("rds.instance", "port", Made(Update, |_| json!(5433))),
    ("rds.instance", "allocated_storage_gib", Made(Update, |_| json!(30))),
    ("rds.instance", "max_allocated_storage_gib", Made(Update, |_| json!(200))),
    ("rds.instance", "storage_type", Made(Update, |_| json!("gp2"))),
    ("rds.instance", "storage_encrypted", Made(Replace, not)),
    ("rds.instance", "kms_key_id", Made(Replace, |_| json!("arn:aws:kms:us-west-2:123456789012:key/own"))),
    ("rds.instance", "performance_insights", Made(Update, not)),
    ("rds.instance", "performance_insights_retention_days", Made(Update, |_| json!(31))),
    ("rds.instance", "multi_az", Made(Update, not)),
    ("rds.instance", "backup_retention_days", Made(Update, |_| json!(7))),
    ("rds.instance", "backup_window", Made(Update, |_| json!("03:00-03:30"))),
    ("rds.instance", "maintenance_window", Made(Update, |_| json!("mon:05:00-mon:05:30"))),
    ("rds.instance", "auto_minor_version_upgrade", Made(Update, not)),
    ("rds.instance", "copy_tags_to_snapshot", Made(Update, not)),
    ("rds.instance", "deletion_protection", Made(Update, not)),
    ("rds.instance", "final_snapshot", Made(Update, not)),
    ("rds.instance", "parameter_group", Declared(Update, another_text)),
    ("rds.instance", "larger_gib", Uncompared(|_| json!(40))),
    ("rds.instance", "remarks", Uncompared(|_| json!(["it is told"]))),
    ("rds.instance", "subnet_group", Declared(Replace, another_text)),
    ("rds.instance", "security_groups", Declared(Update, |_| json!(["sg-2"]))),
    ("rds.instance", "publicly_accessible", Made(Update, not)),
    ("rds.instance", "tags", Made(Update, more_tags)),
    ("rds.parameter_group", "name", Made(Replace, |_| json!("another-group"))),
    ("rds.parameter_group", "description", Made(Replace, another_text)),
    ("rds.parameter_group", "family", Declared(Replace, |_| json!("postgres18"))),
    ("rds.parameter_group", "parameters", Made(Update, |_| json!({ "work_mem": "8192" }))),
    ("rds.parameter_group", "tags", Made(Update, more_tags)),
    ("rds.subnet_group", "name", Made(Replace, |_| json!("another-group"))),
    ("rds.subnet_group", "description", Made(Update, another_text)),
    ("rds.subnet_group", "subnets", Declared(Update, fewer)),
    ("rds.subnet_group", "tags", Made(Update, more_tags)),
    ("secretsmanager.secret", "name", Made(Replace, |_| json!("another/secret"))),
    ("secretsmanager.secret", "description", Made(Update, another_text)),
    ("secretsmanager.secret", "kms_key", Made(Update, another_key)),
    ("secretsmanager.secret", "recovery_window_days", Made(Update, |_| json!(7))),
    ("secretsmanager.secret", "tags", Made(Update, more_tags)),
    ("secretsmanager.secret_version", "complete", Uncompared(not)),
    ("secretsmanager.secret_version", "secret", Declared(Replace, another_text)),
    (
        "secretsmanager.secret_version",
        "fields",
        Made(Update, |old| with(old, "EXTRA", json!({ "plain": "text" }))),
    ),
    ("wafv2.association", "web_acl", Declared(Update, another_text)),
    ("wafv2.association", "load_balancer", Declared(Replace, another_text)),
    ("wafv2.ip_set", "name", Made(Replace, |_| json!("another-list"))),
    ("wafv2.ip_set", "addresses", Made(Update, |_| json!(["10.0.0.0/8"]))),
    ("wafv2.ip_set", "tags", Made(Update, more_tags)),
    ("wafv2.web_acl", "name", Made(Replace, |_| json!("another-waf"))),
    ("wafv2.web_acl", "description", Made(Update, |_| json!("Another web ACL"))),
    ("wafv2.web_acl", "rules", Made(Update, |_| json!([]))),
    ("wafv2.web_acl", "blocks_others", Declared(Update, not)),
    ("wafv2.web_acl", "tags", Made(Update, more_tags)),
];

fn more_tags(old: &Value) -> Value {
    with(old, "Extra", json!("one more"))
}

fn not(old: &Value) -> Value {
    json!(old != &json!(true))
}

fn another_key(_: &Value) -> Value {
    json!("arn:aws:kms:us-west-2:123456789012:key/2b9c54ea-0d57-4dd0-8ab0-4b4ea2a2e6c9")
}

fn another_text(_: &Value) -> Value {
    json!("another one")
}

/// The list without its last element.
fn fewer(old: &Value) -> Value {
    let list = old.as_array().map(Vec::as_slice).unwrap_or_default();
    list.split_last().map(|(_, rest)| rest).unwrap_or_default().into()
}

fn with(old: &Value, field: &str, value: Value) -> Value {
    let mut new = old.clone();
    new[field] = value;
    new
}
