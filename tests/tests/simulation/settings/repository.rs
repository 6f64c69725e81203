//! The repository of the image.

use serde_json::json;
use sidekick_sandbox::Sandbox;
use sidekick_tests::simulation::configuration::Configuration;
use sidekick_tests::simulation::estate::{Command, Estate, Fortune, Mischief, Outcome};
use sidekick_tests::simulation::switching::{brought, switches};

const ON: &str = "[repository]\nenabled = true\n";

fn up(file: &str) -> Command {
    Command::Up(Configuration::own(file))
}

fn push(sandbox: &Sandbox) {
    let image = json!({ "repositoryName": "sidekick", "imageManifest": "{}", "imageTag": "1" });
    sandbox.call("ecr", "PutImage", image).expect("there is a repository");
}

#[tokio::test(start_paused = true)]
async fn a_repository_comes_with_the_permission_to_pull_and_goes_with_it() {
    let switched = switches("", ON).await;
    assert_eq!(switched.there, ["ecr CreateRepository", "iam PutRolePolicy"]);
    assert_eq!(switched.back, ["ecr DeleteRepository", "iam DeleteRolePolicy"]);
}

#[tokio::test(start_paused = true)]
async fn its_settings_are_changed_where_it_is() {
    let other = format!("{ON}scan_on_push = false\nimmutable_tags = true\nkeep_images = 5\n");
    let switched = switches(ON, &other).await;
    let (scanning, tags) = ("ecr PutImageScanningConfiguration", "ecr PutImageTagMutability");
    assert_eq!(switched.there, [scanning, tags, "ecr PutLifecyclePolicy"]);
    assert_eq!(switched.back, ["ecr DeleteLifecyclePolicy", scanning, tags]);
}

#[tokio::test(start_paused = true)]
async fn the_service_runs_an_image_of_its_own_repository() {
    let estate = Estate::new(7);
    brought(&estate, up(ON)).await;
    push(&estate.sandbox);
    let own = format!("{ON}[service]\nimage = \"123456789012.dkr.ecr.us-west-2.amazonaws.com/sidekick:1\"\n");
    assert_eq!(brought(&estate, up(&own)).await, ["ecs RegisterTaskDefinition", "ecs UpdateService"]);
}

/// Nothing at all is taken down while there is an image that nobody agreed to lose.
#[tokio::test(start_paused = true)]
async fn images_are_lost_only_on_purpose() {
    let estate = Estate::new(7);
    brought(&estate, up(ON)).await;
    push(&estate.sandbox);
    let before = estate.world().census();
    for command in [Command::Down, up("")] {
        let outcome = estate.run(command, Fortune::kind()).await;
        assert!(matches!(&outcome, Outcome::Refused(why) if why.contains("it holds images")), "{outcome}");
        assert_eq!(estate.world().census(), before);
    }
    assert_eq!(brought(&estate, up(&format!("{ON}force_delete = true\n"))).await, [""; 0]);
    let outcome = estate.run(Command::Down, Fortune::kind()).await;
    assert!(outcome.is_success(), "{outcome}");
    assert_eq!(estate.world().census(), [].into());
}

/// An image that is pushed after the plan was made is not lost either: the rest goes, and the repository is told of.
#[tokio::test(start_paused = true)]
async fn an_image_that_comes_in_between_is_kept() {
    let estate = Estate::new(7);
    brought(&estate, up(ON)).await;
    let push: Mischief = Box::new(push);
    // The plan is made once the first call of the teardown arrives.
    let at = first_change(&estate).await;
    let outcome = estate.run(Command::Down, Fortune { mischief: Some((at, push)), ..Fortune::kind() }).await;
    assert!(!outcome.is_success(), "{outcome}");
    assert!(format!("{outcome}").contains("still contains images"), "{outcome}");
    assert!(estate.world().living("ecr", "repositories").len() == 1, "it stays");
}

/// Which call of a `down` is the first that changes something.
async fn first_change(estate: &Estate) -> u64 {
    let trial = estate.fork();
    trial.run(Command::Down, Fortune::kind()).await;
    let log = trial.sandbox.log();
    log.0.iter().position(|call| call.mutating).map_or(1, |position| position as u64 + 1)
}
