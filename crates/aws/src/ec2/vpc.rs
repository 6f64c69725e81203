//! EC2 VPC: the private network that everything else is in, with its DNS attributes.

use aws_sdk_ec2::types::{AttributeBooleanValue, ResourceType, VpcAttributeName, VpcState};
use serde::{Deserialize, Serialize};
use sidekick_engine::{Diff, Intent, Live, Mark, Observed, Pace, Resource, Result};
use tokio::try_join;

use super::holders::{self, Held};
use super::tags;
use crate::fault::{Answer, missing};
use crate::{Aws, RouteTableId, Tags, VpcId};

/// The VPC we want.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vpc {
    /// Its range, canonical: `10.0.0.0/16`.
    pub cidr: String,
    /// Whether the VPC's resolver answers.
    pub dns_support: bool,
    /// Whether what has a public address gets a public host name; needs `dns_support`.
    pub dns_hostnames: bool,
    /// The configured tags.
    pub tags: Tags,
}

/// What dependents may read once the VPC is available.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VpcOutputs {
    /// The VPC's id.
    pub id: VpcId,
    /// The route table of all subnets that are associated with no other.
    pub main_route_table: RouteTableId,
}

impl Resource for Vpc {
    const KIND: &'static str = "ec2.vpc";
    const DOWN: Pace = holders::LINGERING;
    const UNIQUE_ID: bool = true;

    /// Everything that has an address in it goes with it.
    const STATEFUL: bool = true;

    type Cloud = Aws;
    type Id = VpcId;
    type Outputs = VpcOutputs;

    fn diff(&self, actual: &Self) -> Diff {
        let Self { cidr, dns_support, dns_hostnames, tags } = self;
        Diff::default()
            .immutable("cidr", cidr, &actual.cidr)
            .mutable("dns_support", dns_support, &actual.dns_support)
            .mutable("dns_hostnames", dns_hostnames, &actual.dns_hostnames)
            .mutable("tags", tags, &actual.tags)
    }

    async fn find(&self, aws: &Aws, mark: &Mark) -> Result<Option<VpcId>> {
        let call = aws.ec2.describe_vpcs().set_filters(Some(tags::by_mark(mark)));
        let found = call.send().await.or_fault("ec2 DescribeVpcs")?;
        Ok(found.vpcs().first().and_then(|vpc| vpc.vpc_id()).map(VpcId::new))
    }

    async fn observe(&self, aws: &Aws, id: &VpcId) -> Result<Observed<Self>> {
        let Some(vpc) = aws.ec2_reads.vpcs.get(id.as_str()).await? else { return Ok(Observed::Absent) };
        if vpc.state() == Some(&VpcState::Deleting) {
            return Ok(Observed::Deleting);
        }
        let (tags, owner) = tags::read(vpc.tags());
        let settling = |owner| Ok(Observed::Settling { note: VpcState::Pending.to_string(), owner });
        if vpc.state() != Some(&VpcState::Available) {
            return settling(owner);
        }
        let support = attribute(aws, id, VpcAttributeName::EnableDnsSupport);
        let hostnames = attribute(aws, id, VpcAttributeName::EnableDnsHostnames);
        let (support, hostnames, table) = try_join!(support, hostnames, main_route_table(aws, id))?;
        let (Some(dns_support), Some(dns_hostnames), Some(main_route_table)) = (support, hostnames, table)
        else {
            return settling(owner);
        };
        let cidr = vpc.cidr_block().ok_or_else(|| missing("ec2 DescribeVpcs", "CidrBlock"))?.to_owned();
        let actual = Self { cidr, dns_support, dns_hostnames, tags };
        Ok(Observed::Steady(Live { actual, outputs: VpcOutputs { id: id.clone(), main_route_table }, owner }))
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> Result<VpcId> {
        let call = aws.ec2.create_vpc().cidr_block(&self.cidr);
        let call = call.tag_specifications(tags::specification(ResourceType::Vpc, &self.tags, intent));
        let made = call.send().await.or_fault("ec2 CreateVpc")?;
        let id = made.vpc().and_then(|vpc| vpc.vpc_id());
        id.map(VpcId::new).ok_or_else(|| missing("ec2 CreateVpc", "VpcId"))
    }

    async fn update(&self, actual: &Self, aws: &Aws, id: &VpcId, _: &Intent) -> Result<()> {
        let call = || aws.ec2.modify_vpc_attribute().vpc_id(id.as_str());
        let value = |value| AttributeBooleanValue::builder().value(value).build();
        let support = (self.dns_support != actual.dns_support)
            .then(|| call().enable_dns_support(value(self.dns_support)));
        let hostnames = (self.dns_hostnames != actual.dns_hostnames)
            .then(|| call().enable_dns_hostnames(value(self.dns_hostnames)));
        // One call takes one attribute, and host names can be on only while DNS support is.
        let ordered = if self.dns_support { [support, hostnames] } else { [hostnames, support] };
        for call in ordered.into_iter().flatten() {
            call.send().await.or_fault("ec2 ModifyVpcAttribute")?;
        }
        tags::update(aws, id.as_str(), &self.tags, &actual.tags).await
    }

    async fn delete(&self, aws: &Aws, id: &VpcId, _: &Intent) -> Result<()> {
        let answer = aws.ec2.delete_vpc().vpc_id(id.as_str()).send().await.found("ec2 DeleteVpc");
        holders::named(aws, answer, Held::Vpc(id)).await
    }
}

/// One of the two DNS attributes; `None` while the VPC is too new to have it.
async fn attribute(aws: &Aws, id: &VpcId, name: VpcAttributeName) -> Result<Option<bool>> {
    let call = aws.ec2.describe_vpc_attribute().vpc_id(id.as_str()).attribute(name);
    let Some(found) = call.send().await.found("ec2 DescribeVpcAttribute")? else { return Ok(None) };
    let value = found.enable_dns_support().or(found.enable_dns_hostnames());
    Ok(value.and_then(AttributeBooleanValue::value))
}

async fn main_route_table(aws: &Aws, id: &VpcId) -> Result<Option<RouteTableId>> {
    let call = aws.ec2.describe_route_tables().filters(tags::filter("vpc-id", id.as_str()));
    let call = call.filters(tags::filter("association.main", "true"));
    let found = call.send().await.or_fault("ec2 DescribeRouteTables")?;
    Ok(found.route_tables().first().and_then(|table| table.route_table_id()).map(RouteTableId::new))
}
