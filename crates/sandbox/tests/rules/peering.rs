//! VPC peering connections.

use serde_json::json;
use sidekick_sandbox::Sandbox;

use crate::{absent, blocked, call, illegal, new_route_table, new_vpc, refused, seconds, text};

fn request(sandbox: &Sandbox, vpc: &str, peer: &str) -> String {
    let created = call(sandbox, "CreateVpcPeeringConnection", json!({ "VpcId": vpc, "PeerVpcId": peer }));
    text(&created, "/vpcPeeringConnection/vpcPeeringConnectionId")
}

fn status(sandbox: &Sandbox, id: &str) -> String {
    let described = call(sandbox, "DescribeVpcPeeringConnections", json!({ "VpcPeeringConnectionId": [id] }));
    text(&described, "/vpcPeeringConnectionSet/0/status/code")
}

#[tokio::test(start_paused = true)]
async fn a_connection_within_the_account_becomes_active_once_accepted() {
    let sandbox = Sandbox::in_memory(1);
    let vpc = new_vpc(&sandbox);
    let peer = text(&call(&sandbox, "CreateVpc", json!({ "CidrBlock": "10.102.0.0/16" })), "/vpc/vpcId");
    let id = request(&sandbox, &vpc, &peer);
    let accept = json!({ "VpcPeeringConnectionId": id });
    let too_early = refused(&sandbox, "AcceptVpcPeeringConnection", accept.clone());
    assert_eq!(too_early, blocked("InvalidStateTransition"));
    let again = json!({ "VpcId": peer, "PeerVpcId": vpc });
    let duplicate = refused(&sandbox, "CreateVpcPeeringConnection", again);
    assert_eq!(duplicate, illegal("VpcPeeringConnectionAlreadyExists"));
    seconds(2).await;
    assert_eq!(status(&sandbox, &id), "pending-acceptance");

    let table = new_route_table(&sandbox, &vpc);
    let route = json!({ "RouteTableId": table, "DestinationCidrBlock": "10.102.0.0/16", "VpcPeeringConnectionId": id });
    call(&sandbox, "CreateRoute", route);
    let route_state = || {
        let described = call(&sandbox, "DescribeRouteTables", json!({ "RouteTableId": [table] }));
        text(&described, "/routeTableSet/0/routeSet/1/state")
    };
    assert_eq!(route_state(), "blackhole");
    call(&sandbox, "AcceptVpcPeeringConnection", accept.clone());
    seconds(5).await;
    assert_eq!((status(&sandbox, &id), route_state()), ("active".to_owned(), "active".to_owned()));
    assert_eq!(refused(&sandbox, "DeleteVpc", json!({ "VpcId": peer })), blocked("DependencyViolation"));

    call(&sandbox, "DeleteVpcPeeringConnection", accept.clone());
    seconds(5).await;
    assert_eq!((status(&sandbox, &id), route_state()), ("deleted".to_owned(), "blackhole".to_owned()));
    let dead = refused(&sandbox, "DeleteVpcPeeringConnection", accept);
    assert_eq!(dead, absent("InvalidStateTransition"));
    call(&sandbox, "DeleteVpc", json!({ "VpcId": peer }));
}

#[tokio::test(start_paused = true)]
async fn overlapping_blocks_are_accepted_and_fail_later() {
    let sandbox = Sandbox::in_memory(1);
    let (vpc, same) = (new_vpc(&sandbox), new_vpc(&sandbox));
    let id = request(&sandbox, &vpc, &same);
    seconds(2).await;
    assert_eq!(status(&sandbox, &id), "failed");
}

#[tokio::test(start_paused = true)]
async fn another_account_accepts_for_itself_or_the_request_expires() {
    let sandbox = Sandbox::in_memory(1);
    let vpc = new_vpc(&sandbox);
    let params = json!({ "VpcId": vpc, "PeerVpcId": "vpc-0123", "PeerOwnerId": "210987654321" });
    let created = call(&sandbox, "CreateVpcPeeringConnection", params);
    let id = text(&created, "/vpcPeeringConnection/vpcPeeringConnectionId");
    let ours = refused(&sandbox, "AcceptVpcPeeringConnection", json!({ "VpcPeeringConnectionId": id }));
    assert_eq!(ours, illegal("OperationNotPermitted"));
    seconds(7 * 86_400).await;
    assert_eq!(status(&sandbox, &id), "expired");
}
