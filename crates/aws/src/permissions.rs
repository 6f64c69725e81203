//! What the calls of the kinds need to be allowed to do: IAM actions, declared in each service's folder beside the calls.
//!
//! A suite compares every call that simulated commands make with these declarations, both ways.

use std::collections::BTreeSet;

use crate::{
    applicationautoscaling, ec2, ecr, ecs, elasticache, elbv2, iam, logs, preflight, rds, secretsmanager,
    wafv2,
};

/// The IAM actions of the calls of one kind.
#[derive(Clone, Copy, Debug)]
pub struct Permissions {
    /// The kind's name.
    pub kind: &'static str,
    /// To find and observe it, and to say what is wrong with it.
    pub read: &'static [&'static str],
    /// To make it.
    pub create: &'static [&'static str],
    /// To change it, which also completes what a create cannot say.
    pub update: &'static [&'static str],
    /// To delete it, and to say what holds it.
    pub delete: &'static [&'static str],
}

/// The command that somebody is to be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// `plan`, and whatever else only reads.
    Plan,
    /// `up`, which also deletes what is no longer desired, and so all of the others.
    Up,
    /// `down`.
    Down,
}

/// The declarations of all services.
static SERVICES: &[&[Permissions]] = &[
    applicationautoscaling::PERMISSIONS,
    ec2::PERMISSIONS,
    ecr::PERMISSIONS,
    ecs::PERMISSIONS,
    elasticache::PERMISSIONS,
    elbv2::PERMISSIONS,
    iam::PERMISSIONS,
    logs::PERMISSIONS,
    rds::PERMISSIONS,
    secretsmanager::PERMISSIONS,
    wafv2::PERMISSIONS,
];

/// What is read of the account before the graph can be drawn.
const FACTS: &[&str] = &["ec2:DescribeVpcPeeringConnections", "secretsmanager:GetSecretValue"];

/// Calls that AWS answers to everybody, whatever a policy says.
pub const OPEN_TO_ALL: &[&str] = &["sts:GetCallerIdentity"];

/// What AWS checks beside the action itself: of each call, the further actions.
#[rustfmt::skip]
pub static IMPLIED: &[(&str, &[&str])] = &[
    // Tags in a create are tags all the same.
    ("ec2:AllocateAddress", &["ec2:CreateTags"]),
    ("ec2:CreateInternetGateway", &["ec2:CreateTags"]),
    ("ec2:CreateNatGateway", &["ec2:CreateTags", LINKED_ROLE]),
    ("ec2:CreateRouteTable", &["ec2:CreateTags"]),
    ("ec2:CreateSecurityGroup", &["ec2:CreateTags"]),
    ("ec2:CreateSubnet", &["ec2:CreateTags"]),
    ("ec2:CreateVpc", &["ec2:CreateTags"]),
    ("ec2:CreateVpcPeeringConnection", &["ec2:CreateTags"]),
    ("ecr:CreateRepository", &["ecr:TagResource"]),
    ("ecs:CreateCluster", &["ecs:TagResource", LINKED_ROLE]),
    ("ecs:CreateService", &["ecs:TagResource", "iam:PassRole", LINKED_ROLE]),
    ("ecs:RegisterTaskDefinition", &["ecs:TagResource", "iam:PassRole"]),
    ("ecs:UpdateService", &["iam:PassRole"]),
    ("elasticache:CreateCacheParameterGroup", &["elasticache:AddTagsToResource"]),
    ("elasticache:CreateCacheSubnetGroup", &["elasticache:AddTagsToResource"]),
    ("elasticache:CreateReplicationGroup", &["elasticache:AddTagsToResource", LINKED_ROLE]),
    ("elasticloadbalancing:CreateListener", &["elasticloadbalancing:AddTags"]),
    ("elasticloadbalancing:CreateLoadBalancer", &["elasticloadbalancing:AddTags", LINKED_ROLE]),
    ("elasticloadbalancing:CreateRule", &["elasticloadbalancing:AddTags"]),
    ("elasticloadbalancing:CreateTargetGroup", &["elasticloadbalancing:AddTags"]),
    ("iam:CreateRole", &["iam:TagRole"]),
    ("logs:CreateLogGroup", &["logs:TagResource"]),
    ("rds:CreateDBInstance", &["rds:AddTagsToResource", LINKED_ROLE]),
    ("rds:CreateDBParameterGroup", &["rds:AddTagsToResource"]),
    ("rds:CreateDBSubnetGroup", &["rds:AddTagsToResource"]),
    // The final snapshot, and its tags.
    ("rds:DeleteDBInstance", &["rds:AddTagsToResource", "rds:CreateDBSnapshot"]),
    ("secretsmanager:CreateSecret", &["secretsmanager:TagResource"]),
    ("wafv2:CreateIPSet", &["wafv2:TagResource"]),
    ("wafv2:CreateWebACL", &["wafv2:TagResource"]),
    // The load balancer is asked as well as the web ACL.
    ("wafv2:AssociateWebACL", &["elasticloadbalancing:SetWebACL"]),
    ("wafv2:DisassociateWebACL", &["elasticloadbalancing:SetWebACL"]),
    ("wafv2:GetWebACLForResource", &["wafv2:GetWebACL"]),
    // Application Auto Scaling looks at the service, and keeps its alarms, in the caller's name.
    ("application-autoscaling:RegisterScalableTarget",
        &["application-autoscaling:TagResource", "ecs:DescribeServices", "ecs:UpdateService", LINKED_ROLE]),
    ("application-autoscaling:PutScalingPolicy", &["cloudwatch:DescribeAlarms", "cloudwatch:PutMetricAlarm"]),
    ("application-autoscaling:DeleteScalingPolicy", &["cloudwatch:DeleteAlarms"]),
    ("application-autoscaling:DeregisterScalableTarget", &["cloudwatch:DeleteAlarms"]),
];

