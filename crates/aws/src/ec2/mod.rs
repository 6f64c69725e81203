//! EC2: the network and its security groups.

mod elastic_ip;
mod holders;
mod internet_gateway;
mod main_route_table;
mod nat_gateway;
mod peering;
mod permissions;
mod reads;
mod route;
mod route_table;
mod route_table_association;
mod security_group;
mod security_group_changes;
mod security_group_rule;
mod subnet;
mod surroundings;
mod tags;
mod vpc;
mod vpc_peering_connection;

pub use elastic_ip::{ElasticIp, ElasticIpOutputs};
pub use internet_gateway::{InternetGateway, InternetGatewayOutputs};
pub use main_route_table::{MainRouteTable, MainRouteTableOutputs};
pub use nat_gateway::{NatGateway, NatGatewayOutputs};
pub use peering::{Peering, PeeringState, peerings};
pub(crate) use permissions::PERMISSIONS;
pub(crate) use reads::Ec2Reads;
pub use route::RouteTarget;
pub use route_table::{RouteTable, RouteTableOutputs};
pub use security_group::{SecurityGroup, SecurityGroupOutputs};
pub use security_group_rule::{Peer, Rule};
pub use subnet::{Subnet, SubnetOutputs};
pub use surroundings::{StandingRoute, StandingRule, StandingTable, Surroundings, surroundings};
pub(crate) use tags::specification_of;
pub use vpc::{Vpc, VpcOutputs};
pub use vpc_peering_connection::{VpcPeeringConnection, VpcPeeringConnectionOutputs};
