//! Whether EC2 would let the caller make something. EC2 alone can be asked in this way.

use aws_sdk_ec2::types::{DomainType, ResourceType};
use sidekick_engine::{Class, Fault, Mark, Result};

use crate::ec2::specification_of;
use crate::fault::Answer;
use crate::{Aws, Tags};

/// A create, with whatever it needs that may not be there yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DryRun {
    /// `ec2 AllocateAddress`
    Address,
    /// `ec2 CreateInternetGateway`
    InternetGateway,
    /// `ec2 CreateNatGateway`, in a subnet and with an address that nobody has.
    NatGateway,
    /// `ec2 CreateVpc`
    Vpc {
        /// Its range, such as `10.0.0.0/16`.
        cidr: String,
    },
}

/// What EC2 says of a create that it is not to carry out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// It would make it.
    Given,
    /// It tells no more before what the create names is there.
    Untold,
}

/// AWS's word for "it would have succeeded".
const ALLOWED: &str = "DryRunOperation";

/// In the form of EC2's ids, and never one.
const SUBNET: &str = "subnet-00000000000000000";
const ALLOCATION: &str = "eipalloc-00000000000000000";

/// Asks for it without having it made. A policy may go by tags, so it has those that it would have.
///
/// # Errors
/// AWS's refusal.
pub async fn dry_run(aws: &Aws, wanted: &DryRun, (tags, mark): (&Tags, &Mark)) -> Result<Leave> {
    let tagged = |kind| specification_of(kind, tags, mark);
    let (operation, refusal) = match wanted {
        DryRun::Address => {
            let call = aws.ec2.allocate_address().domain(DomainType::Vpc).dry_run(true);
            let call = call.tag_specifications(tagged(ResourceType::ElasticIp));
            ("ec2 AllocateAddress", call.send().await.or_fault("ec2 AllocateAddress").err())
        }
        DryRun::InternetGateway => {
            let call = aws.ec2.create_internet_gateway().dry_run(true);
            let call = call.tag_specifications(tagged(ResourceType::InternetGateway));
            ("ec2 CreateInternetGateway", call.send().await.or_fault("ec2 CreateInternetGateway").err())
        }
        DryRun::NatGateway => {
            let call = aws.ec2.create_nat_gateway().subnet_id(SUBNET).allocation_id(ALLOCATION).dry_run(true);
            let call = call.tag_specifications(tagged(ResourceType::Natgateway));
            ("ec2 CreateNatGateway", call.send().await.or_fault("ec2 CreateNatGateway").err())
        }
        DryRun::Vpc { cidr } => {
            let call = aws.ec2.create_vpc().cidr_block(cidr).dry_run(true);
            let call = call.tag_specifications(tagged(ResourceType::Vpc));
            ("ec2 CreateVpc", call.send().await.or_fault("ec2 CreateVpc").err())
        }
    };
    match refusal {
        Some(fault) if fault.code.as_deref() == Some(ALLOWED) => Ok(Leave::Given),
        Some(fault) if *wanted == DryRun::NatGateway && hangs_on_names(&fault) => Ok(Leave::Untold),
        Some(fault) => Err(fault),
        None => Err(Fault::new(Class::Invalid, operation, "a dry run was carried out")
            .with_hint("this is not AWS; look at AWS_ENDPOINT_URL, and delete what was made")),
    }
}

/// Whether EC2 refuses a NAT gateway for the subnet or the address that nobody has, and might not for ours: a policy may
/// allow it in certain subnets only. Of the gateway itself it names the resource when it is that which is denied.
fn hangs_on_names(fault: &Fault) -> bool {
    fault.class == Class::Gone || (fault.class == Class::Denied && !fault.message.contains(":natgateway/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::classify;

    #[test]
    fn a_refusal_for_the_sake_of_a_subnet_that_nobody_has_says_nothing_of_ours() {
        let denied = |resource: &str| {
            format!(
                "You are not authorized to perform this operation. User: arn:aws:iam::123456789012:user/ci is not authorized \
                 to perform: ec2:CreateNatGateway{resource} because no identity-based policy allows the \
                 ec2:CreateNatGateway action."
            )
        };
        let of =
            |resource: &str| denied(&format!(" on resource: arn:aws:ec2:us-west-2:123456789012:{resource}"));
        for (code, message, hangs) in [
            ("UnauthorizedOperation", of("natgateway/*"), false),
            ("UnauthorizedOperation", of(&format!("subnet/{SUBNET}")), true),
            ("UnauthorizedOperation", of(&format!("elastic-ip/{ALLOCATION}")), true),
            ("UnauthorizedOperation", denied(""), true),
            ("InvalidSubnetID.NotFound", format!("The subnet ID '{SUBNET}' does not exist"), true),
            ("NatGatewayLimitExceeded", "The maximum number has been reached.".to_owned(), false),
        ] {
            let class = classify(code, &message, if code == "UnauthorizedOperation" { 403 } else { 400 });
            let fault = Fault::new(class, "ec2 CreateNatGateway", message.clone());
            assert_eq!(hangs_on_names(&fault), hangs, "{code}: {message}");
        }
    }
}
