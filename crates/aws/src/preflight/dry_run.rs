//! Whether EC2 would let the caller make something. EC2 alone can be asked in this way.

use aws_sdk_ec2::types::DomainType;
use sidekick_engine::{Class, Fault, Result};

use crate::Aws;
use crate::fault::Answer;

/// A create that needs nothing that is not there yet. That of a VPC is not among them: endpoints are known that carry it
/// out all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DryRun {
    /// `ec2 AllocateAddress`
    Address,
    /// `ec2 CreateInternetGateway`
    InternetGateway,
}

/// AWS's word for "it would have succeeded".
const ALLOWED: &str = "DryRunOperation";

/// Asks for it without having it made.
///
/// # Errors
/// AWS's refusal.
pub async fn dry_run(aws: &Aws, wanted: DryRun) -> Result<()> {
    let (operation, refusal) = match wanted {
        DryRun::Address => {
            let call = aws.ec2.allocate_address().domain(DomainType::Vpc).dry_run(true);
            ("ec2 AllocateAddress", call.send().await.or_fault("ec2 AllocateAddress").err())
        }
        DryRun::InternetGateway => {
            let call = aws.ec2.create_internet_gateway().dry_run(true);
            ("ec2 CreateInternetGateway", call.send().await.or_fault("ec2 CreateInternetGateway").err())
        }
    };
    match refusal {
        Some(fault) if fault.code.as_deref() == Some(ALLOWED) => Ok(()),
        Some(fault) => Err(fault),
        None => Err(Fault::new(Class::Invalid, operation, "a dry run was carried out")
            .with_hint("this is not AWS; look at AWS_ENDPOINT_URL, and delete what was made")),
    }
}
