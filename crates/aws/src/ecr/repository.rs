//! ECR repository. Images are pushed by others, and it is not ours to lose them.

use aws_sdk_ecr::types::{ImageTagMutability, Repository as Found};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sidekick_engine::{Diff, Intent, Live, Mark, Observed, Resource, Result, Teardown};

use super::changes;
use crate::fault::{Answer, missing};
use crate::tags::{marked, split};
use crate::{Aws, RepositoryName, Tags};

const DESCRIBE: &str = "ecr DescribeRepositories";

/// The repository we want.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Repository {
    /// Its name, unique in account and region.
    pub name: String,
    /// Whether an image is searched for known weaknesses when it is pushed.
    pub scan_on_push: bool,
    /// Whether a tag stands for one image for ever.
    pub immutable_tags: bool,
    /// The policy by which images expire.
    pub lifecycle_policy: Option<Value>,
    /// Whether it may be deleted with images in it. Only matters to deleting.
    pub force_delete: bool,
    /// Whether there are images in it, of which nobody is the master here.
    pub holds_images: bool,
    /// The configured tags.
    pub tags: Tags,
}

/// What dependents may read once the repository exists.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RepositoryOutputs {
    /// The repository's ARN.
    pub arn: String,
    /// Where images are pushed to and pulled from, without a tag.
    pub url: String,
}

impl Resource for Repository {
    const KIND: &'static str = "ecr.repository";
    const CREATES_ONCE: bool = true;
    const HIDDEN: &'static [&'static str] = &["force_delete"];
    // A role may name a repository that is not there.
    const TEARDOWN: Teardown = Teardown::Anytime;

    type Cloud = Aws;
    type Id = RepositoryName;
    type Outputs = RepositoryOutputs;

    #[rustfmt::skip]
    fn diff(&self, actual: &Self) -> Diff {
        let Self {
            name, scan_on_push, immutable_tags, lifecycle_policy, force_delete, tags,
            holds_images: _, // Nobody asks for it; it only says whether the repository may be deleted.
        } = self;
        Diff::default()
            .immutable("name", name, &actual.name)
            .mutable("scan_on_push", scan_on_push, &actual.scan_on_push)
            .mutable("immutable_tags", immutable_tags, &actual.immutable_tags)
            .mutable("lifecycle_policy", lifecycle_policy, &actual.lifecycle_policy)
            .mutable("force_delete", force_delete, &actual.force_delete)
            .mutable("tags", tags, &actual.tags)
    }

    fn protection(&self) -> Option<String> {
        let is_kept = self.holds_images && !self.force_delete;
        is_kept.then(|| "it holds images, and `repository.force_delete` is off".to_owned())
    }

    async fn find(&self, aws: &Aws, _: &Mark) -> Result<Option<RepositoryName>> {
        Ok(describe(aws, &self.name).await?.map(|_| RepositoryName::new(&self.name)))
    }

    async fn observe(&self, aws: &Aws, id: &RepositoryName) -> Result<Observed<Self>> {
        let Some(found) = describe(aws, id.as_str()).await? else { return Ok(Observed::Absent) };
        let arn = arn(&found)?;
        let policy = aws.ecr.get_lifecycle_policy().repository_name(id.as_str());
        let tags = aws.ecr.list_tags_for_resource().resource_arn(arn);
        let images = aws.ecr.list_images().repository_name(id.as_str()).max_results(1);
        let (policy, tags, images) = tokio::try_join!(
            async { policy.send().await.found("ecr GetLifecyclePolicy") },
            async { tags.send().await.found("ecr ListTagsForResource") },
            async { images.send().await.found("ecr ListImages") },
        )?;
        let (Some(tags), Some(images)) = (tags, images) else { return Ok(Observed::Absent) };
        let (tags, owner) = split(tags.tags().iter().map(|tag| (tag.key(), tag.value())));
        let text = policy.and_then(|policy| policy.lifecycle_policy_text);
        let actual = Self {
            name: id.to_string(),
            scan_on_push: found.image_scanning_configuration.as_ref().is_some_and(|it| it.scan_on_push()),
            immutable_tags: found.image_tag_mutability == Some(ImageTagMutability::Immutable),
            // A text that is no JSON is a policy that differs from every wish.
            lifecycle_policy: text.map(|text| serde_json::from_str(&text).unwrap_or(Value::String(text))),
            force_delete: self.force_delete,
            holds_images: !images.image_ids().is_empty(),
            tags,
        };
        let url = found.repository_uri().ok_or_else(|| missing(DESCRIBE, "repositoryUri"))?.to_owned();
        let outputs = RepositoryOutputs { arn: arn.to_owned(), url };
        Ok(Observed::Steady(Live { actual, outputs, owner }))
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> Result<RepositoryName> {
        let call = aws.ecr.create_repository().repository_name(&self.name);
        let call = call.image_scanning_configuration(changes::scanning(self.scan_on_push));
        let call = call.image_tag_mutability(changes::mutability(self.immutable_tags));
        let call = call.set_tags(Some(changes::sdk_tags(&marked(&self.tags, intent))?));
        call.send().await.or_fault("ecr CreateRepository")?;
        Ok(RepositoryName::new(&self.name))
    }

    async fn update(&self, actual: &Self, aws: &Aws, id: &RepositoryName, _: &Intent) -> Result<()> {
        changes::settings(self, actual, aws, id).await?;
        if self.tags == actual.tags {
            return Ok(());
        }
        let found = describe(aws, id.as_str()).await?.ok_or_else(|| missing(DESCRIBE, "repositories"))?;
        changes::tags(aws, arn(&found)?, &self.tags, &actual.tags).await
    }

    async fn delete(&self, aws: &Aws, id: &RepositoryName, _: &Intent) -> Result<()> {
        let call = aws.ecr.delete_repository().repository_name(id.as_str()).force(self.force_delete);
        call.send().await.found("ecr DeleteRepository")?;
        Ok(())
    }
}

async fn describe(aws: &Aws, name: &str) -> Result<Option<Found>> {
    let call = aws.ecr.describe_repositories().repository_names(name);
    let answer = call.send().await.found(DESCRIBE)?;
    Ok(answer.and_then(|answer| answer.repositories.unwrap_or_default().into_iter().next()))
}

fn arn(found: &Found) -> Result<&str> {
    found.repository_arn().ok_or_else(|| missing(DESCRIBE, "repositoryArn"))
}
