//! The life of a task, step by step: made ready, watched, drained, stopped.

use super::output;
use super::registration::Registration;
use super::start;
use super::task::{End, Step, Task};
use crate::duration;
use crate::ec2::network_interface;
use crate::elbv2;
use crate::world::World;

/// How a task ends, in the words of AWS.
pub(super) enum Why {
    /// The scheduler takes it down.
    Scaled(String),
    /// It never came to run.
    FailedToStart(String),
    /// A container exited.
    Exited,
    /// A load balancer found it unhealthy.
    Unhealthy(String),
}

/// Takes a task one step on. Tells why it ended, if this step was its unexpected end.
pub(super) fn advance(world: &mut World, task: &mut Task, grace: i64) -> Option<Why> {
    let now = world.now;
    task.due = None;
    match task.step {
        Step::Provisioning => enter(task, Step::Initializing, now + world.takes(duration::TASK_INITIALIZE)),
        Step::Initializing => match start::check_resources(world, task) {
            Ok(()) => enter(task, Step::Pulling, now + world.takes(duration::IMAGE_PULL)),
            Err(obstacle) if obstacle.may_pass && now < task.created + duration::TASK_PATIENCE => {
                enter(task, Step::Initializing, now + duration::TASK_RETRY);
            }
            Err(obstacle) => return Some(Why::FailedToStart(obstacle.reason)),
        },
        Step::Pulling => match start::check_images(world, task) {
            Err(obstacle) => return Some(Why::FailedToStart(obstacle.reason)),
            Ok(()) => {
                task.started = Some(now);
                for registration in &task.registrations {
                    elbv2::register(world, &registration.target_group, task.address, registration.port);
                }
                enter(task, Step::Booting, now + world.takes(duration::CONTAINER_BOOT));
            }
        },
        Step::Booting if !start::connects(world, task) => {
            output::CRASHING.iter().for_each(|line| output::say(world, task, line));
            return Some(Why::Exited);
        }
        Step::Booting => {
            task.step = Step::Serving;
            output::say(world, task, output::LISTENING);
            let errs = start::answers_errors(world, task);
            for registration in &task.registrations {
                elbv2::serve(world, &registration.target_group, (task.address, registration.port), errs);
            }
            task.due = verdict_at(world, task, grace);
        }
        Step::Serving => {
            if let Some(target_group) = unhealthy_in(world, task) {
                if start::answers_errors(world, task) {
                    output::say(world, task, output::ERRING);
                }
                return Some(Why::Unhealthy(target_group));
            }
        }
        Step::Draining => enter(task, Step::Stopping, now + stop_seconds(world, task)),
        Step::Stopping => deprovision(world, task),
        Step::Deprovisioning => {
            task.stopped = Some(now);
            enter(task, Step::Stopped, now + duration::ECS_LISTED);
        }
        Step::Stopped => (),
    }
    None
}

fn enter(task: &mut Task, step: Step, until: f64) {
    task.step = step;
    task.due = Some(until);
}

/// When a load balancer would have found the task unhealthy, but not within its grace period.
fn verdict_at(world: &World, task: &Task, grace: i64) -> Option<f64> {
    let verdict = |registration: &Registration| {
        let group = world.elbv2.target_groups.get(&registration.target_group)?;
        // Nothing is checked before the load balancer is up.
        let balancer = elbv2::balancer_of(world, &group.arn);
        let begins = balancer.map_or(world.now, |balancer| balancer.timeline.last_change().max(world.now));
        Some(begins + group.health_check.seconds_to_unhealthy())
    };
    let latest = task.registrations.iter().filter_map(verdict).reduce(f64::max)?;
    Some(latest.max(task.created + grace as f64))
}

/// The target group in use in which a task is not healthy and will not be.
fn unhealthy_in(world: &World, task: &Task) -> Option<String> {
    let lost = |registration: &&Registration| {
        elbv2::balancer_of(world, &registration.target_group).is_some()
            && elbv2::healthy_at(world, &registration.target_group, task.address, registration.port).is_none()
    };
    task.registrations.iter().find(lost).map(|registration| registration.target_group.clone())
}

