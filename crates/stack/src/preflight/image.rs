//! The image: whether it is there. Only ECR can be asked; other registries are seen by the tasks first.

use sidekick_aws::preflight::{Image, has_image};
use sidekick_engine::Step;

use super::{Finding, Preflight, Verdict};

const HINT: &str =
    "push the image, or correct `service.image`; tasks whose image is missing stop, and the rollout fails";

pub(super) async fn check(preflight: &Preflight<'_>) -> Vec<Finding> {
    if !preflight.plan.is_empty() && !preflight.plan.changes().any(starts_tasks) {
        return Vec::new();
    }
    let reference = &preflight.config.service.image;
    vec![Finding::new(format!("image {reference}"), verdict(preflight, reference).await)]
}

/// Whether tasks are started for a step, which other tags do not lead to.
fn starts_tasks(step: &Step) -> bool {
    let is_other = step.changes.is_empty() || step.changes.iter().any(|change| change.field != "tags");
    is_other && ["ecs.service", "ecs.task_definition"].contains(&step.kind.as_str())
}

async fn verdict(preflight: &Preflight<'_>, reference: &str) -> Verdict {
    let config = preflight.config;
    let Some((image, region)) = of_ecr(reference) else {
        return Verdict::unknown("it is in a registry that AWS cannot tell of");
    };
    if region != config.region {
        return Verdict::unknown(format!("it is in {region}"));
    }
    let is_own = config.repository.as_ref().is_some_and(|own| own.name == image.repository);
    if is_own && preflight.made("ecr.repository").next().is_some() {
        return Verdict::unknown("its repository is made with the environment; push it once that is there");
    }
    match has_image(preflight.aws, &image).await {
        Ok(true) => Verdict::good("there"),
        Ok(false) if config.service.first_count() == 0 => {
            Verdict::unknown("it is not there yet, and no task needs it")
        }
        Ok(false) => Verdict::problem(
            format!("the repository {} of account {} does not hold it", image.repository, image.account),
            HINT,
        ),
        Err(fault) => Verdict::unseen(&fault),
    }
}

/// An image of ECR and its region: `ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY[:TAG][@DIGEST]`.
fn of_ecr(reference: &str) -> Option<(Image, &str)> {
    let (registry, rest) = reference.split_once('/')?;
    let [account, "dkr", "ecr", region, ..] = registry.split('.').collect::<Vec<_>>()[..] else {
        return None;
    };
    let (name, digest) = rest.split_once('@').map_or((rest, None), |(name, digest)| (name, Some(digest)));
    let (repository, tag) = name.split_once(':').map_or((name, None), |(name, tag)| (name, Some(tag)));
    let owned = str::to_owned;
    let (account, repository) = (owned(account), owned(repository));
    Some((Image { account, repository, digest: digest.map(owned), tag: tag.map(owned) }, region))
}

#[cfg(test)]
mod tests {
    use super::of_ecr;

    #[test]
    fn an_image_of_ecr_is_told_by_its_registry() {
        let (image, region) =
            of_ecr("123456789012.dkr.ecr.us-west-2.amazonaws.com/sidekick/deployment:v1@sha256:ab").unwrap();
        assert_eq!((region, image.account.as_str()), ("us-west-2", "123456789012"));
        assert_eq!(image.repository, "sidekick/deployment");
        assert_eq!((image.tag.as_deref(), image.digest.as_deref()), (Some("v1"), Some("sha256:ab")));
        for other in ["ghcr.io/0xsequence/sidekick:v1", "sidekick:1", "localhost:5000/sidekick:1"] {
            assert!(of_ecr(other).is_none(), "{other}");
        }
    }
}
