//! Clusters.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::last_part;
use crate::call::{Answer, Refusal};
use crate::duration;
use crate::params::Params;
use crate::tags::{self, Tags};
use crate::world::World;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Cluster {
    pub(super) arn: String,
    pub(super) tags: Tags,
    name: String,
    container_insights: String,
    pub(super) created: f64,
    /// A deleted cluster stays describable for some time.
    deleted: Option<f64>,
}

impl Cluster {
    pub(super) fn is_active(&self) -> bool {
        self.deleted.is_none()
    }

    fn view(&self, world: &World, include: &[String]) -> Value {
        let tasks = || world.ecs.tasks.values().filter(|task| task.cluster == self.arn);
        let services = world.ecs.services.values().filter(|service| service.cluster == self.arn);
        let includes = |what: &str| include.iter().any(|included| included == what);
        let settings = json!([{ "name": "containerInsights", "value": self.container_insights }]);
        json!({
            "clusterArn": self.arn,
            "clusterName": self.name,
            "status": if self.is_active() { "ACTIVE" } else { "INACTIVE" },
            "registeredContainerInstancesCount": 0,
            "runningTasksCount": tasks().filter(|task| task.last_status() == "RUNNING").count(),
            "pendingTasksCount": tasks().filter(|task| task.is_pending()).count(),
            "activeServicesCount": services.filter(|service| service.is_active()).count(),
            "statistics": [],
            "tags": if includes("TAGS") { tags::lower(&self.tags) } else { json!([]) },
            "settings": if includes("SETTINGS") { settings } else { json!([]) },
            "capacityProviders": [],
            "defaultCapacityProviderStrategy": [],
        })
    }
}

fn absent() -> Refusal {
    Refusal::absent("ClusterNotFoundException", "Cluster not found.")
}

/// The ARN of the cluster that a call names by name or ARN; without either it is `default`.
pub(super) fn arn(world: &World, params: &Params) -> Result<String, Refusal> {
    Ok(arn_of(world, params.text_if("cluster")?.unwrap_or("default")))
}

fn arn_of(world: &World, name: &str) -> String {
    world.arn("ecs", &format!("cluster/{}", last_part(name)))
}

/// The ARN of the active cluster that a call names.
pub(super) fn active(world: &World, params: &Params) -> Result<String, Refusal> {
    let arn = arn(world, params)?;
    let cluster = world.ecs.clusters.get(&arn).filter(|cluster| cluster.is_active());
    cluster.map(|cluster| cluster.arn.clone()).ok_or_else(absent)
}

fn read_settings(params: &Params) -> Result<Option<String>, Refusal> {
    let mut insights = None;
    for setting in params.objects("settings")? {
        let (name, value) = (setting.text("name")?, setting.text("value")?);
        if name != "containerInsights" || !matches!(value, "enabled" | "disabled" | "enhanced") {
            return Err(params.invalid("settings", format!("{name}={value}"), ""));
        }
        insights = Some(value.to_owned());
    }
    Ok(insights)
}

pub(super) fn create(world: &mut World, params: &Params) -> Answer {
    let name = params.text_if("clusterName")?.unwrap_or("default");
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !(1..=255).contains(&name.len()) || !name.chars().all(is_allowed) {
        return Err(params.invalid("clusterName", name, "Its characters or its length are not allowed."));
    }
    let insights = read_settings(params)?;
    let tags = tags::read(params, "tags", "key", "value")?;
    let everything = ["SETTINGS", "TAGS"].map(str::to_owned);
    let arn = arn_of(world, name);
    if let Some(existing) = world.ecs.clusters.get(&arn).filter(|cluster| cluster.is_active()) {
        return Ok(json!({ "cluster": existing.view(world, &everything) }));
    }
    let cluster = Cluster {
        arn,
        tags,
        name: name.to_owned(),
        container_insights: insights.unwrap_or_else(|| "disabled".to_owned()),
        created: world.now,
        deleted: None,
    };
    // Its ARN needs no randomness; drawing some all the same marks the account, and thus its region, as used.
    world.draw();
    let view = cluster.view(world, &everything);
    world.ecs.clusters.insert(cluster.arn.clone(), cluster);
    Ok(json!({ "cluster": view }))
}

pub(super) fn describe(world: &World, params: &Params) -> Answer {
    let (mut names, include) = (params.texts("clusters")?, params.texts("include")?);
    if names.is_empty() {
        names.push("default".to_owned());
    }
    if names.len() > 100 {
        return Err(params.invalid(
            "clusters",
            names.len(),
            "At most 100 clusters can be described at once.",
        ));
    }
    let (mut clusters, mut failures) = (Vec::new(), Vec::new());
    for name in &names {
        let arn = arn_of(world, name);
        match world.ecs.clusters.get(&arn).filter(|cluster| !world.hides(cluster.created)) {
            Some(cluster) => clusters.push(cluster.view(world, &include)),
            None => failures.push(json!({ "arn": arn, "reason": "MISSING" })),
        }
    }
    Ok(json!({ "clusters": clusters, "failures": failures }))
}

pub(super) fn update(world: &mut World, params: &Params) -> Answer {
    params.text("cluster")?;
    let arn = active(world, params)?;
    let insights = read_settings(params)?;
    if let (Some(cluster), Some(insights)) = (world.ecs.clusters.get_mut(&arn), insights) {
        cluster.container_insights = insights;
    }
    let cluster = world.ecs.clusters.get(&arn).ok_or_else(absent)?;
    Ok(json!({ "cluster": cluster.view(world, &["SETTINGS".to_owned()]) }))
}

pub(super) fn delete(world: &mut World, params: &Params) -> Answer {
    params.text("cluster")?;
    let arn = active(world, params)?;
    if world.ecs.services.values().any(|service| service.cluster == arn && !service.is_inactive()) {
        let words = "The Cluster cannot be deleted while Services are active.";
        return Err(Refusal::blocked("ClusterContainsServicesException", words));
    }
    if world.ecs.tasks.values().any(|task| task.cluster == arn && task.last_status() != "STOPPED") {
        let words = "The Cluster cannot be deleted while Tasks are active.";
        return Err(Refusal::blocked("ClusterContainsTasksException", words));
    }
    let now = world.now;
    let cluster = world.ecs.clusters.get_mut(&arn).ok_or_else(absent)?;
    cluster.deleted = Some(now);
    Ok(json!({ "cluster": world.ecs.clusters.get(&arn).map(|cluster| cluster.view(world, &[])) }))
}

/// Forgets clusters that were deleted long ago.
pub(super) fn settle(world: &mut World) {
    let now = world.now;
    let is_listed = |cluster: &Cluster| cluster.deleted.is_none_or(|at| at + duration::ECS_LISTED > now);
    world.ecs.clusters.retain(|_, cluster| is_listed(cluster));
}
