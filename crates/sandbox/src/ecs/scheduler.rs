//! The scheduler of services: rolls deployments out, keeps the wanted number of tasks, gives up on failures.

use super::deployment::{Deployment, Rollout};
use super::launch;
use super::life::{self, Why};
use super::service::{EcsService, Status};
use super::task::Task;
use crate::duration;
use crate::world::World;

/// The tasks of a service as its scheduler sees them.
struct View {
    /// Wanted tasks of the primary deployment, the newest first.
    own: Vec<Task>,
    /// Wanted tasks of the deployments before, unhealthy ones first.
    old: Vec<Task>,
    /// Whether tasks of the deployments before are still on their way out.
    leaving: bool,
}

impl View {
    fn of(world: &World, service: &EcsService) -> Self {
        let primary = service.deployments.first().map(|primary| primary.id.as_str()).unwrap_or_default();
        let all = || world.ecs.tasks.values().filter(|task| task.service == service.arn);
        let (mut own, mut old): (Vec<Task>, Vec<Task>) =
            all().filter(|task| task.is_wanted()).cloned().partition(|task| task.deployment == primary);
        own.sort_by(|one, other| other.created.total_cmp(&one.created));
        old.sort_by_key(|task| task.healthy);
        let leaving = all().any(|task| task.deployment != primary && !task.is_over());
        Self { own, old, leaving }
    }

    fn healthy(&self) -> i64 {
        self.own.iter().chain(&self.old).filter(|task| task.healthy).count() as i64
    }
}

/// Brings a service closer to what it shall be.
pub(super) fn schedule(world: &mut World, service: &mut EcsService) {
    trip_breaker(world, service);
    forget_spent(world, service);
    let view = View::of(world, service);
    scale_in(world, service, &view);
    retire_old(world, service, &view);
    scale_out(world, service, &view);
    complete(world, service);
}

/// Gives a deployment up after too many failures, and goes back to what worked before if the rules say so.
fn trip_breaker(world: &mut World, service: &mut EcsService) {
    let threshold = (service.desired / 2).clamp(3, 200);
    let breaks = |primary: &Deployment| primary.rollout == Rollout::InProgress && primary.failed >= threshold;
    let Some(primary) = service.deployments.first_mut().filter(|primary| breaks(primary)) else { return };
    if !service.rules.breaker {
        return;
    }
    primary.rollout = Rollout::Failed;
    primary.reason = "ECS deployment circuit breaker: tasks failed to start.".to_owned();
    primary.updated = world.now;
    primary.complete = None;
    let (failed, is_rollback) = (primary.id.clone(), primary.is_rollback);
    service.say(world, &format!("(deployment {failed}) deployment failed: tasks failed to start."));
    let Some(steady) = service.steady.clone().filter(|_| service.rules.rollback && !is_rollback) else {
        return;
    };
    let before = service.deployments.iter().position(|one| one.rollout == Rollout::Completed);
    let mut back = match before {
        Some(position) => service.deployments.remove(position),
        None => Deployment::new(world, steady),
    };
    back.rollout = Rollout::InProgress;
    back.is_rollback = true;
    back.reason = format!("ECS deployment circuit breaker: rolling back to deploymentId {}.", back.id);
    (back.updated, back.next_launch, back.failed) = (world.now, world.now, 0);
    service.say(world, &format!("rolling back to deployment {}.", back.id));
    service.deployments.insert(0, back);
}

/// Forgets former deployments without tasks; one that was given up is shown until the next one is complete.
fn forget_spent(world: &World, service: &mut EcsService) {
    let primary = service.deployments.first().map(|primary| primary.id.clone()).unwrap_or_default();
    let is_alive = |deployment: &Deployment| {
        world.ecs.tasks.values().any(|task| deployment.has(task) && !task.is_over())
    };
    service.deployments.retain(|deployment| {
        deployment.id == primary || deployment.rollout == Rollout::Failed || is_alive(deployment)
    });
}

/// Stops tasks of the primary deployment that are too many, or all of them if it was given up.
fn scale_in(world: &mut World, service: &mut EcsService, view: &View) {
    let Some(primary) = service.deployments.first() else { return };
    let wanted = if primary.rollout == Rollout::Failed { 0 } else { service.desired.max(0) as usize };
    let surplus = view.own.len().saturating_sub(wanted);
    let reason = format!("Scaling activity initiated by deployment {}", primary.id);
    stop(world, service, &view.own[..surplus], &reason);
}

