//! Deployments of the service, good ones and bad ones, and failures of what it needs.

use sidekick_sandbox::Faults;

use crate::desk::{Desk, steps};
use crate::{Shown, trials};

trials![
    a_new_image_is_a_rolling_deployment,
    an_image_that_does_not_exist_fails_with_the_reason_and_is_recovered_from,
    an_application_that_crashes_is_told_with_its_last_words,
    an_application_that_answers_errors_is_told_in_the_words_of_the_load_balancer,
    errors_of_another_image_on_a_running_service_are_told_in_the_verdict,
    a_bad_image_on_a_running_service_leaves_the_good_one_running,
    a_failure_stops_only_what_depends_on_it,
    bad_weather_is_ridden_out,
];

const IMAGE: &str = "sidekick:wip-aws-infra";

fn a_new_image_is_a_rolling_deployment() -> Shown {
    let desk = Desk::up()?;
    let service = desk.world()?.living("ecs", "services")[0]["created"].clone();
    desk.place.edit("default.toml", IMAGE, "sidekick:v2")?;
    desk.run("plan").ends_with(0)?.says(&["wip-aws-infra → ghcr.io/0xsequence/sidekick:v2"])?;
    let expected = [("compute.service", "follow"), ("compute.task-definition", "update")];
    assert_eq!(desk.planned()?, steps(&expected), "nothing is replaced");
    // Old and new task run side by side for a while.
    desk.brings("up")?.says(&["2 of 1 tasks running"])?;
    desk.is_settled()?;
    let world = desk.world()?;
    assert_eq!(world.living("ecs", "services")[0]["created"], service, "it is the same service");
    let [task] = world.living("ecs", "tasks")[..] else { return Err("exactly one task lives".into()) };
    assert!(task["task_definition"].as_str().is_some_and(|arn| arn.ends_with("sidekick-task:2")), "{task}");
    desk.brings("down")?;
    assert_eq!(desk.world()?.census(), [].into(), "both revisions are gone");
    Ok(())
}

fn an_image_that_does_not_exist_fails_with_the_reason_and_is_recovered_from() -> Shown {
    let desk = Desk::new()?;
    desk.place.edit("default.toml", IMAGE, "sidekick:does-not-exist")?;
    desk.run("up --yes").ends_with(1)?.says(&[
        "compute.service",
        "CannotPullContainerError",
        "sidekick:does-not-exist: not found",
        "hint: ",
        "Run `sidekick up` again",
    ])?;
    desk.place.edit("default.toml", "sidekick:does-not-exist", IMAGE)?;
    desk.brings("up")?;
    desk.is_settled()?;
    assert_eq!(desk.world()?.living("ecs", "services").len(), 1);
    Ok(())
}

fn an_application_that_crashes_is_told_with_its_last_words() -> Shown {
    let desk = Desk::new()?;
    desk.place.edit("default.toml", IMAGE, "sidekick:crashes")?;
    let failed = desk.run("up --yes").ends_with(1)?.says(&[
        "Essential container in task exited; sidekick-container: exit code 1\n",
        "      sidekick-container| Error: the application cannot start\n",
        "      sidekick-container| exiting with code 1\n",
        "hint: ",
    ])?;
    let told = failed.stdout.matches("the application cannot start").count();
    assert_eq!(told, 1, "the report tells it, and the progress only that it failed: {failed}");
    desk.run("status").ends_with(1)?.says(&["does not work: ", "exit code 1"])?;
    Ok(())
}

fn an_application_that_answers_errors_is_told_in_the_words_of_the_load_balancer() -> Shown {
    let desk = Desk::new()?;
    desk.place.edit("default.toml", IMAGE, "sidekick:answers-errors")?;
    desk.run("up --yes").ends_with(1)?.says(&[
        "1 not healthy: Health checks failed with these codes: [500]",
        "Task failed ELB health checks in (target-group ",
        "sidekick-container| GET / 500 Internal Server Error\n",
    ])?;
    Ok(())
}

fn errors_of_another_image_on_a_running_service_are_told_in_the_verdict() -> Shown {
    let desk = Desk::up()?;
    desk.place.edit("default.toml", IMAGE, "sidekick:answers-errors")?;
    let failed = desk.run("up --yes").ends_with(1)?.says(&["failed:"])?;
    let verdict = failed.stdout.rsplit("failed:").next().unwrap_or_default();
    assert!(verdict.contains("Health checks failed with these codes: [500]"), "{failed}");
    Ok(())
}

fn a_bad_image_on_a_running_service_leaves_the_good_one_running() -> Shown {
    let desk = Desk::up()?;
    desk.place.edit("default.toml", IMAGE, "sidekick:does-not-exist")?;
    desk.run("up --yes").ends_with(1)?.says(&["CannotPullContainerError"])?;
    let world = desk.world()?;
    let serving = world.living("ecs", "tasks").iter().filter(|task| task["step"] == "Serving").count();
    assert_eq!(serving, 1, "the task of before still serves");
    // What was asked for is still not there, so another run is not content either.
    desk.run("up --yes").ends_with(1)?.says(&["compute.service"])?;
    desk.run("status").ends_with(1)?;
    desk.place.edit("default.toml", "sidekick:does-not-exist", IMAGE)?;
    desk.brings("up")?;
    desk.is_settled()?;
    desk.run("status").ends_with(0)?;
    Ok(())
}

fn a_failure_stops_only_what_depends_on_it() -> Shown {
    let desk = Desk::new()?;
    let aws = desk.aws()?;
    aws.set_faults(Faults { failing: ["db-instance".to_owned()].into(), ..Faults::default() })?;
    let failed = desk.run("up --yes").ends_with(1)?.says(&["failed:", "data.postgres", "hint: "])?;
    let skipped: Vec<_> = failed.stdout.lines().filter(|line| line.starts_with("skipped:")).collect();
    let told = "skipped: because of data.postgres: data.postgres-credentials, compute.service";
    assert_eq!(skipped, [told], "{failed}");
    let recorded = desk.recorded()?;
    for independent in
        ["data.redis", "edge.waf-association", "network.private-routes.us-west-2a", "compute.task-definition"]
    {
        assert!(recorded.iter().any(|it| it == independent), "{independent} is made:\n{failed}");
    }
    aws.set_faults(Faults::default())?;
    desk.brings("up")?;
    desk.is_settled()?;
    assert_eq!(desk.world()?.living("rds", "instances").len(), 1);
    Ok(())
}

fn bad_weather_is_ridden_out() -> Shown {
    let desk = Desk::up()?;
    let census = desk.world()?.census();
    desk.brings("down")?;
    let aws = desk.aws()?;
    let faults = Faults {
        seed: 7,
        throttle: 0.05,
        server_error: 0.03,
        lose_response: 0.03,
        hidden_seconds: 3.0,
        ..Faults::default()
    };
    aws.set_faults(faults)?;
    desk.brings("up")?.says(&["trying again: "])?;
    assert_eq!(desk.world()?.census(), census, "nothing was made twice");
    desk.brings("down")?;
    assert_eq!(desk.world()?.census(), [].into());
    Ok(())
}
