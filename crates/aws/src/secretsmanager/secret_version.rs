//! Secrets Manager secret version: the JSON object that a secret holds now.

use rand::SeedableRng;
use rand::rngs::{StdRng, SysRng};
use serde::{Deserialize, Serialize};
use sidekick_engine::{Class, Diff, Fault, Intent, Live, Mark, Observed, Owner, Resource, Result, Teardown};

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
}

/// What dependents may read once the secret has its value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SecretVersionOutputs {
    /// The secret's full ARN.
    pub arn: SecretArn,
}

impl Resource for SecretVersion {
    const KIND: &'static str = "secretsmanager.secret_version";
    const WITHIN: Option<&'static str> = Some(Secret::KIND);
    const TEARDOWN: Teardown = Teardown::Anytime;
    /// Versions cannot be deleted: they go with their secret.
    const PARENTED: bool = true;

    type Cloud = Aws;
    type Id = SecretArn;
    type Outputs = SecretVersionOutputs;

    fn diff(&self, actual: &Self) -> Diff {
        let Self { secret, fields } = self;
        fields.iter().fold(
            Diff::default().immutable("secret", secret, &actual.secret),
            |diff, (name, field)| {
                diff.mutable(&format!("fields.{name}"), &Some(field), &actual.fields.get(name))
            },
        )
    }

    /// A value that lacks a field is not this one yet: several kinds of fields of one secret may be written in turn.
    async fn find(&self, aws: &Aws, _: &Mark) -> Result<Option<SecretArn>> {
        let stored = super::current(aws, self.secret.as_str()).await?.map(|document| document.keys());
        let complete = stored.is_some_and(|stored| self.fields.keys().all(|name| stored.contains(name)));
        Ok(complete.then(|| self.secret.clone()))
    }

    async fn observe(&self, aws: &Aws, id: &SecretArn) -> Result<Observed<Self>> {
        let Some(document) = super::current(aws, id.as_str()).await? else { return Ok(Observed::Absent) };
        let fields = document.classify(&self.fields, &aws.supplied);
        let outputs = SecretVersionOutputs { arn: id.clone() };
        Ok(Observed::Steady(Live {
            actual: Self { secret: id.clone(), fields },
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
        let stored = super::current(aws, self.secret.as_str()).await?.unwrap_or_default();
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
