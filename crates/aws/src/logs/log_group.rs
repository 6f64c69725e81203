//! CloudWatch Logs group: where the application's log goes, and how long it stays.

use aws_sdk_cloudwatchlogs::types::LogGroup as Described;
use serde::{Deserialize, Serialize};
use sidekick_engine::{Diff, Intent, Live, Mark, Observed, Resource, Result};

use crate::fault::{Answer, missing};
use crate::tags::{changes, marked, split};
use crate::{Aws, LogGroupName, Tags};

const DESCRIBE: &str = "logs DescribeLogGroups";

/// The log group we want.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogGroup {
    /// Its name, unique in account and region.
    pub name: String,
    /// After how many days events are dropped, one of the numbers that CloudWatch knows; 0 for never.
    pub retention_days: u16,
    /// The ARN of the KMS key that seals new events; without it, AWS's own.
    #[serde(default)]
    pub kms_key: Option<String>,
    /// The configured tags.
    pub tags: Tags,
}

/// What dependents may read once the log group exists.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogGroupOutputs {
    /// The log group's name.
    pub name: LogGroupName,
    /// The log group's ARN, without the `:*` that stands for its streams.
    pub arn: String,
}

impl Resource for LogGroup {
    const KIND: &'static str = "logs.log_group";
    const DISTINCT_BY: &'static [&'static str] = &["name"];
    const CREATES_ONCE: bool = true;

    type Cloud = Aws;
    type Id = LogGroupName;
    type Outputs = LogGroupOutputs;

    fn diff(&self, actual: &Self) -> Diff {
        let Self { name, retention_days, kms_key, tags } = self;
        Diff::default()
            .immutable("name", name, &actual.name)
            .mutable("retention_days", retention_days, &actual.retention_days)
            .mutable("kms_key", kms_key, &actual.kms_key)
            .mutable("tags", tags, &actual.tags)
    }

    fn as_created(&self) -> Option<Self> {
        Some(Self { retention_days: 0, ..self.clone() })
    }

    async fn find(&self, aws: &Aws, _: &Mark) -> Result<Option<LogGroupName>> {
        let found = describe(aws, &self.name).await?;
        Ok(found.and_then(|group| group.log_group_name).map(LogGroupName::new))
    }

    async fn observe(&self, aws: &Aws, id: &LogGroupName) -> Result<Observed<Self>> {
        let Some(group) = describe(aws, id.as_str()).await? else { return Ok(Observed::Absent) };
        let arn = arn(&group)?;
        let call = aws.logs.list_tags_for_resource().resource_arn(&arn);
        let Some(listed) = call.send().await.found("logs ListTagsForResource")? else {
            return Ok(Observed::Absent);
        };
        let (tags, owner) = split(listed.tags.unwrap_or_default());
        // A group without a retention keeps its events for ever.
        let retention_days = u16::try_from(group.retention_in_days().unwrap_or(0));
        let retention_days = retention_days.map_err(|_| missing(DESCRIBE, "retentionInDays"))?;
        let actual = Self { name: id.to_string(), retention_days, kms_key: group.kms_key_id, tags };
        Ok(Observed::Steady(Live { actual, outputs: LogGroupOutputs { name: id.clone(), arn }, owner }))
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> Result<LogGroupName> {
        let tags = marked(&self.tags, intent).into_iter().collect();
        let call = aws.logs.create_log_group().log_group_name(&self.name).set_tags(Some(tags));
        let call = call.set_kms_key_id(self.kms_key.clone());
        call.send().await.or_fault("logs CreateLogGroup")?;
        Ok(LogGroupName::new(&self.name))
    }

    async fn update(&self, actual: &Self, aws: &Aws, id: &LogGroupName, _: &Intent) -> Result<()> {
        if self.retention_days != actual.retention_days {
            self.retain(aws, id).await?;
        }
        if self.kms_key != actual.kms_key {
            self.seal(aws, id).await?;
        }
        if self.tags == actual.tags {
            return Ok(());
        }
        let arn = arn(&describe(aws, id.as_str()).await?.ok_or_else(|| missing(DESCRIBE, "logGroups"))?)?;
        let (write, remove) = changes(&self.tags, &actual.tags);
        if !write.is_empty() {
            let call = aws.logs.tag_resource().resource_arn(&arn).set_tags(Some(write.into_iter().collect()));
            call.send().await.or_fault("logs TagResource")?;
        }
        if !remove.is_empty() {
            let call = aws.logs.untag_resource().resource_arn(&arn).set_tag_keys(Some(remove));
            call.send().await.or_fault("logs UntagResource")?;
        }
        Ok(())
    }

    async fn delete(&self, aws: &Aws, id: &LogGroupName, _: &Intent) -> Result<()> {
        aws.logs.delete_log_group().log_group_name(id.as_str()).send().await.found("logs DeleteLogGroup")?;
        Ok(())
    }
}

impl LogGroup {
    async fn retain(&self, aws: &Aws, id: &LogGroupName) -> Result<()> {
        if self.retention_days == 0 {
            let call = aws.logs.delete_retention_policy().log_group_name(id.as_str());
            call.send().await.or_fault("logs DeleteRetentionPolicy")?;
        } else {
            let call = aws.logs.put_retention_policy().log_group_name(id.as_str());
            let call = call.retention_in_days(i32::from(self.retention_days));
            call.send().await.or_fault("logs PutRetentionPolicy")?;
        }
        Ok(())
    }

    async fn seal(&self, aws: &Aws, id: &LogGroupName) -> Result<()> {
        if let Some(key) = &self.kms_key {
            let call = aws.logs.associate_kms_key().log_group_name(id.as_str()).kms_key_id(key);
            call.send().await.or_fault("logs AssociateKmsKey")?;
        } else {
            let call = aws.logs.disassociate_kms_key().log_group_name(id.as_str());
            call.send().await.or_fault("logs DisassociateKmsKey")?;
        }
        Ok(())
    }
}

/// The group of exactly this name. Answers come in the order of names, so a group stands before all that its name is
/// a prefix of, and the first page is enough.
async fn describe(aws: &Aws, name: &str) -> Result<Option<Described>> {
    let found = aws.logs.describe_log_groups().log_group_name_prefix(name).send().await.or_fault(DESCRIBE)?;
    Ok(found.log_groups.unwrap_or_default().into_iter().find(|group| group.log_group_name() == Some(name)))
}

fn arn(group: &Described) -> Result<String> {
    let arn = group.arn().ok_or_else(|| missing(DESCRIBE, "arn"))?;
    Ok(arn.strip_suffix(":*").unwrap_or(arn).to_owned())
}
