//! The verdict on a service's rollout: a pure function of what DescribeServices answers.

use aws_sdk_ecs::types::{Deployment, DeploymentRolloutState, Service, ServiceEvent};

/// How the service stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rollout {
    /// One deployment, complete, with as many tasks as wanted.
    Complete,
    /// Tasks are still being started or stopped.
    Underway(String),
    /// A deployment did not come up.
    Failed(String),
}

/// Judges a service that shall run `task_definition`.
///
/// A failed deployment counts if nothing took its place, or if what did is not what was asked for: then it is ECS's
/// way back. Beside a new attempt at what was asked for it is only a remainder.
pub(super) fn rollout(service: &Service, task_definition: &str) -> Rollout {
    let Some(primary) = service.deployments().iter().find(|it| it.status() == Some("PRIMARY")) else {
        return Rollout::Underway("no deployment yet".to_owned());
    };
    let elsewhere = primary.task_definition() != Some(task_definition);
    let failed = |it: &&Deployment| {
        it.rollout_state() == Some(&DeploymentRolloutState::Failed)
            && (elsewhere || it.status() == Some("PRIMARY"))
    };
    if let Some(failed) = service.deployments().iter().find(failed) {
        let reason = failed.rollout_state_reason().unwrap_or("the deployment failed");
        let told = [reason, newest_event(service)].map(clause).join("; ");
        return Rollout::Failed(format!("{told}{}", finding(service)));
    }
    let complete = primary.rollout_state().is_none_or(|state| *state == DeploymentRolloutState::Completed);
    let alone = service.deployments().len() == 1;
    if complete && alone && service.running_count() == service.desired_count() {
        let undone = elsewhere.then(|| failure_before(service, primary)).flatten();
        let failed = |event| Rollout::Failed(format!("{} (rolled back){}", clause(event), finding(service)));
        return undone.map_or(Rollout::Complete, failed);
    }
    let (running, desired) = (service.running_count(), service.desired_count());
    let failures = match primary.failed_tasks() {
        0 => String::new(),
        failures => format!(", {failures} failed{}", newest_failure(service)),
    };
    Rollout::Underway(format!("{running} of {desired} tasks running{failures}"))
}

/// Whether ECS itself said last that the tasks of a service run and are healthy.
pub(super) fn is_steady(service: &Service) -> bool {
    newest_event(service).ends_with("has reached a steady state.")
}

fn newest_event(service: &Service) -> &str {
    service.events().first().and_then(|event| event.message()).unwrap_or("ECS gives no event")
}

/// Why a task stopped last, as far as the events say so.
fn newest_failure(service: &Service) -> String {
    let mut told = service.events().iter().filter_map(ServiceEvent::message);
    let failure = told.find(|told| ["stopped", "unable", "unhealthy"].iter().any(|word| told.contains(word)));
    failure.map(|failure| format!(": {}", clause(failure))).unwrap_or_default()
}

/// What the load balancer found last of the tasks of the deployment that failed last, in its own words. The tasks are no
/// longer targets by then, so that only the events (the newest first) tell.
fn finding(service: &Service) -> String {
    let mut told = service.events().iter().filter_map(ServiceEvent::message);
    let is_end =
        |told: &&str| ["deployment completed", "deployment failed"].iter().any(|end| told.contains(end));
    let failed = told.by_ref().find(|told| told.contains("deployment failed"));
    let since = told.take_while(|told| !is_end(told)).find(|told| told.contains("is unhealthy in"));
    failed.and(since).map(|finding| format!("; {}", clause(finding))).unwrap_or_default()
}

/// A sentence of ECS as part of a longer one.
fn clause(sentence: &str) -> &str {
    sentence.trim_end_matches('.')
}