/// A service makes its own role in an account where it is used for the first time.
const LINKED_ROLE: &str = "iam:CreateServiceLinkedRole";

/// The services that make such a role for what the kinds are.
pub const LINKED_SERVICES: &[&str] = &[
    "ecs.amazonaws.com",
    "ecs.application-autoscaling.amazonaws.com",
    "elasticache.amazonaws.com",
    "elasticloadbalancing.amazonaws.com",
    "natgateway.amazonaws.com",
    "rds.amazonaws.com",
];

impl Permissions {
    /// Those of all kinds.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        SERVICES.iter().copied().flatten()
    }

    /// Those of one kind.
    pub fn of(kind: &str) -> Option<&'static Self> {
        Self::all().find(|permissions| permissions.kind == kind)
    }
}

impl Purpose {
    /// All actions that the command needs, those included that AWS checks beside the calls themselves.
    pub fn actions(self) -> BTreeSet<&'static str> {
        let mut actions: BTreeSet<_> = FACTS.iter().copied().filter(|_| self != Self::Down).collect();
        if self == Self::Up {
            actions.extend(preflight::ACTIONS);
        }
        for Permissions { kind: _, read, create, update, delete } in Permissions::all() {
            let lists: &[&[&str]] = match self {
                Self::Plan => &[read],
                Self::Up => &[read, create, update, delete],
                Self::Down => &[read, delete],
            };
            actions.extend(lists.iter().copied().flatten());
        }
        with_implied(actions)
    }
}

/// Actions with what AWS checks beside them.
pub fn with_implied(mut actions: BTreeSet<&'static str>) -> BTreeSet<&'static str> {
    let implied = IMPLIED.iter().filter(|(call, _)| actions.contains(call));
    let implied: Vec<_> = implied.flat_map(|(_, further)| further.iter().copied()).collect();
    actions.extend(implied);
    actions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::KINDS;

    #[test]
    fn every_kind_declares_its_permissions_once() {
        let declared: Vec<_> = Permissions::all().map(|it| it.kind).collect();
        let kinds: Vec<_> = KINDS.iter().map(|kind| kind.traits().name).collect();
        assert_eq!(declared, kinds);
    }

    #[test]
    fn up_may_whatever_plan_and_down_may_and_a_plan_changes_nothing() {
        let [plan, up, down] = [Purpose::Plan, Purpose::Up, Purpose::Down].map(Purpose::actions);
        assert!(plan.is_subset(&up) && down.is_subset(&up));
        let reads = |action: &&str| {
            let (_, call) = action.split_once(':').unwrap();
            ["Describe", "Get", "List"].iter().any(|start| call.starts_with(start))
        };
        assert!(plan.iter().all(reads), "{plan:?}");
        for (call, _) in IMPLIED {
            assert!(up.contains(call), "{call} is a call that some kind makes");
        }
    }
}
