//! Secrets Manager: the three secrets and the JSON objects they hold.
//!
//! Values pass through here; none of them reaches a spec, an output, an error or a log.

mod document;
mod permissions;
mod secret;
mod secret_version;
mod tags;

use std::collections::BTreeSet;

use aws_sdk_secretsmanager::Client;
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use sidekick_engine::{Class, Fault, Result};

use crate::fault::Answer;
use crate::reads::Reads;
use crate::{Aws, Secret as SecretValue, SecretArn};
use document::Document;

pub use document::{Field, Fields};
pub(crate) use permissions::PERMISSIONS;
pub use secret::{Secret, SecretOutputs, scheduled_for_deletion};
pub use secret_version::{SecretVersion, SecretVersionOutputs};

const READ: &str = "secretsmanager GetSecretValue";
const WRITE: &str = "secretsmanager PutSecretValue";

/// Where a password lies: all that a spec ever says about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordRef {
    /// The secret that holds it.
    pub secret: SecretArn,
    /// The field of the secret's JSON object.
    pub key: String,
}

impl Aws {
    /// Reads one field of a secret, for the call that hands it to another service.
    ///
    /// A secret written a moment ago may not be readable everywhere; that is a fault which the engine tries again.
    pub async fn secret_field(&self, arn: &SecretArn, key: &str) -> Result<SecretValue> {
        let current = current(self, arn.as_str()).await?;
        current.and_then(|current| current.document.field(key)).ok_or_else(|| {
            Fault::new(Class::NotYetVisible, READ, format!("{arn} has no field {key}")).with_hint(format!(
                "store a text under the key {key}, or let sidekick write the secret first"
            ))
        })
    }
}

/// What was answered about the value of a secret that is there: the value, if it is a text.
#[derive(Clone)]
pub(crate) struct Stored {
    secret: String,
    /// The version's id, and its value.
    value: Result<(String, Option<SecretValue>)>,
}

/// The value that a secret has now.
struct Current {
    version: String,
    document: Document,
}

/// The open look-ups of values. Several resources stand for parts of one secret.
pub(crate) fn reads(client: &Client) -> Reads<Stored> {
    Reads::new(client, values, |stored| Some(&stored.secret))
}

async fn values(client: Client, secrets: Vec<String>) -> Result<Vec<Stored>> {
    let each = secrets.into_iter().map(|secret| {
        let call = client.get_secret_value().secret_id(&secret);
        async move {
            let found = call.send().await.found(READ).transpose()?;
            let value = found.map(|found| {
                (found.version_id.unwrap_or_default(), found.secret_string.map(SecretValue::new))
            });
            Some(Stored { secret, value })
        }
    });
    Ok(join_all(each).await.into_iter().flatten().collect())
}

/// Which keys the current value of the secret with this name holds a text for.
///
/// `None` if there is no such secret, if it has no value, or if it is scheduled for deletion and so not readable.
pub async fn stored_keys(aws: &Aws, name: &str) -> Result<Option<BTreeSet<String>>> {
    Ok(current(aws, name).await?.map(|current| current.document.keys()))
}

/// The values of those of these keys that a secret holds; none if it is not readable any more.
pub(crate) async fn held(aws: &Aws, arn: &SecretArn, keys: &[&str]) -> Result<Vec<SecretValue>> {
    let current = current(aws, arn.as_str()).await?;
    Ok(current.iter().flat_map(|it| keys.iter().filter_map(|key| it.document.field(key))).collect())
}

/// Reads the value of a secret, by name or ARN. `None` if there is none, or it is on its way out.
async fn current(aws: &Aws, secret: &str) -> Result<Option<Current>> {
    let Some(Stored { value, .. }) = aws.secret_values.get(secret).await? else { return Ok(None) };
    let (version, value) = value?;
    let document = value.as_ref().and_then(Document::unseal).ok_or_else(|| {
        Fault::new(Class::Invalid, READ, format!("the value of {secret} is not a JSON object")).with_hint(
            "store its fields as one JSON object of texts; sidekick keeps the keys it does not know",
        )
    })?;
    Ok(Some(Current { version, document }))
}
