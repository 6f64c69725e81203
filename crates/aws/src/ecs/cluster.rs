//! ECS cluster.

use aws_sdk_ecs::types::{Cluster as Found, ClusterField, ClusterSetting, ClusterSettingName};
use serde::{Deserialize, Serialize};
use sidekick_engine::{Diff, Intent, Live, Mark, Observed, Resource, Result};

use super::tags;
use crate::fault::{Answer, missing};
use crate::{Aws, ClusterName, Tags};

/// The cluster we want.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cluster {
    /// Its name, unique in account and region.
    pub name: String,
    /// How closely Container Insights watches it: `disabled`, `enabled` or `enhanced`.
    pub container_insights: String,
    /// The configured tags.
    pub tags: Tags,
}

/// What dependents may read once the cluster is active.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClusterOutputs {
    /// The cluster's name.
    pub name: ClusterName,
    /// The cluster's ARN.
    pub arn: String,
}

impl Resource for Cluster {
    const KIND: &'static str = "ecs.cluster";
    const CREATES_ONCE: bool = true;

    type Cloud = Aws;
    type Id = ClusterName;
    type Outputs = ClusterOutputs;

    fn diff(&self, actual: &Self) -> Diff {
        let Self { name, container_insights, tags } = self;
        Diff::default()
            .immutable("name", name, &actual.name)
            .mutable("container_insights", container_insights, &actual.container_insights)
            .mutable("tags", tags, &actual.tags)
    }

    async fn find(&self, aws: &Aws, _: &Mark) -> Result<Option<ClusterName>> {
        let found = describe(aws, &self.name).await?;
        Ok(found.filter(|cluster| cluster.status() != Some("INACTIVE")).map(|_| ClusterName::new(&self.name)))
    }

    async fn observe(&self, aws: &Aws, id: &ClusterName) -> Result<Observed<Self>> {
        let Some(cluster) = describe(aws, id.as_str()).await? else { return Ok(Observed::Absent) };
        let (tags, owner) = tags::read(cluster.tags());
        match cluster.status().unwrap_or_default() {
            "ACTIVE" => {}
            "INACTIVE" => return Ok(Observed::Absent),
            "DEPROVISIONING" => return Ok(Observed::Deleting),
            "PROVISIONING" => return Ok(Observed::Settling { note: "PROVISIONING".to_owned(), owner }),
            other => return Ok(Observed::Failed { why: format!("its status is {other}"), owner }),
        }
        let insights =
            cluster.settings().iter().find(|it| it.name() == Some(&ClusterSettingName::ContainerInsights));
        let actual = Self {
            name: cluster
                .cluster_name()
                .ok_or_else(|| missing("ecs DescribeClusters", "clusterName"))?
                .to_owned(),
            container_insights: insights.and_then(ClusterSetting::value).unwrap_or("disabled").to_owned(),
            tags,
        };
        let arn =
            cluster.cluster_arn().ok_or_else(|| missing("ecs DescribeClusters", "clusterArn"))?.to_owned();
        Ok(Observed::Steady(Live { actual, outputs: ClusterOutputs { name: id.clone(), arn }, owner }))
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> Result<ClusterName> {
        let call = aws.ecs.create_cluster().cluster_name(&self.name).settings(self.setting());
        let call = call.set_tags(Some(tags::specification(&self.tags, intent)));
        call.send().await.or_fault("ecs CreateCluster")?;
        Ok(ClusterName::new(&self.name))
    }

    async fn update(&self, actual: &Self, aws: &Aws, id: &ClusterName, _: &Intent) -> Result<()> {
        if self.container_insights != actual.container_insights {
            let call = aws.ecs.update_cluster_settings().cluster(id.as_str()).settings(self.setting());
            call.send().await.or_fault("ecs UpdateClusterSettings")?;
        }
        if self.tags == actual.tags {
            return Ok(());
        }
        let arn = describe(aws, id.as_str()).await?.and_then(|cluster| cluster.cluster_arn);
        let arn = arn.ok_or_else(|| missing("ecs DescribeClusters", "clusterArn"))?;
        tags::update(aws, &arn, &self.tags, &actual.tags).await
    }

    async fn delete(&self, aws: &Aws, id: &ClusterName, _: &Intent) -> Result<()> {
        aws.ecs.delete_cluster().cluster(id.as_str()).send().await.found("ecs DeleteCluster")?;
        Ok(())
    }
}

impl Cluster {
    fn setting(&self) -> ClusterSetting {
        let setting = ClusterSetting::builder().name(ClusterSettingName::ContainerInsights);
        setting.value(&self.container_insights).build()
    }
}

async fn describe(aws: &Aws, name: &str) -> Result<Option<Found>> {
    let call = aws.ecs.describe_clusters().clusters(name);
    let call = call.include(ClusterField::Settings).include(ClusterField::Tags);
    let answer = call.send().await.found("ecs DescribeClusters")?;
    Ok(answer.and_then(|answer| answer.clusters.unwrap_or_default().into_iter().next()))
}
