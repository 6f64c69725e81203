//! Secrets Manager secret: a name under which versions of a value are kept; the value is not a part of it.

use serde::{Deserialize, Serialize};
use sidekick_engine::{Class, Diff, Fault, Intent, Live, Mark, Observed, Resource, Result};

use super::tags;
use crate::fault::{Answer, missing};
use crate::{Aws, SecretArn, Tags};

const DESCRIBE: &str = "secretsmanager DescribeSecret";
/// AWS's own key, which answers leave out.
const DEFAULT_KEY: &str = "alias/aws/secretsmanager";

/// The secret we want.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Secret {
    /// Its name, unique in account and region: `sidekick/app/credentials`.
    pub name: String,
    /// What it is for; not a secret.
    pub description: String,
    /// The ARN of the KMS key that seals its value; without it, AWS's own.
    #[serde(default)]
    pub kms_key: Option<String>,
    /// How long it can be restored after its deletion: 7 to 30 days, or 0 for not at all. Only matters to deleting.
    pub recovery_window_days: u8,
    /// The configured tags.
    pub tags: Tags,
}

/// What dependents may read once the secret exists.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SecretOutputs {
    /// The secret's full ARN.
    pub arn: SecretArn,
    /// The secret's name.
    pub name: String,
}

impl Resource for Secret {
    const KIND: &'static str = "secretsmanager.secret";
    const CREATES_ONCE: bool = true;
    const UNIQUE_ID: bool = true;
    const HIDDEN: &'static [&'static str] = &["recovery_window_days"];
    const DISTINCT_BY: &'static [&'static str] = &["name"];
    const STATEFUL: bool = true;

    type Cloud = Aws;
    type Id = SecretArn;
    type Outputs = SecretOutputs;

    fn diff(&self, actual: &Self) -> Diff {
        let Self { name, description, kms_key, recovery_window_days, tags } = self;
        Diff::default()
            .immutable("name", name, &actual.name)
            .mutable("description", description, &actual.description)
            .mutable("kms_key", kms_key, &actual.kms_key)
            .mutable("recovery_window_days", recovery_window_days, &actual.recovery_window_days)
            .mutable("tags", tags, &actual.tags)
    }

    async fn find(&self, aws: &Aws, _: &Mark) -> Result<Option<SecretArn>> {
        let call = aws.secretsmanager.describe_secret().secret_id(&self.name);
        let found = call.send().await.found(DESCRIBE)?.filter(|secret| secret.deleted_date().is_none());
        found
            .map(|secret| secret.arn().map(SecretArn::new).ok_or_else(|| missing(DESCRIBE, "ARN")))
            .transpose()
    }

    async fn observe(&self, aws: &Aws, id: &SecretArn) -> Result<Observed<Self>> {
        let found =
            aws.secretsmanager.describe_secret().secret_id(id.as_str()).send().await.found(DESCRIBE)?;
        // A secret that is scheduled for deletion can be read by nobody: for us it is gone already.
        let Some(secret) = found.filter(|secret| secret.deleted_date().is_none()) else {
            return Ok(Observed::Absent);
        };
        let name = secret.name().ok_or_else(|| missing(DESCRIBE, "Name"))?.to_owned();
        let (tags, owner) = tags::read(secret.tags());
        let actual = Self {
            name: name.clone(),
            // AWS leaves an empty description out.
            description: secret.description().unwrap_or_default().to_owned(),
            kms_key: self.key(secret.kms_key_id()),
            recovery_window_days: self.recovery_window_days,
            tags,
        };
        Ok(Observed::Steady(Live { actual, outputs: SecretOutputs { arn: id.clone(), name }, owner }))
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> Result<SecretArn> {
        let call = aws.secretsmanager.create_secret().name(&self.name).description(&self.description);
        let call =
            call.set_kms_key_id(self.kms_key.clone()).set_tags(Some(tags::specification(&self.tags, intent)));
        let arn = match call.send().await.or_fault("secretsmanager CreateSecret") {
            Ok(made) => made.arn,
            Err(fault) if fault.class == Class::Blocked => {
                let Some(arn) = scheduled_for_deletion(aws, &self.name, intent.mark()).await? else {
                    return Err(fault);
                };
                let call = aws.secretsmanager.restore_secret().secret_id(arn);
                call.send().await.or_fault("secretsmanager RestoreSecret")?.arn
            }
            Err(fault) => return Err(fault),
        };
        arn.map(SecretArn::new).ok_or_else(|| missing("secretsmanager CreateSecret", "ARN"))
    }

    async fn update(&self, actual: &Self, aws: &Aws, id: &SecretArn, _: &Intent) -> Result<()> {
        if self.description != actual.description || self.kms_key != actual.kms_key {
            // An empty key means AWS's own.
            let key = (self.kms_key != actual.kms_key).then(|| self.kms_key.clone().unwrap_or_default());
            let call = aws.secretsmanager.update_secret().secret_id(id.as_str()).set_kms_key_id(key);
            call.description(&self.description).send().await.or_fault("secretsmanager UpdateSecret")?;
        }
        tags::update(aws, id.as_str(), &self.tags, &actual.tags).await
    }

    async fn delete(&self, aws: &Aws, id: &SecretArn, _: &Intent) -> Result<()> {
        let call = aws.secretsmanager.delete_secret().secret_id(id.as_str());
        let call = match self.recovery_window_days {
            0 => call.force_delete_without_recovery(true),
            days => call.recovery_window_in_days(i64::from(days)),
        };
        call.send().await.found("secretsmanager DeleteSecret").map(drop)
    }
}

impl Secret {
    /// The key in an answer, in the words of the wish: AWS may tell the id of a key instead of its ARN.
    fn key(&self, told: Option<&str>) -> Option<String> {
        let told = told.filter(|key| !key.is_empty() && *key != DEFAULT_KEY)?;
        let wished = self.kms_key.as_deref().filter(|key| key.rsplit('/').next() == Some(told));
        Some(wished.unwrap_or(told).to_owned())
    }
}

/// The ARN of our own secret of this name, if it waits for its deletion and so holds the name.
///
/// # Errors
/// That the name is held so by a secret of somebody else, or that AWS does not say.
pub async fn scheduled_for_deletion(aws: &Aws, name: &str, mark: &Mark) -> Result<Option<String>> {
    let found = aws.secretsmanager.describe_secret().secret_id(name).send().await.found(DESCRIBE)?;
    let Some(secret) = found.filter(|secret| secret.deleted_date().is_some()) else { return Ok(None) };
    if tags::read(secret.tags()).1.is(mark) {
        return Ok(secret.arn);
    }
    let message = format!("a secret {name} that is not this stack's is scheduled for deletion");
    Err(Fault::new(Class::Invalid, "secretsmanager CreateSecret", message).with_hint(format!(
        "wait until it is gone, or delete it at once: aws secretsmanager delete-secret --secret-id {name} --force-delete-without-recovery",
    )))
}
