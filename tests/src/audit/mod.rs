//! What stands in an account, read by the AWS SDK alone and told in names instead of ids.
//!
//! Everything that the reference has a row for is read in full, whoever made it, so that an audit also finds what
//! should not be there.

mod compute;
mod data;
mod edge;
mod identity;
mod inventory;
mod network;
mod security;

use std::error::Error;

use serde_json::{Map, Value};

use crate::cloud::Cloud;

pub use inventory::Inventory;

/// What reading the account can fail with; the SDK's errors differ from call to call.
type Trouble = Box<dyn Error>;

/// Reads everything.
pub fn audit(cloud: &Cloud) -> Result<Inventory, Trouble> {
    let mut inventory = Inventory::default();
    cloud.wait(async {
        network::read(cloud, &mut inventory).await?;
        security::read(cloud, &mut inventory).await?;
        data::read(cloud, &mut inventory).await?;
        edge::read(cloud, &mut inventory).await?;
        identity::read(cloud, &mut inventory).await?;
        compute::read(cloud, &mut inventory).await
    })?;
    Ok(inventory.named())
}

/// Tags as one object.
fn tags<K: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (Option<K>, Option<V>)>) -> Value {
    let text = |value: Option<V>| value.map(Into::into).unwrap_or_default();
    let pairs = pairs.into_iter().map(|(key, value)| (key.map(Into::into).unwrap_or_default(), text(value)));
    Value::Object(pairs.map(|(key, value)| (key, Value::String(value))).collect::<Map<_, _>>())
}

/// The `Name` of something, or its id where it has none.
fn name_of(tags: &Value, id: &str) -> String {
    tags["Name"].as_str().unwrap_or(id).to_owned()
}
