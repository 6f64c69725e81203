//! VPCs and their DNS attributes.

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::describe::{Described, Kind, Listing, describe as list, find, find_mut};
use super::{cidr, done, route_table, security_group};
use crate::call::{Answer, Refusal};
use crate::duration;
use crate::params::Params;
use crate::reference::refuse_if_held;
use crate::tags::{self, Tags};
use crate::timeline::Timeline;
use crate::world::World;

/// The quota of VPCs in a region.
pub(super) const LIMIT: usize = 5;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Vpc {
    pub(crate) id: String,
    pub(crate) cidr: Ipv4Net,
    pub(crate) tags: Tags,
    pub(crate) created: f64,
    timeline: Timeline,
    cidr_association: String,
    dhcp_options: String,
    dns_support: bool,
    dns_hostnames: bool,
}

impl Vpc {
    /// Whether what is in it has host names that its resolver knows.
    pub(super) fn resolves_host_names(&self) -> bool {
        self.dns_support && self.dns_hostnames
    }
}

impl Described for Vpc {
    const KIND: Kind = Kind {
        prefix: "vpc",
        words: "The vpc ID '{id}' does not exist",
        absent: "InvalidVpcID.NotFound",
        malformed: "InvalidVpcID.Malformed",
    };

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn created(&self) -> f64 {
        self.created
    }

    fn filter(&self, name: &str, world: &World) -> Option<Vec<String>> {
        Some(vec![match name {
            "vpc-id" => self.id.clone(),
            "cidr" | "cidr-block-association.cidr-block" => self.cidr.to_string(),
            "cidr-block-association.association-id" => self.cidr_association.clone(),
            "dhcp-options-id" => self.dhcp_options.clone(),
            "is-default" => "false".to_owned(),
            "owner-id" => world.account.clone(),
            "state" => self.timeline.state(world.now).to_owned(),
            _ => return None,
        }])
    }

    fn view(&self, world: &World) -> Value {
        json!({
            "vpcId": self.id,
            "ownerId": world.account,
            "state": self.timeline.state(world.now),
            "cidrBlock": self.cidr,
            "cidrBlockAssociationSet": [{
                "cidrBlock": self.cidr,
                "associationId": self.cidr_association,
                "cidrBlockState": { "state": "associated" },
            }],
            "dhcpOptionsId": self.dhcp_options,
            "instanceTenancy": "default",
            "isDefault": false,
            "tagSet": tags::lower(&self.tags),
        })
    }
}

pub(super) fn create(world: &mut World, params: &Params) -> Answer {
    let cidr = cidr::read(params, "CidrBlock", "InvalidVpc.Range")?;
    let tags = tags::read_specification(params, "vpc")?;
    if params.text_if("InstanceTenancy")?.is_some_and(|tenancy| tenancy != "default") {
        return Err(params.invalid(
            "instanceTenancy",
            "dedicated",
            "The sandbox models default tenancy only.",
        ));
    }
    if world.ec2.vpcs.len() >= LIMIT {
        return Err(Refusal::illegal("VpcLimitExceeded", "The maximum number of VPCs has been reached."));
    }
    let vpc = Vpc {
        id: world.id("vpc"),
        cidr,
        tags,
        created: world.now,
        timeline: Timeline::begin(world.now, "pending").then(world.takes(duration::VPC_CREATE), "available"),
        cidr_association: world.id("vpc-cidr-assoc"),
        dhcp_options: world.id("dopt"),
        dns_support: true,
        dns_hostnames: false,
    };
    let view = vpc.view(world);
    route_table::create_main(world, &vpc);
    security_group::create_default(world, &vpc.id);
    world.ec2.vpcs.insert(vpc.id.clone(), vpc);
    Ok(json!({ "vpc": view }))
}

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    list(world, &world.ec2.vpcs, params, &Listing::new("VpcId", "vpcSet"))
}

pub(super) fn describe_attribute(world: &World, params: &Params) -> Answer {
    let vpc = find(&world.ec2.vpcs, params.text("VpcId")?)?;
    let (name, value) = match params.text("Attribute")? {
        "enableDnsSupport" => ("enableDnsSupport", vpc.dns_support),
        "enableDnsHostnames" => ("enableDnsHostnames", vpc.dns_hostnames),
        "enableNetworkAddressUsageMetrics" => ("enableNetworkAddressUsageMetrics", false),
        other => return Err(params.invalid("attribute", other, "")),
    };
    Ok(json!({ "vpcId": vpc.id, name: { "value": value } }))
}

pub(super) fn modify_attribute(world: &mut World, params: &Params) -> Answer {
    let vpc = find_mut(&mut world.ec2.vpcs, params.text("VpcId")?)?;
    let read = |name| params.object(name)?.map_or(Ok(None), |attribute| attribute.flag("Value"));
    let refuse = |words| Err(Refusal::illegal("InvalidParameterCombination", words));
    match (read("EnableDnsSupport")?, read("EnableDnsHostnames")?) {
        (Some(_), Some(_)) => return refuse("Fields for multiple attribute types specified"),
        (None, None) => return Err(params.missing("EnableDnsSupport")),
        (Some(false), None) if vpc.dns_hostnames => {
            return refuse("DNS support cannot be disabled while DNS hostnames are enabled");
        }
        (None, Some(true)) if !vpc.dns_support => {
            return refuse("DNS hostnames cannot be enabled while DNS support is disabled");
        }
        (Some(support), None) => vpc.dns_support = support,
        (None, Some(hostnames)) => vpc.dns_hostnames = hostnames,
    }
    done()
}

pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let id = params.text("VpcId")?;
    find(&world.ec2.vpcs, id)?;
    refuse_if_held(world, id, &format!("The vpc '{id}' has dependencies and cannot be deleted."))?;
    route_table::forget_main(world, id);
    security_group::forget_default(world, id);
    world.ec2.vpcs.remove(id);
    done()
}
