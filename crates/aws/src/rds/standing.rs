//! How a database stands, at a glance.

use serde::Serialize;
use sidekick_engine::Result;

use super::request;
use crate::{Aws, DbInstanceId};

/// How a database stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InstanceStanding {
    /// Its identifier.
    pub name: String,
    /// AWS's word for its state.
    pub status: String,
    /// The version that runs: `17.4`.
    pub engine_version: String,
    /// Its size.
    pub instance_class: String,
    /// Where it answers, `NAME:PORT`, once that is known.
    pub endpoint: Option<String>,
    /// Whether a standby runs in another zone.
    pub multi_az: bool,
}

/// How a database stands; nothing if there is none.
pub async fn standing(aws: &Aws, id: &DbInstanceId) -> Result<Option<InstanceStanding>> {
    let found = request::describe(aws, id.as_str()).await?;
    Ok(found.map(|found| {
        let text = |value: Option<&str>| value.unwrap_or("unknown").to_owned();
        let endpoint = found.endpoint().and_then(|it| Some((it.address()?, it.port()?)));
        InstanceStanding {
            name: id.to_string(),
            status: text(found.db_instance_status()),
            engine_version: text(found.engine_version()),
            instance_class: text(found.db_instance_class()),
            endpoint: endpoint.map(|(address, port)| format!("{address}:{port}")),
            multi_az: found.multi_az().unwrap_or_default(),
        }
    }))
}
