//! Why the tasks of a service stopped.

use aws_sdk_ecs::types::{DesiredStatus, Task, TaskStopCode};
use sidekick_engine::Result;

use super::last_words::last_words;
use crate::Aws;
use crate::fault::Answer;

/// How many different reasons are worth telling.
const TOLD: usize = 3;
/// How ECS begins to say that it stopped a task because there were too many, and not because it failed.
const SCALED: &str = "Scaling activity";

/// How the tasks of one revision of a service failed, for the operator: each different reason, the newest first, and in
/// lines of their own what the newest task wrote last.
///
/// That something cannot be read must not hide what is known already, so it is told instead.
pub(super) async fn account(aws: &Aws, cluster: &str, service: &str, revision: &str) -> String {
    let tasks = match failures(aws, cluster, service, revision).await {
        Ok(tasks) => tasks,
        Err(fault) => return format!("; stopped tasks not readable: {fault}"),
    };
    let reasons: String = distinct(&tasks).into_iter().map(|reason| format!("; {reason}")).collect();
    // A task that did not start wrote nothing.
    let Some(task) = tasks.iter().find(|task| task.started_at().is_some()) else { return reasons };
    let words = last_words(aws, task).await;
    let words = words.unwrap_or_else(|fault| vec![format!("(its log is not readable: {fault})")]);
    [vec![reasons], words].concat().join("\n")
}

/// The tasks of one revision that failed, the newest first; ECS forgets a stopped task after an hour.
async fn failures(aws: &Aws, cluster: &str, service: &str, revision: &str) -> Result<Vec<Task>> {
    let call = aws.ecs.list_tasks().cluster(cluster).service_name(service);
    let listed = call.desired_status(DesiredStatus::Stopped).send().await.or_fault("ecs ListTasks")?;
    if listed.task_arns().is_empty() {
        return Ok(Vec::new());
    }
    let call = aws.ecs.describe_tasks().cluster(cluster).set_tasks(listed.task_arns);
    let answer = call.send().await.or_fault("ecs DescribeTasks")?;
    Ok(failed(answer.tasks.unwrap_or_default(), revision))
}

/// A task that was stopped on purpose tells nothing of a failure, and one of another revision nothing of this one's.
fn failed(mut tasks: Vec<Task>, revision: &str) -> Vec<Task> {
    tasks.retain(|task| task.task_definition_arn() == Some(revision) && !was_stopped_on_purpose(task));
    tasks.sort_by_key(|task| std::cmp::Reverse(task.stopped_at().or(task.stopping_at()).map(|at| at.secs())));
    tasks
}

/// The scheduler also stops what fails its health checks.
fn was_stopped_on_purpose(task: &Task) -> bool {
    match task.stop_code() {
        Some(TaskStopCode::UserInitiated) => true,
        Some(TaskStopCode::ServiceSchedulerInitiated) => {
            task.stopped_reason().is_none_or(|reason| reason.starts_with(SCALED))
        }
        _ => false,
    }
}

/// The different reasons of tasks, in their order.
fn distinct(tasks: &[Task]) -> Vec<String> {
    let mut reasons = Vec::new();
    for reason in tasks.iter().filter_map(reason) {
        if !reasons.contains(&reason) && reasons.len() < TOLD {
            reasons.push(reason);
        }
    }
    reasons
}

/// What ECS says of the task, and what it says of its containers.
fn reason(task: &Task) -> Option<String> {
    let containers = task.containers().iter().filter_map(|container| {
        let code = container.exit_code().map(|code| format!("exit code {code}"));
        // Where a container is the reason, ECS says the same of it and of the task.
        let own = container.reason().filter(|own| task.stopped_reason() != Some(own)).map(str::to_owned);
        let parts: Vec<_> = own.into_iter().chain(code).collect();
        let name = container.name().unwrap_or("container");
        (!parts.is_empty()).then(|| format!("{name}: {}", parts.join(", ")))
    });
    let parts: Vec<_> = task.stopped_reason().map(str::to_owned).into_iter().chain(containers).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

#[cfg(test)]
mod tests {
    use aws_sdk_ecs::primitives::DateTime;
    use aws_sdk_ecs::types::Container;

    use super::*;

    fn task(at: i64, why: &str, container: Container) -> Task {
        let task = Task::builder().task_definition_arn("app:2").containers(container);
        task.stopped_at(DateTime::from_secs(at)).stopped_reason(why).build()
    }

    #[test]
    fn the_newest_different_reasons_are_told_with_their_containers() {
        let crashed = Container::builder().name("app").reason("OutOfMemory").exit_code(137).build();
        let silent = Container::builder().name("app").build();
        let tasks = [
            task(1, "oldest", silent.clone()),
            task(2, "unable to pull secrets", silent.clone()),
            task(5, "Essential container in task exited", crashed.clone()),
            task(4, "Essential container in task exited", crashed),
            task(3, "Task failed ELB health checks", silent),
        ];
        assert_eq!(failed(tasks.to_vec(), "app:1"), [], "it says nothing of another revision");
        assert_eq!(
            distinct(&failed(tasks.to_vec(), "app:2")),
            [
                "Essential container in task exited; app: OutOfMemory, exit code 137",
                "Task failed ELB health checks",
                "unable to pull secrets",
            ]
        );
    }

    #[test]
    fn what_was_scaled_in_did_not_fail_and_what_failed_its_health_checks_did() {
        let stopped = |why: &str| {
            let task = Task::builder().task_definition_arn("app:2").stopped_reason(why);
            task.stop_code(TaskStopCode::ServiceSchedulerInitiated).build()
        };
        let unhealthy = "Task failed ELB health checks in (target-group app)";
        let tasks = vec![stopped("Scaling activity initiated by (deployment ecs-svc/1)"), stopped(unhealthy)];
        assert_eq!(distinct(&failed(tasks, "app:2")), [unhealthy]);
    }
}
