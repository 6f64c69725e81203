//! What somebody else does in the account behind the back of `sidekick`: things vanish and change.

use rand::Rng;
use rand::seq::IteratorRandom;
use serde_json::{Value, json};
use sidekick_sandbox::Sandbox;

/// One thing that somebody else may do: the table whose things it is done to, the call, and its parameters for one of
/// those things.
struct Deed {
    table: (&'static str, &'static str),
    service: &'static str,
    operation: &'static str,
    params: fn(&str, &Value) -> Value,
}

const fn deed(
    table: (&'static str, &'static str),
    operation: &'static str,
    params: fn(&str, &Value) -> Value,
) -> Deed {
    Deed { table, service: signing_name(table.0), operation, params }
}

/// The name that requests are signed for, by the name of the simulated AWS's room.
const fn signing_name(room: &'static str) -> &'static str {
    match room.as_bytes() {
        b"elbv2" => "elasticloadbalancing",
        _ => room,
    }
}

/// None of these takes ownership tags off: what does not carry them is nobody's to touch, which is another promise.
static DEEDS: &[Deed] = &[
    deed(("ec2", "nat_gateways"), "DeleteNatGateway", |id, _| json!({ "NatGatewayId": id })),
    deed(
        ("ec2", "vpcs"),
        "ModifyVpcAttribute",
        |id, _| json!({ "VpcId": id, "EnableDnsHostnames": { "Value": "false" } }),
    ),
    deed(
        ("ec2", "security_group_rules"),
        "RevokeSecurityGroupIngress",
        |id, rule| json!({ "GroupId": rule["group"], "SecurityGroupRuleId": [id] }),
    ),
    deed(("ec2", "security_groups"), "AuthorizeSecurityGroupIngress", |id, _| {
        json!({ "GroupId": id, "IpPermissions": [{
            "IpProtocol": "tcp", "FromPort": "22", "ToPort": "22", "IpRanges": [{ "CidrIp": "0.0.0.0/0" }],
        }] })
    }),
    deed(
        ("ec2", "route_tables"),
        "DeleteRoute",
        |id, _| json!({ "RouteTableId": id, "DestinationCidrBlock": "0.0.0.0/0" }),
    ),
    deed(
        ("ec2", "subnets"),
        "CreateTags",
        |id, _| json!({ "ResourceId": [id], "Tag": [{ "Key": "Owner", "Value": "somebody else" }] }),
    ),
    deed(
        ("rds", "instances"),
        "DeleteDBInstance",
        |id, _| json!({ "DBInstanceIdentifier": id, "SkipFinalSnapshot": "true" }),
    ),
    deed(
        ("rds", "instances"),
        "ModifyDBInstance",
        |id, _| json!({ "DBInstanceIdentifier": id, "BackupRetentionPeriod": "5", "ApplyImmediately": "true" }),
    ),
    deed(
        ("elasticache", "replication_groups"),
        "DeleteReplicationGroup",
        |id, _| json!({ "ReplicationGroupId": id }),
    ),
    deed(("iam", "roles"), "PutRolePolicy", |name, _| {
        json!({ "RoleName": name, "PolicyName": "extra", "PolicyDocument":
            "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}}" })
    }),
    deed(("logs", "groups"), "DeleteLogGroup", |name, _| json!({ "logGroupName": name })),
    deed(
        ("logs", "groups"),
        "PutRetentionPolicy",
        |name, _| json!({ "logGroupName": name, "retentionInDays": 30 }),
    ),
    deed(("elbv2", "listeners"), "DeleteListener", |arn, _| json!({ "ListenerArn": arn })),
    deed(("elbv2", "load_balancers"), "DeleteLoadBalancer", |arn, _| json!({ "LoadBalancerArn": arn })),
    deed(
        ("elbv2", "target_groups"),
        "ModifyTargetGroup",
        |arn, _| json!({ "TargetGroupArn": arn, "HealthCheckPath": "/health" }),
    ),
    deed(("wafv2", "associations"), "DisassociateWebACL", |arn, _| json!({ "ResourceArn": arn })),
    deed(
        ("ecs", "services"),
        "UpdateService",
        |_, service| json!({ "cluster": service["cluster"], "service": service["name"], "desiredCount": 2 }),
    ),
    deed(
        ("ecs", "services"),
        "DeleteService",
        |_, service| json!({ "cluster": service["cluster"], "service": service["name"], "force": true }),
    ),
    deed(("ecs", "task_definitions"), "DeregisterTaskDefinition", |arn, _| json!({ "taskDefinition": arn })),
];

/// Does one of these deeds to one thing, if there is one; says which deed was done.
///
/// AWS may refuse it, for it knows no more of the environment's state than any other stranger.
pub fn meddle(sandbox: &Sandbox, random: &mut impl Rng) -> Option<&'static str> {
    let world = sandbox.world().ok()?;
    let things = |deed: &Deed| world[deed.table.0][deed.table.1].as_object().filter(|it| !it.is_empty());
    let deed = DEEDS.iter().filter(|deed| things(deed).is_some()).choose(random)?;
    let (id, thing) = things(deed)?.iter().choose(random)?;
    let done = sandbox.call(deed.service, deed.operation, (deed.params)(id, thing));
    done.ok().map(|_| deed.operation)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::{DEEDS, meddle};
    use crate::simulation::configuration::Configuration;
    use crate::simulation::estate::{Command, Estate, Fortune};

    #[tokio::test(start_paused = true)]
    async fn every_deed_can_be_done_to_a_standing_environment() {
        let standing = Estate::new(1);
        assert!(standing.run(Command::Up(Configuration::Shipped), Fortune::kind()).await.is_success());
        let mut random = StdRng::seed_from_u64(1);
        let mut done = BTreeSet::new();
        for _ in 0..400 {
            done.extend(meddle(&standing.fork().sandbox, &mut random));
        }
        let all: BTreeSet<_> = DEEDS.iter().map(|deed| deed.operation).collect();
        assert_eq!(done, all);
    }
}
