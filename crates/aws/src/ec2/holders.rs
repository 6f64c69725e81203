//! Who holds a subnet, security group or VPC that AWS refuses to delete.

use aws_sdk_ec2::types::{NetworkInterface, SecurityGroup};
use sidekick_engine::{Class, Fault, Pace, Result};

use super::peering::alive;
use super::reads;
use super::tags::filter;
use crate::fault::Answer;
use crate::{Aws, SecurityGroupId, SubnetId, VpcId};

/// How long the network interfaces of load balancers, tasks and databases may outlive their owners.
pub(super) const LINGERING: Pace = Pace::seconds(1, 30, 150, 1200);

/// How many holders one message names.
const NAMED: usize = 4;

/// What AWS refuses to delete.
#[derive(Clone, Copy)]
pub(super) enum Held<'a> {
    Subnet(&'a SubnetId),
    Group(&'a SecurityGroupId),
    Vpc(&'a VpcId),
}

/// Passes the answer to a delete on. Where AWS only says that something holds the resource, the message is given
/// the names of the holders, as far as they can be found out.
pub(super) async fn named<T>(aws: &Aws, answer: Result<T>, held: Held<'_>) -> Result<()> {
    match answer {
        Err(fault) if fault.class == Class::Blocked => {
            let mut holders = interfaces(aws, held).await.unwrap_or_default();
            // Interfaces linger and go. Who else holds it is asked for once nothing else does, and not with each try.
            if holders.is_empty() {
                holders = match held {
                    Held::Group(id) => referring_rules(aws, id).await.unwrap_or_default(),
                    Held::Vpc(id) => peerings(aws, id).await.unwrap_or_default(),
                    Held::Subnet(_) => Vec::new(),
                };
            }
            Err(held_by(fault, &holders))
        }
        answer => answer.map(drop),
    }
}

async fn interfaces(aws: &Aws, held: Held<'_>) -> Result<Vec<String>> {
    let found = match held {
        Held::Subnet(id) => aws.ec2_reads.interfaces_in_subnet.get(id.as_str()).await?.map(|found| found.all),
        Held::Group(id) => aws.ec2_reads.interfaces_with_group.get(id.as_str()).await?.map(|found| found.all),
        Held::Vpc(id) => Some(reads::interfaces(aws.ec2.clone(), filter("vpc-id", id.as_str())).await?),
    };
    Ok(found.unwrap_or_default().iter().filter_map(interface).collect())
}

/// An interface's description says whose it is: `ELB app/sidekick-alb/50dc6c495c0c9188`. Where it says nothing, AWS still
/// tells who asked for the interface, and when it was attached to what it is for.
fn interface(interface: &NetworkInterface) -> Option<String> {
    let id = interface.network_interface_id()?;
    let description = interface.description().filter(|description| !description.is_empty());
    let whose = description.or(interface.requester_id()).or(interface.owner_id()).map(str::to_owned);
    let attached = interface.attachment().and_then(|attachment| attachment.attach_time());
    let told: Vec<_> = whose.into_iter().chain(attached.map(|time| format!("since {time}"))).collect();
    Some(if told.is_empty() { id.to_owned() } else { format!("{id} ({})", told.join(", ")) })
}

/// The living peering connections of a VPC. Those that sidekick requested go before it; others are their makers' to delete.
async fn peerings(aws: &Aws, id: &VpcId) -> Result<Vec<String>> {
    let mut holders = Vec::new();
    for side in ["requester-vpc-info.vpc-id", "accepter-vpc-info.vpc-id"] {
        let call = aws.ec2.describe_vpc_peering_connections().filters(filter(side, id.as_str()));
        let found = call.filters(alive()).send().await.or_fault("ec2 DescribeVpcPeeringConnections")?;
        let ids = found.vpc_peering_connections().iter().filter_map(|it| it.vpc_peering_connection_id());
        holders.extend(ids.map(str::to_owned));
    }
    Ok(holders)
}

/// The rules of other groups that name this one.
async fn referring_rules(aws: &Aws, id: &SecurityGroupId) -> Result<Vec<String>> {
    let mut rules = Vec::new();
    for direction in ["ip-permission.group-id", "egress.ip-permission.group-id"] {
        let found = aws.ec2.describe_security_groups().filters(filter(direction, id.as_str())).send().await;
        let found = found.or_fault("ec2 DescribeSecurityGroups")?;
        let groups = found.security_groups().iter().filter_map(SecurityGroup::group_id);
        rules.extend(groups.filter(|group| *group != id.as_str()).map(|group| format!("a rule of {group}")));
    }
    Ok(rules)
}

fn held_by(fault: Fault, holders: &[String]) -> Fault {
    if holders.is_empty() {
        return fault;
    }
    let mut named = holders.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if let more @ 1.. = holders.len().saturating_sub(NAMED) {
        named += &format!(" and {more} more");
    }
    let message = format!("{}; held by {named}", fault.message.trim_end_matches('.'));
    Fault { message, ..fault }
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::primitives::DateTime;
    use aws_sdk_ec2::types::NetworkInterfaceAttachment;
    use aws_sdk_ec2::types::builders::NetworkInterfaceBuilder;

    use super::*;

    fn message(holders: &[&str]) -> String {
        let fault = Fault::new(Class::Blocked, "ec2 DeleteSubnet", "The subnet has dependencies.");
        let holders: Vec<_> = holders.iter().map(|holder| (*holder).to_owned()).collect();
        held_by(fault, &holders).message
    }

    #[test]
    fn an_interface_is_told_with_whose_it_is_and_since_when() {
        let attachment =
            NetworkInterfaceAttachment::builder().attach_time(DateTime::from_secs(1_767_225_600));
        let bare = || NetworkInterface::builder().network_interface_id("eni-1").description("");
        let told = |it: NetworkInterfaceBuilder| interface(&it.build()).unwrap();
        assert_eq!(told(bare()), "eni-1");
        assert_eq!(told(bare().owner_id("123456789012")), "eni-1 (123456789012)");
        assert_eq!(told(bare().requester_id("amazon-rds")), "eni-1 (amazon-rds)");
        let whole = bare().description("ELB app/x").attachment(attachment.build());
        assert_eq!(told(whole), "eni-1 (ELB app/x, since 2026-01-01T00:00:00Z)");
    }

    #[test]
    fn the_message_names_the_first_holders_and_counts_the_others() {
        assert_eq!(message(&[]), "The subnet has dependencies.");
        assert_eq!(message(&["eni-1 (ELB app/x)"]), "The subnet has dependencies; held by eni-1 (ELB app/x)");
        let many = message(&["eni-1", "eni-2", "eni-3", "eni-4", "eni-5", "eni-6"]);
        assert!(many.ends_with("held by eni-1, eni-2, eni-3, eni-4 and 2 more"), "{many}");
    }
}
