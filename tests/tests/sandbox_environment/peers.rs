//! A peer in another account: pending is a state to show, and the next run goes on from there.

use serde_json::json;
use sidekick_tests::binary::Outcome;

use crate::desk::Desk;
use crate::{Shown, trials};

trials![
    a_connection_that_waits_for_another_account_is_shown_until_it_is_active,
    a_connection_that_was_rejected_is_told_and_requested_anew,
];

const OTHER: &str = "210987654321";

/// An environment that is up, with a peer that has not accepted yet.
fn waiting() -> Result<Desk, Box<dyn std::error::Error>> {
    let desk = Desk::new()?;
    desk.place.edit(
        "dev.toml",
        "cidr = \"10.102.0.0/16\"",
        "cidr = \"10.102.0.0/16\"\nvpc_id = \"vpc-0123456789abcdef0\"\naccount_id = \"210987654321\"",
    )?;
    let connection = "waits for account 210987654321 to accept it";
    let command = "aws ec2 accept-vpc-peering-connection --vpc-peering-connection-id pcx-";
    desk.brings("up")?.says(&["The environment is as configured", connection, command])?;
    desk.run("plan --detailed-exitcode").ends_with(0)?.says(&["No changes", connection])?;
    let status = desk.run("status").ends_with(0)?;
    assert_eq!(way(&status)?, "PENDING");
    status.says(&[connection, command])?;
    Ok(desk)
}

/// How the way from the peer to the load balancer is.
fn way(status: &Outcome) -> Result<&str, Box<dyn std::error::Error>> {
    let begins = "  peer pragma (10.102.0.0/16) → load balancer, 80/tcp";
    let line = status.stdout.lines().find_map(|line| line.strip_prefix(begins));
    Ok(line.ok_or("a line of the peer")?.trim())
}

/// What the other account answers.
fn answer(desk: &Desk, operation: &str) -> Shown {
    let aws = desk.aws()?;
    let world = desk.world()?;
    let [connection] = world.living("ec2", "peerings")[..] else { return Err("one connection".into()) };
    let params = json!({ "VpcPeeringConnectionId": connection["id"] });
    let answer = aws.call_from((Some(OTHER), "us-west-2"), "ec2", operation, params);
    answer.map_err(|refusal| format!("{refusal:?}"))?;
    Ok(())
}

fn a_connection_that_waits_for_another_account_is_shown_until_it_is_active() -> Shown {
    let desk = waiting()?;
    let told = desk.run("plan --output json").ends_with(0)?.json("pending")?;
    assert_eq!(told[0]["state"], "PENDING", "{told}");
    answer(&desk, "AcceptVpcPeeringConnection")?;
    let up = desk.brings("up")?;
    assert!(!up.text().contains("pending:"), "{up}");
    desk.is_settled()?;
    let status = desk.run("status").ends_with(0)?;
    assert_eq!(way(&status)?, "ACTIVE");
    status.says(&[
        "through pcx-",
        "leads 10.102.0.0/16 to network.peering-connection.vpc-0123456789abcdef0 (pcx-",
    ])?;
    desk.brings("down")?;
    Ok(())
}

fn a_connection_that_was_rejected_is_told_and_requested_anew() -> Shown {
    let desk = waiting()?;
    answer(&desk, "RejectVpcPeeringConnection")?;
    let rejected = "account 210987654321 rejected the request";
    desk.run("status").ends_with(1)?.says(&["PENDING", rejected, "requests it anew"])?;
    desk.run("plan").ends_with(0)?.says(&["create", rejected])?;
    desk.brings("up")?.says(&["waits for account 210987654321"])?;
    desk.run("plan --detailed-exitcode").ends_with(0)?;
    Ok(())
}
