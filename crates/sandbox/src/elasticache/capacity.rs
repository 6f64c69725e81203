//! What a replication group is made of. Changes of this wait for the maintenance window or for
//! `ApplyImmediately`, and then the group works on them in `modifying`.

use serde::{Deserialize, Serialize};

use super::{engine, parameter_group};
use crate::call::Refusal;
use crate::params::Params;
use crate::placement::{default_group, read_groups};
use crate::world::World;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Capacity {
    pub(super) node_type: String,
    pub(super) engine: String,
    pub(super) engine_version: String,
    pub(super) parameter_group: String,
    pub(super) failover: bool,
    pub(super) multi_az: bool,
    pub(super) groups: Vec<String>,
    pub(super) transit: Transit,
    /// Whether clients must send a token.
    pub(super) auth: bool,
    /// The numbers of the nodes, the primary first.
    pub(super) nodes: Vec<usize>,
}

/// How clients may connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Transit {
    Plain,
    /// With TLS or without.
    Preferred,
    /// With TLS only.
    Required,
}

impl Transit {
    /// The mode as answers name it.
    pub(super) fn mode(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Preferred => Some("preferred"),
            Self::Required => Some("required"),
        }
    }

    fn read(params: &Params, before: Self) -> Result<Self, Refusal> {
        let mode = match params.text_if("TransitEncryptionMode")? {
            None => None,
            Some("preferred") => Some(Self::Preferred),
            Some("required") => Some(Self::Required),
            Some(other) => return Err(params.invalid("TransitEncryptionMode", other, "")),
        };
        match (params.flag("TransitEncryptionEnabled")?, mode) {
            (Some(false), None) => Ok(Self::Plain),
            (Some(false), Some(_)) => combination("TransitEncryptionMode needs TransitEncryptionEnabled."),
            (None, None) => Ok(before),
            (None, Some(_)) if before == Self::Plain => {
                combination("TransitEncryptionMode needs TransitEncryptionEnabled.")
            }
            (Some(true), None) if before != Self::Plain => Ok(before),
            (Some(true) | None, mode) => Ok(mode.unwrap_or(Self::Required)),
        }
    }
}

impl Capacity {
    /// The capacity that a new group is asked to have.
    pub(super) fn first(world: &World, params: &Params, vpc: &str) -> Result<Self, Refusal> {
        let name = params.text_if("Engine")?.unwrap_or("redis");
        let engine_version = engine::version(name, params.text_if("EngineVersion")?)?;
        let capacity = Self {
            node_type: params.text("CacheNodeType")?.to_owned(),
            engine: name.to_owned(),
            parameter_group: read_parameter_group(world, params, (name, &engine_version), None)?,
            engine_version,
            failover: params.flag("AutomaticFailoverEnabled")?.unwrap_or_default(),
            multi_az: params.flag("MultiAZEnabled")?.unwrap_or_default(),
            groups: read_groups(world, params, "SecurityGroupIds", vpc)?
                .unwrap_or_else(|| default_group(world, vpc)),
            transit: Transit::read(params, Transit::Plain)?,
            auth: params.text_if("AuthToken")?.map(engine::check_token).transpose()?.is_some(),
            nodes: (1..=read_count(params)?).collect(),
        };
        capacity.check()?;
        Ok(capacity)
    }

    /// What it becomes by a request to modify it. Tokens are handled elsewhere.
    pub(super) fn next(&self, world: &World, params: &Params, vpc: &str) -> Result<Self, Refusal> {
        let mut next = self.clone();
        if let Some(name) = params.text_if("Engine")? {
            name.clone_into(&mut next.engine);
        }
        let wanted = params.text_if("EngineVersion")?;
        if wanted.is_some() || next.engine != self.engine {
            next.engine_version = engine::version(&next.engine, wanted)?;
            engine::check_upgrade(
                (&self.engine, &self.engine_version),
                (&next.engine, &next.engine_version),
            )?;
        }
        let runs = (next.engine.as_str(), next.engine_version.as_str());
        next.parameter_group = read_parameter_group(world, params, runs, Some(&self.parameter_group))?;
        if let Some(node_type) = params.text_if("CacheNodeType")? {
            node_type.clone_into(&mut next.node_type);
        }
        next.failover = params.flag("AutomaticFailoverEnabled")?.unwrap_or(self.failover);
        next.multi_az = params.flag("MultiAZEnabled")?.unwrap_or(self.multi_az);
        next.groups = read_groups(world, params, "SecurityGroupIds", vpc)?.unwrap_or(next.groups);
        next.transit = Transit::read(params, self.transit)?;
        if next.transit != self.transit && !engine::changes_transit(&self.engine, &self.engine_version) {
            let words = "Transit encryption mode is not supported for engine version {}. Please use engine version 7.0.5 or higher.";
            return combination(&words.replace("{}", &self.engine_version));
        }
        match (self.transit, next.transit) {
            (Transit::Plain, Transit::Required) | (Transit::Required, Transit::Plain) => {
                return combination("Transit encryption must go through mode preferred, in two steps.");
            }
            _ => (),
        }
        next.check()?;
        Ok(next)
    }

