//! What the containers of a task wrote last, without the secrets that they were given.

use aws_sdk_ecs::types::{ContainerDefinition, Task};
use sidekick_engine::Result;

use super::revisions::DESCRIBE;
use crate::fault::{Answer, repeats};
use crate::{Aws, Secret, SecretArn, secretsmanager};

/// How many lines of each container are worth telling.
const LINES: i32 = 10;
/// How many characters of a line are.
const WIDTH: usize = 240;
/// Where a password lies beside the URL that is made of it.
const PASSWORD: &str = "password";

/// The last lines of each container that logs to CloudWatch, the oldest first. What could not be kept free of secrets
/// is not told at all.
pub(super) async fn last_words(aws: &Aws, task: &Task) -> Result<Vec<String>> {
    let revision = task.task_definition_arn().unwrap_or_default();
    let answer = aws.ecs.describe_task_definition().task_definition(revision).send().await;
    let Some(definition) = answer.found(DESCRIBE)?.and_then(|answer| answer.task_definition) else {
        return Ok(Vec::new());
    };
    let id = task.task_arn().and_then(|arn| arn.rsplit('/').next()).unwrap_or_default();
    let mut told = Vec::new();
    for container in definition.container_definitions() {
        let secrets = given(aws, container).await?;
        let name = container.name().unwrap_or("container");
        for line in lines(aws, container, id).await? {
            told.push(format!("{name}| {}", shown(&line, &secrets)));
        }
    }
    Ok(told)
}

/// A line as it may be shown. It is searched as a whole, for a part of a secret is no part to tell either.
fn shown(line: &str, secrets: &[Secret]) -> String {
    match secrets.iter().any(|secret| repeats(line, secret)) {
        true => "(a line that repeats a secret)".to_owned(),
        false => line.trim_end().chars().take(WIDTH).collect(),
    }
}

/// What a container wrote, if that can be found.
async fn lines(aws: &Aws, container: &ContainerDefinition, task: &str) -> Result<Vec<String>> {
    let option = |name| container.log_configuration()?.options()?.get(name);
    let (Some(group), Some(prefix)) = (option("awslogs-group"), option("awslogs-stream-prefix")) else {
        return Ok(Vec::new());
    };
    let stream = format!("{prefix}/{}/{task}", container.name().unwrap_or_default());
    let call = aws.logs.get_log_events().log_group_name(group).log_stream_name(stream).limit(LINES);
    let answer = call.start_from_head(false).send().await.found("logs GetLogEvents")?;
    let events = answer.and_then(|answer| answer.events).unwrap_or_default();
    Ok(events.into_iter().filter_map(|event| event.message).collect())
}

/// The secrets that a container was given, each at `ARN:key:stage:version`.
async fn given(aws: &Aws, container: &ContainerDefinition) -> Result<Vec<Secret>> {
    let mut given: Vec<Secret> = aws.supplied.values().cloned().collect();
    for from in container.secrets().iter().map(|secret| secret.value_from()) {
        let parts: Vec<_> = from.split(':').collect();
        let (arn, rest) = parts.split_at(parts.len().min(7));
        let keys = [rest.first().copied().unwrap_or_default(), PASSWORD];
        given.extend(secretsmanager::held(aws, &SecretArn::new(arn.join(":")), &keys).await?);
    }
    Ok(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_a_long_line_is_cut_in_is_not_told_in_part() {
        let secrets = [Secret::new("a-secret-of-some-length")];
        let told = shown(&format!("{}a-secret-of-some-length", "x".repeat(WIDTH - 10)), &secrets);
        assert_eq!(told, "(a line that repeats a secret)");
        assert_eq!(shown(&"x".repeat(WIDTH + 1), &secrets).len(), WIDTH);
    }
}
