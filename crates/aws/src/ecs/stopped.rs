//! Why the tasks of a service stopped.

use aws_sdk_ecs::types::{DesiredStatus, Task, TaskStopCode};
use sidekick_engine::Result;

use crate::Aws;
use crate::fault::Answer;

/// How many different reasons are worth telling.
const TOLD: usize = 3;

/// The newest reasons for which tasks of one revision of a service stopped; ECS forgets a stopped task after an hour.
pub(super) async fn reasons(aws: &Aws, cluster: &str, service: &str, revision: &str) -> Result<Vec<String>> {
    let call = aws.ecs.list_tasks().cluster(cluster).service_name(service);
    let listed = call.desired_status(DesiredStatus::Stopped).send().await.or_fault("ecs ListTasks")?;
    if listed.task_arns().is_empty() {
        return Ok(Vec::new());
    }
    let call = aws.ecs.describe_tasks().cluster(cluster).set_tasks(listed.task_arns);
    let answer = call.send().await.or_fault("ecs DescribeTasks")?;
    Ok(distinct(answer.tasks(), revision))
}

/// The different reasons, the newest first. A task that was stopped on purpose tells nothing of a failure, and one of
/// another revision nothing of this one's.
fn distinct(tasks: &[Task], revision: &str) -> Vec<String> {
    let on_purpose = [TaskStopCode::ServiceSchedulerInitiated, TaskStopCode::UserInitiated];
    let failed = |task: &&Task| task.stop_code().is_none_or(|code| !on_purpose.contains(code));
    let own = |task: &&Task| task.task_definition_arn() == Some(revision);
    let mut tasks: Vec<_> = tasks.iter().filter(failed).filter(own).collect();
    tasks.sort_by_key(|task| std::cmp::Reverse(task.stopped_at().map(|at| at.secs())));
    let mut reasons = Vec::new();
    for reason in tasks.into_iter().filter_map(reason) {
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
        let of_another_revision = distinct(&tasks, "app:1");
        assert!(of_another_revision.is_empty(), "{of_another_revision:?}");
        assert_eq!(
            distinct(&tasks, "app:2"),
            [
                "Essential container in task exited; app: OutOfMemory, exit code 137",
                "Task failed ELB health checks",
                "unable to pull secrets",
            ]
        );
    }
}
