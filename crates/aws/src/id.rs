//! Newtypes for the physical identities that AWS gives or that we name.

/// Declares newtypes over `String`, so that a subnet's id cannot stand where a VPC's is wanted.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the identity as AWS writes it.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The identity as AWS writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

ids! {
    /// `vpc-…`
    VpcId,
    /// `subnet-…`
    SubnetId,
    /// `igw-…`
    InternetGatewayId,
    /// `eipalloc-…`
    AllocationId,
    /// `nat-…`
    NatGatewayId,
    /// `rtb-…`
    RouteTableId,
    /// `sg-…`
    SecurityGroupId,
    /// `pcx-…`
    PeeringConnectionId,
    /// The name of an RDS DB subnet group, lower-case.
    DbSubnetGroupName,
    /// The identifier of an RDS DB instance, lower-case.
    DbInstanceId,
    /// The name of an ElastiCache subnet group, lower-case.
    CacheSubnetGroupName,
    /// The id of an ElastiCache replication group, lower-case.
    ReplicationGroupId,
    /// A secret's full ARN, with its six random characters.
    SecretArn,
    /// The name of an IAM role.
    RoleName,
    /// The name of a CloudWatch Logs group.
    LogGroupName,
    /// A load balancer's ARN.
    LoadBalancerArn,
    /// A target group's ARN.
    TargetGroupArn,
    /// A listener's ARN.
    ListenerArn,
    /// A web ACL's ARN, which holds its name and id.
    WebAclArn,
    /// The name of an ECS cluster.
    ClusterName,
    /// The family of an ECS task definition.
    TaskFamily,
    /// An ECS service's ARN, which holds its cluster and name.
    ServiceArn,
    /// What Application Auto Scaling scales: `service/CLUSTER/NAME`.
    ScalableResourceId,
    /// A scaling policy's ARN, which holds what it scales and its name.
    ScalingPolicyArn,
    /// The name of an ECR repository.
    RepositoryName,
}

/// Ids as the SDK's setters of lists take them.
pub(crate) fn list<T: std::fmt::Display>(ids: &std::collections::BTreeSet<T>) -> Option<Vec<String>> {
    Some(ids.iter().map(T::to_string).collect())
}
