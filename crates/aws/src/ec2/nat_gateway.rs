//! EC2 NAT gateway: lets private subnets reach the internet from one public address.

use aws_sdk_ec2::types::{NatGatewayState, ResourceType};
use serde::{Deserialize, Serialize};
use sidekick_engine::{Diff, Intent, Live, Mark, Observed, Pace, Resource, Result, Teardown};

use super::tags;
use crate::fault::{Answer, missing};
use crate::{AllocationId, Aws, NatGatewayId, SubnetId, Tags};

/// The NAT gateway we want.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NatGateway {
    /// The public subnet it stands in.
    pub subnet: SubnetId,
    /// The Elastic IP it speaks from.
    pub allocation: AllocationId,
    /// The configured tags.
    pub tags: Tags,
}

/// What dependents may read once the gateway is available.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NatGatewayOutputs {
    /// The gateway's id.
    pub id: NatGatewayId,
    /// The address it speaks from.
    pub public_ip: Option<String>,
}

impl Resource for NatGateway {
    const KIND: &'static str = "ec2.nat_gateway";
    const UP: Pace = Pace::seconds(80, 110, 150, 600);
    const DOWN: Pace = Pace::seconds(35, 45, 60, 900);
    const CREATES_ONCE: bool = true;
    const UNIQUE_ID: bool = true;
    const TEARDOWN: Teardown = Teardown::Anytime;

    type Cloud = Aws;
    type Id = NatGatewayId;
    type Outputs = NatGatewayOutputs;

    fn diff(&self, actual: &Self) -> Diff {
        let Self { subnet, allocation, tags } = self;
        Diff::default()
            .immutable("subnet", subnet, &actual.subnet)
            .immutable("allocation", allocation, &actual.allocation)
            .mutable("tags", tags, &actual.tags)
    }

    async fn find(&self, aws: &Aws, mark: &Mark) -> Result<Option<NatGatewayId>> {
        let call = aws.ec2.describe_nat_gateways().set_filter(Some(tags::by_mark(mark)));
        let found = call.send().await.or_fault("ec2 DescribeNatGateways")?;
        // Deleted and failed gateways stay listed for about an hour.
        let lives = |state| matches!(state, Some(&NatGatewayState::Pending | &NatGatewayState::Available));
        let gateway = found.nat_gateways().iter().find(|gateway| lives(gateway.state()));
        Ok(gateway.and_then(|gateway| gateway.nat_gateway_id()).map(NatGatewayId::new))
    }

    async fn observe(&self, aws: &Aws, id: &NatGatewayId) -> Result<Observed<Self>> {
        let Some(gateway) = aws.ec2_reads.nat_gateways.get(id.as_str()).await? else {
            return Ok(Observed::Absent);
        };
        let (tags, owner) = tags::read(gateway.tags());
        match gateway.state() {
            Some(NatGatewayState::Available) => {}
            Some(NatGatewayState::Deleting) => return Ok(Observed::Deleting),
            Some(NatGatewayState::Deleted) => return Ok(Observed::Absent),
            Some(NatGatewayState::Failed) => {
                let code = gateway.failure_code().unwrap_or("failed");
                let message = gateway.failure_message().unwrap_or("AWS gave no reason");
                return Ok(Observed::Failed { why: format!("{code}: {message}"), owner });
            }
            other => {
                let note = other.map_or("unknown", NatGatewayState::as_str).to_owned();
                return Ok(Observed::Settling { note, owner });
            }
        }
        let field = |name| missing("ec2 DescribeNatGateways", name);
        let address = gateway.nat_gateway_addresses().first();
        let allocation = address.and_then(|address| address.allocation_id());
        let actual = Self {
            subnet: SubnetId::new(gateway.subnet_id().ok_or_else(|| field("SubnetId"))?),
            allocation: AllocationId::new(allocation.ok_or_else(|| field("AllocationId"))?),
            tags,
        };
        let public_ip = address.and_then(|address| address.public_ip()).map(str::to_owned);
        Ok(Observed::Steady(Live { actual, outputs: NatGatewayOutputs { id: id.clone(), public_ip }, owner }))
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> Result<NatGatewayId> {
        let call = aws.ec2.create_nat_gateway().subnet_id(self.subnet.as_str());
        let call = call.allocation_id(self.allocation.as_str()).client_token(intent.token());
        let call = call.tag_specifications(tags::specification(ResourceType::Natgateway, &self.tags, intent));
        let made = call.send().await.or_fault("ec2 CreateNatGateway")?;
        let id = made.nat_gateway().and_then(|gateway| gateway.nat_gateway_id());
        id.map(NatGatewayId::new).ok_or_else(|| missing("ec2 CreateNatGateway", "NatGatewayId"))
    }

    async fn update(&self, actual: &Self, aws: &Aws, id: &NatGatewayId, _: &Intent) -> Result<()> {
        tags::update(aws, id.as_str(), &self.tags, &actual.tags).await
    }

    async fn delete(&self, aws: &Aws, id: &NatGatewayId, _: &Intent) -> Result<()> {
        let call = aws.ec2.delete_nat_gateway().nat_gateway_id(id.as_str());
        call.send().await.found("ec2 DeleteNatGateway")?;
        Ok(())
    }
}
