//! Route tables and their associations with subnets.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::describe::{Described, Kind, Listing, describe as list, find, find_mut};
use super::route::{self, Target};
use super::{Subnet, Vpc, done};
use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::reference::Reference;
use crate::tags::{self, Tags};
use crate::world::World;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RouteTable {
    pub(crate) id: String,
    pub(crate) vpc: String,
    pub(crate) tags: Tags,
    pub(crate) routes: BTreeMap<Ipv4Net, Target>,
    /// By association id: the subnet, or nothing for the association that makes this the VPC's main table.
    associations: BTreeMap<String, Option<String>>,
    created: f64,
}

impl RouteTable {
    fn new(world: &mut World, vpc: &Vpc, tags: Tags) -> Self {
        Self {
            id: world.id("rtb"),
            vpc: vpc.id.clone(),
            tags,
            routes: BTreeMap::from([(vpc.cidr, Target::Local)]),
            associations: BTreeMap::new(),
            created: world.now,
        }
    }

    fn is_main(&self) -> bool {
        self.associations.values().any(Option::is_none)
    }
}

impl Described for RouteTable {
    const KIND: Kind = Kind {
        prefix: "rtb",
        words: "The routeTable ID '{id}' does not exist",
        absent: "InvalidRouteTableID.NotFound",
        malformed: "InvalidRouteTableId.Malformed",
    };

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn created(&self) -> f64 {
        self.created
    }

    fn filter(&self, name: &str, world: &World) -> Option<Vec<String>> {
        let of_routes = |field: &str| {
            let routes = route::view(self, world);
            routes.iter().filter_map(|route| route[field].as_str().map(str::to_owned)).collect()
        };
        Some(match name {
            "route-table-id" => vec![self.id.clone()],
            "vpc-id" => vec![self.vpc.clone()],
            "owner-id" => vec![world.account.clone()],
            "association.main" => vec![self.is_main().to_string()],
            "association.route-table-id" => self.associations.keys().map(|_| self.id.clone()).collect(),
            "association.route-table-association-id" => self.associations.keys().cloned().collect(),
            "association.subnet-id" => self.associations.values().flatten().cloned().collect(),
            "route.destination-cidr-block" => of_routes("destinationCidrBlock"),
            "route.gateway-id" => of_routes("gatewayId"),
            "route.nat-gateway-id" => of_routes("natGatewayId"),
            "route.vpc-peering-connection-id" => of_routes("vpcPeeringConnectionId"),
            "route.origin" => of_routes("origin"),
            "route.state" => of_routes("state"),
            _ => return None,
        })
    }

    fn view(&self, world: &World) -> Value {
        let association = |(id, subnet): (&String, &Option<String>)| {
            json!({
                "routeTableAssociationId": id,
                "routeTableId": self.id,
                "subnetId": subnet,
                "main": subnet.is_none(),
                "associationState": { "state": "associated" },
            })
        };
        json!({
            "routeTableId": self.id,
            "vpcId": self.vpc,
            "ownerId": world.account,
            "routeSet": route::view(self, world),
            "associationSet": self.associations.iter().map(association).collect::<Value>(),
            "propagatingVgwSet": [],
            "tagSet": tags::lower(&self.tags),
        })
    }
}

/// The table that routes a subnet's traffic: the one associated with it, else the VPC's main one.
pub(super) fn of_subnet<'a>(world: &'a World, subnet: &Subnet) -> Option<&'a RouteTable> {
    let associated = |table: &&RouteTable| table.associations.values().flatten().any(|id| *id == subnet.id);
    let mut tables = world.ec2.route_tables.values();
    let own = tables.find(associated);
    own.or_else(|| world.ec2.route_tables.values().find(|table| table.vpc == subnet.vpc && table.is_main()))
}

/// Makes the main table that every VPC has.
pub(super) fn create_main(world: &mut World, vpc: &Vpc) {
    let mut table = RouteTable::new(world, vpc, Tags::new());
    table.associations.insert(world.id("rtbassoc"), None);
    world.ec2.route_tables.insert(table.id.clone(), table);
}

/// Removes the main table together with its VPC.
pub(super) fn forget_main(world: &mut World, vpc: &str) {
    world.ec2.route_tables.retain(|_, table| table.vpc != vpc);
}

