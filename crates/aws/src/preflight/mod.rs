//! What can be asked of an account before anything is changed in it. Nothing here changes anything.

mod cache_node;
mod certificate;
mod database_options;
mod dry_run;
mod image;
mod network_quota;
mod quota;
mod simulation;

pub use cache_node::is_reservable;
pub use certificate::{Certificate, Validation, certificate};
pub use database_options::{DatabaseOption, database_options};
pub use dry_run::{DryRun, Leave, dry_run};
pub use image::{Image, has_image};
pub use network_quota::{internet_gateway_quota, nat_gateway_quota, vpc_quota};
pub use quota::{Quota, database_quotas, elastic_ip_quota, load_balancing_quotas, role_quota};
pub use simulation::{Simulated, principal, simulate};

/// The permissions that the calls here need. Without one of them something stays unknown, and nothing fails.
pub(crate) const ACTIONS: &[&str] = &[
    "acm:DescribeCertificate",
    "ec2:DescribeAccountAttributes",
    "ec2:DescribeAddresses",
    "ec2:DescribeInternetGateways",
    "ec2:DescribeNatGateways",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "ecr:DescribeImages",
    "elasticache:DescribeReservedCacheNodesOfferings",
    "elasticloadbalancing:DescribeAccountLimits",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeTargetGroups",
    "iam:GetAccountSummary",
    "iam:SimulatePrincipalPolicy",
    "rds:DescribeAccountAttributes",
    "rds:DescribeOrderableDBInstanceOptions",
    "secretsmanager:DescribeSecret",
    "servicequotas:GetAWSDefaultServiceQuota",
    "servicequotas:GetServiceQuota",
];
