//! VPC peering connections.

use serde_json::{Value, json};
use sidekick_sandbox::{Reason, Sandbox};

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

const OTHER: &str = "210987654321";

fn from(
    sandbox: &Sandbox,
    (account, region): (Option<&str>, &str),
    operation: &str,
    id: &str,
) -> Result<Value, (String, Reason)> {
    let params = json!({ "VpcPeeringConnectionId": id });
    let answer = sandbox.call_from((account, region), "ec2", operation, params);
    answer.map_err(|refusal| (refusal.code.into_owned(), refusal.reason))
}

/// A request to a VPC of another account, once it can be accepted.
async fn request_abroad(sandbox: &Sandbox, vpc: &str) -> String {
    let params = json!({ "VpcId": vpc, "PeerVpcId": "vpc-0123", "PeerOwnerId": OTHER });
    let created = call(sandbox, "CreateVpcPeeringConnection", params);
    seconds(2).await;
    text(&created, "/vpcPeeringConnection/vpcPeeringConnectionId")
}

#[tokio::test(start_paused = true)]
async fn the_other_account_accepts_or_rejects_and_each_side_deletes_in_its_time() {
    let sandbox = Sandbox::in_memory(1);
    let vpc = new_vpc(&sandbox);
    let theirs = (Some(OTHER), "us-west-2");
    let id = request_abroad(&sandbox, &vpc).await;
    let stranger = (Some("310987654321"), "us-west-2");
    let unseen = absent("InvalidVpcPeeringConnectionID.NotFound");
    assert_eq!(from(&sandbox, stranger, "AcceptVpcPeeringConnection", &id), Err(unseen));
    let early = from(&sandbox, theirs, "DeleteVpcPeeringConnection", &id);
    assert_eq!(early, Err(illegal("InvalidStateTransition")), "they reject what they do not want");
    from(&sandbox, theirs, "AcceptVpcPeeringConnection", &id).unwrap();
    seconds(5).await;
    assert_eq!(status(&sandbox, &id), "active");
    from(&sandbox, theirs, "DeleteVpcPeeringConnection", &id).unwrap();
    seconds(5).await;
    assert_eq!(status(&sandbox, &id), "deleted");

    let id = request_abroad(&sandbox, &vpc).await;
    from(&sandbox, theirs, "RejectVpcPeeringConnection", &id).unwrap();
    assert_eq!(status(&sandbox, &id), "rejected");
    let accept = from(&sandbox, theirs, "AcceptVpcPeeringConnection", &id);
    assert_eq!(accept, Err(illegal("InvalidStateTransition")));

    let id = request_abroad(&sandbox, &vpc).await;
    call(&sandbox, "DeleteVpcPeeringConnection", json!({ "VpcPeeringConnectionId": id }));
    let anything_else = sandbox.call_from(theirs, "ec2", "DescribeVpcs", json!({})).unwrap_err();
    assert_eq!(anything_else.code, "UnauthorizedOperation");
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_accepted_in_the_region_of_its_accepter() {
    let sandbox = Sandbox::in_memory(1);
    let vpc = new_vpc(&sandbox);
    let params = json!({ "VpcId": vpc, "PeerVpcId": "vpc-0123", "PeerRegion": "eu-west-1" });
    let created = call(&sandbox, "CreateVpcPeeringConnection", params);
    let id = text(&created, "/vpcPeeringConnection/vpcPeeringConnectionId");
    seconds(2).await;
    let here = from(&sandbox, (None, "us-west-2"), "AcceptVpcPeeringConnection", &id);
    assert_eq!(here, Err(illegal("OperationNotPermitted")));
    from(&sandbox, (None, "eu-west-1"), "AcceptVpcPeeringConnection", &id).unwrap();
    seconds(5).await;
    assert_eq!(status(&sandbox, &id), "active");
}

#[tokio::test(start_paused = true)]
async fn each_side_sets_its_own_options_of_an_active_connection() {
    let sandbox = Sandbox::in_memory(1);
    let vpc = new_vpc(&sandbox);
    let id = request_abroad(&sandbox, &vpc).await;
    let resolve = |side: &str| json!({ "VpcPeeringConnectionId": id, side: { "AllowDnsResolutionFromRemoteVpc": true } });
    let ours = resolve("RequesterPeeringConnectionOptions");
    let modify = "ModifyVpcPeeringConnectionOptions";
    assert_eq!(refused(&sandbox, modify, ours.clone()), illegal("InvalidStateTransition"));
    from(&sandbox, (Some(OTHER), "us-west-2"), "AcceptVpcPeeringConnection", &id).unwrap();
    seconds(5).await;
    let theirs = resolve("AccepterPeeringConnectionOptions");
    assert_eq!(refused(&sandbox, modify, theirs), illegal("OperationNotPermitted"));
    let names = "a new VPC gives no host names";
    assert_eq!(refused(&sandbox, modify, ours.clone()), illegal("InvalidParameterValue"), "{names}");
    call(&sandbox, "ModifyVpcAttribute", json!({ "VpcId": vpc, "EnableDnsHostnames": { "Value": true } }));
    call(&sandbox, modify, ours);
    let described =
        call(&sandbox, "DescribeVpcPeeringConnections", json!({ "VpcPeeringConnectionId": [id] }));
    let options =
        "/vpcPeeringConnectionSet/0/requesterVpcInfo/peeringOptions/allowDnsResolutionFromRemoteVpc";
    assert_eq!(described.pointer(options), Some(&json!(true)));
}