/// Removes the association of a subnet together with the subnet.
pub(super) fn forget_subnet(world: &mut World, subnet: &str) {
    for table in world.ec2.route_tables.values_mut() {
        table.associations.retain(|_, associated| associated.as_deref() != Some(subnet));
    }
}

/// All tables but the main ones hold their VPC.
pub(super) fn references(world: &World) -> Vec<Reference> {
    let tables = world.ec2.route_tables.values().filter(|table| !table.is_main());
    tables.map(|table| Reference::new(&table.id, &table.vpc)).collect()
}

pub(super) fn create(world: &mut World, params: &Params) -> Answer {
    let vpc = find(&world.ec2.vpcs, params.text("VpcId")?)?.clone();
    let tags = tags::read_specification(params, "route-table")?;
    let table = RouteTable::new(world, &vpc, tags);
    let view = table.view(world);
    world.ec2.route_tables.insert(table.id.clone(), table);
    Ok(json!({ "routeTable": view }))
}

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    let listing = Listing { largest: 100, ..Listing::new("RouteTableId", "routeTableSet") };
    list(world, &world.ec2.route_tables, params, &listing)
}

pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    let id = params.text("RouteTableId")?;
    let table = find(&world.ec2.route_tables, id)?;
    let words = format!("The routeTable '{id}' has dependencies and cannot be deleted.");
    match (table.is_main(), table.associations.is_empty()) {
        (true, _) => return Err(Refusal::illegal("DependencyViolation", words)),
        (false, false) => return Err(Refusal::blocked("DependencyViolation", words)),
        (false, true) => world.ec2.route_tables.remove(id),
    };
    done()
}

pub(super) fn associate(world: &mut World, params: &Params) -> Answer {
    let table = find(&world.ec2.route_tables, params.text("RouteTableId")?)?;
    let subnet = find(&world.ec2.subnets, params.text("SubnetId")?)?;
    if table.vpc != subnet.vpc {
        let words = format!("route table {} and subnet {} belong to different networks", table.id, subnet.id);
        return Err(Refusal::illegal("InvalidParameterValue", words));
    }
    let holds =
        |table: &RouteTable| table.associations.values().flatten().any(|associated| *associated == subnet.id);
    if world.ec2.route_tables.values().any(holds) {
        let words = format!(
            "the specified association for route table {} conflicts with an existing association",
            table.id
        );
        return Err(Refusal::illegal("Resource.AlreadyAssociated", words));
    }
    let (table, subnet) = (table.id.clone(), subnet.id.clone());
    let association = world.id("rtbassoc");
    find_mut(&mut world.ec2.route_tables, &table)?.associations.insert(association.clone(), Some(subnet));
    Ok(json!({ "associationId": association, "associationState": { "state": "associated" } }))
}

pub(super) fn replace_association(world: &mut World, params: &Params) -> Answer {
    let table = find(&world.ec2.route_tables, params.text("RouteTableId")?)?.id.clone();
    let holder = holder(world, params.text("AssociationId")?)?;
    let vpc = holder.vpc.clone();
    let associated = holder.associations.remove(params.text("AssociationId")?).flatten();
    let association = world.id("rtbassoc");
    let successor = find_mut(&mut world.ec2.route_tables, &table)?;
    if successor.vpc != vpc {
        let words = format!("route table {table} and the association belong to different networks");
        return Err(Refusal::illegal("InvalidParameterValue", words));
    }
    successor.associations.insert(association.clone(), associated);
    Ok(json!({ "newAssociationId": association, "associationState": { "state": "associated" } }))
}

pub(super) fn disassociate(world: &mut World, params: &Params) -> Answer {
    let id = params.text("AssociationId")?;
    let holder = holder(world, id)?;
    if holder.associations.get(id).is_some_and(Option::is_none) {
        let words = format!("cannot disassociate the main route table association {id}");
        return Err(Refusal::illegal("InvalidParameterValue", words));
    }
    holder.associations.remove(id);
    done()
}

fn holder<'a>(world: &'a mut World, association: &str) -> Result<&'a mut RouteTable, Refusal> {
    let mut tables = world.ec2.route_tables.values_mut();
    tables.find(|table| table.associations.contains_key(association)).ok_or_else(|| {
        let words = format!("The association ID '{association}' does not exist");
        Refusal::absent("InvalidAssociationID.NotFound", words)
    })
}
