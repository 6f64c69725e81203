//! The VPCs with their subnets, gateways, route tables, peering connections and network interfaces.

use aws_sdk_ec2::types::{NatGatewayState, Route, RouteTable, Tag, VpcAttributeName};
use serde_json::{Map, Value, json};

use super::{Inventory, Trouble, name_of};
use crate::cloud::Cloud;

pub(super) async fn read(cloud: &Cloud, inventory: &mut Inventory) -> Result<(), Trouble> {
    vpcs(cloud, inventory).await?;
    subnets(cloud, inventory).await?;
    gateways(cloud, inventory).await?;
    route_tables(cloud, inventory).await?;
    peering_connections(cloud, inventory).await?;
    network_interfaces(cloud, inventory).await
}

pub(super) fn tags(tags: &[Tag]) -> Value {
    super::tags(tags.iter().map(|tag| (tag.key(), tag.value())))
}

async fn vpcs(cloud: &Cloud, inventory: &mut Inventory) -> Result<(), Trouble> {
    for vpc in cloud.ec2.describe_vpcs().send().await?.vpcs() {
        let (id, tags) = (vpc.vpc_id().unwrap_or_default(), tags(vpc.tags()));
        let attribute = |name| cloud.ec2.describe_vpc_attribute().vpc_id(id).attribute(name).send();
        let support = attribute(VpcAttributeName::EnableDnsSupport).await?;
        let hostnames = attribute(VpcAttributeName::EnableDnsHostnames).await?;
        let attributes = json!({
            "cidr": vpc.cidr_block(),
            "dns_support": support.enable_dns_support().and_then(|it| it.value()),
            "dns_hostnames": hostnames.enable_dns_hostnames().and_then(|it| it.value()),
            "tags": tags,
        });
        inventory.add("vpc", &name_of(&tags, id), id, attributes);
    }
    Ok(())
}

async fn subnets(cloud: &Cloud, inventory: &mut Inventory) -> Result<(), Trouble> {
    for subnet in cloud.ec2.describe_subnets().send().await?.subnets() {
        let (id, tags) = (subnet.subnet_id().unwrap_or_default(), tags(subnet.tags()));
        let attributes = json!({
            "vpc": subnet.vpc_id(),
            "cidr": subnet.cidr_block(),
            "zone": subnet.availability_zone(),
            "maps_public_ips": subnet.map_public_ip_on_launch(),
            "tags": tags,
        });
        inventory.add("subnet", &name_of(&tags, id), id, attributes);
    }
    Ok(())
}

async fn gateways(cloud: &Cloud, inventory: &mut Inventory) -> Result<(), Trouble> {
    for gateway in cloud.ec2.describe_internet_gateways().send().await?.internet_gateways() {
        let (id, tags) = (gateway.internet_gateway_id().unwrap_or_default(), tags(gateway.tags()));
        let vpcs: Vec<_> = gateway.attachments().iter().filter_map(|it| it.vpc_id()).collect();
        inventory.add("internet-gateway", &name_of(&tags, id), id, json!({ "vpcs": vpcs, "tags": tags }));
    }
    for address in cloud.ec2.describe_addresses().send().await?.addresses() {
        let (id, tags) = (address.allocation_id().unwrap_or_default(), tags(address.tags()));
        let attributes = json!({ "domain": address.domain().map(|it| it.as_str()), "tags": tags });
        inventory.add("elastic-ip", &name_of(&tags, id), id, attributes);
    }
    for gateway in cloud.ec2.describe_nat_gateways().send().await?.nat_gateways() {
        // AWS shows a deleted one for another hour.
        if gateway.state() == Some(&NatGatewayState::Deleted) {
            continue;
        }
        let (id, tags) = (gateway.nat_gateway_id().unwrap_or_default(), tags(gateway.tags()));
        let addresses = gateway.nat_gateway_addresses().iter().filter_map(|it| it.allocation_id());
        let attributes = json!({
            "state": gateway.state().map(|it| it.as_str()),
            "subnet": gateway.subnet_id(),
            "addresses": addresses.collect::<Vec<_>>(),
            "tags": tags,
        });
        inventory.add("nat-gateway", &name_of(&tags, id), id, attributes);
    }
    Ok(())
}

async fn route_tables(cloud: &Cloud, inventory: &mut Inventory) -> Result<(), Trouble> {
    for table in cloud.ec2.describe_route_tables().send().await?.route_tables() {
        let (id, tags) = (table.route_table_id().unwrap_or_default(), tags(table.tags()));
        let main = table.associations().iter().any(|it| it.main() == Some(true));
        let subnets: Vec<_> = table.associations().iter().filter_map(|it| it.subnet_id()).collect();
        let attributes = json!({
            "vpc": table.vpc_id(), "main": main, "subnets": subnets, "routes": routes(table), "tags": tags,
        });
        let name =
            if main { format!("of {}", table.vpc_id().unwrap_or_default()) } else { name_of(&tags, id) };
        inventory.add("route-table", &name, id, attributes);
    }
    Ok(())
}

fn routes(table: &RouteTable) -> Value {
    let target = |route: &Route| {
        let ids = [route.gateway_id(), route.nat_gateway_id(), route.vpc_peering_connection_id()];
        let other = [route.transit_gateway_id(), route.network_interface_id(), route.instance_id()];
        let ids: Vec<_> = ids.into_iter().chain(other).flatten().collect();
        Value::String(ids.join(" and "))
    };
    let routes = table.routes().iter();
    let routes = routes.map(|it| (it.destination_cidr_block().unwrap_or("?").to_owned(), target(it)));
    Value::Object(routes.collect::<Map<_, _>>())
}

async fn peering_connections(cloud: &Cloud, inventory: &mut Inventory) -> Result<(), Trouble> {
    let found = cloud.ec2.describe_vpc_peering_connections().send().await?;
    for connection in found.vpc_peering_connections() {
        let id = connection.vpc_peering_connection_id().unwrap_or_default();
        let tags = tags(connection.tags());
        let status = connection.status().and_then(|it| it.code()).map(|it| it.as_str());
        let attributes = json!({ "status": status, "tags": tags });
        inventory.add("peering-connection", &name_of(&tags, id), id, attributes);
    }
    Ok(())
}

async fn network_interfaces(cloud: &Cloud, inventory: &mut Inventory) -> Result<(), Trouble> {
    for interface in cloud.ec2.describe_network_interfaces().send().await?.network_interfaces() {
        let (id, subnet) = (interface.network_interface_id(), interface.subnet_id().unwrap_or_default());
        let attributes = json!({ "vpc": interface.vpc_id() });
        inventory.add("network-interface", &format!("in {subnet}"), id.unwrap_or_default(), attributes);
    }
    Ok(())
}