    pub(super) fn check(&self) -> Result<(), Refusal> {
        engine::check_node_type(&self.node_type)?;
        if self.failover && self.nodes.len() < 2 {
            return combination("Automatic failover is not supported without at least one replica.");
        }
        if self.multi_az && !self.failover {
            return combination("Must have automatic failover enabled to enable MultiAZ.");
        }
        match (self.auth, self.transit) {
            (true, Transit::Plain) => combination(
                "The AUTH token modification is only supported when encryption-in-transit is enabled.",
            ),
            (true, Transit::Preferred) => {
                combination("Transit encryption preferred is not supported with redis access control")
            }
            _ => Ok(()),
        }
    }

    /// Whether nodes are replaced on the way to `next`, which takes longer than other work.
    pub(super) fn replaces_nodes(&self, next: &Self) -> bool {
        let nodes = |capacity: &Self| {
            (
                capacity.node_type.clone(),
                capacity.engine_version.clone(),
                capacity.nodes.clone(),
                capacity.transit,
            )
        };
        nodes(self) != nodes(next)
    }
}

/// The group that is asked for, or the present one where that goes with the version.
fn read_parameter_group(
    world: &World,
    params: &Params,
    (engine, version): (&str, &str),
    before: Option<&str>,
) -> Result<String, Refusal> {
    let own = engine::parameter_group(engine, version);
    let family = own.trim_start_matches("default.");
    let groups = &world.elasticache.parameter_groups;
    let fits = |name: &str| groups.get(name).is_some_and(|group| group.family == family);
    match params.text_if("CacheParameterGroupName")?.map(str::to_lowercase) {
        Some(name) if name == own || fits(&name) => Ok(name),
        Some(name) if name.starts_with("default.") || groups.contains_key(&name) => {
            combination("The parameter group does not fit the engine version or needs cluster mode.")
        }
        Some(name) => Err(parameter_group::absent(&name)),
        None if before.is_none_or(|before| before.starts_with("default.")) => Ok(own),
        None if before.is_some_and(fits) => Ok(before.unwrap_or_default().to_owned()),
        None => combination("A parameter group of the new engine version's family has to be given."),
    }
}

/// How many nodes the one shard has.
fn read_count(params: &Params) -> Result<usize, Refusal> {
    let (nodes, shards, replicas) = (
        params.number("NumCacheClusters")?,
        params.number("NumNodeGroups")?,
        params.number("ReplicasPerNodeGroup")?,
    );
    let count = match (nodes, shards, replicas) {
        (Some(_), Some(_), _) | (Some(_), _, Some(_)) => {
            return combination(
                "NumCacheClusters cannot be used with NumNodeGroups or ReplicasPerNodeGroup.",
            );
        }
        (_, Some(shards), _) if shards != 1 => {
            return Err(params.invalid("NumNodeGroups", shards, "The sandbox models one shard."));
        }
        (nodes, None, None) => nodes.unwrap_or(1),
        (_, _, replicas) => replicas.unwrap_or(0) + 1,
    };
    match usize::try_from(count) {
        Ok(count) if (1..=6).contains(&count) => Ok(count),
        _ => {
            Err(params.invalid("NumCacheClusters", count, "A shard has one primary and up to five replicas."))
        }
    }
}

fn combination<T>(words: &str) -> Result<T, Refusal> {
    Err(Refusal::illegal("InvalidParameterCombination", words))
}
