//! The state of VPC peering connections, whoever made them.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{Filter, VpcPeeringConnection, VpcPeeringConnectionStateReasonCode as Code};
use serde::{Deserialize, Serialize};
use sidekick_engine::{Owner, Result};

use super::reads::among;
use super::tags;
use crate::{Aws, PeeringConnectionId};

/// A filter that only connections pass which are, or can become, active.
pub(super) fn alive() -> Filter {
    let codes = ["initiating-request", "pending-acceptance", "provisioning", "active"];
    among("status-code", codes.map(str::to_owned).to_vec())
}

/// How a connection is, and on whom it depends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peering {
    /// AWS's word for its state, such as `pending-acceptance`.
    pub status: String,
    /// What AWS says beside it.
    pub message: String,
    /// The account that has to accept it, or did.
    pub account: String,
    /// The region in which it has to be accepted.
    pub region: String,
}

/// What a connection's state means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeeringState {
    /// AWS is working on it.
    Settling,
    /// It waits to be accepted.
    Waiting,
    /// Traffic can go through it.
    Active,
    /// On its way out.
    Deleting,
    /// It failed, was rejected, deleted or not accepted in time; it is listed for some hours.
    Dead,
}

impl Peering {
    pub(super) fn read(connection: &VpcPeeringConnection) -> Self {
        let status = connection.status();
        let code = status.and_then(|status| status.code()).map_or("unknown", Code::as_str);
        let message = status.and_then(|status| status.message()).unwrap_or_default();
        let accepter = connection.accepter_vpc_info();
        let of_accepter = |value: Option<&str>| value.unwrap_or("unknown").to_owned();
        Self {
            status: code.to_owned(),
            message: message.to_owned(),
            account: of_accepter(accepter.and_then(|it| it.owner_id())),
            region: of_accepter(accepter.and_then(|it| it.region())),
        }
    }

    /// What its state means.
    pub fn state(&self) -> PeeringState {
        match Code::from(self.status.as_str()) {
            Code::Active => PeeringState::Active,
            Code::PendingAcceptance => PeeringState::Waiting,
            Code::Deleting => PeeringState::Deleting,
            Code::Deleted | Code::Expired | Code::Failed | Code::Rejected => PeeringState::Dead,
            _ => PeeringState::Settling,
        }
    }

    /// Why it is dead, and what can be done about it.
    pub fn why(&self) -> String {
        let Self { status, message, account, .. } = self;
        match Code::from(status.as_str()) {
            Code::Failed => format!(
                "{message}; check `vpc_id`, `account_id` and `region` of the peer, and that the two VPCs have no \
                 common address"
            ),
            Code::Expired => format!("account {account} did not accept the request within seven days"),
            Code::Rejected => format!("account {account} rejected the request"),
            _ if message.is_empty() => format!("it is {status}"),
            _ => format!("it is {status}: {message}"),
        }
    }
}

/// Each of these connections that exists, and whose it is.
pub async fn peerings(
    aws: &Aws,
    ids: &[PeeringConnectionId],
) -> Result<BTreeMap<PeeringConnectionId, (Peering, Owner)>> {
    let looks = ids.iter().map(|id| aws.ec2_reads.peering_connections.get(id.as_str()));
    let mut found = BTreeMap::new();
    for (id, connection) in ids.iter().zip(futures::future::try_join_all(looks).await?) {
        if let Some(connection) = connection {
            let (_, owner) = tags::read(connection.tags());
            found.insert(id.clone(), (Peering::read(&connection), owner));
        }
    }
    Ok(found)
}
