//! Time in ECS: tasks go on, schedulers act, each at its own time.
//!
//! While the consequences of an event are drawn, the clock stands at the time of the event.

use super::life::Why;
use super::service::{EcsService, Status};
use super::task::{Step, Task};
use super::{cluster, life, scheduler, task_definition_end};
use crate::duration;
use crate::world::World;

/// Does everything that became due up to now.
pub(super) fn settle(world: &mut World) {
    let end = world.now;
    while let Some(time) = next_event(world).filter(|time| *time <= end) {
        world.now = time.max(super::settled(world)).min(end);
        act(world);
    }
    world.now = end;
    act(world);
    task_definition_end::settle(world);
    cluster::settle(world);
    let is_listed = |service: &EcsService| match service.status {
        Status::Inactive(since) => since + duration::ECS_LISTED > end,
        _ => true,
    };
    world.ecs.services.retain(|_, service| is_listed(service));
}

/// The next time at which a task or a deployment has something to do.
fn next_event(world: &World) -> Option<f64> {
    let later = |time: &f64| *time > world.ecs.settled;
    let due = world.ecs.tasks.values().filter_map(|task| task.due);
    let unproven = world.ecs.tasks.values().filter(|task| !task.healthy);
    let healthy = unproven.filter_map(|task| life::healthy_at(world, task));
    let active = world.ecs.services.values().filter(|service| service.is_active());
    let primaries = active.filter_map(|service| service.deployments.first());
    let planned = primaries.flat_map(|primary| [Some(primary.next_launch), primary.complete]).flatten();
    let lost = world.ecs.tasks.values().filter_map(|task| life::lost_at(world, task)).map(|(at, _)| at);
    due.chain(healthy).chain(lost).chain(planned.filter(later)).reduce(f64::min)
}

/// Takes every task and every service as far as they can go at this time.
fn act(world: &mut World) {
    world.ecs.settled = world.now;
    let tasks: Vec<String> = world.ecs.tasks.keys().cloned().collect();
    for arn in tasks {
        step(world, &arn);
    }
    let services: Vec<String> = world.ecs.services.keys().cloned().collect();
    for arn in services {
        let Some(mut service) = world.ecs.services.get(&arn).cloned() else { continue };
        match service.status {
            Status::Active => scheduler::schedule(world, &mut service),
            Status::Draining => scheduler::drain(world, &mut service),
            Status::Inactive(_) => (),
        }
        world.ecs.services.insert(arn, service);
    }
}

fn step(world: &mut World, arn: &str) {
    let Some(mut task) = world.ecs.tasks.get(arn).cloned() else { return };
    life::shorten_drain(world, &mut task);
    while task.due.is_some_and(|due| due <= world.now) {
        if task.step == Step::Stopped {
            world.ecs.tasks.remove(arn);
            return;
        }
        let grace = world.ecs.services.get(&task.service).map_or(0, |service| service.grace);
        if let Some(why) = life::advance(world, &mut task, grace) {
            fail(world, &mut task, why);
        }
    }
    if let Some((_, target_group)) = life::lost_at(world, &task).filter(|(at, _)| *at <= world.now) {
        fail(world, &mut task, Why::Unhealthy(target_group));
    }
    task.healthy |= life::healthy_at(world, &task).is_some_and(|time| time <= world.now);
    world.ecs.tasks.insert(arn.to_owned(), task);
}

/// Ends a task by itself.
fn fail(world: &mut World, task: &mut Task, why: Why) {
    let finding = life::finding(world, task, &why);
    life::end(world, task, why);
    note_failure(world, task, finding);
}

/// Counts a task that ended by itself, and makes the next one wait longer and longer.
fn note_failure(world: &mut World, task: &Task, finding: Option<String>) {
    let now = world.now;
    let Some(mut service) = world.ecs.services.remove(&task.service) else { return };
    let reason = task.end.as_ref().map(|end| end.reason.clone()).unwrap_or_default();
    let id = super::last_part(&task.arn).to_owned();
    if let Some(finding) = finding {
        service.say(world, &format!("(task {id}) {finding}"));
    }
    service.say(world, &format!("(task {id}) stopped: {reason}"));
    if let Some(deployment) = service.deployments.iter_mut().find(|deployment| deployment.has(task)) {
        deployment.failed += 1;
        deployment.updated = now;
        let doublings = deployment.failed.clamp(0, 10) as i32;
        deployment.next_launch =
            now + (duration::TASK_RELAUNCH * 2.0_f64.powi(doublings)).min(duration::TASK_RELAUNCH_LONGEST);
    }
    world.ecs.services.insert(task.service.clone(), service);
}