/// Stops tasks of former deployments as far as enough healthy ones remain.
fn retire_old(world: &mut World, service: &mut EcsService, view: &View) {
    let Some(primary) = service.deployments.first() else { return };
    // A deployment that was given up with nothing to go back to leaves the old tasks alone.
    if primary.rollout == Rollout::Failed {
        return;
    }
    let minimum = (service.desired * service.rules.minimum_percent + 99) / 100;
    let unhealthy = view.old.iter().filter(|task| !task.healthy).count() as i64;
    let spare = (view.healthy() - minimum).max(0);
    let count = (unhealthy + spare).min(view.old.len() as i64) as usize;
    let reason = format!("Scaling activity initiated by deployment {}", primary.id);
    stop(world, service, &view.old[..count], &reason);
}

/// Starts tasks of the primary deployment as far as there may be more of them.
fn scale_out(world: &mut World, service: &mut EcsService, view: &View) {
    let Some(primary) = service.deployments.first() else { return };
    if primary.rollout == Rollout::Failed || primary.next_launch > world.now {
        return;
    }
    let maximum = (service.desired * service.rules.maximum_percent / 100).max(service.desired);
    let all = (view.own.len() + view.old.len()) as i64;
    let missing = service.desired - view.own.len() as i64;
    let mut started = Vec::new();
    for _ in 0..missing.min(maximum - all).max(0) {
        match launch::launch(world, service) {
            Ok(arn) => started.push(format!("(task {})", super::last_part(&arn))),
            Err(refusal) => {
                let words = format!("was unable to place a task. Reason: {}.", refusal.message);
                service.say(world, &words);
                delay_launch(service, world.now + duration::TASK_PLACEMENT_RETRY);
                break;
            }
        }
    }
    if !started.is_empty() {
        let words = format!("has started {} tasks: {}.", started.len(), started.join(" "));
        service.say(world, &words);
    }
}

fn delay_launch(service: &mut EcsService, until: f64) {
    if let Some(primary) = service.deployments.first_mut() {
        primary.next_launch = until;
    }
}

/// Calls a deployment complete when it has been steady for a moment.
fn complete(world: &mut World, service: &mut EcsService) {
    let now = world.now;
    let view = View::of(world, service);
    let is_steady = view.own.len() as i64 == service.desired
        && view.own.iter().all(|task| task.healthy)
        && view.old.is_empty()
        && !view.leaving;
    let Some(primary) = service.deployments.first_mut() else { return };
    if primary.rollout != Rollout::InProgress {
        return;
    }
    match primary.complete {
        _ if !is_steady => primary.complete = None,
        None => primary.complete = Some(now + world.takes(duration::DEPLOYMENT_STEADY)),
        Some(time) if time > now => (),
        Some(_) => {
            primary.rollout = Rollout::Completed;
            primary.reason = format!("ECS deployment {} completed.", primary.id);
            primary.updated = now;
            primary.complete = None;
            primary.is_rollback = false;
            let (id, revision) = (primary.id.clone(), primary.revision.clone());
            service.steady = Some(revision);
            service.deployments.truncate(1);
            service.say(world, &format!("(deployment {id}) deployment completed."));
            service.say(world, "has reached a steady state.");
        }
    }
}

/// Stops all tasks of a deleted service; without any it is inactive.
pub(super) fn drain(world: &mut World, service: &mut EcsService) {
    let own = world.ecs.tasks.values().filter(|task| task.service == service.arn);
    let own: Vec<Task> = own.cloned().collect();
    let wanted: Vec<Task> = own.iter().filter(|task| task.is_wanted()).cloned().collect();
    stop(world, service, &wanted, &format!("Service {} was deleted", service.name));
    if wanted.is_empty() && own.iter().all(Task::is_over) {
        service.status = Status::Inactive(world.now);
        service.deployments.truncate(1);
    }
}

fn stop(world: &mut World, service: &mut EcsService, tasks: &[Task], reason: &str) {
    if tasks.is_empty() {
        return;
    }
    for task in tasks {
        let mut task = task.clone();
        life::end(world, &mut task, Why::Scaled(reason.to_owned()));
        world.ecs.tasks.insert(task.arn.clone(), task);
    }
    let names: Vec<String> =
        tasks.iter().map(|task| format!("(task {})", super::last_part(&task.arn))).collect();
    let words = format!("has stopped {} running tasks: {}.", tasks.len(), names.join(" "));
    service.say(world, &words);
}
