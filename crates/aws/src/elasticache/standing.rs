//! How a replication group stands, at a glance.

use aws_sdk_elasticache::types::MultiAzStatus;
use serde::Serialize;
use sidekick_engine::Result;

use super::request;
use crate::{Aws, ReplicationGroupId};

/// How a replication group stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GroupStanding {
    /// Its id.
    pub name: String,
    /// AWS's word for its state.
    pub status: String,
    /// The version that runs: `7.1.0`; only its nodes tell it.
    pub engine_version: String,
    /// The size of its nodes.
    pub node_type: String,
    /// How many nodes it has.
    pub nodes: usize,
    /// Where its primary answers, `NAME:PORT`, once that is known.
    pub endpoint: Option<String>,
    /// Whether its nodes are spread over zones.
    pub multi_az: bool,
}

/// How a replication group stands; nothing if there is none.
pub async fn standing(aws: &Aws, id: &ReplicationGroupId) -> Result<Option<GroupStanding>> {
    let Some(found) = request::describe(aws, id.as_str()).await? else { return Ok(None) };
    let text = |value: Option<&str>| value.unwrap_or("unknown").to_owned();
    let status = text(found.status());
    let version = match status.as_str() {
        // Nodes that come or go may not be there to be asked.
        "creating" | "deleting" | "create-failed" => None,
        _ => request::member(aws, &found).await?.engine_version,
    };
    let endpoint = found.node_groups().first().and_then(|shard| shard.primary_endpoint());
    let endpoint = endpoint.and_then(|it| Some((it.address()?, it.port()?)));
    Ok(Some(GroupStanding {
        name: id.to_string(),
        engine_version: text(version.as_deref()),
        node_type: text(found.cache_node_type()),
        nodes: found.member_clusters().len(),
        endpoint: endpoint.map(|(address, port)| format!("{address}:{port}")),
        multi_az: found.multi_az() == Some(&MultiAzStatus::Enabled),
        status,
    }))
}
