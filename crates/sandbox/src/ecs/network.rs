//! Where a service's tasks stand: subnets and security groups of one VPC.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::call::Refusal;
use crate::params::Params;
use crate::world::World;

/// Where a service's tasks stand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Network {
    pub(super) subnets: Vec<String>,
    pub(super) groups: Vec<String>,
    pub(super) public: bool,
}

impl Network {
    pub(super) fn view(&self) -> Value {
        json!({
            "awsvpcConfiguration": {
                "subnets": self.subnets,
                "securityGroups": self.groups,
                "assignPublicIp": if self.public { "ENABLED" } else { "DISABLED" },
            },
        })
    }
}

/// The network that a call names.
pub(super) fn read(world: &World, params: &Params) -> Result<Option<Network>, Refusal> {
    let Some(outer) = params.object("networkConfiguration")? else { return Ok(None) };
    let config = outer.object("awsvpcConfiguration")?;
    let config = config.ok_or_else(|| outer.missing("awsvpcConfiguration"))?;
    let (subnets, mut groups) = (config.texts("subnets")?, config.texts("securityGroups")?);
    let mut vpcs = BTreeSet::new();
    for id in &subnets {
        let subnet = world.ec2.subnets.get(id).ok_or_else(|| {
            let words = format!(
                "Error retrieving subnet information for [{id}]: The subnet ID '{id}' does not exist \
                 (ErrorCode: InvalidSubnetID.NotFound)"
            );
            Refusal::absent("InvalidParameterException", words)
        })?;
        vpcs.insert(&subnet.vpc);
    }
    for id in &groups {
        let group = world.ec2.security_groups.get(id).ok_or_else(|| {
            let words = format!(
                "Error retrieving security group information for [{id}]: The security group '{id}' does not exist \
                 (ErrorCode: InvalidGroup.NotFound)"
            );
            Refusal::absent("InvalidParameterException", words)
        })?;
        vpcs.insert(&group.vpc);
    }
    let vpc = vpcs
        .pop_first()
        .ok_or_else(|| Refusal::illegal("InvalidParameterException", "subnets can not be empty."))?;
    if !vpcs.is_empty() {
        let words = "Security groups and subnets must belong to the same VPC.";
        return Err(Refusal::illegal("InvalidParameterException", words));
    }
    if groups.is_empty() {
        groups = crate::placement::default_group(world, vpc);
    }
    let public = match config.text_if("assignPublicIp")? {
        None | Some("DISABLED") => false,
        Some("ENABLED") => true,
        Some(other) => return Err(config.invalid("assignPublicIp", other, "")),
    };
    Ok(Some(Network { subnets, groups, public }))
}
