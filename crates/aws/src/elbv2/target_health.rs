//! Whether a load balancer has a target group, and what is registered in it answers its health checks.

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::types::TargetHealthStateEnum::{Initial, Unhealthy};
use sidekick_engine::Result;

use crate::fault::Answer;
use crate::{Aws, TargetGroupArn};

/// How many targets wait to be found healthy or failed to be, by the load balancer's words for why.
///
/// Targets that leave do not count, nor do those of a group that no listener uses.
pub(crate) async fn unhealthy(aws: &Aws, group: &TargetGroupArn) -> Result<BTreeMap<String, usize>> {
    let call = aws.elbv2.describe_target_health().target_group_arn(group.as_str());
    let answer = call.send().await.found("elbv2 DescribeTargetHealth")?;
    let mut words = BTreeMap::new();
    for target in answer.and_then(|answer| answer.target_health_descriptions).unwrap_or_default() {
        let Some(health) = target.target_health else { continue };
        if let Some(state @ (Initial | Unhealthy)) = health.state() {
            let why = health.description().unwrap_or(state.as_str()).to_owned();
            *words.entry(why).or_default() += 1;
        }
    }
    Ok(words)
}

/// Whether a listener, or a rule of one, forwards to the group.
pub(crate) async fn is_attached(aws: &Aws, group: &TargetGroupArn) -> Result<bool> {
    let call = aws.elbv2.describe_target_groups().target_group_arns(group.as_str());
    let answer = call.send().await.found("elbv2 DescribeTargetGroups")?;
    let groups = answer.and_then(|answer| answer.target_groups).unwrap_or_default();
    Ok(groups.iter().any(|group| !group.load_balancer_arns().is_empty()))
}
