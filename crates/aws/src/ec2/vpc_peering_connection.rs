//! EC2 VPC peering connection that we request, and accept where the other VPC is in this account too.

use aws_sdk_ec2::types::{PeeringConnectionOptionsRequest, ResourceType};
use aws_sdk_ec2::{Config, config::Region};
use serde::{Deserialize, Serialize};
use sidekick_engine::{Diff, Intent, Live, Mark, Observed, Resource, Result, Revises, Teardown};

use super::peering::{Peering, PeeringState, alive};
use super::reads::among;
use super::tags;
use crate::fault::{Answer, missing};
use crate::{Aws, PeeringConnectionId, Tags, VpcId};

/// The connection we want.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VpcPeeringConnection {
    /// Our VPC, from which it is requested.
    pub vpc: VpcId,
    /// The other VPC.
    pub peer_vpc: VpcId,
    /// The account of the other VPC, if it may be another one than ours.
    pub peer_account: Option<String>,
    /// The region of the other VPC, if it may be another one than ours.
    pub peer_region: Option<String>,
    /// Whether nothing is left for this account to do for its acceptance. Another account accepts when it likes.
    pub accepted: bool,
    /// Whether public host names of ours are resolved to private addresses for the other VPC, once it is connected.
    #[serde(default)]
    pub dns_resolution: bool,
    /// The configured tags.
    pub tags: Tags,
}

/// What dependents may read: also while another account has not accepted it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VpcPeeringConnectionOutputs {
    /// The connection's id.
    pub id: PeeringConnectionId,
    /// Who has to accept it, and AWS's word for how it is.
    pub peering: Peering,
    /// Whether traffic can go through it. It stands here by itself so that a plan can say what depends on it.
    pub is_active: bool,
}

impl Resource for VpcPeeringConnection {
    const KIND: &'static str = "ec2.vpc_peering_connection";
    // Routes that lead to it do not hold it.
    const UNIQUE_ID: bool = true;
    const TEARDOWN: Teardown = Teardown::Anytime;
    const REVISES: Revises = Revises::Always;

    type Cloud = Aws;
    type Id = PeeringConnectionId;
    type Outputs = VpcPeeringConnectionOutputs;

    fn diff(&self, actual: &Self) -> Diff {
        let Self { vpc, peer_vpc, peer_account, peer_region, accepted, dns_resolution, tags } = self;
        Diff::default()
            .immutable("vpc", vpc, &actual.vpc)
            .immutable("peer_vpc", peer_vpc, &actual.peer_vpc)
            .immutable("peer_account", peer_account, &actual.peer_account)
            .immutable("peer_region", peer_region, &actual.peer_region)
            .mutable("accepted", accepted, &actual.accepted)
            .mutable("dns_resolution", dns_resolution, &actual.dns_resolution)
            .mutable("tags", tags, &actual.tags)
    }

    /// Its natural name is the pair of VPCs: there is one living connection between two of them, whoever asked for it.
    async fn find(&self, aws: &Aws, _: &Mark) -> Result<Option<PeeringConnectionId>> {
        let pair = || vec![self.vpc.to_string(), self.peer_vpc.to_string()];
        let call = aws.ec2.describe_vpc_peering_connections().set_filters(Some(vec![
            among("requester-vpc-info.vpc-id", pair()),
            among("accepter-vpc-info.vpc-id", pair()),
            alive(),
        ]));
        let found = call.send().await.or_fault("ec2 DescribeVpcPeeringConnections")?;
        let connection = found.vpc_peering_connections().first();
        Ok(connection.and_then(|it| it.vpc_peering_connection_id()).map(PeeringConnectionId::new))
    }

