//! The parameters of a group: which are overridden, and how they are set and reset, a few with each call.

use aws_sdk_elasticache::types::{Parameter, ParameterNameValue};
use sidekick_engine::Result;

use super::Parameters;
use crate::Aws;
use crate::fault::Answer;
use crate::tags::changes;

/// How many parameters ElastiCache takes in one call.
const AT_ONCE: usize = 20;

/// The parameters that somebody set. `None` if there is no such group.
pub(super) async fn overridden(aws: &Aws, group: &str) -> Result<Option<Parameters>> {
    let call = aws.elasticache.describe_cache_parameters().cache_parameter_group_name(group).source("user");
    let found = call.into_paginator().items().send().try_collect().await;
    let found: Option<Vec<Parameter>> = found.found("elasticache DescribeCacheParameters")?;
    let valued = |it: Parameter| Some((it.parameter_name?, it.parameter_value?));
    Ok(found.map(|found| found.into_iter().filter_map(valued).collect()))
}

/// Brings the parameters from `actual` to `desired`; ElastiCache knows which of them wait for a reboot.
pub(super) async fn update(aws: &Aws, group: &str, desired: &Parameters, actual: &Parameters) -> Result<()> {
    let (write, reset) = changes(desired, actual);
    let parameter = |name: &String, value: Option<&String>| {
        ParameterNameValue::builder().parameter_name(name).set_parameter_value(value.cloned()).build()
    };
    let write: Vec<_> = write.iter().map(|(name, value)| parameter(name, Some(value))).collect();
    for some in write.chunks(AT_ONCE) {
        let call = aws.elasticache.modify_cache_parameter_group().cache_parameter_group_name(group);
        let call = call.set_parameter_name_values(Some(some.to_vec()));
        call.send().await.or_fault("elasticache ModifyCacheParameterGroup")?;
    }
    let reset: Vec<_> = reset.iter().map(|name| parameter(name, None)).collect();
    for some in reset.chunks(AT_ONCE) {
        let call = aws.elasticache.reset_cache_parameter_group().cache_parameter_group_name(group);
        let call = call.set_parameter_name_values(Some(some.to_vec()));
        call.send().await.or_fault("elasticache ResetCacheParameterGroup")?;
    }
    Ok(())
}
