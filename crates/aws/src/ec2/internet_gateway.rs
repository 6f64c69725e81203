//! EC2 internet gateway: the way between a VPC's public addresses and the internet. Its attachment is a field.

use aws_sdk_ec2::types::{AttachmentStatus, InternetGatewayAttachment, ResourceType};
use serde::{Deserialize, Serialize};
use sidekick_engine::{Diff, Intent, Live, Mark, Observed, Pace, Resource, Result};

use super::{holders, tags};
use crate::fault::{Answer, missing};
use crate::{Aws, InternetGatewayId, Tags, VpcId};

/// The internet gateway we want.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InternetGateway {
    /// The VPC it is attached to; observed as empty while it is attached to none.
    pub vpc: VpcId,
    /// The configured tags.
    pub tags: Tags,
}

/// What dependents may read once the gateway is attached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InternetGatewayOutputs {
    /// The gateway's id.
    pub id: InternetGatewayId,
}

impl Resource for InternetGateway {
    const KIND: &'static str = "ec2.internet_gateway";
    const DOWN: Pace = holders::LINGERING;
    const UNIQUE_ID: bool = true;

    type Cloud = Aws;
    type Id = InternetGatewayId;
    type Outputs = InternetGatewayOutputs;

    fn diff(&self, actual: &Self) -> Diff {
        let Self { vpc, tags } = self;
        Diff::default().mutable("vpc", vpc, &actual.vpc).mutable("tags", tags, &actual.tags)
    }

    fn as_created(&self) -> Option<Self> {
        Some(Self { vpc: VpcId::new(""), ..self.clone() })
    }

    async fn find(&self, aws: &Aws, mark: &Mark) -> Result<Option<InternetGatewayId>> {
        let call = aws.ec2.describe_internet_gateways().set_filters(Some(tags::by_mark(mark)));
        let found = call.send().await.or_fault("ec2 DescribeInternetGateways")?;
        let id = found.internet_gateways().first().and_then(|gateway| gateway.internet_gateway_id());
        Ok(id.map(InternetGatewayId::new))
    }

    async fn observe(&self, aws: &Aws, id: &InternetGatewayId) -> Result<Observed<Self>> {
        let Some(gateway) = aws.ec2_reads.internet_gateways.get(id.as_str()).await? else {
            return Ok(Observed::Absent);
        };
        let (tags, owner) = tags::read(gateway.tags());
        let vpc = attached_to(gateway.attachments()).unwrap_or_else(|| VpcId::new(""));
        let outputs = InternetGatewayOutputs { id: id.clone() };
        Ok(Observed::Steady(Live { actual: Self { vpc, tags }, outputs, owner }))
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> Result<InternetGatewayId> {
        let specification = tags::specification(ResourceType::InternetGateway, &self.tags, intent);
        let call = aws.ec2.create_internet_gateway().tag_specifications(specification);
        let made = call.send().await.or_fault("ec2 CreateInternetGateway")?;
        let id = made.internet_gateway().and_then(|gateway| gateway.internet_gateway_id());
        id.map(InternetGatewayId::new)
            .ok_or_else(|| missing("ec2 CreateInternetGateway", "InternetGatewayId"))
    }

    async fn update(&self, actual: &Self, aws: &Aws, id: &InternetGatewayId, _: &Intent) -> Result<()> {
        if self.vpc != actual.vpc {
            if !actual.vpc.as_str().is_empty() {
                detach(aws, id, &actual.vpc).await?;
            }
            let call = aws.ec2.attach_internet_gateway().internet_gateway_id(id.as_str());
            call.vpc_id(self.vpc.as_str()).send().await.or_fault("ec2 AttachInternetGateway")?;
        }
        tags::update(aws, id.as_str(), &self.tags, &actual.tags).await
    }

    async fn delete(&self, aws: &Aws, id: &InternetGatewayId, _: &Intent) -> Result<()> {
        let gateway = aws.ec2_reads.internet_gateways.get(id.as_str()).await?;
        if let Some(vpc) = gateway.and_then(|gateway| attached_to(gateway.attachments())) {
            detach(aws, id, &vpc).await?;
        }
        let call = aws.ec2.delete_internet_gateway().internet_gateway_id(id.as_str());
        call.send().await.found("ec2 DeleteInternetGateway")?;
        Ok(())
    }
}

fn attached_to(attachments: &[InternetGatewayAttachment]) -> Option<VpcId> {
    let leaving =
        |state: Option<&_>| matches!(state, Some(AttachmentStatus::Detaching | AttachmentStatus::Detached));
    let attachment = attachments.iter().find(|attachment| !leaving(attachment.state()));
    attachment.and_then(|attachment| attachment.vpc_id()).map(VpcId::new)
}

async fn detach(aws: &Aws, id: &InternetGatewayId, vpc: &VpcId) -> Result<()> {
    let call = aws.ec2.detach_internet_gateway().internet_gateway_id(id.as_str()).vpc_id(vpc.as_str());
    call.send().await.found("ec2 DetachInternetGateway")?;
    Ok(())
}
