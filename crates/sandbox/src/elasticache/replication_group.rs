//! Replication groups as they are.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::PAGING;
use super::capacity::{Capacity, Transit};
use super::settings::Settings;
use crate::call::{Answer, Refusal};
use crate::params::Params;
use crate::seed::mix;
use crate::tags::Tags;
use crate::timeline::Timeline;
use crate::world::{World, timestamp};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ReplicationGroup {
    pub(crate) id: String,
    pub(crate) tags: Tags,
    pub(crate) subnet_group: String,
    pub(super) timeline: Timeline,
    pub(super) created: f64,
    /// When the nodes begin to take connections, unless they never do.
    pub(super) started: Option<f64>,
    pub(super) port: i64,
    pub(super) at_rest: bool,
    /// The key that encrypts what is stored, if it is not AWS's own.
    #[serde(default)]
    pub(super) key: Option<String>,
    pub(super) capacity: Capacity,
    pub(super) settings: Settings,
    pub(super) pending: Option<Pending>,
    /// When the token was last changed.
    pub(super) auth_changed: Option<f64>,
    /// The nodes on which changed parameters wait for a reboot.
    #[serde(default)]
    pub(super) to_reboot: BTreeSet<usize>,
}

/// A change that is accepted and has not happened.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Pending {
    pub(super) capacity: Capacity,
    /// What happens to the token, if anything: `ROTATING` or `SETTING`.
    pub(super) auth: Option<String>,
    /// When it happens; without a time it waits for the maintenance window.
    pub(super) due: Option<f64>,
}

impl ReplicationGroup {
    pub(super) fn arn(&self, world: &World) -> String {
        world.arn("elasticache", &format!("replicationgroup:{}", self.id))
    }

