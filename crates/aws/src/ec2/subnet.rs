//! EC2 subnet: an address range of a VPC in one availability zone.

use aws_sdk_ec2::types::{AttributeBooleanValue, ResourceType, SubnetState};
use serde::{Deserialize, Serialize};
use sidekick_engine::{Diff, Intent, Live, Mark, Observed, Pace, Resource, Result};

use super::holders::{self, Held};
use super::{Vpc, tags};
use crate::fault::{Answer, missing};
use crate::{Aws, SubnetId, Tags, VpcId};

/// The subnet we want.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Subnet {
    /// The VPC it is a part of.
    pub vpc: VpcId,
    /// Its range, canonical: `10.0.1.0/24`.
    pub cidr: String,
    /// Its availability zone: `us-west-2a`.
    pub zone: String,
    /// Whether what is launched here gets a public address.
    pub public: bool,
    /// The configured tags.
    pub tags: Tags,
}

/// What dependents may read once the subnet is available.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubnetOutputs {
    /// The subnet's id.
    pub id: SubnetId,
}

impl Resource for Subnet {
    const KIND: &'static str = "ec2.subnet";
    const DOWN: Pace = holders::LINGERING;
    const CREATES_ONCE: bool = true;
    const WITHIN: Option<&'static str> = Some(Vpc::KIND);
    const UNIQUE_ID: bool = true;

    type Cloud = Aws;
    type Id = SubnetId;
    type Outputs = SubnetOutputs;

    fn diff(&self, actual: &Self) -> Diff {
        let Self { vpc, cidr, zone, public, tags } = self;
        Diff::default()
            .immutable("vpc", vpc, &actual.vpc)
            .immutable("cidr", cidr, &actual.cidr)
            .immutable("zone", zone, &actual.zone)
            .mutable("public", public, &actual.public)
            .mutable("tags", tags, &actual.tags)
    }

    async fn find(&self, aws: &Aws, mark: &Mark) -> Result<Option<SubnetId>> {
        let call = aws.ec2.describe_subnets().set_filters(Some(tags::by_mark(mark)));
        let found = call.send().await.or_fault("ec2 DescribeSubnets")?;
        Ok(found.subnets().first().and_then(|subnet| subnet.subnet_id()).map(SubnetId::new))
    }

    async fn observe(&self, aws: &Aws, id: &SubnetId) -> Result<Observed<Self>> {
        let Some(subnet) = aws.ec2_reads.subnets.get(id.as_str()).await? else { return Ok(Observed::Absent) };
        let (tags, owner) = tags::read(subnet.tags());
        match subnet.state() {
            Some(SubnetState::Available) => {}
            Some(state @ SubnetState::Pending) => {
                return Ok(Observed::Settling { note: state.to_string(), owner });
            }
            other => {
                let why = format!("its state is {}", other.map_or("unknown", SubnetState::as_str));
                return Ok(Observed::Failed { why, owner });
            }
        }
        let field = |name| missing("ec2 DescribeSubnets", name);
        let actual = Self {
            vpc: VpcId::new(subnet.vpc_id().ok_or_else(|| field("VpcId"))?),
            cidr: subnet.cidr_block().ok_or_else(|| field("CidrBlock"))?.to_owned(),
            zone: subnet.availability_zone().ok_or_else(|| field("AvailabilityZone"))?.to_owned(),
            public: subnet.map_public_ip_on_launch().unwrap_or_default(),
            tags,
        };
        Ok(Observed::Steady(Live { actual, outputs: SubnetOutputs { id: id.clone() }, owner }))
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> Result<SubnetId> {
        let call = aws.ec2.create_subnet().vpc_id(self.vpc.as_str()).cidr_block(&self.cidr);
        let call = call.availability_zone(&self.zone);
        let call = call.tag_specifications(tags::specification(ResourceType::Subnet, &self.tags, intent));
        let made = call.send().await.or_fault("ec2 CreateSubnet")?;
        let id = made.subnet().and_then(|subnet| subnet.subnet_id());
        id.map(SubnetId::new).ok_or_else(|| missing("ec2 CreateSubnet", "SubnetId"))
    }

    async fn update(&self, actual: &Self, aws: &Aws, id: &SubnetId, _: &Intent) -> Result<()> {
        if self.public != actual.public {
            let public = AttributeBooleanValue::builder().value(self.public).build();
            let call =
                aws.ec2.modify_subnet_attribute().subnet_id(id.as_str()).map_public_ip_on_launch(public);
            call.send().await.or_fault("ec2 ModifySubnetAttribute")?;
        }
        tags::update(aws, id.as_str(), &self.tags, &actual.tags).await
    }

    async fn delete(&self, aws: &Aws, id: &SubnetId, _: &Intent) -> Result<()> {
        let answer = aws.ec2.delete_subnet().subnet_id(id.as_str()).send().await.found("ec2 DeleteSubnet");
        holders::named(aws, answer, Held::Subnet(id)).await
    }
}
