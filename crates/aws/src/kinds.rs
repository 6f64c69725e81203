//! The table of all resource kinds: the one place where they stand together.

use sidekick_engine::{AnyKind, Erased};

use crate::{
    Aws, applicationautoscaling, ec2, ecr, ecs, elasticache, elbv2, iam, logs, rds, secretsmanager, wafv2,
};

/// Every kind that a state file can name.
pub static KINDS: &[&dyn AnyKind<Aws>] = &[
    Erased::<applicationautoscaling::ScalableTarget>::KIND,
    Erased::<applicationautoscaling::ScalingPolicy>::KIND,
    Erased::<ec2::ElasticIp>::KIND,
    Erased::<ec2::InternetGateway>::KIND,
    Erased::<ec2::NatGateway>::KIND,
    Erased::<ec2::RouteTable>::KIND,
    Erased::<ec2::SecurityGroup>::KIND,
    Erased::<ec2::Subnet>::KIND,
    Erased::<ec2::Vpc>::KIND,
    Erased::<ecr::Repository>::KIND,
    Erased::<ecs::Cluster>::KIND,
    Erased::<ecs::Service>::KIND,
    Erased::<ecs::TaskDefinition>::KIND,
    Erased::<elasticache::ReplicationGroup>::KIND,
    Erased::<elasticache::SubnetGroup>::KIND,
    Erased::<elbv2::Listener>::KIND,
    Erased::<elbv2::LoadBalancer>::KIND,
    Erased::<elbv2::TargetGroup>::KIND,
    Erased::<iam::Role>::KIND,
    Erased::<logs::LogGroup>::KIND,
    Erased::<rds::Instance>::KIND,
    Erased::<rds::SubnetGroup>::KIND,
    Erased::<secretsmanager::Secret>::KIND,
    Erased::<secretsmanager::SecretVersion>::KIND,
    Erased::<wafv2::Association>::KIND,
    Erased::<wafv2::WebAcl>::KIND,
];