/// The time from which on all load balancers find a task healthy, as far as that is foreseeable.
pub(super) fn healthy_at(world: &World, task: &Task) -> Option<f64> {
    if task.step != Step::Serving {
        return None;
    }
    task.registrations.iter().try_fold(0.0_f64, |latest, registration| {
        let at = elbv2::healthy_at(world, &registration.target_group, task.address, registration.port)?;
        Some(latest.max(at))
    })
}

/// When a load balancer loses a task that all of them had found healthy, and in which target group.
pub(super) fn lost_at(world: &World, task: &Task) -> Option<(f64, String)> {
    if task.step != Step::Serving || !task.healthy {
        return None;
    }
    let lost = |registration: &Registration| {
        let group = &registration.target_group;
        Some((elbv2::unhealthy_at(world, group, task.address, registration.port)?, group.clone()))
    };
    task.registrations.iter().filter_map(lost).min_by(|one, other| one.0.total_cmp(&other.0))
}

/// What a load balancer says of a task that it found unhealthy, in the words of a service event.
pub(super) fn finding(world: &World, task: &Task, why: &Why) -> Option<String> {
    let Why::Unhealthy(group) = why else { return None };
    let port = task.registrations.iter().find(|registration| registration.target_group == *group)?.port;
    let reason = elbv2::health_words(world, group, task.address, port)?;
    Some(format!("(port {port}) is unhealthy in (target-group {group}) due to (reason {reason})"))
}

/// Begins the end of a task.
pub(super) fn end(world: &mut World, task: &mut Task, why: Why) {
    let (code, reason, exit_code) = match why {
        Why::Scaled(reason) => ("ServiceSchedulerInitiated", reason, Some(137)),
        Why::FailedToStart(reason) => ("TaskFailedToStart", reason, None),
        Why::Exited => ("EssentialContainerExited", "Essential container in task exited".to_owned(), Some(1)),
        Why::Unhealthy(target_group) => {
            let reason = format!("Task failed ELB health checks in (target-group {target_group})");
            ("ServiceSchedulerInitiated", reason, Some(137))
        }
    };
    let exit_code = exit_code.filter(|_| task.step >= Step::Booting);
    let runs = task.step >= Step::Booting && code != "EssentialContainerExited";
    task.end = Some(End { since: world.now, code: code.to_owned(), reason, exit_code });
    let mut drains: f64 = 0.0;
    if task.step >= Step::Booting {
        for registration in &task.registrations {
            let port = registration.port;
            drains = drains.max(elbv2::deregister(world, &registration.target_group, task.address, port));
        }
    }
    match runs {
        false => deprovision(world, task),
        true if drains > 0.0 => enter(task, Step::Draining, world.now + drains),
        true => enter(task, Step::Stopping, world.now + stop_seconds(world, task)),
    }
}

/// Ends the drain of a task at once if no load balancer uses its target groups any more.
pub(super) fn shorten_drain(world: &World, task: &mut Task) {
    let is_used =
        |registration: &Registration| elbv2::balancer_of(world, &registration.target_group).is_some();
    if task.step == Step::Draining && !task.registrations.iter().any(is_used) {
        task.due = task.due.map(|due| due.min(world.now));
    }
}

/// How long the containers take to stop: all the time they are given, because many a start script swallows the
/// signal.
fn stop_seconds(world: &World, task: &Task) -> f64 {
    let definition = world.ecs.task_definitions.get(&task.task_definition);
    let containers = definition.map(|definition| definition.containers.as_slice()).unwrap_or_default();
    let timeouts = containers.iter().map(|container| container.stop_timeout.unwrap_or(30) as f64);
    timeouts.fold(0.0, f64::max)
}

/// Takes down what a task stood on; its network interface goes together with it.
fn deprovision(world: &mut World, task: &mut Task) {
    let seconds = world.takes(duration::TASK_DEPROVISION);
    network_interface::release(world, &task.arn, seconds);
    enter(task, Step::Deprovisioning, world.now + seconds);
}
