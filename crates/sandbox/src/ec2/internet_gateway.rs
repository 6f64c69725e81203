//! Internet gateways and their attachment.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::describe::{Described, Kind, Listing, describe as list, find, find_mut};
use super::{address, done};
use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::reference::Reference;
use crate::tags::{self, Tags};
use crate::world::World;

/// The quota of internet gateways in a region.
pub(super) const LIMIT: usize = 5;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct InternetGateway {
    pub(crate) id: String,
    /// The VPC that it is attached to.
    pub(crate) vpc: Option<String>,
    pub(crate) tags: Tags,
    created: f64,
}

impl Described for InternetGateway {
    const KIND: Kind = Kind {
        prefix: "igw",
        words: "The internetGateway ID '{id}' does not exist",
        absent: "InvalidInternetGatewayID.NotFound",
        malformed: "InvalidInternetGatewayId.Malformed",
    };

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn created(&self) -> f64 {
        self.created
    }

    fn filter(&self, name: &str, world: &World) -> Option<Vec<String>> {
        Some(match name {
            "internet-gateway-id" => vec![self.id.clone()],
            "attachment.vpc-id" => self.vpc.clone().into_iter().collect(),
            "attachment.state" => self.vpc.iter().map(|_| "available".to_owned()).collect(),
            "owner-id" => vec![world.account.clone()],
            _ => return None,
        })
    }

    fn view(&self, world: &World) -> Value {
        let attachments: Vec<Value> =
            self.vpc.iter().map(|vpc| json!({ "vpcId": vpc, "state": "available" })).collect();
        json!({
            "internetGatewayId": self.id,
            "ownerId": world.account,
            "attachmentSet": attachments,
            "tagSet": tags::lower(&self.tags),
        })
    }
}

/// The gateway that is attached to a VPC.
pub(super) fn of_vpc<'a>(world: &'a World, vpc: &str) -> Option<&'a InternetGateway> {
    world.ec2.internet_gateways.values().find(|gateway| gateway.vpc.as_deref() == Some(vpc))
}

pub(super) fn references(world: &World) -> Vec<Reference> {
    let attached = |gateway: &InternetGateway| Some(Reference::new(&gateway.id, gateway.vpc.as_ref()?));
    world.ec2.internet_gateways.values().filter_map(attached).collect()
}

pub(super) fn create(world: &mut World, params: &Params) -> Answer {
    let tags = tags::read_specification(params, "internet-gateway")?;
    if world.ec2.internet_gateways.len() >= LIMIT {
        let words = "The maximum number of internet gateways has been reached.";
        return Err(Refusal::illegal("InternetGatewayLimitExceeded", words));
    }
    let gateway = InternetGateway { id: world.id("igw"), vpc: None, tags, created: world.now };
    let view = gateway.view(world);
    world.ec2.internet_gateways.insert(gateway.id.clone(), gateway);
    Ok(json!({ "internetGateway": view }))
}

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    let listing = Listing::new("InternetGatewayId", "internetGatewaySet");
    list(world, &world.ec2.internet_gateways, params, &listing)
}

pub(super) fn attach(world: &mut World, params: &Params) -> Answer {
    let (id, vpc) = (params.text("InternetGatewayId")?, params.text("VpcId")?);
    let gateway = find(&world.ec2.internet_gateways, id)?;
    find(&world.ec2.vpcs, vpc)?;
    if let Some(other) = &gateway.vpc {
        let words = format!("resource {id} is already attached to network {other}");
        return Err(Refusal::illegal("Resource.AlreadyAssociated", words));
    }
    if of_vpc(world, vpc).is_some() {
        let words = format!("Network {vpc} already has an internet gateway attached");
        return Err(Refusal::illegal("InvalidParameterValue", words));
    }
    find_mut(&mut world.ec2.internet_gateways, id)?.vpc = Some(vpc.to_owned());
    done()
}

pub(super) fn detach(world: &mut World, params: &Params) -> Answer {
    let (id, vpc) = (params.text("InternetGatewayId")?, params.text("VpcId")?);
    if find(&world.ec2.internet_gateways, id)?.vpc.as_deref() != Some(vpc) {
        let words = format!("resource {id} is not attached to network {vpc}");
        return Err(Refusal::absent("Gateway.NotAttached", words));
    }
    let public = |group: &String| world.ec2.network_interfaces.get(group).is_some_and(|held| held.vpc == vpc);
    let mapped = world.ec2.addresses.values().filter_map(address::Address::interface).any(public);
    if mapped || world.ec2.network_interfaces.values().any(|held| held.vpc == vpc && held.public) {
        let words = format!(
            "Network {vpc} has some mapped public address(es). \
             Please unmap those public address(es) before detaching the gateway."
        );
        return Err(Refusal::blocked("DependencyViolation", words));
    }
    find_mut(&mut world.ec2.internet_gateways, id)?.vpc = None;
    done()
}

pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let id = params.text("InternetGatewayId")?;
    if find(&world.ec2.internet_gateways, id)?.vpc.is_some() {
        let words = format!("The internetGateway '{id}' has dependencies and cannot be deleted.");
        return Err(Refusal::blocked("DependencyViolation", words));
    }
    world.ec2.internet_gateways.remove(id);
    done()
}
