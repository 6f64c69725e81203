//! EC2 Elastic IP: a public address that stays ours until it is released.

use aws_sdk_ec2::types::{DomainType, ResourceType};
use serde::{Deserialize, Serialize};
use sidekick_engine::{Diff, Intent, Live, Mark, Observed, Resource, Result};

use super::tags;
use crate::fault::{Answer, missing};
use crate::{AllocationId, Aws, Tags};

/// The address we want; AWS picks it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ElasticIp {
    /// The configured tags.
    pub tags: Tags,
}

/// What dependents may read once the address is allocated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ElasticIpOutputs {
    /// The allocation's id.
    pub id: AllocationId,
    /// The address itself: `203.0.113.7`.
    pub public_ip: String,
}

impl Resource for ElasticIp {
    const KIND: &'static str = "ec2.elastic_ip";
    const UNIQUE_ID: bool = true;

    type Cloud = Aws;
    type Id = AllocationId;
    type Outputs = ElasticIpOutputs;

    fn diff(&self, actual: &Self) -> Diff {
        let Self { tags } = self;
        Diff::default().mutable("tags", tags, &actual.tags)
    }

    async fn find(&self, aws: &Aws, mark: &Mark) -> Result<Option<AllocationId>> {
        let call = aws.ec2.describe_addresses().set_filters(Some(tags::by_mark(mark)));
        let found = call.send().await.or_fault("ec2 DescribeAddresses")?;
        let id = found.addresses().first().and_then(|address| address.allocation_id());
        Ok(id.map(AllocationId::new))
    }

    async fn observe(&self, aws: &Aws, id: &AllocationId) -> Result<Observed<Self>> {
        let Some(address) = aws.ec2_reads.addresses.get(id.as_str()).await? else {
            return Ok(Observed::Absent);
        };
        let (tags, owner) = tags::read(address.tags());
        let public_ip = address.public_ip().ok_or_else(|| missing("ec2 DescribeAddresses", "PublicIp"))?;
        let outputs = ElasticIpOutputs { id: id.clone(), public_ip: public_ip.to_owned() };
        Ok(Observed::Steady(Live { actual: Self { tags }, outputs, owner }))
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> Result<AllocationId> {
        let specification = tags::specification(ResourceType::ElasticIp, &self.tags, intent);
        let call = aws.ec2.allocate_address().domain(DomainType::Vpc).tag_specifications(specification);
        let made = call.send().await.or_fault("ec2 AllocateAddress")?;
        made.allocation_id()
            .map(AllocationId::new)
            .ok_or_else(|| missing("ec2 AllocateAddress", "AllocationId"))
    }

    async fn update(&self, actual: &Self, aws: &Aws, id: &AllocationId, _: &Intent) -> Result<()> {
        tags::update(aws, id.as_str(), &self.tags, &actual.tags).await
    }

    async fn delete(&self, aws: &Aws, id: &AllocationId, _: &Intent) -> Result<()> {
        let call = aws.ec2.release_address().allocation_id(id.as_str());
        call.send().await.found("ec2 ReleaseAddress")?;
        Ok(())
    }
}
