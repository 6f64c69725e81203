//! Attributes of load balancers and target groups: a map of texts, read and changed by calls of its own.

use std::collections::BTreeMap;
use std::str::FromStr;

use aws_sdk_elasticloadbalancingv2::types::{LoadBalancerAttribute, TargetGroupAttribute};
use sidekick_engine::Result;

use crate::Aws;
use crate::fault::{Answer, missing};

/// Whether AWS refuses to delete the load balancer.
pub(super) const DELETION_PROTECTION: &str = "deletion_protection.enabled";
/// After how many seconds without data a connection is closed.
pub(super) const IDLE_TIMEOUT: &str = "idle_timeout.timeout_seconds";
/// For how many seconds a target that leaves may finish its requests.
pub(super) const DEREGISTRATION_DELAY: &str = "deregistration_delay.timeout_seconds";

const OF_LOAD_BALANCER: &str = "elbv2 DescribeLoadBalancerAttributes";
const OF_TARGET_GROUP: &str = "elbv2 DescribeTargetGroupAttributes";

/// The attributes of one resource, as one call told them.
pub(super) struct Attributes {
    operation: &'static str,
    values: BTreeMap<String, String>,
}

impl Attributes {
    /// A load balancer's attributes; none if it is not there.
    pub(super) async fn of_load_balancer(aws: &Aws, arn: &str) -> Result<Option<Self>> {
        let call = aws.elbv2.describe_load_balancer_attributes().load_balancer_arn(arn);
        let Some(answer) = call.send().await.found(OF_LOAD_BALANCER)? else { return Ok(None) };
        let pairs = answer.attributes.unwrap_or_default().into_iter().map(|pair| (pair.key, pair.value));
        Ok(Some(Self::new(OF_LOAD_BALANCER, pairs)))
    }

    /// A target group's attributes; none if it is not there.
    pub(super) async fn of_target_group(aws: &Aws, arn: &str) -> Result<Option<Self>> {
        let call = aws.elbv2.describe_target_group_attributes().target_group_arn(arn);
        let Some(answer) = call.send().await.found(OF_TARGET_GROUP)? else { return Ok(None) };
        let pairs = answer.attributes.unwrap_or_default().into_iter().map(|pair| (pair.key, pair.value));
        Ok(Some(Self::new(OF_TARGET_GROUP, pairs)))
    }

    fn new(operation: &'static str, pairs: impl Iterator<Item = (Option<String>, Option<String>)>) -> Self {
        Self { operation, values: pairs.filter_map(|(key, value)| Some((key?, value?))).collect() }
    }

    /// One attribute: a flag or a number.
    pub(super) fn value<T: FromStr>(&self, key: &str) -> Result<T> {
        let value = self.values.get(key).and_then(|value| value.parse().ok());
        value.ok_or_else(|| missing(self.operation, key))
    }
}

/// Sets a load balancer's deletion protection and idle timeout.
pub(super) async fn set_on_load_balancer(
    aws: &Aws,
    arn: &str,
    (protection, timeout): (bool, u16),
) -> Result<()> {
    let attribute = |key, value| LoadBalancerAttribute::builder().key(key).value(value).build();
    let call = aws.elbv2.modify_load_balancer_attributes().load_balancer_arn(arn);
    let call = call.attributes(attribute(DELETION_PROTECTION, protection.to_string()));
    let call = call.attributes(attribute(IDLE_TIMEOUT, timeout.to_string()));
    call.send().await.or_fault("elbv2 ModifyLoadBalancerAttributes")?;
    Ok(())
}

/// Sets a target group's deregistration delay.
pub(super) async fn set_on_target_group(aws: &Aws, arn: &str, delay: u16) -> Result<()> {
    let attribute =
        TargetGroupAttribute::builder().key(DEREGISTRATION_DELAY).value(delay.to_string()).build();
    let call = aws.elbv2.modify_target_group_attributes().target_group_arn(arn).attributes(attribute);
    call.send().await.or_fault("elbv2 ModifyTargetGroupAttributes")?;
    Ok(())
}
