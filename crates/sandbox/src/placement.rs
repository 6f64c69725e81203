//! Where data stores live: a set of subnets of one VPC, and the security groups around their nodes.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::call::Refusal;
use crate::params::Params;
use crate::reference::Reference;
use crate::world::World;

/// Subnets of one VPC.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Placement {
    pub(crate) vpc: String,
    pub(crate) subnets: BTreeSet<String>,
}

impl Placement {
    /// Reads `SubnetIds`.
    pub(crate) fn read(world: &World, params: &Params) -> Result<Self, Refusal> {
        let subnets: BTreeSet<String> = params.texts("SubnetIds")?.into_iter().collect();
        let refuse = |words: String| Err(Refusal::illegal("InvalidSubnet", words));
        let mut vpcs = BTreeSet::new();
        for id in &subnets {
            match world.ec2.subnets.get(id) {
                Some(subnet) => vpcs.insert(subnet.vpc.clone()),
                None => return refuse(format!("Some input subnets in :[{id}] are invalid.")),
            };
        }
        match (vpcs.pop_first(), vpcs.is_empty()) {
            (None, _) => Err(params.missing("SubnetIds")),
            (Some(vpc), true) => Ok(Self { vpc, subnets }),
            (Some(_), false) => refuse("The specified subnets are not all in the same VPC.".to_owned()),
        }
    }

    /// One subnet of every availability zone, by zone.
    pub(crate) fn zones(&self, world: &World) -> BTreeMap<String, String> {
        let known = self.subnets.iter().filter_map(|id| world.ec2.subnets.get(id));
        known.map(|subnet| (subnet.zone.clone(), subnet.id.clone())).collect()
    }

    /// The subnets as answers list them; `extra` is what the service says of each besides.
    pub(crate) fn view(&self, world: &World, extra: &Value) -> Vec<Value> {
        let known = self.subnets.iter().filter_map(|id| world.ec2.subnets.get(id));
        known
            .map(|subnet| {
                let mut view = json!({
                    "SubnetIdentifier": subnet.id,
                    "SubnetAvailabilityZone": { "Name": subnet.zone },
                });
                for (name, value) in extra.as_object().into_iter().flatten() {
                    view[name] = value.clone();
                }
                view
            })
            .collect()
    }

    /// `holder` keeps these subnets.
    pub(crate) fn references(&self, holder: &str) -> Vec<Reference> {
        self.subnets.iter().map(|subnet| Reference::new(holder, subnet)).collect()
    }

    /// The first of these subnets that is not in `next` although an interface of a holder lies in it.
    pub(crate) fn used_and_dropped(
        &self,
        next: &Self,
        world: &World,
        is_holder: impl Fn(&str) -> bool,
    ) -> Option<String> {
        let used = |subnet: &&String| {
            let mut all = world.ec2.network_interfaces.values();
            all.any(|interface| interface.subnet == **subnet && is_holder(&interface.holder))
        };
        self.subnets.difference(&next.subnets).find(used).cloned()
    }
}

/// Reads a list of security groups, all of which lie in `vpc`. An absent list is nothing.
pub(crate) fn read_groups(
    world: &World,
    params: &Params,
    name: &str,
    vpc: &str,
) -> Result<Option<Vec<String>>, Refusal> {
    let groups = params.texts(name)?;
    for id in &groups {
        let Some(group) = world.ec2.security_groups.get(id) else {
            let words = format!("Invalid security group , groupId= {id}, groupName=.");
            return Err(Refusal::illegal("InvalidParameterValue", words));
        };
        if group.vpc != vpc {
            let words = format!(
                "The data store and EC2 security group are in different VPCs. The data store is in {vpc} and the \
                 EC2 security group is in {}",
                group.vpc
            );
            return Err(Refusal::illegal("InvalidParameterCombination", words));
        }
    }
    Ok(Some(groups).filter(|groups| !groups.is_empty()))
}

/// The group that every VPC has.
pub(crate) fn default_group(world: &World, vpc: &str) -> Vec<String> {
    let mut all = world.ec2.security_groups.values();
    all.find(|group| group.vpc == vpc && group.name == "default")
        .map(|group| group.id.clone())
        .into_iter()
        .collect()
}
