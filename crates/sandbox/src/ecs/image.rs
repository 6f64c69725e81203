//! Images as the execution role of a task pulls them for its containers.
//!
//! To watch a rollout fail, use an image whose tag contains `does-not-exist`: its pull is refused as if the registry
//! had no such tag. The account's own registry has exactly what was pushed to it.

use super::task_definition::TaskDefinition;
use crate::ecr;
use crate::iam::authorization;
use crate::world::World;

/// What the tag of an image contains that no registry has.
const MISSING_TAG: &str = "does-not-exist";

/// Whether the tag of an image contains this.
pub(super) fn is_tagged(image: &str, part: &str) -> bool {
    let name = image.rsplit('/').next().unwrap_or(image);
    name.split_once(':').is_some_and(|(_, tag)| tag.contains(part))
}

/// Why an image cannot be pulled, if it cannot.
pub(super) fn check(world: &World, definition: &TaskDefinition, image: &str) -> Result<(), String> {
    let failed = |why: &str| {
        Err(format!(
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {image}: \
             {why}"
        ))
    };
    if is_tagged(image, MISSING_TAG) {
        return failed(&format!("{image}: not found"));
    }
    let Some((repository, is_there)) = ecr::holds(world, image) else { return Ok(()) };
    let role = definition.execution_role.as_ref().and_then(|arn| authorization::role(world, arn));
    let may = |action: &str, on: &str| role.is_some_and(|role| role.may(action, on));
    if !may("ecr:GetAuthorizationToken", "*") {
        return Err("ResourceInitializationError: unable to pull secrets or registry auth: execution resource \
                    retrieval failed: unable to retrieve ecr registry auth: AccessDeniedException: not authorized to \
                    perform: ecr:GetAuthorizationToken on resource: *"
            .to_owned());
    }
    let pulls = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
    if !pulls.into_iter().all(|action| may(action, &repository)) {
        return failed(
            "pull access denied, repository does not exist or may require authorization: 403 Forbidden",
        );
    }
    if is_there { Ok(()) } else { failed(&format!("{image}: not found")) }
}
