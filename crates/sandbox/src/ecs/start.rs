//! What a task needs from the world around it to start, and how it fails without.
//!
//! To watch a rollout fail, use an image whose tag contains `crashes`, which exits when it starts, or `answers-errors`, which
//! is never found healthy; or one that cannot be pulled (`image`).

use std::collections::BTreeSet;

use super::task::Task;
use super::task_definition::TaskDefinition;
use super::{image, secret};
use crate::data_store;
use crate::ec2::reach::{self, End};
use crate::iam::authorization;
use crate::world::World;

/// What the tag of an image contains whose containers exit when they start.
const CRASHING_TAG: &str = "crashes";
/// What the tag of an image contains that answers every request with an error.
const ERRING_TAG: &str = "answers-errors";

/// Why a task cannot go on.
pub(super) struct Obstacle {
    pub(super) reason: String,
    /// Whether AWS keeps on trying for a while, because the network may come up yet.
    pub(super) may_pass: bool,
}

impl Obstacle {
    fn final_one(reason: String) -> Self {
        Self { reason, may_pass: false }
    }
}

/// Looks for what Fargate's agent needs before it starts the containers: a way out, the execution role, secrets
/// and log groups.
pub(super) fn check_resources(world: &World, task: &Task) -> Result<(), Obstacle> {
    let Some(definition) = world.ecs.task_definitions.get(&task.task_definition) else {
        return Err(Obstacle::final_one("TaskDefinition is inactive".to_owned()));
    };
    if let Some(role) = &definition.execution_role {
        check_role(world, role)?;
    }
    check_way_out(world, task, definition)?;
    for container in &definition.containers {
        for from in container.secrets.values() {
            secret::read(world, definition, from).map_err(|why| Obstacle::final_one(initialization(&why)))?;
        }
        if let Some(group) = &container.log_group {
            check_log_group(world, definition, group)?;
            container.check_log_options().map_err(|why| Obstacle::final_one(logger(why)))?;
        }
    }
    Ok(())
}

fn initialization(why: &str) -> String {
    format!(
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: \
         {why}"
    )
}

fn logger(why: &str) -> String {
    format!("ResourceInitializationError: failed to validate logger args: {why}")
}

fn check_role(world: &World, arn: &str) -> Result<(), Obstacle> {
    let role = authorization::role(world, arn).filter(|role| role.can_be_assumed(world));
    if role.is_some_and(|role| role.trusts("ecs-tasks.amazonaws.com")) {
        return Ok(());
    }
    Err(Obstacle::final_one(format!(
        "ECS was unable to assume the role '{arn}' that was provided for this task. Please verify that the role being \
         passed has the proper trust relationship and permissions and that your IAM user has permissions to pass \
         this role."
    )))
}

/// Secrets, images and logs all lie outside of the VPC.
fn check_way_out(world: &World, task: &Task, definition: &TaskDefinition) -> Result<(), Obstacle> {
    let is_open = reach::routes_to_internet(world, &task.subnet, task.public)
        && reach::lets_https_out(world, &task.groups);
    if is_open {
        return Ok(());
    }
    let secret = definition.containers.iter().flat_map(|container| container.secrets.values()).next();
    let reason = match (secret, definition.containers.first()) {
        (Some(secret), _) => initialization(&format!(
            "unable to retrieve secret from asm: There is a connection issue between the task and AWS Secrets \
             Manager. Check your task network configuration. failed to fetch secret {secret} from secrets manager: \
             RequestCanceled: request context canceled caused by: context deadline exceeded"
        )),
        (None, image) => {
            let image = image.map(|container| container.image.as_str()).unwrap_or_default();
            format!(
                "CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref \
                 {image}: failed to do request: dial tcp: i/o timeout"
            )
        }
    };
    Err(Obstacle { reason, may_pass: true })
}

fn check_log_group(world: &World, definition: &TaskDefinition, group: &str) -> Result<(), Obstacle> {
    let failed = |why: &str| {
        Err(Obstacle::final_one(logger(&format!(
            "create stream has been retried 1 times: failed to create Cloudwatch log stream: {why} : exit status 1"
        ))))
    };
    let arn = world.arn("logs", &format!("log-group:{group}:log-stream:"));
    let role = definition.execution_role.as_ref().and_then(|arn| authorization::role(world, arn));
    if !role.is_some_and(|role| role.may("logs:CreateLogStream", &arn)) {
        return failed("AccessDeniedException: not authorized to perform: logs:CreateLogStream");
    }
    if world.logs.groups.contains_key(group) {
        Ok(())
    } else {
        failed("ResourceNotFoundException: The specified log group does not exist.")
    }
}

/// Pulls the images.
pub(super) fn check_images(world: &World, task: &Task) -> Result<(), Obstacle> {
    let Some(definition) = world.ecs.task_definitions.get(&task.task_definition) else { return Ok(()) };
    let mut containers = definition.containers.iter();
    containers
        .try_for_each(|container| image::check(world, definition, &container.image))
        .map_err(Obstacle::final_one)
}

/// Whether a task answers every request with an error.
pub(super) fn answers_errors(world: &World, task: &Task) -> bool {
    let definition = world.ecs.task_definitions.get(&task.task_definition);
    definition.is_some_and(|it| {
        it.containers.iter().any(|container| image::is_tagged(&container.image, ERRING_TAG))
    })
}

/// Whether everything answers that the containers connect to at their start: each data store of AWS that their
/// environment names, plainly or in a secret.
pub(super) fn connects(world: &World, task: &Task) -> bool {
    if world.faults.failing.contains("ecs-task") {
        return false;
    }
    let Some(definition) = world.ecs.task_definitions.get(&task.task_definition) else { return false };
    let Some(own) = world.ec2.network_interfaces.get(&task.interface) else { return false };
    let mut named = BTreeSet::new();
    if definition.containers.iter().any(|container| image::is_tagged(&container.image, CRASHING_TAG)) {
        return false;
    }
    for container in &definition.containers {
        for value in container.environment.values() {
            named.extend(hosts(value));
        }
        for from in container.secrets.values() {
            named.extend(secret::read(world, definition, from).iter().flat_map(|value| hosts(value)));
        }
    }
    named.iter().all(|host| {
        let store = data_store::at(world, host);
        store.is_some_and(|store| reach::connects(world, End::from(own), store.end, store.port))
    })
}

/// The data stores' host names in a text.
fn hosts(text: &str) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    let words = text.split(move |c| !is_part(c));
    let is_store =
        |word: &&str| word.ends_with(".rds.amazonaws.com") || word.ends_with(".cache.amazonaws.com");
    words.filter(is_store).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::hosts;

    #[test]
    fn host_names_are_found_wherever_they_stand() {
        let url =
            "postgres://user:pa-ss@db.c1.us-west-2.rds.amazonaws.com:5432/app?x=master.r.cache.amazonaws.com";
        assert_eq!(hosts(url), ["db.c1.us-west-2.rds.amazonaws.com", "master.r.cache.amazonaws.com"]);
        assert!(hosts("https://example.com/rds.amazonaws.com.evil").is_empty());
    }
}