    pub(super) fn state<'a>(&'a self, world: &World) -> &'a str {
        self.timeline.state(world.now)
    }

    pub(super) fn cluster(&self, node: usize) -> String {
        format!("{}-{node:03}", self.id)
    }

    /// The holder of a node's interface.
    pub(super) fn cluster_arn(&self, world: &World, node: usize) -> String {
        world.arn("elasticache", &format!("cluster:{}", self.cluster(node)))
    }

    pub(super) fn has_started(&self, world: &World) -> bool {
        self.started.is_some_and(|started| started <= world.now)
    }

    fn endpoint(&self, plain: &str, tls: &str, world: &World) -> Value {
        let account = format!("{:06x}", mix(world.seed, 0) >> 40);
        let mut parts = world.region.split('-');
        let (area, side, number) = (parts.next(), parts.next(), parts.next());
        let initial = side.and_then(|side| side.get(..1)).unwrap_or_default();
        let region = format!("{}{initial}{}", area.unwrap_or_default(), number.unwrap_or_default());
        let host = if self.capacity.transit == Transit::Plain {
            format!("{plain}.{account}")
        } else {
            format!("{tls}.{}.{account}", self.id)
        };
        let shard = if self.capacity.transit == Transit::Plain { ".ng.0001" } else { "" };
        json!({ "Address": format!("{host}{shard}.{region}.cache.amazonaws.com"), "Port": self.port })
    }

    /// Where a node answers.
    pub(super) fn node_endpoint(&self, node: usize, world: &World) -> Value {
        if !self.has_started(world) {
            return Value::Null;
        }
        let name = self.cluster(node);
        self.endpoint(&name, &name, world)
    }

    fn failover_view(&self) -> &'static str {
        let due = self.pending.as_ref().filter(|pending| pending.due.is_some());
        match (self.capacity.failover, due.map(|pending| pending.capacity.failover)) {
            (false, Some(true)) => "enabling",
            (true, Some(false)) => "disabling",
            (true, _) => "enabled",
            (false, _) => "disabled",
        }
    }

    fn pending_view(&self) -> Map<String, Value> {
        let mut view = Map::new();
        let Some(pending) = &self.pending else { return view };
        let (before, after) = (&self.capacity, &pending.capacity);
        if before.failover != after.failover {
            let status = if after.failover { "enabled" } else { "disabled" };
            view.insert("AutomaticFailoverStatus".to_owned(), json!(status));
        }
        if before.transit != after.transit {
            view.insert("TransitEncryptionEnabled".to_owned(), json!(after.transit != Transit::Plain));
            view.insert("TransitEncryptionMode".to_owned(), json!(after.transit.mode()));
        }
        if let Some(status) = &pending.auth {
            view.insert("AuthTokenStatus".to_owned(), json!(status));
        }
        view
    }

    fn node_group(&self, world: &World) -> Value {
        let zones = super::create_group::zones(world, self);
        let member = |(index, node): (usize, &usize)| {
            json!({
                "CacheClusterId": self.cluster(*node),
                "CacheNodeId": "0001",
                "ReadEndpoint": self.node_endpoint(*node, world),
                "PreferredAvailabilityZone": zones.get(node % zones.len().max(1)),
                "CurrentRole": if index == 0 { "primary" } else { "replica" },
            })
        };
        let (primary, reader) = if self.has_started(world) {
            let reader = format!("{}-ro", self.id);
            (self.endpoint(&self.id, "master", world), self.endpoint(&reader, "replica", world))
        } else {
            (Value::Null, Value::Null)
        };
        json!({
            "NodeGroupId": "0001",
            "Status": self.state(world),
            "PrimaryEndpoint": primary,
            "ReaderEndpoint": reader,
            "NodeGroupMembers": self.capacity.nodes.iter().enumerate().map(member).collect::<Value>(),
        })
    }

    /// The group as answers show it.
    pub(super) fn view(&self, world: &World) -> Value {
        let (settings, capacity) = (&self.settings, &self.capacity);
        let members: Vec<String> = capacity.nodes.iter().map(|node| self.cluster(*node)).collect();
        let groups =
            if self.state(world) == "creating" { json!([]) } else { json!([self.node_group(world)]) };
        json!({
            "ReplicationGroupId": self.id,
            "ARN": self.arn(world),
            "Description": settings.description,
            "Status": self.state(world),
            "PendingModifiedValues": self.pending_view(),
            "MemberClusters": members,
            "NodeGroups": groups,
            "SnapshottingClusterId": settings.snapshotted,
            "AutomaticFailover": self.failover_view(),
            "MultiAZ": if capacity.multi_az { "enabled" } else { "disabled" },
            "SnapshotRetentionLimit": settings.snapshot_retention,
            "SnapshotWindow": settings.snapshot_window,
            "ClusterEnabled": false,
            "ClusterMode": "disabled",
            "CacheNodeType": capacity.node_type,
            "AuthTokenEnabled": capacity.auth,
            "AuthTokenLastModifiedDate": self.auth_changed.map(timestamp),
            "TransitEncryptionEnabled": capacity.transit != Transit::Plain,
            "TransitEncryptionMode": capacity.transit.mode(),
            "AtRestEncryptionEnabled": self.at_rest,
            "KmsKeyId": self.key,
            "ReplicationGroupCreateTime": timestamp(self.created),
            "AutoMinorVersionUpgrade": settings.auto_minor,
            "NetworkType": "ipv4",
            "IpDiscovery": "ipv4",
            "DataTiering": "disabled",
            "Engine": capacity.engine,
        })
    }
}

/// What is said of a group that is not there.
pub(super) fn absent(id: &str) -> Refusal {
    Refusal::absent("ReplicationGroupNotFoundFault", format!("ReplicationGroup {id} not found.")).status(404)
}

/// The group that `ReplicationGroupId` names, if it can be changed now.
pub(super) fn find_available(world: &World, params: &Params) -> Result<ReplicationGroup, Refusal> {
    let id = params.text("ReplicationGroupId")?.to_lowercase();
    let group = world.elasticache.replication_groups.get(&id).ok_or_else(|| absent(&id))?;
    if group.state(world) != "available" {
        let words = "Replication group must be in available state to modify.";
        return Err(Refusal::blocked("InvalidReplicationGroupState", words));
    }
    Ok(group.clone())
}

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    let id = params.text_if("ReplicationGroupId")?.map(str::to_lowercase);
    let visible = world.elasticache.replication_groups.values().filter(|group| !world.hides(group.created));
    let asked = visible.filter(|group| id.as_ref().is_none_or(|id| *id == group.id));
    let views: Vec<_> = asked.map(|group| (group.id.clone(), group.view(world))).collect();
    match id {
        Some(id) if views.is_empty() => Err(absent(&id)),
        _ => PAGING.answer(params, "ReplicationGroups", views),
    }
}
