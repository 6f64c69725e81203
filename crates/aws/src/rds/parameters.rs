//! The parameters of a group: which are overridden, and how they are set and reset, a few with each call.

use std::collections::BTreeMap;

use aws_sdk_rds::types::{ApplyMethod, Parameter};
use sidekick_engine::Result;

use super::Parameters;
use crate::Aws;
use crate::fault::Answer;
use crate::tags::changes;

const DESCRIBE: &str = "rds DescribeDBParameters";

/// How many parameters RDS takes in one call.
const AT_ONCE: usize = 20;

/// The parameters that somebody set. `None` if there is no such group.
pub(super) async fn overridden(aws: &Aws, group: &str) -> Result<Option<Parameters>> {
    let call = aws.rds.describe_db_parameters().db_parameter_group_name(group).source("user");
    let found: Option<Vec<Parameter>> =
        call.into_paginator().items().send().try_collect().await.found(DESCRIBE)?;
    let valued = |it: Parameter| Some((it.parameter_name?, it.parameter_value?));
    Ok(found.map(|found| found.into_iter().filter_map(valued).collect()))
}

/// Brings the parameters from `actual` to `desired`: dynamic ones at once, static ones with the next reboot.
pub(super) async fn update(aws: &Aws, group: &str, desired: &Parameters, actual: &Parameters) -> Result<()> {
    let (write, reset) = changes(desired, actual);
    if write.is_empty() && reset.is_empty() {
        return Ok(());
    }
    let methods = methods(aws, group).await?;
    let parameter = |name: &String, value: Option<&String>| {
        // RDS knows best what a parameter is that it does not list.
        let method = methods.get(name).unwrap_or(&ApplyMethod::PendingReboot);
        let parameter = Parameter::builder().parameter_name(name).set_parameter_value(value.cloned());
        parameter.apply_method(method.clone()).build()
    };
    let write: Vec<_> = write.iter().map(|(name, value)| parameter(name, Some(value))).collect();
    for some in write.chunks(AT_ONCE) {
        let call = aws.rds.modify_db_parameter_group().db_parameter_group_name(group);
        call.set_parameters(Some(some.to_vec())).send().await.or_fault("rds ModifyDBParameterGroup")?;
    }
    let reset: Vec<_> = reset.iter().map(|name| parameter(name, None)).collect();
    for some in reset.chunks(AT_ONCE) {
        let call = aws.rds.reset_db_parameter_group().db_parameter_group_name(group);
        call.set_parameters(Some(some.to_vec())).send().await.or_fault("rds ResetDBParameterGroup")?;
    }
    Ok(())
}

/// How each parameter of the group's family can be applied.
async fn methods(aws: &Aws, group: &str) -> Result<BTreeMap<String, ApplyMethod>> {
    let call = aws.rds.describe_db_parameters().db_parameter_group_name(group);
    let all: Vec<Parameter> = call.into_paginator().items().send().try_collect().await.or_fault(DESCRIBE)?;
    let method = |it: Parameter| {
        let dynamic = it.apply_type() == Some("dynamic");
        Some((it.parameter_name?, if dynamic { ApplyMethod::Immediate } else { ApplyMethod::PendingReboot }))
    };
    Ok(all.into_iter().filter_map(method).collect())
}
