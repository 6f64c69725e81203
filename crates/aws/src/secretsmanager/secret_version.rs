//! Secrets Manager secret version: the JSON object that a secret holds now.

use rand::SeedableRng;
use rand::rngs::{StdRng, SysRng};
use serde::{Deserialize, Serialize};
use sidekick_engine::{
    Class, Diff, Fault, Intent, Live, Mark, Observed, Owner, Resource, Result, Revises, Teardown,
};

use super::document::Fields;
use super::{Secret, WRITE};
use crate::fault::Answer;
use crate::{Aws, SecretArn};

/// The secret's value we want, without a value in it that is secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SecretVersion {
    /// The secret whose value it is.
    pub secret: SecretArn,
    /// The fields we ask for; others, which operators add, are kept.
    pub fields: Fields,
    /// Whether the value is complete with them. Then it is known which version of it tasks read that start now.
    #[serde(default)]
    pub complete: bool,
}

/// What dependents may read once the secret has its value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SecretVersionOutputs {
    /// The secret's full ARN.
    pub arn: SecretArn,
    /// Which version of its value is the current one, if that is complete; not a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

impl Resource for SecretVersion {
    const KIND: &'static str = "secretsmanager.secret_version";
    const WITHIN: Option<&'static str> = Some(Secret::KIND);
    const TEARDOWN: Teardown = Teardown::Anytime;
    const REVISES: Revises = Revises::Always;
    /// Versions cannot be deleted: they go with their secret.
    const PARENTED: bool = true;

    type Cloud = Aws;
    type Id = SecretArn;
    type Outputs = SecretVersionOutputs;

    fn diff(&self, actual: &Self) -> Diff {
        // Whether more is written after it changes nothing in it.
        let Self { secret, fields, complete: _ } = self;
        fields.iter().fold(
            Diff::default().immutable("secret", secret, &actual.secret),
            |diff, (name, field)| {
                diff.mutable(&format!("fields.{name}"), &Some(field), &actual.fields.get(name))
            },
        )
    }

    /// A value that lacks a field is not this one yet: several kinds of fields of one secret may be written in turn.
    async fn find(&self, aws: &Aws, _: &Mark) -> Result<Option<SecretArn>> {
        let stored = super::current(aws, self.secret.as_str()).await?.map(|current| current.document.keys());
        let complete = stored.is_some_and(|stored| self.fields.keys().all(|name| stored.contains(name)));
        Ok(complete.then(|| self.secret.clone()))
    }

    async fn observe(&self, aws: &Aws, id: &SecretArn) -> Result<Observed<Self>> {
        let Some(current) = super::current(aws, id.as_str()).await? else { return Ok(Observed::Absent) };
        let fields = current.document.classify(&self.fields, &aws.supplied);
        let version = self.complete.then_some(current.version);
        let outputs = SecretVersionOutputs { arn: id.clone(), version };
        Ok(Observed::Steady(Live {
            actual: Self { secret: id.clone(), fields, complete: self.complete },
            outputs,
            owner: Owner::Parent,
        }))
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> Result<SecretArn> {
        self.write(aws, intent).await?;
        Ok(self.secret.clone())
    }

    async fn update(&self, _: &Self, aws: &Aws, _: &SecretArn, intent: &Intent) -> Result<()> {
        self.write(aws, intent).await
    }

    async fn delete(&self, _: &Aws, _: &SecretArn, _: &Intent) -> Result<()> {
        Ok(())
    }
}

impl SecretVersion {
    /// Completes the value that is stored now and makes the result the current version.
    async fn write(&self, aws: &Aws, intent: &Intent) -> Result<()> {
        let stored = super::current(aws, self.secret.as_str()).await?;
        let stored = stored.map(|current| current.document).unwrap_or_default();
        let mut random = StdRng::try_from_rng(&mut SysRng)
            .map_err(|error| Fault::new(Class::Invalid, "generating a password", error.to_string()))?;
        let document = stored.complete(&self.fields, &aws.supplied, &mut random)?;
        let (secrets, value) = (document.secrets(&self.fields), document.seal());
        let call = aws.secretsmanager.put_secret_value().secret_id(self.secret.as_str());
        let call = call.client_request_token(intent.token()).secret_string(value.expose());
        match call.send().await.or_fault_without(&secrets, WRITE) {
            // The token became a version in an earlier attempt, whose answer was lost; its passwords stand.
            Err(fault) if fault.class == Class::Conflict => Ok(()),
            answer => answer.map(drop),
        }
    }
}
