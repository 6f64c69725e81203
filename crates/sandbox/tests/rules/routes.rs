//! Route tables, their routes and their associations.

use serde_json::{Value, json};
use sidekick_sandbox::Sandbox;

use crate::{
    absent, blocked, call, illegal, new_internet_gateway, new_route_table, new_subnet, new_vpc, refused,
    seconds, text,
};

fn routes(sandbox: &Sandbox, table: &str) -> Vec<Value> {
    let described = call(sandbox, "DescribeRouteTables", json!({ "RouteTableId": [table] }));
    described["routeTableSet"][0]["routeSet"].as_array().unwrap().clone()
}

#[tokio::test(start_paused = true)]
async fn a_route_needs_an_attached_gateway_and_turns_blackhole_without_it() {
    let sandbox = Sandbox::in_memory(1);
    let vpc = new_vpc(&sandbox);
    let table = new_route_table(&sandbox, &vpc);
    let loose =
        text(&call(&sandbox, "CreateInternetGateway", json!({})), "/internetGateway/internetGatewayId");
    let route = |gateway: &str| json!({ "RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway });
    assert_eq!(refused(&sandbox, "CreateRoute", route("igw-0")), absent("InvalidGatewayID.NotFound"));
    assert_eq!(refused(&sandbox, "CreateRoute", route(&loose)), illegal("InvalidGatewayID.NotFound"));
    let gateway = new_internet_gateway(&sandbox, &vpc);
    call(&sandbox, "CreateRoute", route(&gateway));
    assert_eq!(refused(&sandbox, "CreateRoute", route(&gateway)), illegal("RouteAlreadyExists"));
    assert_eq!(routes(&sandbox, &table)[1]["state"], "active");
    call(&sandbox, "DetachInternetGateway", json!({ "InternetGatewayId": gateway, "VpcId": vpc }));
    assert_eq!(routes(&sandbox, &table)[1]["state"], "blackhole");
}

#[tokio::test(start_paused = true)]
async fn a_route_to_a_pending_nat_gateway_is_taken_a_few_seconds_after_its_creation() {
    let sandbox = Sandbox::in_memory(1);
    let vpc = new_vpc(&sandbox);
    new_internet_gateway(&sandbox, &vpc);
    let subnet = new_subnet(&sandbox, &vpc, "10.0.5.0/24");
    let address = text(&call(&sandbox, "AllocateAddress", json!({})), "/allocationId");
    let created = call(&sandbox, "CreateNatGateway", json!({ "SubnetId": subnet, "AllocationId": address }));
    let nat = text(&created, "/natGateway/natGatewayId");
    let table = new_route_table(&sandbox, &vpc);
    let route = json!({ "RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": nat });
    assert_eq!(refused(&sandbox, "CreateRoute", route.clone()), absent("InvalidNatGatewayID.NotFound"));
    seconds(5).await;
    call(&sandbox, "CreateRoute", route);
    assert_eq!(routes(&sandbox, &table)[1]["state"], "active");
    call(&sandbox, "DeleteNatGateway", json!({ "NatGatewayId": nat }));
    seconds(7200).await;
    assert_eq!(routes(&sandbox, &table)[1]["state"], "blackhole");
}

#[tokio::test(start_paused = true)]
async fn routes_are_replaced_and_deleted_by_destination_and_the_local_one_stays() {
    let sandbox = Sandbox::in_memory(1);
    let vpc = new_vpc(&sandbox);
    let gateway = new_internet_gateway(&sandbox, &vpc);
    let table = new_route_table(&sandbox, &vpc);
    let route = |destination: &str| json!({ "RouteTableId": table, "DestinationCidrBlock": destination });
    let to_gateway = |destination: &str| {
        let mut route = route(destination);
        route["GatewayId"] = json!(gateway);
        route
    };
    let replaced = refused(&sandbox, "ReplaceRoute", to_gateway("0.0.0.0/0"));
    assert_eq!(replaced, absent("InvalidParameterValue"));
    assert_eq!(refused(&sandbox, "CreateRoute", route("0.0.0.0/0")), illegal("MissingParameter"));
    call(&sandbox, "CreateRoute", to_gateway("10.7.1.9/16"));
    call(&sandbox, "ReplaceRoute", to_gateway("10.7.0.0/16"));
    call(&sandbox, "DeleteRoute", route("10.7.0.0/16"));
    assert_eq!(refused(&sandbox, "DeleteRoute", route("10.7.0.0/16")), absent("InvalidRoute.NotFound"));
    assert_eq!(refused(&sandbox, "DeleteRoute", route("10.0.0.0/16")), illegal("InvalidParameterValue"));
    assert_eq!(routes(&sandbox, &table).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_subnet_has_one_association_and_a_table_goes_only_without_any() {
    let sandbox = Sandbox::in_memory(1);
    let vpc = new_vpc(&sandbox);
    let subnet = new_subnet(&sandbox, &vpc, "10.0.1.0/24");
    let (one, two) = (new_route_table(&sandbox, &vpc), new_route_table(&sandbox, &vpc));
    let associate = |table: &str| json!({ "RouteTableId": table, "SubnetId": subnet });
    let first = text(&call(&sandbox, "AssociateRouteTable", associate(&one)), "/associationId");
    let twice = refused(&sandbox, "AssociateRouteTable", associate(&two));
    assert_eq!(twice, illegal("Resource.AlreadyAssociated"));
    let replace = json!({ "AssociationId": first, "RouteTableId": two });
    let second = text(&call(&sandbox, "ReplaceRouteTableAssociation", replace), "/newAssociationId");
    assert_ne!(first, second);
    call(&sandbox, "DeleteRouteTable", json!({ "RouteTableId": one }));
    let delete = json!({ "RouteTableId": two });
    assert_eq!(refused(&sandbox, "DeleteRouteTable", delete.clone()), blocked("DependencyViolation"));
    let gone = refused(&sandbox, "DisassociateRouteTable", json!({ "AssociationId": first }));
    assert_eq!(gone, absent("InvalidAssociationID.NotFound"));
    call(&sandbox, "DeleteSubnet", json!({ "SubnetId": subnet }));
    call(&sandbox, "DeleteRouteTable", delete);
}

#[tokio::test(start_paused = true)]
async fn the_main_table_changes_by_its_association_only() {
    let sandbox = Sandbox::in_memory(1);
    let vpc = new_vpc(&sandbox);
    let filter = json!([{ "Name": "association.main", "Value": ["true"] }]);
    let main =
        || call(&sandbox, "DescribeRouteTables", json!({ "Filter": filter }))["routeTableSet"][0].clone();
    let old = text(&main(), "/routeTableId");
    let association = text(&main(), "/associationSet/0/routeTableAssociationId");
    let disassociated = refused(&sandbox, "DisassociateRouteTable", json!({ "AssociationId": association }));
    assert_eq!(disassociated, illegal("InvalidParameterValue"));
    let table = new_route_table(&sandbox, &vpc);
    let replace = json!({ "AssociationId": association, "RouteTableId": table });
    call(&sandbox, "ReplaceRouteTableAssociation", replace);
    assert_eq!(text(&main(), "/routeTableId"), table);
    let is_main = refused(&sandbox, "DeleteRouteTable", json!({ "RouteTableId": table }));
    assert_eq!(is_main, illegal("DependencyViolation"));
    call(&sandbox, "DeleteRouteTable", json!({ "RouteTableId": old }));
}