/// How the deployment before the primary one ended, if it failed: then the primary one is the way back.
///
/// Once a rollback is complete, only the events (the newest first) know of it. They name deployments by id.
fn failure_before<'a>(service: &'a Service, primary: &Deployment) -> Option<&'a str> {
    let own = primary.id()?;
    let ends = |told: &&str| told.contains("deployment completed") || told.contains("deployment failed");
    let mut told = service.events().iter().filter_map(ServiceEvent::message);
    told.find(|told| ends(told) && !told.contains(own)).filter(|told| told.contains("deployment failed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployment(status: &str, state: DeploymentRolloutState, task: &str) -> Deployment {
        let deployment = Deployment::builder().status(status).rollout_state(state).task_definition(task);
        deployment.rollout_state_reason("circuit breaker").build()
    }

    fn service(running: i32, deployments: Vec<Deployment>) -> Service {
        Service::builder().desired_count(1).running_count(running).set_deployments(Some(deployments)).build()
    }

    fn events(told: &[&str]) -> Vec<ServiceEvent> {
        told.iter().map(|told| ServiceEvent::builder().message(*told).build()).collect()
    }

    #[test]
    fn complete_is_one_complete_deployment_with_all_its_tasks() {
        let complete = deployment("PRIMARY", DeploymentRolloutState::Completed, "task:1");
        assert_eq!(rollout(&service(1, vec![complete.clone()]), "task:1"), Rollout::Complete);
        assert!(matches!(rollout(&service(0, vec![complete.clone()]), "task:1"), Rollout::Underway(_)));
        let old = deployment("ACTIVE", DeploymentRolloutState::Completed, "task:0");
        assert!(matches!(rollout(&service(1, vec![complete, old]), "task:1"), Rollout::Underway(_)));
    }

    #[test]
    fn a_rollback_is_a_failure_of_what_was_asked_from_its_beginning() {
        for state in [DeploymentRolloutState::InProgress, DeploymentRolloutState::Completed] {
            let back = deployment("PRIMARY", state, "task:1");
            let failed = deployment("ACTIVE", DeploymentRolloutState::Failed, "task:2");
            let judged = rollout(&service(1, vec![back, failed]), "task:2");
            assert!(matches!(judged, Rollout::Failed(why) if why.contains("circuit breaker")));
        }
    }

    #[test]
    fn a_rollback_of_which_only_the_events_know_is_a_failure_until_the_old_task_is_what_is_wanted() {
        let mut back = deployment("PRIMARY", DeploymentRolloutState::Completed, "task:1");
        back.id = Some("ecs-svc/3".to_owned());
        let told = [
            "(service s) has reached a steady state.",
            "(service s) (deployment ecs-svc/3) deployment completed.",
            "(service s) (deployment ecs-svc/2) deployment failed: tasks failed to start.",
            "(service s) (deployment ecs-svc/1) deployment completed.",
        ];
        let mut service = service(1, vec![back.clone()]);
        service.events = Some(events(&told));
        let judged = rollout(&service, "task:2");
        assert!(matches!(judged, Rollout::Failed(why) if why.contains("tasks failed to start")));
        assert_eq!(rollout(&service, "task:1"), Rollout::Complete);
        back.id = Some("ecs-svc/4".to_owned());
        service.deployments = Some(vec![back]);
        assert_eq!(
            rollout(&service, "task:2"),
            Rollout::Complete,
            "a good deployment made the failure history"
        );
    }

    #[test]
    fn a_failure_is_told_with_what_the_load_balancer_found_of_that_deployment() {
        let back = deployment("PRIMARY", DeploymentRolloutState::InProgress, "task:1");
        let failed = deployment("ACTIVE", DeploymentRolloutState::Failed, "task:2");
        let mut service = service(1, vec![back, failed]);
        let finding = "(service s) (task t) (port 3000) is unhealthy in (target-group g) due to (reason 500)";
        let failure = "(service s) (deployment ecs-svc/2) deployment failed: tasks failed to start.";
        let complete = "(service s) (deployment ecs-svc/1) deployment completed.";
        service.events = Some(events(&["rolling back.", failure, "(task t) stopped.", finding, complete]));
        let judged = rollout(&service, "task:2");
        assert!(
            matches!(&judged, Rollout::Failed(why) if why.ends_with("due to (reason 500)")),
            "{judged:?}"
        );
        service.events = Some(events(&[failure, complete, finding]));
        let judged = rollout(&service, "task:2");
        assert!(matches!(&judged, Rollout::Failed(why) if !why.contains("unhealthy")), "{judged:?}");
    }

    #[test]
    fn a_failed_task_is_told_with_its_reason_and_not_with_the_next_start() {
        let mut service =
            service(1, vec![deployment("PRIMARY", DeploymentRolloutState::InProgress, "task:2")]);
        service.deployments.as_mut().unwrap()[0].failed_tasks = 1;
        service.events =
            Some(events(&["(service s) has started 1 tasks.", "(task t) stopped: no such image."]));
        let told = "1 of 1 tasks running, 1 failed: (task t) stopped: no such image";
        assert_eq!(rollout(&service, "task:2"), Rollout::Underway(told.to_owned()));
    }

    #[test]
    fn another_attempt_at_a_failed_task_is_waited_for() {
        let again = deployment("PRIMARY", DeploymentRolloutState::InProgress, "task:2");
        let failed = deployment("ACTIVE", DeploymentRolloutState::Failed, "task:2");
        assert!(matches!(rollout(&service(0, vec![again, failed]), "task:2"), Rollout::Underway(_)));
    }

    #[test]
    fn a_failure_of_an_older_deployment_is_no_failure_of_this_one() {
        let primary = deployment("PRIMARY", DeploymentRolloutState::InProgress, "task:3");
        let failed = deployment("ACTIVE", DeploymentRolloutState::Failed, "task:2");
        assert!(matches!(rollout(&service(0, vec![primary, failed]), "task:3"), Rollout::Underway(_)));
    }
}