    async fn observe(&self, aws: &Aws, id: &PeeringConnectionId) -> Result<Observed<Self>> {
        let Some(found) = aws.ec2_reads.peering_connections.get(id.as_str()).await? else {
            return Ok(Observed::Absent);
        };
        let (tags, owner) = tags::read(found.tags());
        let peering = Peering::read(&found);
        match peering.state() {
            PeeringState::Dead => return Ok(Observed::Dead { why: peering.why() }),
            PeeringState::Deleting => return Ok(Observed::Deleting),
            PeeringState::Settling => return Ok(Observed::Settling { note: peering.status, owner }),
            PeeringState::Waiting | PeeringState::Active => {}
        }
        let field = |name| missing("ec2 DescribeVpcPeeringConnections", name);
        let requester = found.requester_vpc_info().ok_or_else(|| field("RequesterVpcInfo"))?;
        let accepter = found.accepter_vpc_info().ok_or_else(|| field("AccepterVpcInfo"))?;
        let id_of = |vpc: Option<&str>| vpc.map(VpcId::new).ok_or_else(|| field("VpcId"));
        let is_active = peering.state() == PeeringState::Active;
        let resolves = requester.peering_options().and_then(|it| it.allow_dns_resolution_from_remote_vpc());
        let is_same_account = accepter.owner_id() == requester.owner_id();
        let is_same_region = accepter.region() == requester.region();
        let actual = Self {
            vpc: id_of(requester.vpc_id())?,
            peer_vpc: id_of(accepter.vpc_id())?,
            // What is left out means our own, and may be spelled out as well.
            peer_account: (self.peer_account.is_some() || !is_same_account).then(|| peering.account.clone()),
            peer_region: (self.peer_region.is_some() || !is_same_region).then(|| peering.region.clone()),
            accepted: is_active || !is_same_account,
            // Only an active connection has options.
            dns_resolution: if is_active { resolves.unwrap_or_default() } else { self.dns_resolution },
            tags,
        };
        let outputs = VpcPeeringConnectionOutputs { id: id.clone(), peering, is_active };
        Ok(Observed::Steady(Live { actual, outputs, owner }))
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> Result<PeeringConnectionId> {
        let call = aws.ec2.create_vpc_peering_connection().vpc_id(self.vpc.as_str());
        let call = call.peer_vpc_id(self.peer_vpc.as_str()).set_peer_owner_id(self.peer_account.clone());
        let tags = tags::specification(ResourceType::VpcPeeringConnection, &self.tags, intent);
        let call = call.set_peer_region(self.peer_region.clone()).tag_specifications(tags);
        let made = call.send().await.or_fault("ec2 CreateVpcPeeringConnection")?;
        let id = made.vpc_peering_connection().and_then(|it| it.vpc_peering_connection_id());
        id.map(PeeringConnectionId::new)
            .ok_or_else(|| missing("ec2 CreateVpcPeeringConnection", "VpcPeeringConnectionId"))
    }

    async fn update(&self, actual: &Self, aws: &Aws, id: &PeeringConnectionId, _: &Intent) -> Result<()> {
        if self.accepted && !actual.accepted {
            // Only the region of the other VPC takes the acceptance.
            let region = self.peer_region.clone().map(Region::new);
            let there = region.map_or_else(Config::builder, |region| Config::builder().region(region));
            let call = aws.ec2.accept_vpc_peering_connection().vpc_peering_connection_id(id.as_str());
            let accepted = call.customize().config_override(there).send().await;
            accepted.or_fault("ec2 AcceptVpcPeeringConnection")?;
        }
        if self.dns_resolution != actual.dns_resolution {
            let options = PeeringConnectionOptionsRequest::builder();
            let options = options.allow_dns_resolution_from_remote_vpc(self.dns_resolution).build();
            let call = aws.ec2.modify_vpc_peering_connection_options().vpc_peering_connection_id(id.as_str());
            let call = call.requester_peering_connection_options(options);
            call.send().await.or_fault("ec2 ModifyVpcPeeringConnectionOptions")?;
        }
        tags::update(aws, id.as_str(), &self.tags, &actual.tags).await
    }

    async fn delete(&self, aws: &Aws, id: &PeeringConnectionId, _: &Intent) -> Result<()> {
        let call = aws.ec2.delete_vpc_peering_connection().vpc_peering_connection_id(id.as_str());
        call.send().await.found("ec2 DeleteVpcPeeringConnection").map(drop)
    }
}
