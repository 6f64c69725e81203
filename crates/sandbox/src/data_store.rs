//! The data stores behind host names, as whoever connects to them finds them.

use serde_json::{Value, json};

use crate::call::Refusal;
use crate::ec2::reach::End;
use crate::params::Params;
use crate::service::ask;
use crate::world::World;

/// A data store that takes connections.
pub(crate) struct Store<'a> {
    pub(crate) end: End<'a>,
    pub(crate) port: i64,
}

/// The data store that listens under a host name.
pub(crate) fn at<'a>(world: &'a World, host: &str) -> Option<Store<'a>> {
    database(world, host).or_else(|| cache(world, host))
}

/// An instance shows its endpoint as soon as it takes connections.
fn database<'a>(world: &'a World, host: &str) -> Option<Store<'a>> {
    let answer = ask(world, "rds", "DescribeDBInstances", json!({})).ok()?;
    let mut instances = answer["DBInstances"].as_array()?.iter();
    let instance = instances.find(|instance| instance["Endpoint"]["Address"] == host)?;
    store(world, instance["DBInstanceArn"].as_str()?, &instance["Endpoint"])
}

/// A replication group takes connections when it shows its endpoints; they are those of its first node.
fn cache<'a>(world: &'a World, host: &str) -> Option<Store<'a>> {
    let answer = ask(world, "elasticache", "DescribeReplicationGroups", json!({})).ok()?;
    answer["ReplicationGroups"].as_array()?.iter().find_map(|group| {
        let nodes = group["NodeGroups"].as_array()?.iter();
        let mut endpoints = nodes.flat_map(|node| [&node["PrimaryEndpoint"], &node["ReaderEndpoint"]]);
        let endpoint = endpoints.find(|endpoint| endpoint["Address"] == host)?;
        let node = group["MemberClusters"][0].as_str()?;
        store(world, &world.arn("elasticache", &format!("cluster:{node}")), endpoint)
    })
}

/// The key of one's own that shall encrypt what is stored. Whether it exists is nothing that the sandbox knows.
pub(crate) fn read_key(world: &World, params: &Params, encrypts: bool) -> Result<Option<String>, Refusal> {
    let Some(key) = params.text_if("KmsKeyId")? else { return Ok(None) };
    if !encrypts {
        let words = "A KMS key needs encryption at rest.";
        return Err(Refusal::illegal("InvalidParameterCombination", words));
    }
    if !key.starts_with(&world.arn("kms", "key/")) {
        let words = format!(
            "The specified KMS key [{key}] does not exist, is not enabled or you do not have permissions."
        );
        return Err(Refusal::illegal("KMSKeyNotAccessibleFault", words));
    }
    Ok(Some(key.to_owned()))
}

fn store<'a>(world: &'a World, holder: &str, endpoint: &Value) -> Option<Store<'a>> {
    let mut interfaces = world.ec2.network_interfaces.values();
    let interface = interfaces.find(|interface| interface.holder == holder)?;
    Some(Store { end: End::from(interface), port: endpoint["Port"].as_i64()? })
}
